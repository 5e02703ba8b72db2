"""The JSON objects of a file, one after the other, without reading it whole: JSON lines, an array, or objects that
follow each other. The file may be gzipped."""

import gzip
import json
import math
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import msgspec

from outrider.base.errors import ConfigError

LARGEST = 64 << 20
"""Bytes of one object."""
MOST = 64 << 30
"""Bytes of a file, unpacked: what unpacks without end is no export."""
_CHUNK = 1 << 20
_MARKS = re.compile(rb'["\\{}\[\]]')
_SPACE = b" \t\r\n\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"


class Fault(msgspec.Struct, frozen=True):
    """What cannot be read, and why; `place` says where."""

    place: str
    why: str


Document = tuple[str, dict[str, Any]]
"""An object, and where it stands."""


def read(path: Path, *, largest: int = LARGEST) -> Iterator[Document | Fault]:
    """The objects of a file in their order. Raises ConfigError if it cannot be read, or is no JSON at all."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            with gzip.GzipFile(fileobj=raw) if packed else raw as stream:
                yield from _told(_Bounded(stream), largest)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ConfigError(f"{path}: the file is not gzip, or ends early: {error}") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...
    def readline(self, size: int, /) -> bytes: ...


class _Bounded:
    """A stream of at most `MOST` bytes."""

    def __init__(self, stream: _Stream) -> None:
        self._stream, self._left = stream, MOST

    def read(self, size: int) -> bytes:
        return self._counted(self._stream.read(size))

    def readline(self, size: int) -> bytes:
        return self._counted(self._stream.readline(size))

    def _counted(self, piece: bytes) -> bytes:
        self._left -= len(piece)
        if self._left < 0:
            raise ConfigError(f"the file has more than {MOST >> 30} GB; divide it")
        return piece


def _told(stream: _Bounded, largest: int) -> Iterator[Document | Fault]:
    first = stream.readline(largest + 1)
    while first and not first.strip(_SPACE):
        first = stream.readline(largest + 1)
    head = first.lstrip(_SPACE)
    if not head:
        return
    if head[:1] not in (b"{", b"["):
        raise ConfigError(
            "the file is no JSON: export as JSON or JSON lines (CSV, Parquet and protobuf are not read here)"
        )
    if head[:1] == b"{" and isinstance(_decoded(head), dict):
        yield from _lines(stream, head, largest)
    else:
        yield from _values(stream, head, largest)


def _lines(stream: _Bounded, line: bytes, largest: int) -> Iterator[Document | Fault]:
    number = 1
    while line:
        if len(line) > largest:
            yield Fault(f"line {number}", _too_large(largest))
            while line and not line.endswith(b"\n"):
                line = stream.readline(largest + 1)
        elif line.strip(_SPACE):
            yield _document(f"line {number}", line)
        line, number = stream.readline(largest + 1), number + 1


def _values(stream: _Bounded, piece: bytes, largest: int) -> Iterator[Document | Fault]:
    """The objects of an array, or those that follow each other."""
    cutter = _Cutter(piece[:1] == b"[", largest)
    number = 0
    while piece:
        for value in cutter.feed(piece):
            number += 1
            place = f"object {number}"
            yield Fault(place, _too_large(largest)) if value is None else _document(place, value)
        piece = stream.read(_CHUNK)
    if cutter.open:
        yield Fault(f"after object {number}", "the file ends in the middle of an object")


class _Cutter:
    """Cuts a stream of bytes where its objects begin and end."""

    def __init__(self, array: bool, largest: int) -> None:
        self._outer, self._largest = int(array), largest
        self._depth, self._quoted, self._escaped = 0, False, False
        self._kept = bytearray()
        self._large = False

    @property
    def open(self) -> bool:
        return self._depth > self._outer

    def feed(self, piece: bytes) -> Iterator[bytes | None]:
        """Objects that are complete now; None for one that was too large."""
        begin = 0 if self.open else -1
        skipped = 0 if self._escaped else -1
        self._escaped = False
        for match in _MARKS.finditer(piece):
            at, mark = match.start(), match[0]
            if at == skipped:
                continue
            if mark == b"\\":
                skipped, self._escaped = at + 1, at + 1 == len(piece)
            elif mark == b'"':
                self._quoted = not self._quoted
            elif self._quoted:
                continue
            elif mark in b"{[":
                if self._depth == self._outer and (mark == b"{" or not self._outer):
                    begin = at
                self._depth += 1
            else:
                self._depth -= 1
                if self._depth == self._outer and begin >= 0:
                    yield self._cut(piece[begin : at + 1])
                    begin = -1
        if begin >= 0:
            self._keep(piece[begin:])

    def _keep(self, part: bytes) -> None:
        if self._large or len(self._kept) + len(part) > self._largest:
            self._large = True
            self._kept.clear()
        else:
            self._kept += part

    def _cut(self, end: bytes) -> bytes | None:
        self._keep(end)
        whole = None if self._large else bytes(self._kept)
        self._kept.clear()
        self._large = False
        return whole


def _document(place: str, text: bytes) -> Document | Fault:
    found = _decoded(text)
    if isinstance(found, dict):
        return place, found
    return Fault(place, "no JSON object")


def _decoded(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text.strip(_SPACE))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError):
        return _mended(text.strip(_SPACE))


def _mended(text: bytes) -> Any:
    """What other tools write and JSON does not have: halves of characters, where a text was cut, and `NaN`."""
    try:
        said = json.loads(text, parse_constant=lambda _: None, parse_float=_finite)
        whole = json.dumps(said, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return msgspec.json.decode(whole)
    except (RecursionError, ValueError):
        return None


def _finite(text: str) -> float | None:
    return found if math.isfinite(found := float(text)) else None


def _too_large(largest: int) -> str:
    return f"it has more than {largest >> 20} MB; export fewer at once, or as JSON lines"
