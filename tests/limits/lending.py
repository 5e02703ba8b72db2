"""Workers that share rates without a database, on a clock that jumps: long stories in no time, the same each time."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from outrider.base import clock
from outrider.base.errors import StoreUnavailable
from outrider.limits import rate_store
from outrider.limits.bucket import Level
from outrider.limits.desk import Desk
from outrider.limits.rate_store import Ask, Grant, MeterAsk

T = TypeVar("T")
SECOND = 1_000_000_000


class Shared:
    """What would be in the lease store."""

    def __init__(self) -> None:
        self.levels: dict[tuple[str, str], Level] = {}
        self.slots: dict[tuple[str, str], dict[str, tuple[int, int]]] = {}
        self.holders: set[str] = set()
        self.away = False

    def held(self) -> int:
        return sum(held for rows in self.slots.values() for held, _ in rows.values())


class MemoryStore(rate_store.RateStore):
    """The same answers as from the lease store, from memory."""

    def __init__(self, shared: Shared, holder: str) -> None:
        self._shared, self.holder = shared, holder
        shared.holders.add(holder)

    def apply(self, asks: Sequence[Ask]) -> list[Grant]:
        if self._shared.away:
            raise StoreUnavailable("the store is away")
        return [self._answer(ask, clock.now_ns()) for ask in asks]

    def _answer(self, ask: Ask, now: int) -> Grant:
        workers = len(self._shared.holders)
        if isinstance(ask, MeterAsk):
            level = self._shared.levels.setdefault(ask.place, Level())
            return rate_store.meter(level, ask, now, workers)
        rows = self._shared.slots.setdefault(ask.place, {})
        mine = rows.get(self.holder, (0, 0))[1]
        others = [row for holder, row in rows.items() if holder != self.holder]
        grant, since = rate_store.slots(ask, others, mine, now, workers)
        rows[self.holder] = (grant.held, since)
        return grant

    def leave(self) -> None:
        self._shared.holders.discard(self.holder)
        for rows in self._shared.slots.values():
            rows.pop(self.holder, None)


class NearDesk(Desk):
    """A desk whose store answers after a millisecond."""

    async def _in_thread(self, call: Callable[[], T]) -> T:
        await asyncio.sleep(0.001)
        return call()


def desks(count: int) -> tuple[Shared, list[NearDesk]]:
    """So many workers at one lease store."""
    shared = Shared()

    def opener(number: int) -> MemoryStore:
        return MemoryStore(shared, f"w{number}")

    return shared, [NearDesk(lambda n=n: opener(n), share=count) for n in range(count)]  # type: ignore[misc]
