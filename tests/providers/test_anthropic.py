"""Anthropic's Messages as a provider's language: what it is asked, what its answers mean."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError, UpstreamError
from outrider.base.ports import Deployment, Facts, WireRequest
from outrider.base.sse import SSESplitter
from outrider.base.usage import Usage
from outrider.providers import anthropic
from tests.dialects.anthropic.fixtures import ANSWERS, HERE, stream, whole

KEY = (b"x-api-key", b"sk-ant-1")
ASK = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
SAYS = {
    "text": ("stop", "Hello! I'm doing well.", Usage(12, 30)),
    "tools": (
        "tool_calls",
        "I'll check both.",
        Usage(3972, 189, cached=1500, cache_write=2000, cache_write_long=800, reasoning=60),
    ),
    "search": (
        "stop",
        "I'll look that up. Claude Shannon was born on April 30, 1916, in Petoskey, Michigan.",
        Usage(6039, 931, searches=1),
    ),
    "refusal": ("content_filter", "Let me", Usage(20, 3)),
}


class Nowhere:
    async def send(self, request: WireRequest) -> Any:
        raise AssertionError("nothing is sent")

    async def close(self) -> None: ...


def at(model: str = "claude-sonnet-4-5", headers: Any = (KEY,), **rest: Any) -> Deployment:
    return Deployment(f"a/{model}", "a", model, "anthropic", Nowhere(), anthropic.PATHS, headers, **rest)


def encoded(fields: dict[str, Any], deployment: Deployment | None = None) -> WireRequest:
    body = json.dumps({**ASK, **fields}).encode()
    return anthropic.encode(deployment or at(), "chat", body, "m", stream=False, wants_usage=False)


# -- what it is asked -------------------------------------------------------------------------------------------------


def test_a_request_out_of_chat() -> None:
    wire = encoded({})
    assert (wire.method, wire.path) == ("POST", "/v1/messages")
    assert wire.headers == [KEY, anthropic.VERSION]
    assert json.loads(wire.body) == {
        "model": "claude-sonnet-4-5",
        "max_tokens": 64000,
        "messages": [{"role": "user", "content": "hi"}],
    }
    assert wire.lost == []


def test_limits_losses_and_versions() -> None:
    dated = (b"anthropic-version", b"2024-01-01")
    wire = encoded({"seed": 1}, at(headers=(KEY, dated), facts=Facts(max_output=9000)))
    assert json.loads(wire.body)["max_tokens"] == 9000
    assert json.loads(encoded({}, at("kimi-k2")).body)["max_tokens"] == 8192
    assert wire.lost == ["seed"]
    assert wire.headers == (KEY, dated)


def test_files_by_id_need_their_beta() -> None:
    part = {"type": "file", "file": {"file_id": "file_011"}}
    wire = encoded({"messages": [{"role": "user", "content": [part]}]})
    assert wire.headers[-1] == anthropic.FILES


def test_there_are_no_embeddings() -> None:
    with pytest.raises(RequestError, match="a/claude-sonnet-4-5 makes no embeddings") as raised:
        anthropic.encode(at(), "embeddings", b"{}", "m", stream=False, wants_usage=False)
    assert raised.value.code == "cannot_be_expressed"


def test_a_request_of_an_odd_form() -> None:
    call = {"id": "a", "function": {"name": "f", "arguments": [1]}}
    with pytest.raises(RequestError, match=r"'messages\[1\]' has a form that cannot be translated") as raised:
        encoded({"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "tool_calls": [call]}]})
    assert raised.value.param == "messages[1]"


def native(body: bytes, max_tokens: int | None = None, model: str = "m", **headers: bytes) -> WireRequest:
    given = {name.replace("_", "-").encode(): value for name, value in headers.items()}
    return anthropic.native_encode(at(), body, model, stream=False, max_tokens=max_tokens, headers=given)


def test_bytes_of_its_own_callers_pass() -> None:
    body = (HERE / "claude_code.json").read_bytes()
    assert native(body, model="claude-sonnet-4-5").body is body
    changed = json.loads(native(body).body)
    assert changed == {**json.loads(body), "model": "claude-sonnet-4-5"}


@pytest.mark.parametrize(
    ("limit", "thinking"),
    [
        (5000, {"type": "enabled", "budget_tokens": 4000}),
        (3000, {"type": "enabled", "budget_tokens": 2999}),
        (1024, {"type": "disabled"}),
    ],
)
def test_a_lower_limit_lowers_the_budget(limit: int, thinking: dict[str, Any]) -> None:
    body = json.dumps({**ASK, "max_tokens": 9000, "thinking": {"type": "enabled", "budget_tokens": 4000}}).encode()
    made = json.loads(native(body, limit).body)
    assert (made["max_tokens"], made["thinking"]) == (limit, thinking)


def test_the_callers_version_and_betas_go_along() -> None:
    betas = b"claude-code-20250219, oauth-2025-04-20,interleaved-thinking-2025-05-14"
    wire = native(b"{}", anthropic_beta=betas, anthropic_version=b"2023-01-01", x_api_key=b"theirs", cookie=b"c")
    assert wire.headers == [
        KEY,
        (b"anthropic-version", b"2023-01-01"),
        (b"anthropic-beta", b"claude-code-20250219,interleaved-thinking-2025-05-14"),
    ]
    assert native(b"{}", anthropic_beta=b"oauth-2025-04-20").headers == [KEY, anthropic.VERSION]


# -- what its answers mean --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ANSWERS)
def test_whole_answers(name: str) -> None:
    body = json.dumps(whole(name)).encode()
    chat = anthropic.decode("chat", 200, [], body)
    own = anthropic.native_decode(200, [], body)
    assert own.body is body
    assert json.loads(chat.body)["object"] == "chat.completion"
    for answer in (chat, own):
        assert (answer.finish, answer.text, answer.usage) == SAYS[name]


@pytest.mark.parametrize("name", ANSWERS)
def test_streams(name: str) -> None:
    chat, own = anthropic.reader(wants_usage=True), anthropic.native_reader()
    events = SSESplitter().feed(stream(name))
    for event in events:
        chat.feed(event)
        assert own.feed(event) is event
    for reader in (chat, own):
        assert reader.done
        answer = reader.close(events)
        assert (answer.finish, answer.text, answer.usage) == SAYS[name]
        assert answer.tier == ("priority" if name == "tools" else "default")


@given(st.sampled_from(ANSWERS), st.lists(st.integers(1, 300), max_size=40))
def test_any_cut_of_the_bytes_is_the_same(name: str, sizes: list[int]) -> None:
    splitter, reader = SSESplitter(), anthropic.native_reader()
    rest, out = stream(name), []
    for size in [*sizes, len(rest)]:
        out += [reader.feed(event) for event in splitter.feed(rest[:size])]
        rest = rest[size:]
    assert b"".join(out) == stream(name)
    assert reader.close(out).usage == SAYS[name][2]


@pytest.mark.parametrize(
    ("usage", "tier"),
    [({"service_tier": "priority"}, "priority"), ({"service_tier": "standard", "speed": "fast"}, "fast"), (None, "")],
)
def test_the_tier_that_was_given(usage: Any, tier: str) -> None:
    body = json.dumps({**whole("text"), "usage": usage}).encode()
    assert anthropic.native_decode(200, [], body).tier == tier


def test_an_error_in_a_stream() -> None:
    *before, last = SSESplitter().feed(stream("overloaded"))
    for reader in (anthropic.reader(wants_usage=True), anthropic.native_reader()):
        for event in before:
            reader.feed(event)
        with pytest.raises(UpstreamError, match="Overloaded") as raised:
            reader.feed(last)
        assert raised.value.status == 529
        assert raised.value.retryable


@pytest.mark.parametrize(
    "event", [b"event: message_start\ndata: {\n\n", b'event: content_block_delta\ndata: {"a":\n\n']
)
def test_broken_json_in_a_stream(event: bytes) -> None:
    for reader in (anthropic.reader(wants_usage=True), anthropic.native_reader()):
        with pytest.raises(UpstreamError, match="broken JSON"):
            reader.feed(event)


def test_a_stream_that_is_cut() -> None:
    events = SSESplitter().feed(stream("text"))[:4]
    reader = anthropic.native_reader()
    with pytest.raises(UpstreamError, match="without an end mark"):
        reader.close([reader.feed(event) for event in events])
    with pytest.raises(UpstreamError, match="broken JSON"):
        reader.close([b'data: {"type": 1}\n\n'])


def test_comments_and_pings_pass() -> None:
    reader = anthropic.native_reader()
    for event in (b": still here\n\n", b'event: ping\ndata: {"type": "ping"}\n\n'):
        assert reader.feed(event) is event


@pytest.mark.parametrize(
    ("status", "body", "code", "retryable"),
    [
        (401, {"type": "authentication_error", "message": "invalid x-api-key"}, "provider_key_refused", False),
        (402, {"type": "billing_error", "message": "pay"}, "provider_key_refused", False),
        (
            400,
            {"type": "invalid_request_error", "message": "Your credit balance is too low"},
            "provider_key_refused",
            False,
        ),
        (400, {"type": "invalid_request_error", "message": "max_tokens: required"}, "provider_refused_request", False),
        (404, {"type": "not_found_error", "message": "model: x"}, "provider_model_not_found", False),
        (429, {"type": "rate_limit_error", "message": "slow"}, "provider_rate_limited", True),
        (500, {"type": "api_error", "message": "Internal server error"}, "upstream_error", True),
        (529, {"type": "overloaded_error", "message": "Overloaded"}, "upstream_error", True),
    ],
)
def test_refusals(status: int, body: dict[str, str], code: str, retryable: bool) -> None:
    said = json.dumps({"type": "error", "error": body, "request_id": "req_1"}).encode()
    for decode in (
        lambda: anthropic.decode("chat", status, [], said),
        lambda: anthropic.native_decode(status, [], said),
    ):
        with pytest.raises(UpstreamError) as raised:
            decode()
        assert (raised.value.code, raised.value.retryable) == (code, retryable)
        assert body["message"] in raised.value.message
        assert raised.value.body == said


def test_when_to_come_back() -> None:
    assert anthropic.classify(429, [(b"retry-after", b"7")], b"{}").retry_after == 7


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"<html>", "HTML"),
        (b"[]", "invalid JSON"),
        (b"{}", "no `content`"),
        (b'{"content":[1]}', "no `content`"),
        (b'{"content":[{"type":"text"}]}', "unknown form"),
        (b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', "Overloaded"),
    ],
)
def test_answers_that_are_none(body: bytes, what: str) -> None:
    with pytest.raises(UpstreamError, match=what):
        anthropic.decode("chat", 200, [], body)


# -- counting ---------------------------------------------------------------------------------------------------------


def test_counting() -> None:
    wire = anthropic.count_encode(at(), b'{"model":"alias","messages":[]}', {b"anthropic-beta": b"x"})
    assert (wire.path, json.loads(wire.body)["model"]) == ("/v1/messages/count_tokens", "claude-sonnet-4-5")
    assert (b"anthropic-beta", b"x") in wire.headers
    assert anthropic.count_decode(200, [], b'{"input_tokens":12}') == 12
    for status, body in ((200, b"{}"), (500, b"{}")):
        with pytest.raises(UpstreamError):
            anthropic.count_decode(status, [], body)
