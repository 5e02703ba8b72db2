"""Reading a file of lines: forward, and again at any place. Keeps a few pieces in memory, not the file."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator

from outrider.gateway.batches.files import File, Files
from outrider.gateway.batches.lines import Cutter, Place

KEPT = 4
"""Pieces that are kept for lines which are read a second time soon."""


class Reader:
    """One file. `count` is the number of lines that were found so far, `ended` says that there are no more."""

    def __init__(self, files: Files, file: File, longest: int) -> None:
        self._files, self._file = files, file
        self._cutter = Cutter(longest)
        self._at = 0
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self.count = 0
        self.ended = False

    async def next(self) -> list[tuple[Place, bytes]]:
        """The lines of the next pieces; none at the end."""
        return await asyncio.to_thread(self._next) if not self.ended else []

    def all(self) -> Iterator[tuple[Place, bytes]]:
        """Every line. Blocking."""
        while not self.ended:
            yield from self._next()

    async def line(self, place: Place) -> bytes:
        """A line that was found before."""
        starts = next((at for at in self._kept if at <= place.offset < at + len(self._kept[at])), None)
        if starts is not None and place.offset + place.size <= starts + len(self._kept[starts]):
            return self._kept[starts][place.offset - starts : place.offset - starts + place.size]
        return await asyncio.to_thread(self._line, place)

    def _next(self) -> list[tuple[Place, bytes]]:
        found: list[tuple[Place, bytes]] = []
        while not found and not self.ended:
            piece = self._piece(self._at) if self._at < self._file.size else None
            if piece is None:
                found, self.ended = self._cutter.rest(), True
            else:
                self._at = piece[0] + len(piece[1])
                found = self._cutter.feed(piece[1])
        self.count += len(found)
        return found

    def _line(self, place: Place) -> bytes:
        parts: list[bytes] = []
        at, end = place.offset, place.offset + place.size
        while at < end and (piece := self._piece(at)) is not None:
            part = piece[1][at - piece[0] : end - piece[0]]
            parts.append(part)
            at += len(part)
        return b"".join(parts)

    def _piece(self, at: int) -> tuple[int, bytes] | None:
        found = self._files.piece(self._file, at)
        if found is not None:
            self._kept[found[0]] = found[1]
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found
