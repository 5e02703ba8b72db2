"""Refusing what a worker cannot serve in time, so that what it accepts stays quick.

The sign of too much is a queue that *stands*: each turn of the event loop takes longer than `lag`, again and again for
an interval (CoDel's rule: Nichols and Jacobson, "Controlling Queue Delay", 2012). A burst, one large body or a pause
of the whole process sheds nothing. While it stands, calls are let in at a rate that follows what the worker is able to
do: cut when the turns are still too long, raised slowly when they are not (as in Welsh and Culler, "Adaptive Overload
Control for Busy Internet Servers", 2003). Counting calls in, and not the time that reading them takes, matters: what a
call costs comes turns later. That needs no tuning. Batch is refused first.
"""

import asyncio

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.limits.fair import Priority

PROBE = 0.025
"""Seconds between readings of the loop's turns, while calls are in flight."""
INTERVAL_NS = 100_000_000
READINGS = 3
"""A queue stands when so many readings in a row, over this time at least, say so; then it is looked at anew."""
LESS, MORE = 0.85, 1.05
"""What becomes of the rate after an interval with long turns, and after one with short ones."""
LONG, SHORT = 1 / 2, 1 / 4
"""Parts of `lag`: turns are long and short, while calls are refused."""
DRAINS = 0.9
"""A queue that got shorter than this part of what it was goes away by itself."""
LEAST = 1.0
"""Calls per second that are let in whatever happens: else nothing would tell that it is over."""
CALM_NS = 1_000_000_000
"""It is over when nothing had to be refused for this time."""
ROOM_FOR_BATCH = 0.8
"""Batch is refused from this part of the cap on calls in flight."""


class Shedder:
    """One per worker. `most`: calls in flight (0: no cap). `lag`: seconds that turns of the loop may take for long (0:
    any). Both may be changed at any time."""

    __slots__ = (
        "_admitted", "_before", "_calm", "_came", "_due", "_filled", "_from", "_low", "_probing", "_readings",
        "_refused", "_since", "_tokens", "in_flight", "lag", "late", "most", "overloaded", "rate", "shed",
    )  # fmt: skip

    def __init__(self, *, most: int = 0, lag: float = 0.0) -> None:
        self.most, self.lag = most, lag
        self.in_flight = 0
        self.late = 0.0  # seconds that a turn took, at the last reading
        self.overloaded = False
        self.rate = 0.0  # calls per second that are let in while it is overloaded
        self.shed: dict[Priority, int] = {"interactive": 0, "batch": 0}
        self._probing = False
        self._due = self._came = self._since = 0  # monotonic ns
        self._tokens, self._filled = 0.0, 0
        self._admitted = self._refused = self._readings = 0  # in this interval
        self._from, self._low = 0, 0.0  # when it began; the shortest turn
        self._calm, self._before = 0, 0.0  # ns without a refusal; the turns of the interval before

    def enter(self) -> None:
        """Count in a call that is not to be refused any more (`refuses` was asked before); `leave` counts it out."""
        self.in_flight += 1
        self._admitted += 1
        if not self._probing and self.lag:
            now = clock.mono_ns()
            self._begin(now)
            self._arm(now)

    def leave(self) -> None:
        """A call that was counted in is over."""
        self.in_flight -= 1

    def refuses(self, priority: Priority = "interactive") -> bool:
        """Whether a call must not come in now; counted in `shed` if so. A fraction of a microsecond."""
        batch = priority == "batch"
        if self.most and self.in_flight >= (self.most * ROOM_FOR_BATCH if batch else self.most):
            self.shed[priority] += 1
            return True
        if not self.overloaded or self._has_token(batch):
            return False
        self.shed[priority] += 1
        self._refused += 1
        return True

    def _has_token(self, batch: bool) -> bool:
        """Whether the rate has room for one more; for batch, of what others left. What was not used adds up to `lag`
        seconds of it."""
        now, most = clock.mono_ns(), max(2.0, self.rate * self.lag)
        self._tokens += (now - self._filled) * self.rate / 1e9
        if self._tokens > most:
            self._tokens = most
        self._filled = now
        if self._tokens < (max(2.0, most / 2) if batch else 1):
            return False
        self._tokens -= 1
        return True

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

    # -- how long turns take: the clock is read, and not the loop's time, for uvloop's stands still during a turn ------

    def _arm(self, now: int) -> None:
        self._probing = True
        self._due = now + int(PROBE * 1e9)
        asyncio.get_running_loop().call_later(PROBE, self._probe)

    def _probe(self) -> None:
        """A timer: how late it is tells of the part of a turn that was left when it was due."""
        self._came = clock.mono_ns()
        self._due = self._came - self._due
        asyncio.get_running_loop().call_soon(self._turn_begins)

    def _turn_begins(self) -> None:
        self._came = clock.mono_ns()
        asyncio.get_running_loop().call_soon(self._turn_is_over)

    def _turn_is_over(self) -> None:
        now = clock.mono_ns()
        self.late = max(0, self._due, now - self._came) / 1e9
        self._readings += 1
        self._low = min(self._low, self.late)
        if not self.overloaded and (self.late <= self.lag or not self.lag):
            self._begin(now)  # it does not stand
        elif now - self._from >= INTERVAL_NS and (self.overloaded or self._readings >= READINGS):
            self._judge(now)
            self._begin(now)
        if self.late > self.lag > 0:  # what comes next is of interest
            self._due, self._came = 0, now
            asyncio.get_running_loop().call_soon(self._turn_is_over)
        elif self.in_flight or self.overloaded:
            self._arm(now)
        else:
            self._probing = False

    def _judge(self, now: int) -> None:
        """An interval is over."""
        span = now - self._from
        came = self._admitted * 1e9 / span
        if not self.lag:
            self.overloaded = False
        elif not self.overloaded:
            self.overloaded, self._since, self._filled, self._tokens = True, now, now, 0.0
            self.rate, self._calm = came * LESS, 0
        elif self._low > self.lag * LONG:
            if self._low > self._before * DRAINS:
                self.rate = max(LEAST, min(self.rate, came) * LESS)
            self._calm = 0
        else:
            if self._low < self.lag * SHORT:
                self.rate *= MORE
            self._calm = 0 if self._refused else self._calm + span
            self.overloaded = self._calm < CALM_NS
        self._before = self._low

    def _begin(self, now: int) -> None:
        """A new interval."""
        self._from, self._low, self._readings = now, float("inf"), 0
        self._admitted = self._refused = 0
