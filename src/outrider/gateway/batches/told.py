"""What streamed responses in the background have said, in the lease store: written by who gives them, read by all.

Blocking but for `wake` and `listening`; use it in threads.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import zstandard

from outrider.dialects.responses.retold import OPENED
from outrider.gateway.batches.files import lock, unpack
from outrider.gateway.batches.rows import Batch, Lost
from outrider.store import Store

PAGE = 4
"""Pieces that are read at a time."""


class Piece(NamedTuple):
    """Whole events, in order: the numbers of the first and the last one, and their bytes."""

    first: int
    last: int
    body: bytes


class Told:
    """`open_` gives the lease store. Every method that asks it raises StoreUnavailable."""

    def __init__(self, open_: Callable[[], Store]) -> None:
        self._open = open_
        self._listeners: dict[str, set[asyncio.Event]] = {}

    def put(self, batch: Batch, pieces: Sequence[Piece]) -> None:
        """Add what was said. Raises Lost if another process works on the response by now."""
        pack = zstandard.ZstdCompressor(level=1, write_checksum=False)
        rows = [(batch.id, one.first, one.last, len(one.body), pack.compress(one.body)) for one in pieces]
        with self._open().write((lock(batch.id),)) as tx:
            if not tx.query(
                "SELECT 1 FROM batches WHERE id = ? AND holder = ? AND ended = 0", (batch.id, batch.holder)
            ):
                raise Lost(f"{batch.id} is worked on by another process")
            tx.executemany(
                "INSERT INTO told_events (batch, first, last, bytes, body) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                rows,
            )  # they are there already if the connection broke when they were written, before that was confirmed

    def last(self, id_: str) -> int:
        """The number of the last event that was said, the opening ones included."""
        (row,) = self._open().query("SELECT max(last) FROM told_events WHERE batch = ?", (id_,))
        return OPENED - 1 if row[0] is None else int(row[0])

    def look(self, id_: str, number: int) -> tuple[bool, list[Piece]]:
        """Whether no more will be said than there is now, and the next pieces with events behind `number`."""
        store = self._open()
        going = store.query("SELECT 1 FROM batches WHERE id = ? AND ended = 0", (id_,))  # first: then the rest is final
        sql = "SELECT first, last, bytes, body FROM told_events WHERE batch = ? AND last > ? ORDER BY first LIMIT ?"
        rows = store.query(sql, (id_, number, PAGE))
        return not going, [Piece(first, last, unpack(body, size)) for first, last, size, body in rows]

    def sweep(self) -> None:
        """Remove what belongs to batches that are gone."""
        sql = (
            "SELECT DISTINCT batch FROM told_events WHERE NOT EXISTS"
            " (SELECT 1 FROM batches WHERE batches.id = told_events.batch) LIMIT 100"
        )
        for (id_,) in self._open().query(sql):
            self.forget(id_)

    def forget(self, id_: str) -> None:
        """Remove what one has said."""
        with self._open().write((lock(id_),)) as tx:
            tx.execute("DELETE FROM told_events WHERE batch = ?", (id_,))

    # -- those of this process who listen

    def wake(self, id_: str) -> None:
        """There is more, or it is over."""
        for woken in self._listeners.get(id_, ()):
            woken.set()

    @contextlib.contextmanager
    def listening(self, id_: str) -> Iterator[asyncio.Event]:
        """An event that `wake` sets."""
        woken = asyncio.Event()
        among = self._listeners.setdefault(id_, set())
        among.add(woken)
        try:
            yield woken
        finally:
            among.discard(woken)
            if not among:
                self._listeners.pop(id_, None)
