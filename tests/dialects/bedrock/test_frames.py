"""AWS event streams, cut and read; AWS's own parser is the measure."""

import itertools
import struct
import uuid
from zlib import crc32

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import UpstreamError
from outrider.dialects.bedrock.frames import LARGEST, Frames, read
from tests.dialects.bedrock.aws import frame, raw

names = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=20)
headers = st.dictionaries(names, st.text(max_size=50), max_size=5)
events = st.lists(st.tuples(headers, st.binary(max_size=300)), max_size=6)


def cut(stream: bytes, at: list[int]) -> list[bytes]:
    places = sorted({min(place, len(stream)) for place in at} | {0, len(stream)})
    return [stream[a:b] for a, b in itertools.pairwise(places)]


@given(events, st.lists(st.integers(0, 3000), max_size=12))
def test_any_chunks_give_the_frames_that_aws_reads(said: list[tuple[dict[str, str], bytes]], at: list[int]) -> None:
    stream = b"".join(raw(head, payload) for head, payload in said)
    theirs = EventStreamBuffer()
    theirs.add_data(stream)
    splitter = Frames()
    found = [read(one) for piece in cut(stream, at) for one in splitter.feed(piece)]
    assert [(one.headers, one.payload) for one in found] == said
    assert [(event.headers, event.payload) for event in theirs] == said
    assert splitter.rest() == b""


def test_headers_of_every_type_are_passed_over() -> None:
    kinds = [
        b"\x00", b"\x01", b"\x02\x05", b"\x03\x00\x05", b"\x04\x00\x00\x00\x05", b"\x05" + b"\0" * 8,
        b"\x06\x00\x02ab", b"\x08" + b"\0" * 8, b"\x09" + uuid.UUID(int=7).bytes,
    ]  # fmt: skip
    packed = b"".join(b"\x01" + bytes([97 + at]) + kind for at, kind in enumerate(kinds)) + b"\x01z\x07\x00\x02hi"
    assert read(_with(packed, b"{}")).headers == {"z": "hi"}


def _with(packed: bytes, payload: bytes) -> bytes:
    start = struct.pack("!II", 16 + len(packed) + len(payload), len(packed))
    whole = start + struct.pack("!I", crc32(start)) + packed + payload
    return whole + struct.pack("!I", crc32(whole))


def test_half_a_frame_is_left_at_the_end() -> None:
    splitter = Frames()
    whole = frame("messageStart", {"role": "assistant"})
    assert splitter.feed(whole + whole[:30]) == [whole]
    assert splitter.pending == 30
    assert splitter.rest() == whole[:30]
    assert splitter.rest() == b""


@pytest.mark.parametrize("at", [0, 5, 9])
def test_a_wrong_start_is_an_error_before_anything_is_waited_for(at: int) -> None:
    broken = bytearray(frame("messageStart", {"role": "assistant"}))
    broken[at] ^= 1
    with pytest.raises(UpstreamError, match="start of a frame"):
        Frames().feed(bytes(broken[:12]))


def test_a_frame_that_claims_to_be_huge_is_an_error() -> None:
    start = struct.pack("!II", LARGEST + 1, 0)
    with pytest.raises(UpstreamError):
        Frames().feed(start + struct.pack("!I", crc32(start)))


@given(st.integers(12, 80), st.integers(1, 255))
def test_one_wrong_byte_is_seen(at: int, flip: int) -> None:
    broken = bytearray(frame("messageStart", {"role": "assistant"}))
    broken[at] ^= flip
    with pytest.raises(UpstreamError, match="checksum"):
        read(bytes(broken))


@pytest.mark.parametrize("packed", [b"\x05ab", b"\x01a\x63", b"\x01a\x07\x00\xff" + b"x", b"\x01a\x07\x00\x01\xff"])
def test_headers_that_cannot_be_read_are_an_error(packed: bytes) -> None:
    with pytest.raises(UpstreamError, match="headers"):
        read(_with(packed, b""))


@given(st.binary(max_size=60))
def test_no_frame_at_all(said: bytes) -> None:
    with pytest.raises(UpstreamError):
        read(said)
