"""Refusing what a worker cannot serve in time, so that what it accepts stays quick.

Two signs of too much: calls in flight, and how late the event loop runs what is due. As in CoDel (Nichols and Jacobson,
"Controlling Queue Delay", 2012) what counts is lateness that *stands*: a burst, or one large body, sheds nothing. Once
the loop was later than `lag`, each of its turns takes on calls for a part of that time and refuses the rest, until a
reading says that the queue is gone (so do the servers in Maurer, "Fail at Scale", 2015). That needs no tuning. Batch is
refused first.
"""

import asyncio

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.limits.fair import Priority

PROBE = 0.025
"""Seconds between readings of the loop's lateness, while calls are in flight."""
ACCEPT, OVER = 1 / 4, 1 / 8
"""While too much comes: the part of `lag` for which a turn takes calls on; below which the queue counts as gone."""
ROOM_FOR_BATCH = 0.8
"""Batch is refused from this part of the cap on calls in flight."""


class Shedder:
    """One per worker. `most`: calls in flight (0: no cap). `lag`: seconds of lateness that may stand (0: any). Both may
    be changed at any time."""

    __slots__ = ("_due", "_probing", "_since", "_turn", "in_flight", "lag", "late", "most", "overloaded", "shed")

    def __init__(self, *, most: int = 0, lag: float = 0.0) -> None:
        self.most, self.lag = most, lag
        self.in_flight = 0
        self.late = 0.0  # seconds, at the last reading
        self.overloaded = False
        self.shed: dict[Priority, int] = {"interactive": 0, "batch": 0}
        self._probing: asyncio.TimerHandle | None = None
        self._due = self._since = 0  # monotonic ns
        self._turn = 0  # when this turn of the loop looked at its first call; 0: it has not yet

    def enter(self) -> None:
        """Count in a call that is not to be refused any more (`refuses` was asked before); `leave` counts it out."""
        self.in_flight += 1
        if self._probing is None and self.lag:
            self._arm(clock.mono_ns())

    def leave(self) -> None:
        """A call that was counted in is over."""
        self.in_flight -= 1

    def refuses(self, priority: Priority = "interactive") -> bool:
        """Whether a call must not come in now; counted in `shed` if so. A fraction of a microsecond."""
        batch = priority == "batch"
        if self.most and self.in_flight >= (self.most * ROOM_FOR_BATCH if batch else self.most):
            self.shed[priority] += 1
            return True
        if not self.overloaded or (not batch and self._has_time()):
            return False
        self.shed[priority] += 1
        return True

    def _has_time(self) -> bool:
        """Whether this turn of the loop may take on one more."""
        now = clock.mono_ns()
        if not self._turn:
            self._turn = now
            asyncio.get_running_loop().call_soon(self._next_turn)
        return now - self._turn <= self.lag * ACCEPT * 1e9

    def _next_turn(self) -> None:
        self._turn = 0

    @property
    def again(self) -> int:
        """Seconds after which a refused call may come again: 1 to 5, more the longer there is too much."""
        return 1 + min(4, (clock.mono_ns() - self._since) // 1_000_000_000) if self.overloaded else 1

    def refusal(self) -> RequestError:
        """The answer to a call that is not let in."""
        again = self.again
        return RequestError(
            f"this gateway has more to do than it can do in time; try again in {again} s",
            status=503,
            code="overloaded",
            kind="server_error",
            headers=(("retry-after", str(again)),),
        )

    def _arm(self, now: int) -> None:
        """The clock is read, and not the loop's time: uvloop's stands still during a turn."""
        self._due = now + int(PROBE * 1e9)
        self._probing = asyncio.get_running_loop().call_later(PROBE, self._probe)

    def _probe(self) -> None:
        now = clock.mono_ns()
        self.late = max(0.0, (now - self._due) / 1e9)
        if self.late > self.lag > 0:
            if not self.overloaded:
                self._since = now
            self.overloaded = True
        elif self.late <= self.lag * OVER or not self.lag:
            self.overloaded = False
        if self.in_flight or self.overloaded:
            self._arm(now)
        else:
            self._probing = None
