"""Circuit breakers: leave a deployment alone while it fails, try it carefully, take it back. Pure: the clock is given.

A breaker (Nygard, "Release It!", 2007) is *closed* (calls pass), *open* (none do), or *half-open*: a few calls at a
time are probes, and their outcome closes or opens it again. Its whole state is CELLS integers, so that it can lie in
memory that several processes share; `lock` guards the changes that two must not make at once, and who cannot have it
leaves the change to the other.

Two ways of being open. *Hard*: the deployment does not work; calls that have no other way are refused, but for an
early probe now and then. *Soft*: it works, only badly (slow), or says itself what is wrong (key refused, model
unknown): calls go elsewhere while there is somewhere else, and are never refused.
"""

from collections.abc import Callable
from math import log2
from typing import Literal, NamedTuple, Protocol

from outrider.base.ports import BreakerRules

CELLS = 16
_SINCE, UNTIL, _TRIPS, _CAUSE, _IN_A_ROW, _WINS, _CLEAN, _TRIED, _PROBES = range(9)
MOST_PROBES = CELLS - _PROBES
PLAIN, UNBOUNDED = -1, MOST_PROBES
"""Not a probe; a probe that holds no place."""
EARLY_NS = 1_000_000_000
"""Between two early probes of a deployment that is all there is."""
FOREVER = 2**62

CAUSES = ("", "errors", "failures in a row", "slow or refusing", "operator")
ERRORS, IN_A_ROW, SOFT, OPERATOR = 1, 2, 3, 4
State = Literal["closed", "open", "half-open"]


class Tally(NamedTuple):
    """Outcomes of late: all calls, those that failed, and of these the soft ones."""

    calls: int
    failed: int
    soft: int


class Cells(Protocol):
    """Integers in memory that may be shared: a list, or a view of 64-bit integers."""

    def __getitem__(self, cell: int, /) -> int: ...
    def __setitem__(self, cell: int, value: int, /) -> None: ...


class Lock(Protocol):
    def acquire(self) -> bool:
        """Without waiting."""

    def release(self) -> None: ...


