"""Group commit of lines: what is done while one write is under way shares the next one."""

import asyncio

from outrider.base.errors import StoreUnavailable
from outrider.gateway.batches.rows import Batch, Batches, Done

MOST = 256
AGAIN = 1.0
"""Seconds after which a write is tried again while the lease store is away."""


class Recorder:
    """Writes the lines of one batch. `put` returns when its line is in the store."""

    def __init__(self, batches: Batches, batch: Batch) -> None:
        self._batches, self._batch = batches, batch
        self._waiting: list[tuple[Done, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def put(self, done: Done) -> None:
        """Raises Lost if another process works on the batch by now."""
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((done, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await written

    async def _write(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            lines = [done for done, _ in taken]
            while True:  # whatever the store raises, those that wait for their lines get it
                writing = asyncio.to_thread(self._batches.record, self._batch, lines)
                (error,) = await asyncio.gather(writing, return_exceptions=True)
                if not isinstance(error, StoreUnavailable):
                    break
                await asyncio.sleep(AGAIN)
            for _, written in taken:
                if written.done():
                    continue
                if error is None:
                    written.set_result(None)
                else:
                    written.set_exception(error)
        self._writing = None

    async def close(self) -> None:
        """Nothing is written any more."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
