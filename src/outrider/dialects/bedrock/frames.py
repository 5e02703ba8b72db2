"""AWS event streams (application/vnd.amazon.eventstream): binary frames, cut from any chunks and read.

A frame is: total length, length of the headers, CRC of these two; the headers; the payload; CRC of all before. Numbers
are big-endian, 4 bytes. A header is: length of its name (1 byte), name, type (1 byte), value.
"""

import struct
from zlib import crc32

import msgspec

from outrider.base.errors import UpstreamError

LARGEST = 24 << 20
"""Bytes of a frame at most, as AWS has it (16 MB of payload, with room)."""
_PRELUDE = 12
_LEAST = 16  # prelude and last CRC
_STRING = 7
_SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}  # bytes of a value by type; 6 and 7 say it themselves
_numbers = struct.Struct(">III")
_last = struct.Struct(">I")


class Frame(msgspec.Struct):
    """Its text headers by name (`:event-type`, `:message-type`, ...) and what it carries."""

    headers: dict[str, str]
    payload: bytes


class Frames:
    """Cuts one stream into whole frames. `rest` gives back what was left at its end."""

    __slots__ = ("_buffer", "_wanted")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._wanted = _PRELUDE

    @property
    def pending(self) -> int:
        """Bytes of a frame that is not complete."""
        return len(self._buffer)

    def feed(self, received: bytes) -> list[bytes]:
        """The frames that `received` completes. Raises UpstreamError when the bytes are no frames."""
        if self._buffer:
            self._buffer += received
            if len(self._buffer) < self._wanted:
                return []
            received = bytes(self._buffer)
            self._buffer.clear()
        frames: list[bytes] = []
        start, size = 0, len(received)
        self._wanted = _PRELUDE
        while size - start >= _PRELUDE:
            total, headers, check = _numbers.unpack_from(received, start)
            if crc32(received[start : start + 8]) != check or not _LEAST + headers <= total <= LARGEST:
                raise _broken("the start of a frame does not check")
            if size - start < total:
                self._wanted = total
                break
            frames.append(received[start : start + total])
            start += total
        if start < size:
            self._buffer += received[start:]
        return frames

    def rest(self) -> bytes:
        left = bytes(self._buffer)
        self._buffer.clear()
        return left


def read(frame: bytes) -> Frame:
    """A whole frame. Raises UpstreamError when its checksum or its headers are wrong."""
    total, length, _ = _numbers.unpack_from(frame) if len(frame) >= _LEAST else (0, 0, 0)
    if total < _LEAST or total != len(frame) or _last.unpack_from(frame, total - 4)[0] != crc32(frame[:-4]):
        raise _broken("the checksum of a frame does not fit")
    end = _PRELUDE + length
    try:
        return Frame(_headers(frame, end), frame[end : total - 4])
    except (IndexError, KeyError, ValueError, struct.error):
        raise _broken("the headers of a frame cannot be read") from None


def _headers(frame: bytes, end: int) -> dict[str, str]:
    """Text headers; those of other types are skipped."""
    found: dict[str, str] = {}
    at = _PRELUDE
    while at < end:
        size = frame[at]
        name = frame[at + 1 : at + 1 + size]
        at += size + 1
        kind = frame[at]
        at += 1
        if kind in (_STRING, 6):
            size = int.from_bytes(frame[at : at + 2], "big")
            at += 2
            if kind == _STRING:
                found[name.decode()] = frame[at : at + size].decode()
        else:
            size = _SIZES[kind]
        at += size
    if at != end:
        raise ValueError("headers overlap the payload")
    return found


def _broken(what: str) -> UpstreamError:
    return UpstreamError(f"the provider's event stream is broken: {what}", code="upstream_invalid_answer")
