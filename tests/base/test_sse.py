import re
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.base import sse
from outrider.base.errors import UpstreamError
from outrider.base.sse import SSESplitter, kind, payload

LINE_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])
WORDS = st.text(max_size=12).map(lambda s: s.encode("utf-8", "ignore").replace(b"\n", b"").replace(b"\r", b""))


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """Streams of events, comments and noise with mixed line ends."""
    parts: list[bytes] = []
    for _ in range(draw(st.integers(0, 6))):
        for _ in range(draw(st.integers(0, 3))):
            parts.append(draw(st.sampled_from([b"data: ", b"data:", b"event: ", b": ", b""])) + draw(WORDS))
            parts.append(draw(LINE_ENDS))
        parts.append(draw(LINE_ENDS))
    parts.append(draw(WORDS))
    return b"".join(parts)


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({min(p, len(stream)) for p in places} | {0, len(stream)})
    return [stream[a:b] for a, b in pairwise(edges)]


def split(chunks: list[bytes]) -> tuple[list[bytes], bytes]:
    splitter = SSESplitter()
    events = [event for chunk in chunks for event in splitter.feed(chunk)]
    return events, splitter.rest()


@given(streams(), st.lists(st.integers(0, 200), max_size=30))
def test_any_chunking_gives_the_same_events_and_loses_no_byte(stream: bytes, places: list[int]) -> None:
    whole, rest = split([stream])
    assert split(cut(stream, places)) == (whole, rest)
    assert split([stream[i : i + 1] for i in range(len(stream))]) == (whole, rest)
    assert b"".join(whole) + rest == stream


@given(streams())
def test_every_event_ends_in_one_blank_line(stream: bytes) -> None:
    for event in split([stream])[0]:
        found = list(re.finditer(rb"(?>\r\n|\n|\r){2}", event))
        assert [m.end() for m in found] == [len(event)]


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=20))
def test_junk_never_raises(junk: bytes, places: list[int]) -> None:
    events, rest = split(cut(junk, places))
    assert b"".join(events) + rest == junk
    for event in events:
        payload(event)


@given(st.lists(st.binary(max_size=40), max_size=60))
@settings(max_examples=50)
def test_memory_is_bounded(chunks: list[bytes]) -> None:
    splitter = SSESplitter(limit=64)
    for chunk in chunks:
        with suppress(UpstreamError):
            splitter.feed(chunk)
        assert splitter.pending <= 64


def test_too_large_an_event_is_refused_in_every_shape() -> None:
    for chunk in (b"data: " + b"x" * 80 + b"\n\n", b"x" * 100, b"a\r\n\r\n" + b"x" * 100):
        with pytest.raises(UpstreamError, match="larger than 64 bytes"):
            SSESplitter(limit=64).feed(chunk)


def test_a_final_cr_waits_for_its_lf() -> None:
    splitter = SSESplitter()
    assert splitter.feed(b"data: 1\r\n\r") == []
    assert splitter.pending == 10
    assert splitter.feed(b"\ndata: 2\r\n\r\n") == [b"data: 1\r\n\r\n", b"data: 2\r\n\r\n"]
    assert splitter.pending == 0


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (b"data: [DONE]\n\n", b"[DONE]"),
        (b"data:x\n\n", b"x"),
        (b"data:  x\n\n", b" x"),
        (b"data: a\ndata: b\n\n", b"a\nb"),
        (b"event: ping\ndata: a\r\n\r\n", b"a"),
        (b"data: a\rdata: b\r\r", b"a\nb"),
        (b": keep-alive\n\n", b""),
        (b"data\n\n", b""),
        (b"\xef\xbb\xbfdata: first\n\n", b"first"),
        (b'data: {"a":"\xc3\xa9"}\n\n', b'{"a":"\xc3\xa9"}'),
        (b"database: x\n\n", b""),
        (b"\n\n", b""),
        (b"", b""),
        (b"event: a\ndata: b\n\n", b"b"),
        (b"event: a\ndata:b\n\n", b"b"),
        (b"event: a\ndata: b\ndata: c\n\n", b"b\nc"),
        (b"event: a\nid: 1\ndata: b\n\n", b"b"),
        (b"event: a\n\n", b""),
    ],
)
def test_payload(event: bytes, said: bytes) -> None:
    assert payload(event) == said


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (b"event: ping\ndata: {}\n\n", "ping"),
        (b"event:ping\r\ndata: {}\r\n\r\n", "ping"),
        (b"id: 1\nevent: done\ndata: {}\n\n", "done"),
        (b"data: event: no\n\n", ""),
        (b"data: {}\n\n", ""),
    ],
)
def test_the_name_of_an_event(event: bytes, name: str) -> None:
    assert kind(event) == name


def test_a_block_as_its_events() -> None:
    one, two = b"data: 1\n\n", b"event: x\ndata: 2\n\n"
    assert sse.events(one) == [one]
    assert sse.events(one + two) == [one, two]
    assert sse.events(b"") == []
    assert sse.events(b"data: 1\r\r") == [b"data: 1\r\r"]
