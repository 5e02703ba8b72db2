"""Lines that are done while a write is under way share the next one; none is lost while the store is away."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any, cast

import pytest

from outrider.base.errors import StoreUnavailable
from outrider.base.usage import Usage
from outrider.gateway.batches import recorder
from outrider.gateway.batches.recorder import Recorder
from outrider.gateway.batches.rows import Batch, Done, Lost


class Slow:
    """Stands for the store: writes when it is let."""

    def __init__(self, *failures: Exception) -> None:
        self.writes: list[list[int]] = []
        self.go = threading.Semaphore(0)
        self._failures = list(failures)

    def record(self, batch: Batch, done: Sequence[Done]) -> None:
        self.go.acquire()
        if self._failures:
            raise self._failures.pop(0)
        self.writes.append([one.line for one in done])


def made(store: Slow) -> Recorder:
    return Recorder(cast(Any, store), cast(Any, None))


def put(recorder_: Recorder, line: int) -> "asyncio.Task[None]":
    return asyncio.create_task(recorder_.put(Done(line, True, b"", Usage())))


async def test_what_waits_is_written_together() -> None:
    store = Slow()
    recorder_ = made(store)
    tasks = [put(recorder_, 1)]
    await asyncio.sleep(0.01)
    tasks += [put(recorder_, line) for line in (2, 3, 4)]
    await asyncio.sleep(0)
    store.go.release(2)
    await asyncio.gather(*tasks)
    assert store.writes == [[1], [2, 3, 4]]
    await recorder_.close()


async def test_a_store_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "AGAIN", 0.001)
    store = Slow(StoreUnavailable("away"), StoreUnavailable("away"))
    store.go.release(3)
    await put(made(store), 1)
    assert store.writes == [[1]]


async def test_who_lost_the_batch_is_told() -> None:
    store = Slow(Lost("taken"))
    store.go.release(2)
    recorder_ = made(store)
    with pytest.raises(Lost):
        await put(recorder_, 1)
    await put(recorder_, 2)
    assert store.writes == [[2]]
    await recorder_.close()


async def test_a_write_that_breaks_keeps_nobody_waiting() -> None:
    store = Slow(ValueError("a bug"))
    store.go.release(2)
    recorder_ = made(store)
    async with asyncio.timeout(5):
        with pytest.raises(ValueError, match="a bug"):
            await put(recorder_, 1)
        await put(recorder_, 2)
    assert store.writes == [[2]]
    await recorder_.close()
