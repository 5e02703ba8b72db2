"""One tool call at a time, of providers that cannot be told so."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from outrider.base.ports import Answer
from outrider.base.sse import SSESplitter, payload
from outrider.base.usage import Usage
from outrider.gateway.one_call import OneCall, only_one


def call(index: int, **more: Any) -> dict[str, Any]:
    return {"index": index, **more, "function": {"name": f"f{index}", "arguments": "{}"}}


def test_a_whole_answer() -> None:
    choices = [{"message": {"content": None, "tool_calls": [call(0), call(1)]}}, {"message": {"content": "a"}}]
    said = json.loads(only_one(json.dumps({"id": "1", "choices": choices, "usage": {"total_tokens": 9}}).encode()))
    assert said["choices"][0]["message"]["tool_calls"] == [call(0)]
    assert (said["choices"][1], said["usage"], said["id"]) == (choices[1], {"total_tokens": 9}, "1")


def test_an_answer_without_calls_is_the_same_object() -> None:
    body = b'{"choices": []}'
    assert only_one(body) is body


class Said:
    """A reader that gives on what it is fed."""

    done = True

    def feed(self, event: bytes) -> bytes:
        return event

    def close(self, blocks: Sequence[bytes]) -> Answer:
        return Answer(b"", Usage(3, 4), "tool_calls")


def chunk(delta: Any, **more: Any) -> bytes:
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": delta, **more}]}).encode() + b"\n\n"


def heard(*events: bytes) -> list[Any]:
    """What comes of events that arrive together."""
    out = OneCall(Said()).feed(b"".join(events))
    return [json.loads(payload(one))["choices"][0] for one in SSESplitter().feed(out)]


def test_a_stream() -> None:
    first, second = chunk({"tool_calls": [call(0, id="a")]}), chunk({"tool_calls": [call(1, id="b")]})
    assert [one["delta"] for one in heard(first, second)] == [{"tool_calls": [call(0, id="a")]}]
    both = chunk({"tool_calls": [call(0), call(1)]})
    assert heard(both)[0]["delta"] == {"tool_calls": [call(0)]}


@pytest.mark.parametrize("more", [{"finish_reason": "tool_calls"}, {}])
def test_what_comes_with_a_later_call_is_kept(more: dict[str, Any]) -> None:
    delta = {"tool_calls": [call(2)]} if more else {"tool_calls": [call(2)], "reasoning_content": "hm"}
    (choice,) = heard(chunk(delta, **more))
    assert choice["delta"] == ({} if more else {"reasoning_content": "hm"})
    assert choice.get("finish_reason") == more.get("finish_reason")


@pytest.mark.parametrize("event", [chunk({"content": "a"}), b"data: [DONE]\n\n", b': "tool_calls"\n\n', b""])
def test_everything_else_passes(event: bytes) -> None:
    assert OneCall(Said()).feed(event) == event


def test_counts_are_those_of_all_calls() -> None:
    reader = OneCall(Said())
    assert (reader.done, reader.close([]).usage) == (True, Usage(3, 4))
