"""Searches that a provider makes itself cost more than their tokens: in every language, whole and streamed."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest

from outrider.journal import read
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.plans import Plan, plain
from outrider.testing.running import Running, running

CONFIG = """
embedded: {{enabled: false}}
providers:
  anthropic: {{api_key: "${{env:PROVIDER_KEY}}", base_url: "{root}", models: [claude-sonnet-4-5]}}
  google: {{api_key: "${{env:PROVIDER_KEY}}", base_url: "{root}", models: [gemini-2.5-flash, gemini-3-pro-preview]}}
  openai-responses: {{api_key: "${{env:PROVIDER_KEY}}", base_url: "{root}/v1", models: [gpt-5]}}
  cheap:
    preset: anthropic
    api_key: "${{env:PROVIDER_KEY}}"
    base_url: "{root}"
    models: [claude-sonnet-4-5]
    prices: {{claude-sonnet-4-5: {{input: 1, output: 1, searches: 2}}}}
"""
MESSAGE: dict[str, Any] = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "stop_reason": "end_turn",
    "stop_sequence": None, "content": [{"type": "text", "text": "found"}],
    "usage": {"input_tokens": 10, "output_tokens": 5, "server_tool_use": {"web_search_requests": 2}},
}  # fmt: skip
GEMINI = {
    "candidates": [{
        "content": {"role": "model", "parts": [{"text": "found"}]}, "finishReason": "STOP",
        "groundingMetadata": {"webSearchQueries": ["a", "b", "c"]},
    }],
    "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5}, "responseId": "r",
}  # fmt: skip
SEARCH = {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "q"}}
PAGE = {**SEARCH, "id": "ws_2", "action": {"type": "open_page", "url": "u"}}
SAID = {"type": "message", "id": "m", "role": "assistant", "status": "completed",
        "content": [{"type": "output_text", "text": "found", "annotations": []}]}  # fmt: skip
RESPONSE = {
    "id": "resp_1", "object": "response", "status": "completed", "model": "gpt-5", "created_at": 1,
    "output": [SEARCH, PAGE, SAID], "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15},
}  # fmt: skip


class Searching(ScriptedProvider):
    def plan(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        if path.endswith("/messages"):
            return streamed(message_events()) if json.loads(body).get("stream") else whole(MESSAGE)
        if ":streamGenerateContent" in path:
            return streamed([("", GEMINI)])
        if ":generateContent" in path:
            return whole(GEMINI)
        return streamed(response_events()) if json.loads(body).get("stream") else whole(RESPONSE)


def whole(said: object) -> Plan:
    return plain(json.dumps(said).encode())


def streamed(events: Sequence[tuple[str, object]]) -> Plan:
    said = [f"{f'event: {name}' + chr(10) if name else ''}data: {json.dumps(one)}\n\n" for name, one in events]
    return Plan(200, [(b"content-type", b"text/event-stream")], [(0.0, "".join(said).encode())])


def message_events() -> list[tuple[str, object]]:
    start = {**MESSAGE, "content": [], "stop_reason": None, "usage": {"input_tokens": 10, "output_tokens": 1}}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "found"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": MESSAGE["usage"]},
        {"type": "message_stop"},
    ]
    return [(one["type"], one) for one in events]


def response_events() -> list[tuple[str, object]]:
    begun = {**RESPONSE, "status": "in_progress", "output": [], "usage": None}
    items = [
        {"type": f"response.output_item.{when}", "output_index": at, "item": item}
        for at, item in enumerate((SEARCH, PAGE, SAID))
        for when in ("added", "done")
    ]
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": begun},
        *items,
        {"type": "response.completed", "response": RESPONSE},
    ]
    return [(one["type"], {**one, "sequence_number": at}) for at, one in enumerate(events)]


@pytest.fixture(scope="module")
def outrider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with (
        scripted_thread(Searching()) as url,
        running(
            CONFIG.format(root=url.removesuffix("/v1")),
            tmp_path_factory.mktemp("home"),
            environment={"PROVIDER_KEY": "k-1"},
        ) as found,
    ):
        yield found


ASKS: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("/v1/chat/completions", {"messages": [{"role": "user", "content": "x"}]}),
    "messages": ("/v1/messages", {"messages": [{"role": "user", "content": "x"}], "max_tokens": 9}),
    "responses": ("/v1/responses", {"input": "x", "store": False}),
}
MODELS = [
    ("anthropic/claude-sonnet-4-5", 2, 2 * 10_000_000),
    ("google/gemini-2.5-flash", 3, 35_000_000),
    ("google/gemini-3-pro-preview", 3, 3 * 14_000_000),
    ("openai-responses/gpt-5", 1, 10_000_000),
    ("cheap/claude-sonnet-4-5", 2, 2 * 2_000_000),
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("language", list(ASKS))
@pytest.mark.parametrize(("model", "searches", "fee"), MODELS)
def test_what_was_searched_is_paid(
    outrider: Running, model: str, searches: int, fee: int, language: str, stream: bool
) -> None:
    path, body = ASKS[language]
    answer = httpx.post(
        f"{outrider.url}{path}",
        json={**body, "model": model, "stream": stream},
        headers={"authorization": f"Bearer {outrider.key}"},
    )
    assert answer.status_code == 200, answer.text
    (step,) = read.list_steps(outrider.store(), bytes.fromhex(answer.headers["x-request-id"].replace("-", "")))
    assert step.usage is not None
    assert step.price is not None
    assert (step.usage.input, step.usage.output, step.usage.searches) == (10, 5, searches)
    tokens = -(-(10 * step.price.input + 5 * step.price.output) // 1_000_000)
    assert step.cost == tokens + fee
    assert "for web search" in step.price.source
