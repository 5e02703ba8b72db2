"""Refusing what a worker cannot serve in time, so that what it accepts stays quick.

The sign of too much is a queue that *stands*: turns of the event loop take longer than `lag`, again and again (as CoDel
tells a standing queue from a burst: Nichols and Jacobson, "Controlling Queue Delay", 2012). A burst, one large body or
a pause of the whole process sheds nothing. While it stands, the calls in flight are capped, and the cap follows what
the worker is able to do: cut in proportion while turns are too long, raised slowly when they are short (additive and
multiplicative steps as in Welsh and Culler, "Adaptive Overload Control for Busy Internet Servers", 2003). Capping
what is in flight, and not the calls per second, holds for short answers and for streams of minutes alike, and says at
once when a cut has not shown its effect yet. That needs no tuning. Batch is refused first.
"""

import asyncio

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.limits.fair import Priority

PROBE = 0.025
"""Seconds between readings of the loop's turns, while calls are in flight and turns are short."""
WINDOW, STANDS = 10, 3
"""A queue stands when so many of the last turns in a row were longer than `lag`; then it is looked at anew."""
INTERVAL_NS = 100_000_000
"""The cap is changed once in this time at most."""
LEAST_CUT, RAISE = 0.5, 1.1
"""What becomes of the cap after an interval with long turns, at least, and after one with the shortest turns."""
LONG = 1 / 4
"""The part of `lag` from which turns are long while calls are refused. An accepted call waits for some turns."""
DEAREST_NS = 300_000
"""More than a refusal ever costs: where more passes between two of them, something else was done."""
CALM_NS = 1_000_000_000
"""It is over when nothing had to be refused for this time."""
ROOM_FOR_BATCH = 0.8
"""Batch is refused from this part of the cap on calls in flight."""


class Shedder:
    """One per worker. `most`: calls in flight (0: no cap). `lag`: seconds that turns of the loop may take for long (0:
    any). Both may be changed at any time."""

    __slots__ = (
        "_calm", "_came", "_due", "_from", "_let_in", "_long", "_probing", "_refused", "_refused_at", "_refusing",
        "_refusing_then", "_since", "_time", "_weighed",
        "cap", "in_flight", "lag", "late", "most", "overloaded", "shed",
    )  # fmt: skip

    def __init__(self, *, most: int = 0, lag: float = 0.0) -> None:
        self.most, self.lag = most, lag
        self.in_flight = 0
        self.late = 0.0  # seconds that a turn took, at the last reading
        self.overloaded = False
        self.cap = 0.0  # calls in flight while it is overloaded
        self.shed: dict[Priority, int] = {"interactive": 0, "batch": 0}
        self._let_in = 0  # in this turn, and not counted in yet: their handlers begin in the next one
        self._probing = False
        self._due = self._came = self._since = 0  # monotonic ns
        self._long = 0  # a bit for each of the last turns: it was long
        self._from, self._time, self._weighed = 0, 0.0, 0.0  # when this interval began; sums over its turns
        self._refused = self._refused_at = 0  # in this interval; ns of the last one
        self._refusing = self._refusing_then = 0  # ns that refusals took; up to the last reading
        self._calm = 0  # ns without a refusal

    def enter(self) -> None:
        """Count in a call that is not to be refused any more (`refuses` was asked before); `leave` counts it out."""
        self.in_flight += 1
        if self._let_in:
            self._let_in -= 1
        if not self._probing and self.lag:
            self._long = 0
            self._arm(clock.mono_ns())

    def leave(self) -> None:
        """A call that was counted in is over."""
        self.in_flight -= 1

    def refuses(self, priority: Priority = "interactive") -> bool:
        """Whether a call must not come in now; counted in `shed` if so. A fraction of a microsecond."""
        cap: float = self.most
        if self.overloaded and (not cap or self.cap < cap):  # `most` may have been lowered since the cap was set
            cap = self.cap
        if not cap:
            return False
        if priority == "batch":
            cap *= ROOM_FOR_BATCH
        if self.in_flight + self._let_in < cap:
            if not self._let_in:
                asyncio.get_running_loop().call_soon(self._all_entered)
            self._let_in += 1
            self._refused_at = 0
            return False
        self.shed[priority] += 1
        if self.overloaded:
            self._refused += 1
            now = clock.mono_ns()
            if now - self._refused_at < DEAREST_NS:
                self._refusing += now - self._refused_at
            self._refused_at = now
        return True

    def _all_entered(self) -> None:
        """Before the handlers of those who were let in: from here on they are counted as in flight."""
        self._let_in = 0

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
        self._came, self._refusing_then = clock.mono_ns(), self._refusing
        self._due = self._came - self._due
        asyncio.get_running_loop().call_soon(self._turn_is_over)

    def _turn_is_over(self) -> None:
        now = clock.mono_ns()
        took = max(0, self._due, now - self._came)
        self.late = took / 1e9
        # What refusing took is no sign of too much being let in.
        refusing = min(took, self._refusing - self._refusing_then)
        self._time += took
        self._weighed += took * (took - refusing)
        self._long = self._long << 1 & (1 << WINDOW) - 1 | (self.late > self.lag > 0)
        if not self.overloaded:
            if self._long.bit_count() >= STANDS:
                self._stands(now)
        elif now - self._from >= INTERVAL_NS:
            self._judge(now)
        if self._long or (self.overloaded and self.late > self.lag * LONG / 2):  # what comes next is of interest
            self._due, self._came, self._refusing_then = 0, now, self._refusing
            asyncio.get_running_loop().call_soon(self._turn_is_over)
        elif self.in_flight or self.overloaded:
            self._arm(now)
        else:
            self._probing = False

    def _stands(self, now: int) -> None:
        """There is too much from here on."""
        self.overloaded, self._since, self._calm, self._refused = True, now, 0, 0
        self.cap = self._within(self.in_flight * LEAST_CUT)
        self._begin(now)

    def _judge(self, now: int) -> None:
        """An interval is over. Its turns are weighed by how long they took, as they are for a call that comes at any
        time of it."""
        turn = self._weighed / self._time / 1e9 if self._time else 0.0
        if not self.lag:
            self.overloaded = False
        elif turn > self.lag * LONG:
            if self.in_flight <= self.cap:  # else the last cut has not shown its effect yet
                self.cap = self._within(self.cap * max(LEAST_CUT, self.lag * LONG / turn))
            self._calm = 0
        else:
            if self._refused:  # the less, the longer turns are already
                self.cap = self._within(self.cap * (RAISE - (RAISE - 1) * turn / (self.lag * LONG)) + 1)
            self._calm = 0 if self._refused else self._calm + now - self._from
            self.overloaded = self._calm < CALM_NS
        self._begin(now)

    def _within(self, cap: float) -> float:
        """At least one call at a time, and batch too: else nothing would tell that it is over."""
        return max(1 / ROOM_FOR_BATCH, min(cap, self.most) if self.most else cap)

    def _begin(self, now: int) -> None:
        """A new interval."""
        self._from, self._time, self._weighed = now, 0.0, 0.0
        self._refused = self._refusing = self._refusing_then = self._long = 0
