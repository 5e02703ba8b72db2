"""How many cases it takes to know. Pure.

Each size asks the interval that will be stated: whether it lies on one side of the bound in as many samples as the
power says, if further cases are like those that were seen.
"""

import math
from collections.abc import Callable
from statistics import NormalDist

from outrider.calibrate import intervals, paired

POWER = 0.8
"""The chance to see a difference that is there."""
MOST = 10**9
"""More cases than anybody has; what needs more is as good as on the bound."""


def for_share(p: float, half: float) -> int:
    """Cases until a share near `p` is known to plus or minus `half`, at 95 %. Raises ValueError for no width."""
    if half <= 0:
        raise ValueError("an interval has a width")
    return math.ceil(intervals.Z95**2 * max(p * (1 - p), 0.01) / half**2)


def for_bound(p: float, bound: float, spread: float | None = None, power: float = POWER) -> int | None:
    """Cases until a mean score `p` is told from a bound. `spread` is the standard deviation of the scores (None: they
    are zeros and ones). None: it lies on the bound, and no number is enough."""
    if spread is None or spread <= 0:
        spread = math.sqrt(p * (1 - p))
    worth = max(1.0, p * (1 - p) / spread**2) if spread else 1.0
    above = p > bound

    def tells(n: int) -> bool:
        unlucky = spread * _beyond(power) / math.sqrt(n)
        if above:
            return intervals.limits(max(0.0, p - unlucky), worth * n)[0] >= bound
        return intervals.limits(min(1.0, p + unlucky), worth * n)[1] <= bound

    return _first(tells) if p != bound else None


def for_difference(
    estimate: float, bound: float, spread: float, *, size: float | None = None, power: float = POWER
) -> int | None:
    """Paired cases until the mean difference `estimate` is told from a bound, where single differences have the
    standard deviation `spread` and the usual size `size` (`paired.usual`). Without a size: cases until any mean is.
    None: it lies on the bound, and no number is enough."""
    above = estimate > bound

    def tells(n: int) -> bool:
        error = spread / math.sqrt(n)
        plain = intervals.normal(estimate, error, n)
        low, high = (plain.low, plain.high) if size is None else paired.ends(estimate, spread, n, size)
        return low - error * _beyond(power) >= bound if above else high + error * _beyond(power) <= bound

    return _first(tells) if estimate != bound else None


def _beyond(power: float) -> float:
    return NormalDist().inv_cdf(power)


def _first(tells: Callable[[int], bool]) -> int | None:
    """The smallest number from which on it tells: by doubling, then by halves."""
    high = 2
    while not tells(high):
        high *= 2
        if high > MOST:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if tells(middle) else (middle, high)
    return high
