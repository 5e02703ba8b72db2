"""How many calls run at the same time, over all workers: each worker holds some of the slots."""

import asyncio
from collections.abc import Callable

from outrider.base import clock
from outrider.limits.desk import Desk
from outrider.limits.rate_store import BEAT, SlotsAsk, SlotsGrant


class Slots:
    """`limit` slots of one pool. `on_free` is called when one may have become free here."""

    __slots__ = (
        "_asked_at", "_asking", "_desk", "_needs", "_sent", "held", "limit", "most", "on_free", "others", "peak",
        "pool", "used", "value", "waiting", "workers",
    )  # fmt: skip

    def __init__(self, desk: Desk, pool: str, value: str, limit: int) -> None:
        self._desk, self.pool, self.value, self.limit = desk, pool, value, limit
        self.used = self.held = 0
        self.most = limit
        self.others, self.workers = 0, 1
        self.waiting = 0  # calls that queue here for a slot
        self.on_free: Callable[[], None] | None = None
        self.peak = 0  # most used at once lately: so many are kept for a moment
        self._asking, self._asked_at = False, 0
        self._needs: list[asyncio.Future[bool]] = []
        self._sent: list[asyncio.Future[bool]] = []

    def resize(self, limit: int) -> None:
        """Take over a changed limit. Calls that are in stay in."""
        if limit != self.limit:
            self.limit, self.most, self.held = limit, min(limit, self.most), min(self.held, max(self.used, limit))
            self._desk.hold(self)

    def try_take(self) -> bool:
        """Take a slot that is held here and free. No I/O."""
        if self.used >= self.held or self.used >= self.most:
            return False
        self.used += 1
        if self.used > self.peak:
            self.peak = self.used
        return True

    def take(self) -> "asyncio.Future[bool]":
        """Ask for a slot: resolves to whether there was one."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._needs.append(future)
        self._desk.touch(self)
        return future

    def leave(self) -> None:
        """A call with a slot has ended."""
        self.used -= 1
        if self not in self._desk.holding:
            self._desk.hold(self)
        if (self.workers > 1 or self.waiting) and self._crowded:
            self._desk.touch_soon(self)  # somebody else may need it
        if self.on_free is not None:
            self.on_free()

    @property
    def resting(self) -> bool:
        return not (self.held or self.used or self._needs or self._asking)

    # -- what the desk calls ------------------------------------------------------------------------------------

    def asking(self) -> SlotsAsk | None:
        needs, self._needs = [future for future in self._needs if not future.done()], []
        self._sent, self._asking, self._asked_at = needs, True, clock.mono_ns()
        keep = 0 if self._crowded and self.workers > 1 else self.peak - self.used
        want = max(len(needs), self.waiting, keep)
        self.held = self.used  # until the answer comes, no more than what it will grant in any case
        return SlotsAsk(self.pool, self.value, self.limit, self.used, want, self.waiting > 0)

    def granted(self, grant: SlotsGrant) -> None:
        self._asking = False
        self.held, self.most = max(grant.held, self.used), grant.most
        self.others, self.workers = grant.others, grant.workers
        self._answer()

    def away(self) -> None:
        self._asking = False
        self.held = self.most = max(self.used, max(1, self.limit // self._desk.share))
        self._answer()

    def idle(self, now: int) -> bool:
        kept = self.held > self.used and now - self._asked_at > BEAT  # whether others wait is known from an answer
        if kept or self.held > self.peak or self._crowded:
            self._desk.touch(self)
        self.peak = self.used
        return not self.held and not self.used

    @property
    def _crowded(self) -> bool:
        """Whether so few are left that it matters to others what is kept here."""
        return (self.held + self.others) * 2 > self.limit

    def _answer(self) -> None:
        needs, self._sent = self._sent, []
        if self.held:
            self._desk.hold(self)
        for future in needs:
            if not future.done():
                future.set_result(self.try_take())
        if self.on_free is not None and self.held > self.used:
            self.on_free()
