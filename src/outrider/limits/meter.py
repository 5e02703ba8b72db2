"""A rate as one worker sees it: units taken ahead in small slices from the bucket that all workers share."""

import asyncio

from outrider.base import clock
from outrider.limits.bucket import Level, Rate
from outrider.limits.desk import LIFE, Desk
from outrider.limits.rate_store import MeterAsk, MeterGrant

OFTEN = 100_000_000
"""Running low twice within this many nanoseconds doubles the slice."""
WAITED = 1_000_000_000
"""So does having to wait for units within this: the slice did not last until the store had answered, which takes tens
of milliseconds in a worker that has all its hands full."""
LONGEST_MEMORY = 100_000_000
"""A refusal is repeated from memory at most this long: others may have given units back."""


class Meter:
    """Units of one bucket. All times are monotonic nanoseconds. `rate.burst` is the most that one call can take.

    `by_token`: its units are tokens, which are estimated when a call begins and known when it ends.
    """

    __slots__ = (
        "_desk", "_full_at", "_local", "_low_at", "_mark", "_name", "_needs", "_refused", "_refused_until", "_retry_at",
        "_sent", "_slice", "_unused", "_whole", "bucket", "by_token", "credit", "low", "rate", "until", "value",
    )  # fmt: skip

    def __init__(self, desk: Desk, bucket: str, value: str, rate: Rate, *, by_token: bool = False) -> None:
        self._desk, self._name, self.value, self.by_token = desk, bucket, value, by_token
        self.adapt(rate)
        self.credit = 0  # units that are here; less than 0: used beyond what was taken
        self.until = 0  # when the credit lapses
        self._mark, self._unused = 0, 0  # the credit at the last tick; 1: the next one without use ends it
        self._slice = self.low = 0  # units wanted ahead; with less credit than `low`, more are asked for
        self._low_at = 0
        self._needs: list[tuple[int, asyncio.Future[int]]] = []
        self._sent: tuple[list[tuple[int, asyncio.Future[int]]], int] = ([], 0)
        self._full_at = 0  # when the shared bucket will be full, as known here
        self._refused, self._refused_until, self._retry_at = 0, 0, 0
        self._local: Level | None = None  # this worker's share, while the store is away

    def adapt(self, rate: Rate) -> None:
        """Take over the rate, new or changed. Another rate is another bucket: its times do not mean the same."""
        self.rate, self._whole = rate, rate.cost(rate.burst)
        self.bucket = f"{self._name}:{rate.amount}/{rate.period}:{rate.burst}"

    def try_take(self, units: int, now: int) -> bool:
        """Take `units` from what is here. No I/O."""
        if self.credit < units or (now >= self.until and self.credit):
            return not units
        self.credit = credit = self.credit - units
        if credit < self.low:
            self.run_low()
        return True

    def run_low(self) -> None:
        """Half of the slice is used: ask ahead of need."""
        if not self._needs:
            self._desk.touch(self)

    def refused(self, units: int, now: int) -> int:
        """Nanoseconds to wait if it is known without asking that `units` are not there; else 0."""
        if now < self._refused_until and units >= self._refused:
            return max(1, self._retry_at - now)
        return 0

    def take(self, units: int) -> "asyncio.Future[int]":
        """Ask for `units`: resolves to 0 (taken) or to the nanoseconds until they could be. At most `rate.burst`."""
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._needs.append((units, future))
        self._desk.touch(self)
        return future

    def back(self, units: int) -> None:
        """`units` of what was taken were not used; less than 0: more was used. What lies here gets no younger by it."""
        if self.credit <= 0:
            self.until = max(self.until, clock.mono_ns() + LIFE)
        self.credit += units
        if self not in self._desk.holding:
            self._desk.hold(self)

    def stands(self, now: int) -> tuple[int, int]:
        """Units left, as far as it is known here, and nanoseconds until everything is there again."""
        rate, level = self.rate, self._full_at - now
        if level <= 0:
            left, level = rate.burst, 0
        else:
            left = (self._whole - level) * rate.amount // rate.period
        credit = self.credit
        left += credit
        if credit > 0 and level:
            level = max(0, level + -credit * rate.period // rate.amount)
        return (0 if left < 0 else left if left < rate.burst else rate.burst), level

    @property
    def resting(self) -> bool:
        """Whether it can be forgotten: nothing is held, owed or asked."""
        return not self.credit and not self._needs and not self._sent[0]

    # -- what the desk calls ------------------------------------------------------------------------------------

    def asking(self) -> MeterAsk | None:
        now = clock.mono_ns()
        needs, self._needs = [need for need in self._needs if not need[1].done()], []
        since = now - self._low_at
        if (needs and since < WAITED) or (since < OFTEN and self.credit * 2 < self._slice):
            self._ahead(min(self.rate.burst, max(2 * self._slice, sum(n for n, _ in needs))))
        elif needs or now >= self.until:
            self._ahead(0)
        self._low_at = now
        keep = 0 if needs or now >= self.until else min(max(0, self.credit), self._slice)
        used = keep - self.credit
        want = max(0, self._slice - keep)
        if not needs and not used and not want:
            return None
        self._mark += keep - self.credit
        self.credit = keep
        self._sent = (needs, used)
        return MeterAsk(self.bucket, self.value, self.rate, tuple(n for n, _ in needs), want, used)

    def granted(self, grant: MeterGrant) -> None:
        now = clock.mono_ns()
        needs, _ = self._sent
        self._sent = ([], 0)
        self._local = None
        self._full_at = now + grant.full_in
        self._refused_until = 0
        self._ahead(min(self._slice, self.credit + grant.ahead))  # there was no more
        if grant.ahead:
            self.credit += grant.ahead
            self._mark += grant.ahead
            self.until = max(self.until, min(now + LIFE, self._low_at + 2 * LIFE))  # it has an age when it comes late
            self._desk.hold(self)
        self._answer(needs, grant.waits, now)

    def away(self) -> None:
        needs, used = self._sent
        self._sent = ([], 0)
        now, share = clock.mono_ns(), self._desk.share
        rate = Rate(max(1, self.rate.amount // share), self.rate.period, max(1, self.rate.burst // share))
        if self._local is None:
            self._local = Level()
        self._local.look(now)
        if used > 0:
            self._local.force(rate, used)
        waits = [0 if self._local.take(rate, n) else max(1, self._local.wait(rate, n)) for n, _ in needs]
        self._ahead(0)
        self._answer(needs, waits, now)

    def idle(self, now: int) -> bool:
        used, self._mark = self._mark - self.credit, self.credit
        if self.credit > 0 and now < self.until:
            self._renew(used, now)
        else:
            self._unused = 0
        if self.credit and (self.credit < 0 or now >= self.until):
            self._desk.touch(self)
        return not self.credit and not self._needs

    def _renew(self, used: int, now: int) -> None:
        """What is in use stays, or all who come when it lapses would have to wait for the store. No more stays than is
        used in two ticks, so little is older than that; what was not used for a tick goes back, and what never was
        after two, whatever came and went meanwhile."""
        if used > 0:
            self.until, self._unused = now + 2 * LIFE, 1
            if self.credit > 2 * used:
                self._ahead(min(self._slice, 2 * used))
                self._desk.touch(self)
        elif self._unused:
            self.until, self._unused = now, 0
        else:
            self._unused = 1

    def _ahead(self, units: int) -> None:
        """Want so many from now on, and more as soon as half of them is used."""
        self._slice, self.low = units, (units + 1) // 2

    def _answer(
        self, needs: "list[tuple[int, asyncio.Future[int]]]", waits: "tuple[int, ...] | list[int]", now: int
    ) -> None:
        for (units, future), wait in zip(needs, waits, strict=True):
            if wait:
                self._ahead(0)
                if not self._refused_until or units < self._refused:
                    self._refused, self._retry_at = units, now + wait
                    self._refused_until = now + min(wait, LONGEST_MEMORY)
            if not future.done():
                future.set_result(wait)
            elif not wait:
                self.back(units)  # whoever asked has left
