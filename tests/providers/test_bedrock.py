"""Bedrock as the corridor meets it: wire requests, answers, streams of frames, refusals."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError, UpstreamError
from outrider.base.ports import Deployment
from outrider.base.sse import SSESplitter, payload
from outrider.base.usage import Usage
from outrider.providers import bedrock
from tests.dialects.bedrock.aws import fixture, frame, raw, stream

PATHS = {"chat": "/model/m/converse", "stream": "/model/m/converse-stream"}
AT = Deployment("aws/m", "aws", "anthropic.claude-opus-4-8", "bedrock", None, PATHS, [(b"a", b"b")])  # type: ignore[arg-type]
ASKED = json.dumps({"model": "x", "seed": 1, "messages": [{"role": "user", "content": "hi"}]}).encode()
EVENTS = fixture("stream_thinking_tools")


def test_requests() -> None:
    wire = bedrock.encode(AT, "chat", ASKED, "x", stream=False, wants_usage=False)
    assert (wire.method, wire.path, wire.headers, wire.lost) == ("POST", PATHS["chat"], AT.headers, ["seed"])
    assert json.loads(wire.body) == {"messages": [{"role": "user", "content": [{"text": "hi"}]}]}
    assert bedrock.encode(AT, "chat", ASKED, "x", stream=True, wants_usage=False).path == PATHS["stream"]
    with pytest.raises(RequestError, match="embeddings"):
        bedrock.encode(AT, "embeddings", b"{}", "x", stream=False, wants_usage=False)


def test_answers() -> None:
    body = json.dumps(fixture("answer_text")).encode()
    answer = bedrock.decode("chat", 200, [(b"x-amzn-requestid", b"9-9")], body)
    assert json.loads(answer.body)["id"] == "chatcmpl-9-9"
    assert (answer.usage, answer.finish) == (Usage(2581, 12, cached=2048, cache_write=512), "stop")
    assert answer.text.startswith("The capital")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"message": "odd"}', b""])
def test_what_is_no_answer(body: bytes) -> None:
    with pytest.raises(UpstreamError) as caught:
        bedrock.decode("chat", 200, [], body)
    assert caught.value.code == "upstream_invalid_answer"


def heard(body: bytes, cut: int = 1 << 20, *, wants_usage: bool = True) -> tuple[list[Any], Any]:
    """The chat chunks of a stream that arrives in pieces of `cut` bytes, and its reader."""
    splitter, reader = bedrock.splitter(), bedrock.reader(wants_usage=wants_usage)
    out = b"".join(
        reader.feed(event) for at in range(0, len(body), cut) for event in splitter.feed(body[at : at + cut])
    )
    assert splitter.rest() == b""
    said = [payload(event) for event in SSESplitter().feed(out)]
    return [json.loads(one) if one != b"[DONE]" else one for one in said], reader


@given(st.integers(1, 400))
def test_any_pieces_of_a_stream_give_the_same_chunks(cut: int) -> None:
    said, reader = heard(stream(EVENTS), cut)
    assert said[-1] == b"[DONE]"
    assert [c["choices"] for c in said[:-1]] == [c["choices"] for c in heard(stream(EVENTS))[0][:-1]]
    answer = reader.close([])
    assert (answer.finish, answer.text, answer.usage) == ("tool_calls", "I look them up.", Usage(431, 98))


def test_usage_that_nobody_asked_for_is_kept_for_the_record() -> None:
    said, reader = heard(stream(EVENTS), wants_usage=False)
    assert not any("usage" in chunk for chunk in said[:-1])
    assert reader.close([]).usage == Usage(431, 98)


def test_the_model_is_named_where_somebody_says_it() -> None:
    reader = bedrock.reader(wants_usage=True)
    reader.model = "claude"
    assert json.loads(payload(reader.feed(frame("messageStart", {"role": "assistant"}))))["model"] == "claude"
    assert reader.model == "claude"


def test_an_exception_in_the_stream() -> None:
    reader = bedrock.reader(wants_usage=True)
    with pytest.raises(UpstreamError) as caught:
        reader.feed(
            frame("modelStreamErrorException", {"message": "gone", "originalStatusCode": 500}, message="exception")
        )
    assert (caught.value.status, caught.value.retryable) == (424, True)
    assert "gone" in caught.value.message
    unmodelled = {":message-type": "error", ":error-code": "InternalError", ":error-message": "sorry"}
    with pytest.raises(UpstreamError, match="InternalError: sorry"):
        reader.feed(raw(unmodelled, b""))
    with pytest.raises(UpstreamError, match="JSON"):
        reader.feed(raw({":event-type": "messageStart", ":message-type": "event"}, b"{"))


def test_a_stream_that_was_cut() -> None:
    _, reader = heard(stream(EVENTS[:7]))
    with pytest.raises(UpstreamError) as caught:
        reader.close([])
    assert caught.value.code == "upstream_stream_cut"


KIND = b"x-amzn-errortype"


@pytest.mark.parametrize(
    ("status", "headers", "body", "code", "told", "retryable"),
    [
        (429, [(KIND, b"ThrottlingException:http://a/")], {}, "provider_rate_limited", 429, True),
        (429, [(KIND, b"ModelNotReadyException")], {"message": "wait"}, "upstream_error", 503, True),
        (403, [], {"__type": "a.b#AccessDeniedException", "Message": "no"}, "provider_key_refused", 403, False),
        (403, [], {"message": "The security token is invalid"}, "provider_key_refused", 403, False),
        (400, [(KIND, b"ValidationException")], {"message": "bad"}, "provider_refused_request", 400, False),
        (404, [(KIND, b"ResourceNotFoundException")], {}, "provider_model_not_found", 404, False),
        (408, [(KIND, b"ModelTimeoutException")], {"message": "late"}, "upstream_error", 408, True),
        (424, [(KIND, b"ModelErrorException")], {"originalStatusCode": 400}, "provider_refused_request", 424, False),
        (400, [(KIND, b"ServiceQuotaExceededException")], {}, "provider_rate_limited", 429, True),
        (503, [], None, "upstream_error", 503, True),
    ],
)  # fmt: skip
def test_refusals(status: int, headers: Any, body: Any, code: str, told: int, retryable: bool) -> None:
    error = bedrock.classify(status, headers, b"<html>" if body is None else json.dumps(body).encode())
    assert (error.code, error.status, error.retryable) == (code, told, retryable)
    with pytest.raises(UpstreamError):
        bedrock.decode("chat", status, headers, b"")


def test_when_to_try_again() -> None:
    error = bedrock.classify(429, [(KIND, b"ThrottlingException"), (b"retry-after", b"3")], b"{}")
    assert error.retry_after == 3
