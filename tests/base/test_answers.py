"""The text of a chat answer, and why there is none."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.answers import fault_of, text_of
from outrider.base.errors import UpstreamError


def answer(**message: object) -> bytes:
    return msgspec.json.encode({"id": "x", "choices": [{"index": 0, "message": {"role": "assistant", **message}}]})


@pytest.mark.parametrize(
    ("message", "text", "with_refusal"),
    [
        ({"content": "Yes."}, "Yes.", "Yes."),
        ({"content": None, "refusal": "I cannot."}, "", "I cannot."),
        ({"content": None}, "", ""),
    ],
)
def test_what_a_model_says(message: dict[str, object], text: str, with_refusal: str) -> None:
    assert text_of("chat", answer(**message)) == text
    assert text_of("chat", answer(**message), refusal=True) == with_refusal


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"choices":[]}', b'{"choices":[{"message":{"content":1}}]}'])
def test_what_is_no_answer_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(UpstreamError, match="what the route 'chat' answers cannot be read"):
        text_of("chat", body)


def test_a_fault_is_told_in_its_own_words() -> None:
    assert fault_of(429, b'{"error": {"message": "later", "code": "rate_limited"}}') == ("later", "rate_limited")
    assert fault_of(400, b'{"error": {"message": "no"}}') == ("no", "")


@given(st.binary(max_size=60) | st.sampled_from([b"[]", b'{"error": []}', b'{"error": "x"}', b'{"error": null}']))
def test_whatever_else_an_error_is_its_status_is_told(body: bytes) -> None:
    assert fault_of(502, body) == ("HTTP 502", "")
