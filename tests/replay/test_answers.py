"""Answers in one form, and calls that are the same."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.replay.answers import normal, read

CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}


def whole(message: dict[str, object], finish: str = "stop", **more: object) -> bytes:
    return json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": finish}], **more}).encode()


def chunk(delta: dict[str, object], finish: str | None = None) -> str:
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta, 'finish_reason': finish}]})}\n\n"


def test_a_stream_says_the_same_as_a_body() -> None:
    pieces = [
        chunk({"role": "assistant", "content": "It "}),
        chunk({"content": "is."}),
        chunk({"tool_calls": [{"index": 0, **CALL, "function": {"name": "f", "arguments": '{"a"'}}]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": ": 1}"}}]}),
        chunk({}, "tool_calls"),
        "data: [DONE]\n\n",
    ]
    streamed = read(b": hello\n\n" + "".join(pieces).encode())
    plain = read(whole({"content": "It is.", "tool_calls": [CALL]}, "tool_calls"))
    assert streamed.canonical() == plain.canonical()
    assert streamed.calls() == plain.calls() == [("c1", "f", '{"a": 1}')]


def test_ids_and_times_are_no_difference_but_tokens_are() -> None:
    one = read(whole({"content": "x"}, id="a", created=1, usage={"prompt_tokens": 1, "completion_tokens": 2}))
    other = read(whole({"content": "x"}, id="b", created=2, usage={"prompt_tokens": 1, "completion_tokens": 2}))
    dearer = read(whole({"content": "x"}, usage={"prompt_tokens": 1, "completion_tokens": 3}))
    assert one.canonical() == other.canonical() != dearer.canonical()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"choices":[]}', b'{"error":{}}', b"<html>", b'data: {"error": {}}\n\n', b"\xff"]
)
def test_what_is_no_answer_says_so(body: bytes) -> None:
    with pytest.raises(RequestError, match="no chat completion"):
        read(body)


def test_the_same_call_is_known_again() -> None:
    assert normal('{"b": 1.0, "a": "x "}') == normal({"a": "x", "b": 1, "c": None})
    assert normal("") == normal(None) == normal("{}") == normal({})
    assert normal('{"a": "e\u0301"}') == normal('{"a": "\u00e9"}')
    assert normal('{"a": 1}') != normal('{"a": 2}')
    assert normal('{"a": true}') != normal('{"a": 1}')
    assert normal("no json ") == normal("no json")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_a_call_survives_being_written_down(value: object) -> None:
    assert normal(json.dumps(value)) == normal(json.dumps(json.loads(json.dumps(value)), indent=2))
