"""A provider's stream given on as chat: what the caller asked for, what the record needs."""

import json
from typing import Any

import pytest

from outrider.base.errors import UpstreamError
from outrider.base.usage import Usage
from outrider.providers import translated


class Speech:
    """A language of one event per word, which ends with `{"end": true}`."""

    def __init__(self) -> None:
        self.done = False

    def feed(self, kind: str, said: dict[str, Any]) -> list[dict[str, Any]]:
        if said.get("end"):
            self.done = True
            usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
            end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
            return [end, {"choices": [], "usage": usage}]
        return [{"choices": [{"index": 0, "delta": {"content": f"{kind}{said['word']}"}, "finish_reason": None}]}]


EVENTS = [
    b'event: a\ndata: {"word": "b"}\n\n',
    b": still here\n\n",
    b'data: {"word": " c"}\n\n',
    b'data: {"end": true}\n\n',
]


@pytest.mark.parametrize("wants_usage", [True, False])
def test_a_stream_becomes_chat(wants_usage: bool) -> None:
    reader = translated.Reader(Speech(), wants_usage=wants_usage)
    out = b"".join(reader.feed(event) for event in EVENTS)
    assert reader.done
    assert b": still here\n\n" in out
    assert out.endswith(b"data: [DONE]\n\n")
    assert (b'"usage"' in out) == wants_usage
    answer = reader.close([])
    assert (answer.text, answer.finish, answer.usage) == ("ab c", "stop", Usage(3, 2))


def test_a_stream_without_an_end_is_cut() -> None:
    reader = translated.Reader(Speech(), wants_usage=False)
    reader.feed(EVENTS[0])
    with pytest.raises(UpstreamError, match="without an end mark"):
        reader.close([])


def test_broken_json_in_a_stream() -> None:
    with pytest.raises(UpstreamError, match="broken JSON"):
        translated.Reader(Speech(), wants_usage=False).feed(b'data: {"word"\n\n')


def test_a_whole_answer() -> None:
    chat = {
        "choices": [
            {"message": {"content": "hi"}, "finish_reason": "stop"},
            {"message": {}, "finish_reason": "length"},
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1},
    }
    answer = translated.answered(chat)
    assert (json.loads(answer.body), answer.text, answer.finish) == (chat, "hi", "length")


@pytest.mark.parametrize(("body", "what"), [(b"<html>", "HTML"), (b"[1]", "invalid JSON"), (b"{", "invalid JSON")])
def test_no_object(body: bytes, what: str) -> None:
    with pytest.raises(UpstreamError, match=what):
        translated.object_of(body)


ODD = {"id": 7, "model": None, "service_tier": 1, "usage": {"prompt_tokens": 2**63, "completion_tokens": True}}


def test_what_no_client_could_read_is_left_out() -> None:
    answer = translated.answered({**ODD, "choices": []})
    assert (json.loads(answer.body), answer.usage, answer.tier) == ({"id": "", "model": "", "choices": []}, None, "")


def test_what_no_client_could_read_is_left_out_of_streams() -> None:
    class Odd(Speech):
        def feed(self, kind: str, said: dict[str, Any]) -> list[dict[str, Any]]:
            return [
                {**ODD, **chunk} if "usage" not in chunk else {**chunk, **ODD} for chunk in super().feed(kind, said)
            ]

    reader = translated.Reader(Odd(), wants_usage=True)
    out = b"".join(reader.feed(event) for event in EVENTS)
    chunks = [json.loads(line[6:]) for line in out.splitlines() if line.startswith(b"data: {")]
    assert all(chunk["id"] == "" and chunk.keys() <= {"id", "model", "choices"} for chunk in chunks)
    answer = reader.close([])
    assert (answer.text, answer.finish, answer.usage, answer.tier) == ("ab c", "stop", None, "")
