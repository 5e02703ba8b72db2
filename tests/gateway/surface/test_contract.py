"""Chat events written in a caller's language, in whatever pieces they come."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from outrider.gateway.surface.contract import Writer

EVENTS = [b'data: {"n":1}\n\n', b": ping\n\n", b'data: {"n":2}\n\n', b"data: [DONE]\n\n"]


class Numbers:
    def feed(self, chunk: dict[str, Any]) -> bytes:
        return b"<%d>" % chunk["n"]

    def end(self) -> bytes:
        return b"."


@given(st.sets(st.integers(1, 3)))
def test_any_grouping_of_events(cuts: set[int]) -> None:
    writer, edges = Writer(Numbers()), [0, *sorted(cuts), len(EVENTS)]
    groups = [b"".join(EVENTS[a:b]) for a, b in pairwise(edges)]
    assert b"".join(writer.write(group) for group in groups) == b"<1><2>."


def test_the_end_comes_once() -> None:
    writer = Writer(Numbers())
    assert writer.write(EVENTS[3]) == b"."
    assert writer.write(EVENTS[3]) == b""


class Heard(Numbers):
    def __init__(self) -> None:
        self.chunks: list[dict[str, Any]] = []

    def feed(self, chunk: dict[str, Any]) -> bytes:
        self.chunks.append(chunk)
        return b""


def test_counts_that_cannot_be_are_not_told() -> None:
    heard = Heard()
    Writer(heard).write(b'data: {"model":7,"choices":[],"usage":{"prompt_tokens":-1,"completion_tokens":1e308}}\n\n')
    assert heard.chunks == [{"model": "", "choices": []}]
