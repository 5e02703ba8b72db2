"""A stream that breaks off: what its provider said of the usage until then counts, the rest is judged."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest

from outrider.base.usage import Usage
from outrider.journal import read
from outrider.journal.events import Step
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.plans import Plan
from outrider.testing.running import Running, running

CONFIG = """
embedded: {{enabled: false}}
providers:
  anthropic: {{api_key: "${{env:PROVIDER_KEY}}", base_url: "{root}", models: [claude-sonnet-4-5]}}
  google: {{api_key: "${{env:PROVIDER_KEY}}", base_url: "{root}", models: [gemini-2.5-flash]}}
  openai-responses: {{api_key: "${{env:PROVIDER_KEY}}", base_url: "{root}/v1", models: [gpt-5]}}
  other: {{base_url: "{root}/v1", models: [m]}}
routes:
  claude: {{deployments: [anthropic/claude-sonnet-4-5], retries: 0}}
  gemini: {{deployments: [google/gemini-2.5-flash], retries: 0}}
  gpt: {{deployments: [openai-responses/gpt-5], retries: 0}}
  chat: {{deployments: [other/m], retries: 0}}
"""
USAGE = {
    "input_tokens": 11, "cache_read_input_tokens": 4000, "cache_creation_input_tokens": 500, "output_tokens": 1,
    "cache_creation": {"ephemeral_5m_input_tokens": 300, "ephemeral_1h_input_tokens": 200},
}  # fmt: skip
START: dict[str, Any] = {
    "type": "message_start",
    "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "content": [],
                "stop_reason": None, "stop_sequence": None, "usage": USAGE},
}  # fmt: skip
CLAUDE: list[dict[str, Any]] = [
    START,
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "one two three four"}},
]
GEMINI = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": "one two"}]}}], "responseId": "r",
    "usageMetadata": {"promptTokenCount": 900, "cachedContentTokenCount": 600, "candidatesTokenCount": 3,
                      "thoughtsTokenCount": 70},
}  # fmt: skip
RESPONSE = {"id": "resp_1", "object": "response", "status": "in_progress", "model": "gpt-5", "created_at": 1,
            "output": [], "usage": None}  # fmt: skip
COUNTED = {"input_tokens": 700, "output_tokens": 40, "input_tokens_details": {"cached_tokens": 300}}
FAILED = {**RESPONSE, "status": "failed", "usage": COUNTED, "error": {"code": "server_error", "message": "gone"}}
GPT: list[dict[str, Any]] = [
    {"type": "response.created", "response": RESPONSE, "sequence_number": 0},
    {"type": "response.failed", "response": FAILED, "sequence_number": 1},
]
CHAT = {
    "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
    "choices": [{"index": 0, "delta": {"role": "assistant", "content": "one two"}, "finish_reason": None}],
    "usage": {"prompt_tokens": 800, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 512}},
}  # fmt: skip


class Breaking(ScriptedProvider):
    """Its streams end in the middle. `claude` is how far that of Anthropic comes."""

    claude: Sequence[dict[str, Any]] = CLAUDE

    def plan(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        if path.endswith("/messages"):
            return broken([(one["type"], one) for one in self.claude])
        if ":streamGenerateContent" in path:
            return broken([("", GEMINI)])
        return broken([(one["type"], one) for one in GPT]) if path.endswith("/responses") else broken([("", CHAT)])


def broken(events: Sequence[tuple[str, object]]) -> Plan:
    said = [f"{f'event: {name}' + chr(10) if name else ''}data: {json.dumps(one)}\n\n" for name, one in events]
    return Plan(200, [(b"content-type", b"text/event-stream")], [(0.0, "".join(said).encode())], ending="cut")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Breaking]]:
    provider = Breaking()
    with scripted_thread(provider) as url:
        config, home = CONFIG.format(root=url.removesuffix("/v1")), tmp_path_factory.mktemp("home")
        with running(config, home, environment={"PROVIDER_KEY": "k-1"}) as outrider:
            yield outrider, provider


ASKS: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("/v1/chat/completions", {"messages": [{"role": "user", "content": "x"}]}),
    "messages": ("/v1/messages", {"messages": [{"role": "user", "content": "x"}], "max_tokens": 90}),
    "responses": ("/v1/responses", {"input": "x", "store": False}),
    "gemini": (
        "/v1beta/models/{}:streamGenerateContent?alt=sse",
        {"contents": [{"role": "user", "parts": [{"text": "x"}]}]},
    ),
}


def ask(outrider: Running, language: str, model: str) -> tuple[Step, Usage]:
    path, body = ASKS[language]
    more = {} if language == "gemini" else {"model": model, "stream": True}
    with httpx.stream(
        "POST",
        f"{outrider.url}{path.format(model)}",
        json={**body, **more},
        headers={"authorization": f"Bearer {outrider.key}"},
    ) as answer:
        answer.read()
    (step,) = read.list_steps(outrider.store(), bytes.fromhex(answer.headers["x-request-id"].replace("-", "")))
    assert step.status == "error"
    assert step.usage is not None
    assert step.usage.estimated
    return step, step.usage


@pytest.mark.parametrize("language", list(ASKS))
@pytest.mark.parametrize("arrived", [1, 3])
def test_what_anthropic_said_of_the_input_counts(house: tuple[Running, Breaking], language: str, arrived: int) -> None:
    outrider, provider = house
    provider.claude = CLAUDE[:arrived]
    step, usage = ask(outrider, language, "claude")
    assert (usage.input, usage.cached, usage.cache_write, usage.cache_write_long) == (4511, 4000, 500, 200)
    assert (3 if arrived == 3 else 1) <= usage.output < 10
    assert step.price is not None
    assert step.price.cached is not None
    assert step.price.cached < step.price.input
    assert step.cost == step.price.cost(usage)


@pytest.mark.parametrize("language", list(ASKS))
@pytest.mark.parametrize(
    ("model", "counts"), [("gemini", (900, 600, 73)), ("gpt", (700, 300, 40)), ("chat", (800, 512, 2))]
)
def test_what_others_said_so_far_counts(
    house: tuple[Running, Breaking], language: str, model: str, counts: tuple[int, int, int]
) -> None:
    outrider, _ = house
    _, usage = ask(outrider, language, model)
    assert (usage.input, usage.cached) == counts[:2]
    assert counts[2] <= usage.output < counts[2] + 3


@pytest.mark.parametrize("counts", [None, {}, {"input_tokens": "many"}, {"input_tokens": 10**12}])
def test_counts_that_cannot_be_are_judged(house: tuple[Running, Breaking], counts: object) -> None:
    outrider, provider = house
    start = {**START, "message": {**START["message"], "usage": counts}}
    provider.claude = [start, *CLAUDE[1:]]
    _, usage = ask(outrider, "messages", "claude")
    assert 0 < usage.input < 100
    assert usage.output >= 3
