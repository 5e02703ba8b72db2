"""Hedging: ask a second deployment when the first is slow to answer, take whichever answers first.

After Dean and Barroso, "The Tail at Scale" (2013). What is raced are heads of answers (`Transport.send`): from the head
on an answer is passed to the caller and cannot be swapped. What it may cost is bounded by `HedgeCap`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Generic, TypeVar

import msgspec

from outrider.base import clock

T = TypeVar("T")

GRACE = 0.05
"""Seconds that a cancelled leg may take to end before the race goes on without it."""


class HedgeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a second deployment is asked. `after` is seconds, None: the 95th percentile of recent times to the first
    byte. Never earlier than `floor` seconds. `share`: extra calls, as a fraction of all calls."""

    after: float | None = None
    floor: float = 0.05
    share: float = 0.05

    def delay(self, p95: float | None) -> float | None:
        """Seconds to wait for the first deployment; None: nothing is known yet, so no hedge. `p95` in seconds."""
        slow = p95 if self.after is None else self.after
        return None if slow is None else max(self.floor, slow)


class HedgeCap:
    """At most `share` extra calls: every call earns that fraction of a hedge, a hedge spends a whole one.

    What is saved up is bounded by `burst`, so that a quiet day does not pay for a storm. Weights let dear calls earn
    and spend more (expected cost in any unit, the same for both).
    """

    def __init__(self, share: float = 0.05, burst: float = 10.0) -> None:
        self.share, self.burst = share, burst
        self._saved = 0.0

    def earn(self, weight: float = 1.0) -> None:
        """A call was begun."""
        self._saved = min(self.burst * weight, self._saved + self.share * weight)

    def give_back(self, weight: float = 1.0) -> None:
        """The hedge that was taken did not come about."""
        self._saved = min(self.burst * weight, self._saved + weight)

    def take(self, weight: float = 1.0) -> bool:
        """Spend one hedge if that much was saved up."""
        if self._saved + 1e-9 < weight:
            return False
        self._saved = max(0.0, self._saved - weight)
        return True


class Leg(Generic[T]):
    """One side of a race. Times are monotonic nanoseconds; `ended` 0: it is still under way.

    `cancelled`: it was under way when the other side won, and may be billed.
    """

    __slots__ = ("_dropped", "began", "cancelled", "ended", "task")

    def __init__(self, start: Callable[[], Awaitable[T]]) -> None:
        self.began, self.ended = clock.mono_ns(), 0
        self.cancelled = self._dropped = False
        self.task = asyncio.ensure_future(start())
        self.task.add_done_callback(self._over)

    def _over(self, task: "asyncio.Future[T]") -> None:
        self.ended = self.ended or clock.mono_ns()
        if not task.cancelled():
            task.exception()  # seen: asyncio need not complain that nobody asked

    @property
    def value(self) -> T | None:
        """The head, if one came."""
        came = self.task.done() and not self.task.cancelled() and self.task.exception() is None
        return self.task.result() if came else None

    @property
    def error(self) -> BaseException | None:
        """How it failed by itself."""
        return self.task.exception() if self.task.done() and not self.task.cancelled() else None

    def drop(self, discard: Callable[[T], None]) -> None:
        """Discard what came, if something did, once."""
        value = self.value
        if value is not None and not self._dropped:
            self._dropped = True
            discard(value)

    def good(self, accept: Callable[[T], bool]) -> bool:
        value = self.value
        return value is not None and accept(value)


class Raced(Generic[T]):
    """How a race ended: `winner` is 0 or 1, whose answer counts; `legs` are one or both sides."""

    __slots__ = ("legs", "winner")

    def __init__(self, legs: list[Leg[T]], winner: int) -> None:
        self.legs, self.winner = legs, winner

    @property
    def hedged(self) -> bool:
        return len(self.legs) > 1

    @property
    def loser(self) -> Leg[T] | None:
        """The other side, to be booked: `cancelled`, or ended by itself with `error` or an unwanted `value`."""
        return self.legs[1 - self.winner] if self.hedged else None

    def result(self) -> T:
        """The winner's head. Raises its error if both sides failed."""
        return self.legs[self.winner].task.result()


def _any(_: object) -> bool:
    return True


def _nothing(_: object) -> None:
    return None


async def race(
    first: Callable[[], Awaitable[T]],
    second: Callable[[], Awaitable[T]],
    after: float,
    allowed: Callable[[], bool],
    *,
    good: Callable[[T], bool] = _any,
    discard: Callable[[T], None] = _nothing,
) -> Raced[T]:
    """Start `first`; when it is not there after `after` seconds and `allowed()`, start `second` beside it.

    The first head for which `good` holds wins. A failure, or a head that is not good, does not win while the other
    side is under way; if both fail, the side asked first counts. A failure before `after` is a result: trying again is
    the caller's. The side that lost is cancelled, and `discard` gets a head that nobody takes. Heads are not None.

    Cancelling `race` cancels both sides. A side sees that as CancelledError in its own task, which is where it can
    note what it was doing; the race ends when they have, at most GRACE later. Deadlines belong around the race and not
    inside a side, whose task is another.
    """
    legs = [Leg(first)]
    try:
        await asyncio.wait([legs[0].task], timeout=after)
        if not legs[0].task.done() and allowed():
            legs.append(Leg(second))
        winner = await _first_good(legs, good)
        await _leave([leg for leg in legs if leg is not legs[winner]], discard)
    except BaseException:
        await _leave(legs, discard)
        raise
    return Raced(legs, winner)


async def _first_good(legs: list[Leg[T]], good: Callable[[T], bool]) -> int:
    """The place of the first good leg, waiting for all of them if need be; 0 if none is good."""
    while True:
        for place, leg in enumerate(legs):
            if leg.task.done() and leg.good(good):
                return place
        running = [leg.task for leg in legs if not leg.task.done()]
        if not running:
            return 0
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)


async def _leave(legs: list[Leg[T]], discard: Callable[[T], None]) -> None:
    """End the legs that nobody waits for. What they still bring is discarded, whenever it comes."""
    running = [leg for leg in legs if not leg.task.done()]
    for leg in running:
        leg.cancelled, leg.ended = True, clock.mono_ns()
        leg.task.cancel()

    for leg in legs:
        if leg.task.done():
            leg.drop(discard)
        else:
            leg.task.add_done_callback(partial(_drop, leg, discard))
    if running:
        await asyncio.wait([leg.task for leg in running], timeout=GRACE)


def _drop(leg: Leg[T], discard: Callable[[T], None], _: object) -> None:
    leg.drop(discard)
