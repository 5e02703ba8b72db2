"""What is said is written in order and once, together what comes together; and its provider waits for a slow store."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any, cast

import pytest

from outrider.base.errors import StoreUnavailable
from outrider.gateway.batches import telling as telling_module
from outrider.gateway.batches.rows import Batch, Lost
from outrider.gateway.batches.telling import Telling
from outrider.gateway.batches.told import Piece


class Slow:
    """Stands for the store: writes when it is let."""

    def __init__(self, *failures: Exception) -> None:
        self.pieces: list[Piece] = []
        self.go = threading.Semaphore(0)
        self.woken = 0
        self._failures = list(failures)

    def put(self, batch: Batch, pieces: Sequence[Piece]) -> None:
        self.go.acquire()
        if self._failures:
            raise self._failures.pop(0)
        self.pieces += pieces

    def wake(self, id_: str) -> None:
        self.woken += 1

    @property
    def numbers(self) -> list[tuple[int, int]]:
        return [(one.first, one.last) for one in self.pieces]


class Named:
    id = "resp_1"


def made(store: Slow, said: int = 1) -> Telling:
    return Telling(cast(Any, store), cast(Any, Named()), said)


def events(count: int, size: int = 1) -> bytes:
    return b"".join(b'data: {"type":"response.x","delta":"%b"}\n\n' % (b"x" * size) for _ in range(count))


async def test_what_waits_is_written_together() -> None:
    store = Slow()
    telling = made(store)
    telling.take(events(1))
    await asyncio.sleep(0)
    whole = events(4)
    telling.take(whole[:50])
    telling.take(whole[50:])
    store.go.release(9)
    await telling.close()
    assert (store.numbers, telling.said) == ([(2, 2), (3, 6)], 6)
    assert store.pieces[1].body.count(b"sequence_number") == 4


async def test_a_large_answer_is_written_in_pieces() -> None:
    store = Slow()
    store.go.release(9)
    telling = made(store)
    telling.take(events(3, telling_module.PIECE // 2))
    await telling.close()
    assert store.numbers == [(2, 2), (3, 3), (4, 4)]


@pytest.mark.parametrize(("said", "interrupted"), [(1, False), (3, True)])
async def test_what_is_there_already_is_not_said_again(said: int, interrupted: bool) -> None:
    store = Slow()
    store.go.release(9)
    telling = made(store, said)
    assert telling.interrupted is interrupted
    telling.take(events(4))
    await telling.close()
    assert store.numbers == [(said + 1, 5)]


async def test_a_provider_waits_for_a_slow_store() -> None:
    store = Slow()
    telling, free = made(store), asyncio.Event()
    telling.on_writable = free.set
    telling.take(events(1, telling_module.MOST + 1))
    assert telling.congested
    store.go.release(9)
    await asyncio.wait_for(free.wait(), 30)
    assert not telling.congested
    await telling.close()


async def test_a_store_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling_module, "AGAIN", 0.001)
    store = Slow(StoreUnavailable("away"), StoreUnavailable("away"))
    store.go.release(9)
    telling = made(store)
    telling.take(events(2))
    await telling.close()
    assert (store.numbers, store.woken) == ([(2, 3)], 1)


async def test_who_does_not_hold_it_any_more_says_nothing_more() -> None:
    store = Slow(Lost("gone"))
    store.go.release(9)
    telling = made(store)
    telling.take(events(1))
    with pytest.raises(Lost):
        await telling.close()
    telling.take(events(1, telling_module.MOST + 1))
    assert (store.pieces, telling.congested) == ([], False)


async def test_what_nobody_foresaw_ends_the_telling_too() -> None:
    store = Slow(ValueError("not written"))
    telling = made(store)
    made_room = asyncio.Event()
    telling.on_writable = made_room.set
    telling.take(events(6, telling_module.PIECE))
    assert telling.congested
    store.go.release(9)
    await made_room.wait()  # the run goes on to its end, and is not waited for
    assert not telling.congested
    with pytest.raises(ValueError, match="not written"):
        await telling.close()
    assert store.pieces == []
