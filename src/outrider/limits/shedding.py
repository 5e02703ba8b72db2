"""Refusing what a worker cannot serve in time, so that what it accepts stays quick.

Two signs of too much: calls in flight, and how late the event loop runs what is due. Lateness counts only while it
*stands*: the least of the last few readings is what matters, as in CoDel (Nichols and Jacobson, "Controlling Queue
Delay", 2012), so a burst or one large body sheds nothing. What fraction is shed follows from how far that is from the
target, and from where it is going (the controller of PIE, RFC 8033): CoDel's own pacing is made for senders that slow
down when one packet is lost. Batch goes first.
"""

import asyncio
from collections import deque

from outrider.base.errors import RequestError
from outrider.limits.fair import Priority

PROBE = 0.025
"""Seconds between readings of the loop's lateness, while calls are in flight."""
READINGS = 4
GAIN, SLOPE = 1.5, 0.3
"""Per second and times the target; per times the target that lateness grew."""
STEEPEST = 4.0
ROOM_FOR_INTERACTIVE = 0.8
"""Batch is refused from this part of the cap on calls in flight."""


class Shedder:
    """One per worker. `most`: calls in flight (0: no cap). `lag`: seconds of lateness that may stand (0: any)."""

    __slots__ = (
        "_debt", "_due", "_last", "_probing", "_readings", "_seen", "fraction", "in_flight", "lag",
        "most", "shed", "standing",
    )  # fmt: skip

    def __init__(self, *, most: int = 0, lag: float = 0.0) -> None:
        self.most, self.lag = most, lag
        self.in_flight = 0
        self.fraction = 0.0  # of all calls that is shed now
        self.standing = 0.0  # seconds of lateness
        self.shed: dict[Priority, int] = {"interactive": 0, "batch": 0}
        self._readings: deque[float] = deque(maxlen=READINGS)
        self._seen: dict[Priority, float] = {"interactive": 0.0, "batch": 0.0}  # arrivals, lately
        self._debt: dict[Priority, float] = {"interactive": 0.0, "batch": 0.0}
        self._probing: asyncio.TimerHandle | None = None
        self._due = self._last = 0.0

    def check(self, priority: Priority = "interactive") -> None:
        """Count a call in; `leave` counts it out. Raises RequestError 503 `overloaded` when it must not come in."""
        if self.refuses(priority):
            raise self.refusal()
        self.in_flight += 1
        if self._probing is None and self.lag:
            self._start()

    def leave(self) -> None:
        """A call that was counted in is over."""
        self.in_flight -= 1

    def refuses(self, priority: Priority) -> bool:
        """Whether a call must not come in now. Counts it as having come; well under a microsecond."""
        if self.most:
            cap = self.most if priority == "interactive" else self.most * ROOM_FOR_INTERACTIVE
            if self.in_flight >= cap:
                self.shed[priority] += 1
                return True
        if self._probing is None:
            return False
        self._seen[priority] += 1
        if not self.fraction:
            return False
        debt = self._debt[priority] + self._part(priority)
        if debt >= 1:
            self._debt[priority] = debt - 1
            self.shed[priority] += 1
            return True
        self._debt[priority] = debt
        return False

    def refusal(self) -> RequestError:
        """The answer to a call that is not let in."""
        again = 1 + round(4 * self.fraction)
        return RequestError(
            f"this gateway has more to do than it can do in time; try again in {again} s",
            status=503,
            code="overloaded",
            kind="server_error",
            headers=(("retry-after", str(again)),),
        )

    def _part(self, priority: Priority) -> float:
        """The part of a class that is shed: all batch before any interactive."""
        batch, all_ = self._seen["batch"], self._seen["batch"] + self._seen["interactive"]
        of_batch = batch / all_ if all_ else 0.0
        if priority == "batch":
            return min(1.0, self.fraction / of_batch) if of_batch else 1.0
        return max(0.0, (self.fraction - of_batch) / (1 - of_batch)) if of_batch < 1 else self.fraction

    # -- watching the loop ------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._readings.clear()
        self._arm(asyncio.get_running_loop().time())

    def _arm(self, now: float) -> None:
        self._last, self._due = now, now + PROBE
        self._probing = asyncio.get_running_loop().call_at(self._due, self._probe)

    def _probe(self) -> None:
        now = asyncio.get_running_loop().time()
        self.observe(max(0.0, now - self._due), now - self._last)
        if self.in_flight or self.fraction:
            self._arm(now)
        else:
            self._probing = None

    def observe(self, late: float, passed: float) -> None:
        """One reading: the loop was `late` seconds, and it is the only one for `passed` seconds."""
        self._readings.append(late)
        before, self.standing = self.standing, min(self._readings) if len(self._readings) == READINGS else 0.0
        away = min(STEEPEST, (self.standing - self.lag) / self.lag)
        grown = max(-STEEPEST, min(STEEPEST, (self.standing - before) / self.lag))
        if self.fraction or away > 0:
            self.fraction = min(1.0, max(0.0, self.fraction + GAIN * away * passed + SLOPE * grown * passed))
        fade = max(0.0, 1.0 - passed)  # about a second is remembered
        for priority in self._seen:
            self._seen[priority] *= fade
