"""`/v1/messages`: what is refused in Anthropic's terms, and what callers get."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import BudgetExceeded, RequestError, StoreUnavailable, UpstreamError
from outrider.dialects.anthropic import carried
from outrider.gateway.surface.chat import parse_chat
from outrider.gateway.surface.messages import SURFACE, read_counted
from tests.dialects.anthropic import talks

ASK: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}


def read(fields: dict[str, Any]) -> Any:
    return SURFACE.read(b"/v1/messages", b"beta=true", {}, json.dumps(fields).encode())


def block(**said: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [said]}]}


def test_a_request_is_understood() -> None:
    asked = read({**ASK, "stream": True})
    assert (asked.model, asked.stream, asked.lost) == ("m", True, [])
    assert json.loads(asked.native) == {**ASK, "stream": True}
    assert json.loads(asked.chat) == {**ASK, "stream": True, "stream_options": {"include_usage": True}}


@given(talks.requests())
def test_what_callers_say_is_chat_that_the_corridor_takes(fields: dict[str, Any]) -> None:
    asked = read(fields)
    assert json.loads(asked.native) == fields
    assert parse_chat(asked.chat).model == fields["model"]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"max_tokens": None}, "max_tokens"),
        ({"max_tokens": "5"}, "max_tokens"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "robot", "content": "a"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"temperature": 1.5}, "temperature"),
        ({"system": [{"type": "image"}]}, "system[0].type"),
        ({"system": [{"type": "text"}]}, "system[0].text"),
        ({"tools": [{"name": "f"}]}, "tools[0].input_schema"),
        ({"tools": [{"input_schema": {}}]}, "tools[0].name"),
        ({"tool_choice": {"type": "tool"}}, "tool_choice.name"),
        ({"tool_choice": {"type": "some"}}, "tool_choice.type"),
        ({"thinking": {"type": "enabled"}}, "thinking.budget_tokens"),
        ({"output_config": {"format": {"type": "json_schema"}}}, "output_config.format.schema"),
        (block(type="text"), "messages[0].content[0].text"),
        (block(type="image"), "messages[0].content[0].source"),
        (block(type="image", source={"type": "base64", "data": "x"}), "messages[0].content[0].source.media_type"),
        (block(type="tool_use", id="a", name="f"), "messages[0].content[0].input"),
        (block(type="tool_result"), "messages[0].content[0].tool_use_id"),
        (block(type="redacted_thinking"), "messages[0].content[0].data"),
        (block(type="text", text="a", citations={}), "messages[0].content[0].citations"),
        (block(type="text", text=5), "messages[0].content[0].text"),
        (block(type="image", source="a"), "messages[0].content[0].source"),
        (block(type="image", source={"data": "a"}), "messages[0].content[0].source.type"),
        (block(type="tool_result", tool_use_id="a", content={}), "messages[0].content[0].content"),
        (
            block(type="tool_result", tool_use_id="a", content=[{"type": "text"}]),
            "messages[0].content[0].content[0].text",
        ),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], param: str) -> None:
    said = {name: value for name, value in {**ASK, **fields}.items() if value is not None}
    with pytest.raises(RequestError) as raised:
        read(said)
    assert (raised.value.status, raised.value.param) == (400, param)
    status, _, body = SURFACE.error(raised.value)
    told = json.loads(body)
    assert (status, told["type"], told["error"]["type"]) == (400, "error", "invalid_request_error")
    assert param in told["error"]["message"]


def test_results_whose_blocks_are_none() -> None:
    with pytest.raises(RequestError, match="content"):
        read({**ASK, **block(type="tool_result", tool_use_id="a", content=["x"])})


def test_unknown_blocks_and_fields_pass() -> None:
    fields = {**ASK, **block(type="invented", x=1), "brand_new": {"a": 1}}
    assert json.loads(read(fields).native) == fields


def test_thoughts_of_others_stay_with_us() -> None:
    ours = {"type": "thinking", "thinking": "hm", "signature": carried.wrap({"format": "openai-responses-v1"})}
    said = {"role": "assistant", "content": [ours, {"type": "text", "text": "so"}]}
    asked = read({**ASK, "messages": [*ASK["messages"], said]})
    assert b"outrider" not in asked.native
    assert json.loads(asked.native)["messages"][1]["content"] == [{"type": "text", "text": "so"}]
    assert json.loads(asked.chat)["messages"][1]["reasoning_details"][0]["text"] == "hm"


def test_a_model_that_takes_over_in_the_middle_does_not_think_there() -> None:
    """By a budget it would have to show what it thought before it called the tools."""
    ours = {"type": "thinking", "thinking": "hm", "signature": carried.wrap({})}
    call = {"type": "tool_use", "id": "a", "name": "f", "input": {}}
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a"}]}
    messages = [*ASK["messages"], {"role": "assistant", "content": [ours, call]}, result]
    thinking = {"type": "enabled", "budget_tokens": 2000}
    asked = read({**ASK, "max_tokens": 5000, "messages": messages, "thinking": thinking})
    assert json.loads(asked.native)["thinking"] == {"type": "disabled"}
    assert json.loads(asked.chat)["reasoning"] == {"enabled": True, "max_tokens": 2000}


def test_answers_and_streams() -> None:
    asked = read(ASK)
    choice = {"index": 0, "message": {"role": "assistant", "content": "hey"}, "finish_reason": "stop"}
    made = json.loads(SURFACE.answer(asked, {"model": "m", "choices": [choice]}, "0-1"))
    assert (made["id"], made["content"]) == ("msg_01", [{"type": "text", "text": "hey"}])
    assert b"msg_01" in SURFACE.writer(asked, "0-1").feed({"choices": []})
    assert SURFACE.stream_type(asked).startswith(b"text/event-stream")


def test_answers_of_an_odd_form() -> None:
    asked = read(ASK)
    with pytest.raises(UpstreamError, match="unknown form"):
        SURFACE.answer(asked, {"choices": [5]}, "0-1")
    writer = SURFACE.writer(asked, "0-1")
    with pytest.raises(UpstreamError, match="unknown form"):
        writer.feed({"choices": [5]})


def told(error: Any) -> tuple[int, str, dict[bytes, bytes]]:
    status, headers, body = SURFACE.error(error)
    said = json.loads(body)
    assert said["type"] == "error"
    return status, said["error"]["type"], dict(headers)


def upstream(status: int, **more: Any) -> UpstreamError:
    return UpstreamError("no", status=status, **more)


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (RequestError("no", status=401, kind="authentication_error"), 401, "authentication_error"),
        (RequestError("no", status=404), 404, "not_found_error"),
        (RequestError("no", status=413), 413, "request_too_large"),
        (BudgetExceeded("no", measure="usd", room=0, fit=False), 429, "rate_limit_error"),
        (StoreUnavailable("no"), 503, "overloaded_error"),
        (upstream(401), 502, "api_error"),
        (upstream(429), 429, "rate_limit_error"),
        (upstream(500), 502, "api_error"),
        (upstream(529), 529, "overloaded_error"),
        (UpstreamError("late", code="upstream_timeout"), 504, "timeout_error"),
    ],
)
def test_errors_in_anthropics_terms(error: Any, status: int, kind: str) -> None:
    assert told(error)[:2] == (status, kind)


def test_when_to_come_back() -> None:
    assert told(upstream(429, retry_after=2.5))[2][b"retry-after"] == b"3"


OWN = b'{"type":"error","error":{"type":"invalid_request_error","message":"m"},"request_id":"req_1"}'


def test_the_providers_own_words() -> None:
    error = upstream(400, retryable=False, body=OWN)
    error.language = "anthropic"
    status, headers, body = SURFACE.error(error)
    assert (status, body) == (400, OWN)
    assert (b"x-should-retry", b"false") in headers


def test_the_words_of_other_providers() -> None:
    said = {
        "message": "too many",
        "type": "invalid_request_error",
        "code": "context_length_exceeded",
        "param": "messages",
    }
    _, _, body = SURFACE.error(upstream(400, body=json.dumps({"error": said}).encode()))
    assert json.loads(body)["error"] == {
        "type": "invalid_request_error",
        "message": "prompt is too long: too many",
        "param": "messages",
        "code": "context_length_exceeded",
    }
    _, _, body = SURFACE.error(upstream(400, body=b'{"error":"plainly no"}'))
    assert json.loads(body)["error"]["message"] == "plainly no"


def test_errors_within_a_stream() -> None:
    event = SURFACE.error_event(None, UpstreamError("it broke", code="upstream_stream_cut"))
    assert event.startswith(b'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"it broke"')
    assert event.endswith(b"}\n\n")


def test_what_is_counted_needs_no_limit() -> None:
    fields = {"model": "m", "messages": ASK["messages"]}
    assert read_counted(json.dumps(fields).encode()) == fields
    with pytest.raises(RequestError, match="model"):
        read_counted(b'{"messages":[{"role":"user","content":"a"}]}')


JUNK = st.sampled_from(
    [None, 0, -1, 1.5, True, "", "x", [], {}, [None], [{}], ["a"], {"a": 1}, {"type": "text"}, {"type": []}]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from places(one, (*path, key))


@given(talks.requests(), JUNK, st.data())
def test_whatever_stands_there_is_refused_or_understood(fields: dict[str, Any], junk: Any, data: st.DataObject) -> None:
    fields = json.loads(json.dumps(fields))
    *way, last = data.draw(st.sampled_from(list(places(fields))))
    at: Any = fields
    for key in way:
        at = at[key]
    at[last] = junk
    with contextlib.suppress(RequestError):
        read(fields)
