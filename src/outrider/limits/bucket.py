"""How often something may happen: token buckets as arithmetic on times. Pure: the caller says what time it is.

The generic cell rate algorithm (ITU-T I.371, annex A; ATM Forum TM 4.0): a bucket is one number, the moment at which
it will be full again. Asking costs no clock and no timer, rounding never adds up, and the number can be shared.
"""

import re

import msgspec

_TIMES = {"": 1, "k": 1000, "K": 1000, "M": 10**6, "G": 10**9}
_SECONDS = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "m": 60, "h": 3600, "hour": 3600, "d": 86_400}
_SECONDS["day"] = 86_400
_RATE = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,9}))?([kKMG]?) ?(?:/|per) ?([a-z]+)")


class Rate(msgspec.Struct, frozen=True):
    """`amount` units in `period` nanoseconds, and at most `burst` units at once. All are at least 1."""

    amount: int
    period: int
    burst: int

    def cost(self, units: int) -> int:
        """Nanoseconds that `units` take to come back, rounded up: never more than the rate."""
        return -(-units * self.period // self.amount)

    def units(self, ns: int) -> int:
        """Units that come back in `ns`, rounded down."""
        return ns * self.amount // self.period


def rate(text: str, burst: float | None = None) -> Rate:
    """A rate from `600/min`, `1M/min`, `10/s`, `5000/day`. Raises ValueError with what is expected.

    `burst` is seconds of the rate that may be taken at once (at least one unit); None: what one period gives.
    """
    match = _RATE.fullmatch(text.strip())
    if match is None or match[4] not in _SECONDS:
        raise ValueError(f"expected a rate such as 600/min, 1M/min or 10/s, not {text[:40]!r}")
    fraction = match[2] or ""
    whole = int(match[1] + fraction) * _TIMES[match[3]]
    amount, rest = divmod(whole, 10 ** len(fraction))
    if rest or not 1 <= amount <= 10**15:
        raise ValueError(f"a rate is a whole number from 1 to 10^15 in a time, not {text[:40]!r}")
    seconds = _SECONDS[match[4]]
    at_once = amount if burst is None else int(amount * burst / seconds)
    return Rate(amount, seconds * 1_000_000_000, max(1, at_once))


class Level(msgspec.Struct):
    """How full a bucket is: it is full again at `full_at`; `at` is when that was written (any one clock, ns)."""

    full_at: int = 0
    at: int = 0

    def look(self, now: int) -> None:
        """Call first with the present time. Should the clock have gone back, the bucket goes with it."""
        if now < self.at:
            self.full_at += now - self.at
        self.full_at = max(self.full_at, now)
        self.at = now

    def take(self, rate: Rate, units: int) -> bool:
        """Take `units` if they are there."""
        full_at = self.full_at + rate.cost(units)
        if full_at - self.at > rate.cost(rate.burst):
            return False
        self.full_at = full_at
        return True

    def force(self, rate: Rate, units: int) -> None:
        """Take `units` whether they are there or not (they were used); less than 0: put them back."""
        if units >= 0:
            self.full_at += rate.cost(units)
        else:
            self.full_at = max(self.at, self.full_at - (-units * rate.period) // rate.amount)

    def room(self, rate: Rate) -> int:
        """Units that can be taken now; below 0 when more was used than there was."""
        return rate.units(rate.cost(rate.burst) - (self.full_at - self.at))

    def wait(self, rate: Rate, units: int) -> int:
        """Nanoseconds until `units` can be taken; for more than `burst`, until the bucket is full."""
        return max(0, self.full_at - self.at + rate.cost(min(units, rate.burst)) - rate.cost(rate.burst))


class Bucket:
    """`burst` at once, and again `per_second` a second, in one process."""

    __slots__ = ("_burst_ns", "_each_ns", "_full_at")

    def __init__(self, *, burst: int, per_second: float) -> None:
        self._each_ns = int(1e9 / per_second)
        self._burst_ns = burst * self._each_ns
        self._full_at = 0

    def take(self, now: int) -> bool:
        """Whether it may happen at `now` (monotonic nanoseconds); if so, it counts."""
        full_at = max(self._full_at, now) + self._each_ns
        if full_at - now > self._burst_ns:
            return False
        self._full_at = full_at
        return True
