"""Server-sent events that follow the journal by `seq`."""

import asyncio
from collections.abc import AsyncIterator, Callable

import anyio.to_thread

from outrider.base.errors import StoreUnavailable
from outrider.console.deps import ConsoleDeps
from outrider.journal.read import RunFilter, RunRow, list_runs, newest_seq
from outrider.store import Store

MOST = 200
PAGES = 10
QUICK, SLOW, BEAT = 0.25, 1.0, 15.0
"""Seconds between looks while runs arrive, at rest, and between signs of life on the wire."""


async def follow(
    deps: ConsoleDeps, since: Callable[[int], tuple[list[RunRow], int]], after: int
) -> AsyncIterator[RunRow | None]:
    """Rows newer than `after`, oldest first, until the process drains. `since(seq)` reads in a thread: see `newer`.

    Yields None now and then when there is nothing, so that a dead connection is noticed. While the store is away it
    waits, and goes on where it was when it is back.
    """
    pause, quiet = QUICK, 0.0
    while not deps.stopping():
        try:
            rows, after = await anyio.to_thread.run_sync(since, after)
        except StoreUnavailable:
            rows = []
        for row in reversed(rows):
            yield row
        quiet = 0.0 if rows else quiet + pause
        if quiet >= BEAT:
            quiet = 0.0
            yield None
        pause = QUICK if rows else min(SLOW, pause * 1.5)
        await asyncio.sleep(pause)


def newer(store: Store, keep: RunFilter, after: int) -> tuple[list[RunRow], int]:
    """All runs after `after`, newest first (of a flood the newest 2,000; the page shows fewer), and how far it looked.

    With nothing new in the journal this is one look at a counter.
    """
    looked = newest_seq(store)
    if looked <= after:
        return [], after
    page = list_runs(store, keep, after=after, limit=MOST)
    rows = page.rows
    for _ in range(PAGES - 1):
        if page.next is None:
            break
        page = list_runs(store, keep, after=after, before=page.next, limit=MOST)
        rows += page.rows
    return rows, max(looked, rows[0].seq if rows else 0)


def hello(seq: int) -> bytes:
    """The first words of a stream: reconnect after a second, from here."""
    return f"retry: 1000\nid: {seq}\nevent: hello\ndata: \n\n".encode()


def beat() -> bytes:
    return b": still here\n\n"


def goodbye() -> bytes:
    return b"event: bye\ndata: \n\n"


def event(seq: int, name: str, html: str) -> bytes:
    lines = "\n".join(f"data: {line}" for line in html.splitlines() if line.strip())
    return f"id: {seq}\nevent: {name}\n{lines}\n\n".encode()
