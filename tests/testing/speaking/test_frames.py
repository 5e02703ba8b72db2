"""Frames as Amazon's own parser reads them."""

import struct
import zlib

import pytest

from outrider.testing.speaking import frames


def test_a_frame_has_lengths_headers_and_checksums() -> None:
    made = frames.event("messageStop", b'{"stopReason":"end_turn"}')
    total, headed = struct.unpack(">II", made[:8])
    assert total == len(made)
    assert struct.unpack(">I", made[8:12])[0] == zlib.crc32(made[:8])
    assert struct.unpack(">I", made[-4:])[0] == zlib.crc32(made[:-4])
    assert made[12 + headed : -4] == b'{"stopReason":"end_turn"}'
    assert made[12:].startswith(b"\x0b:event-type\x07\x00\x0bmessageStop")


def test_amazons_own_parser_reads_it() -> None:
    parser = pytest.importorskip("botocore.eventstream")
    buffer = parser.EventStreamBuffer()
    buffer.add_data(frames.event("messageStart", b"{}") + frames.exception("throttlingException", b"{}"))
    said, failed = list(buffer)
    assert said.headers[":event-type"] == "messageStart"
    assert failed.headers[":exception-type"] == "throttlingException"
    assert failed.payload == b"{}"