class Breaker:
    """One deployment's breaker over its cells. All times are monotonic nanoseconds."""

    __slots__ = ("_lock", "cells", "rules")

    def __init__(self, cells: Cells, rules: BreakerRules, lock: Lock) -> None:
        self.cells, self.rules, self._lock = cells, rules, lock

    # -- looking ------------------------------------------------------------------------------------------------------

    def state(self, now: int) -> State:
        until = self.cells[UNTIL]
        return "closed" if not until else "open" if now < until else "half-open"

    @property
    def since(self) -> int:
        """When the state changed last; 0: never."""
        return self.cells[_SINCE]

    @property
    def until(self) -> int:
        """When probes may begin; 0 while closed, FOREVER while an operator holds it open."""
        return self.cells[UNTIL]

    @property
    def cause(self) -> str:
        return CAUSES[self.cells[_CAUSE]] if self.cells[UNTIL] else ""

    @property
    def clean(self) -> int:
        """What began before this moment no longer counts."""
        return self.cells[_CLEAN]

    def ready(self, now: int) -> bool:
        """Whether a call may be sent here before others are asked: closed, or half-open with a place for a probe."""
        until = self.cells[UNTIL]
        return not until or (now >= until and self._free(now) is not None)

    def _free(self, now: int) -> int | None:
        for probe in range(min(self.rules.probes, MOST_PROBES)):
            if self.cells[_PROBES + probe] <= now:
                return probe
        return None

    @property
    def forced(self) -> bool:
        """An operator opened it."""
        return bool(self.cells[UNTIL]) and self.cells[_CAUSE] == OPERATOR

    # -- calls --------------------------------------------------------------------------------------------------------

    def enter(self, now: int, patience: int, *, last_resort: bool = False) -> int | None:
        """Let a call through: PLAIN, or the number of its probe; None: not now.

        `patience` is how long (ns) a probe keeps its place if nothing is heard of it again. `last_resort` says that
        the call has no other way.
        """
        until = self.cells[UNTIL]
        if not until or (not self.rules.on and self.cells[_CAUSE] != OPERATOR):
            return PLAIN
        early = now < until
        if early and (not last_resort or self.cells[_CAUSE] == OPERATOR):
            return None
        instead = UNBOUNDED if last_resort and self.cells[_CAUSE] == SOFT else None
        if (early and instead is not None) or not self._lock.acquire():
            return instead
        try:
            probe = self._claim(now, patience, early=early)
        finally:
            self._lock.release()
        return instead if probe is None else probe

    def _claim(self, now: int, patience: int, *, early: bool) -> int | None:
        cells = self.cells
        if early and (now - cells[_TRIED] < EARLY_NS or any(cells[_PROBES + n] > now for n in range(MOST_PROBES))):
            return None
        probe = self._free(now)
        if probe is not None:
            cells[_PROBES + probe] = now + patience
            cells[_TRIED] = now
        return probe

    def left(self, probe: int) -> None:
        """The call ended without a word about the deployment: the caller left, or was at fault."""
        if 0 <= probe < MOST_PROBES:
            self.cells[_PROBES + probe] = 0

    def succeeded(self, probe: int, now: int) -> None:
        """The call was answered. Of calls that are no probes this only ends a row of failures."""
        cells = self.cells
        if cells[_IN_A_ROW]:
            cells[_IN_A_ROW] = 0
        if probe == PLAIN:
            return
        self.left(probe)
        if not cells[UNTIL] or cells[_CAUSE] == OPERATOR or not self._lock.acquire():
            return
        try:
            cells[_WINS] += 1
            if cells[_WINS] >= self.rules.probes:
                self._close(now)
            elif now < cells[UNTIL]:
                cells[UNTIL] = cells[_SINCE] = now
        finally:
            self._lock.release()

    def failed(
        self,
        probe: int,
        now: int,
        began: int,
        tally: Callable[[], Tally],
        *,
        soft: bool = False,
        retry_after: float = 0.0,
        spread: float = 0.5,
    ) -> bool:
        """The call failed through the deployment; True if that opened the breaker.

        `tally` counts outcomes of the window, this one included. `retry_after` (seconds) is what the provider asked
        for, `spread` a random number from 0 to 1 that keeps machines from coming back together.
        """
        self.left(probe)
        cells, rules = self.cells, self.rules
        if began < cells[_CLEAN]:
            return False  # it belongs to a time that has been dealt with
        cells[_IN_A_ROW] += 1
        until = cells[UNTIL]
        if not rules.on or (until and (probe == PLAIN or now < until)):
            return False
        cause = (SOFT if soft else IN_A_ROW) if until else self._verdict(tally(), soft)
        if not cause or not self._lock.acquire():
            return False
        try:
            if cells[UNTIL] != until:
                return False  # another worker was first
            self._open(now, cause, retry_after, spread)
            return True
        finally:
            self._lock.release()

    def _verdict(self, found: Tally, soft: bool) -> int:
        """Why to open a closed breaker, 0 for no reason. Where many calls are made, a longer row is no accident."""
        rules = self.rules
        row = rules.consecutive + (int(log2(found.calls / rules.least)) if found.calls > rules.least else 0)
        hard = found.failed - found.soft
        if found.calls >= rules.least and found.failed >= rules.errors * found.calls:
            return ERRORS if hard >= rules.errors * found.calls else SOFT
        if self.cells[_IN_A_ROW] >= row:
            return SOFT if soft and hard < found.soft else IN_A_ROW
        return 0

    def _open(self, now: int, cause: int, retry_after: float, spread: float) -> None:
        cells, rules = self.cells, self.rules
        longest = int(rules.longest * 1e9)
        again = cells[UNTIL] or (cells[_TRIPS] and now - cells[_CLEAN] < longest)
        cells[_TRIPS] = min(cells[_TRIPS] + 1, 60) if again else 1
        pause = min(rules.cooldown * 2 ** (cells[_TRIPS] - 1) * (0.9 + 0.2 * spread), rules.longest)
        cells[_CAUSE], cells[_WINS], cells[_SINCE] = cause, 0, now
        cells[UNTIL] = now + max(1, int(max(pause, min(retry_after, 10 * rules.longest)) * 1e9))

    def _close(self, now: int) -> None:
        cells = self.cells
        cells[UNTIL] = cells[_CAUSE] = cells[_IN_A_ROW] = cells[_WINS] = 0
        cells[_CLEAN] = cells[_SINCE] = now

    # -- operators ----------------------------------------------------------------------------------------------------

    def hold_open(self, now: int) -> None:
        """No call goes here until `close`."""
        self.cells[_CAUSE], self.cells[_SINCE], self.cells[UNTIL] = OPERATOR, now, FOREVER

    def close(self, now: int) -> None:
        """Calls go here again, and what was is forgotten."""
        self.cells[_TRIPS] = 0
        for probe in range(MOST_PROBES):
            self.cells[_PROBES + probe] = 0
        self._close(now)
