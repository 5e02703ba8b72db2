"""Responses as a provider's language: requests for every chat caller, and bytes that pass for its own callers."""

import json
from pathlib import Path
from typing import Any

import pytest

from outrider.base.errors import RequestError, UpstreamError
from outrider.base.ports import Deployment
from outrider.base.sse import SSESplitter
from outrider.base.usage import Usage
from outrider.providers import responses
from outrider.testing import ScriptedProvider
from outrider.testing.provider import ScriptedTransport

FIXTURES = Path(__file__).parents[1] / "fixtures" / "responses"
NOWHERE = ScriptedTransport(ScriptedProvider())
AT = Deployment(
    "o/gpt-5",
    "o",
    "gpt-5",
    "responses",
    NOWHERE,
    {"chat": "/v1/responses"},
    [(b"authorization", b"Bearer k")],
)
NAMES = ("text", "tools", "interleaved", "web_search", "refusal", "incomplete")


def body_of(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def encoded(**fields: Any) -> tuple[dict[str, Any], Any]:
    body = json.dumps({"model": "fast", "messages": [{"role": "user", "content": "hi"}], **fields}).encode()
    wire = responses.encode(AT, "chat", body, "fast", stream=bool(fields.get("stream")), wants_usage=False)
    return json.loads(wire.body), wire


def test_a_request() -> None:
    asked, wire = encoded(stop=["x"], max_tokens=100)
    assert (wire.method, wire.path, wire.headers) == ("POST", "/v1/responses", AT.headers)
    assert asked == {
        "model": "gpt-5",
        "input": [{"type": "message", "role": "user", "content": "hi"}],
        "max_output_tokens": 100,
        "store": False,
        "include": ["reasoning.encrypted_content"],
    }
    assert wire.lost == ["stop"]


def test_a_whole_answer() -> None:
    answer = responses.decode("chat", 200, [], body_of("tools.json"))
    assert answer.usage == Usage(120, 260, cached=64, reasoning=192)
    assert answer.finish == "tool_calls"
    assert len(json.loads(answer.body)["choices"][0]["message"]["tool_calls"]) == 2


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wants_usage", [True, False])
def test_a_streamed_answer(name: str, wants_usage: bool) -> None:
    whole = responses.decode("chat", 200, [], body_of(f"{name}.json"))
    reader = responses.reader(wants_usage=wants_usage)
    out = b"".join(reader.feed(event) for event in SSESplitter().feed(body_of(f"{name}.sse")))
    assert reader.done
    assert out.endswith(b"data: [DONE]\n\n")
    assert (b'"choices":[]' in out) == wants_usage
    answer = reader.close([])
    assert (answer.usage, answer.finish, answer.text) == (whole.usage, whole.finish, whole.text)


@pytest.mark.parametrize(
    ("status", "body", "code", "retryable"),
    [
        (200, body_of("failed.json"), "provider_rate_limited", True),
        (200, b'{"status": "failed", "output": []}', "upstream_error", True),
        (200, b'{"status": "in_progress", "output": []}', "upstream_invalid_answer", True),
        (200, b'{"object": "response"}', "upstream_invalid_answer", True),
        (200, b"<html>", "upstream_invalid_answer", True),
        (429, b'{"error": {"message": "slow", "code": "rate_limit_exceeded"}}', "provider_rate_limited", True),
        (400, b'{"error": {"message": "no", "param": "input"}}', "provider_refused_request", False),
    ],
)
def test_what_is_no_answer(status: int, body: bytes, code: str, retryable: bool) -> None:
    for decode in (
        lambda: responses.decode("chat", status, [], body),
        lambda: responses.native_decode(status, [], body),
    ):
        with pytest.raises(UpstreamError) as caught:
            decode()
        assert (caught.value.code, caught.value.retryable) == (code, retryable)


def test_embeddings_are_openais() -> None:
    body = b'{"model": "fast", "input": "x"}'
    at = Deployment("o/e", "o", "e", "responses", NOWHERE, {"embeddings": "/v1/embeddings"})
    wire = responses.encode(at, "embeddings", body, "fast", stream=False, wants_usage=False)
    assert json.loads(wire.body) == {"model": "e", "input": "x"}
    listed = b'{"data": [{"embedding": [0.1]}], "usage": {"prompt_tokens": 1}}'
    assert responses.decode("embeddings", 200, [], listed).body == listed


@pytest.mark.parametrize("message", [{"role": "user", "content": [{"type": "image_url", "image_url": 5}]},
                                     {"role": "assistant", "content": "x", "reasoning_details": 5}])  # fmt: skip
def test_a_request_of_an_unknown_form_is_the_callers_fault(message: dict[str, Any]) -> None:
    with pytest.raises(RequestError) as caught:
        encoded(messages=[message])
    assert caught.value.status == 400


def test_an_answer_of_an_unknown_form() -> None:
    """Translated it is an error; where bytes pass it is the caller's to read."""
    body = b'{"output": [{"type": "message", "content": 5}]}'
    with pytest.raises(UpstreamError, match="unknown form"):
        responses.decode("chat", 200, [], body)
    assert responses.native_decode(200, [], body).body is body


# -- bytes that pass --------------------------------------------------------------------------------------------------


def native(body: bytes, model: str = "gpt-5", *, max_tokens: int | None = None, at: Deployment = AT) -> Any:
    headers = {b"openai-beta": b"x=1", b"authorization": b"Bearer caller", b"x-other": b"y"}
    return responses.native_encode(at, body, model, stream=False, max_tokens=max_tokens, headers=headers)


def test_bytes_pass_as_they_are() -> None:
    body = b'{ "model":"gpt-5",  "input":"hi", "something_new":[1] }'
    wire = native(body)
    assert wire.body is body
    assert list(wire.headers) == [(b"authorization", b"Bearer k"), (b"openai-beta", b"x=1")]


def test_the_model_and_the_limit_are_put_in() -> None:
    wire = native(b'{"model":"fast","input":"hi","something_new":[ 1 ],"max_output_tokens":900}', "fast", max_tokens=80)
    assert wire.body == b'{"model":"gpt-5","input":"hi","something_new":[ 1 ],"max_output_tokens":80}'


def test_a_model_that_never_thinks_is_not_asked_for_thoughts() -> None:
    at = Deployment("o/gpt-4o", "o", "gpt-4o", "responses", NOWHERE, {"chat": "/v1/responses"})
    body = b'{"model":"gpt-4o","input":"hi","include":["reasoning.encrypted_content","file_search_call.results"]}'
    assert json.loads(native(body, "gpt-4o", at=at).body)["include"] == ["file_search_call.results"]


@pytest.mark.parametrize("name", NAMES)
def test_a_native_answer_is_looked_at(name: str) -> None:
    whole = responses.decode("chat", 200, [], body_of(f"{name}.json"))
    body = body_of(f"{name}.json")
    answer = responses.native_decode(200, [], body)
    assert answer.body is body
    assert (answer.usage, answer.finish, answer.text) == (whole.usage, whole.finish, whole.text)
    reader = responses.native_reader()
    events = SSESplitter().feed(body_of(f"{name}.sse"))
    assert [reader.feed(event) for event in events] == events
    assert reader.done
    answer = reader.close(events)
    assert (answer.body, answer.usage, answer.finish, answer.text) == (b"", whole.usage, whole.finish, whole.text)


def test_a_native_stream_whose_end_repeats_nothing() -> None:
    """Some leave the output out of the last event."""
    events = SSESplitter().feed(body_of("text.sse"))
    last = json.loads(events[-1].split(b"data: ")[1])
    last["response"]["output"] = []
    events[-1] = b"data: %b\n\n" % json.dumps(last).encode()
    reader = responses.native_reader()
    for event in events:
        reader.feed(event)
    assert reader.close(events).text == "Paris is the capital of France."


def test_a_native_stream_that_fails_or_breaks() -> None:
    reader = responses.native_reader()
    events = SSESplitter().feed(body_of("failed.sse"))
    assert [reader.feed(event) for event in events[:2]] == events[:2]
    with pytest.raises(UpstreamError, match="rate_limit_exceeded"):
        reader.feed(events[2])
    with pytest.raises(UpstreamError, match="without an end mark"):
        reader.close(events)
