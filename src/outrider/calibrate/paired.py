"""Whether one of two ways is better, asked on the same cases. Pure; the same input gives the same answer."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from outrider.calibrate.intervals import FEW, cox, normal_logs, numbers, student, studentized

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from outrider.calibrate.intervals import Floats

EXACT = 12
"""Up to so many cases that differ, every assignment of signs is counted."""
MOST_UNITS = 20_000
"""Where all differences are whole numbers, or multiples of the smallest, and this many units together, sums are
counted, too."""
DRAWS = 10_000


class Difference(msgspec.Struct, frozen=True):
    """The mean of one way minus the other over `n` cases, its 95 % interval, and `p`: how often so large a difference
    (either sign) comes of chance alone."""

    estimate: float
    low: float
    high: float
    p: float
    n: int

    @property
    def better(self) -> bool:
        return self.low > 0 and self.p < 0.05

    @property
    def worse(self) -> bool:
        return self.high < 0 and self.p < 0.05

    def __str__(self) -> str:
        return f"{self.estimate:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"


def compare(one: Sequence[float], other: Sequence[float], *, scale: float = 1.0) -> Difference:
    """`one` against `other`, case by case (the same order). `scale` is by how much a case can differ, for where nothing
    but zeros was seen: 1 for scores, 0 for measures, which may always be nothing (dollars) and have long tails: their
    interval reaches at least as far as a studentized bootstrap's, and as that of two lognormals where both look so.
    Raises ValueError for different lengths, and as `numbers`."""
    import numpy as np

    if len(one) != len(other):
        raise ValueError(f"{len(one)} cases cannot be paired with {len(other)}")
    if not len(one):
        return Difference(0.0, 0.0, 0.0, 1.0, 0)
    gaps = numbers(one) - numbers(other)
    mean, spread = float(gaps.mean()), float(gaps.std(ddof=1)) if len(gaps) > 1 else 0.0
    low, high = ends(mean, spread, len(gaps), usual(one, other, scale=scale))
    if not scale and len(gaps) >= FEW and spread > abs(mean) * 1e-12:
        for found in (studentized(gaps), _lognormals(numbers(one), numbers(other))):
            low, high = (low, high) if found is None else (min(low, found[0]), max(high, found[1]))
    if scale and min(np.min(one), np.min(other)) >= 0 and max(np.max(one), np.max(other)) <= 1:  # scores
        low, high = max(-1.0, low), min(1.0, high)
    return Difference(mean, low, high, _chance(gaps[gaps != 0]), len(gaps))


def usual(one: Sequence[float], other: Sequence[float], *, scale: float = 1.0) -> float:
    """The usual size of a difference; where none was seen, what it could be (`scale` for nothing but zeros)."""
    import numpy as np

    apart = np.abs(numbers(one) - numbers(other))
    if (apart > 0).any():
        return float(apart[apart > 0].mean())
    return float(max(np.abs(one).max(), np.abs(other).max())) or scale


def ends(mean: float, spread: float, n: int, size: float) -> tuple[float, float]:
    """The ends of the interval of `n` differences with this mean and standard deviation: Student's with one case more
    for each way, of the usual `size`. For right or wrong answers this is Bonett and Price (2012), which holds where few
    cases differ and the plain interval is far too narrow."""
    middle = mean * n / (n + 2)
    squares = (n - 1) * spread**2 + 2 * n * mean**2 / (n + 2) + 2 * size**2
    half = student(n + 1) * math.sqrt(squares / (n + 1) / (n + 2))
    return min(mean, middle - half), max(mean, middle + half)


def _lognormals(one: "Floats", other: "Floats") -> tuple[float, float] | None:
    """The ends of a difference of two lognormals' means: Cox's for one (Olsson 2005), carried over. The logarithms of
    both means go, together, the way on which their difference changes most for what is known of them; where both rise
    and fall as one that leaves their ratio as it is. None where either side's logarithms do not look normal."""
    import numpy as np

    first, second = normal_logs(one), normal_logs(other)
    if first is None or second is None:
        return None
    n, spreads = len(first), np.cov(first, second)
    mine, theirs, both = (cox(float(spread), n) for spread in (spreads[0, 0], spreads[1, 1], spreads[0, 1]))
    a, b = float(first.mean() + spreads[0, 0] / 2), float(second.mean() + spreads[1, 1] / 2)
    up, down = math.exp(a), math.exp(b)
    variance = up * up * mine + down * down * theirs - 2 * both * up * down
    if variance <= 1e-12 * up * up * mine:  # nothing but a ratio that is always the same
        return None
    step = student(n - 1) / math.sqrt(variance)
    ways = step * (mine * up - both * down), step * (both * up - theirs * down)
    return math.exp(a - ways[0]) - math.exp(b - ways[1]), math.exp(a + ways[0]) - math.exp(b + ways[1])


def _chance(gaps: "Floats") -> float:
    """Sign-flip test: the share of sign assignments whose sum is at least as far from zero. Counted where few cases
    differ, or where they differ by few amounts (of ones alone that is McNemar's exact test); else drawn."""
    import numpy as np

    if not len(gaps):
        return 1.0
    known, seen = np.abs(gaps), abs(float(gaps.sum())) * (1 - 1e-12)
    if len(known) <= EXACT:
        return float(np.mean(np.abs(_sums(known)) >= seen))
    whole = float(known.max()) <= MOST_UNITS and bool(np.all(known == np.round(known)))
    unit = float(np.gcd.reduce(known.astype(int))) if whole else float(known.min())
    with np.errstate(over="ignore"):
        units = known / unit
        few = bool(units.sum() <= MOST_UNITS)
    if few and np.allclose(units, np.round(units), rtol=0, atol=1e-9):
        return _counted(np.round(units).astype(int), round(seen / unit))
    return _drawn(known, seen)


def _sums(known: "Floats") -> "Floats":
    """The sums of all assignments of signs, the first case's sign changing fastest."""
    import numpy as np

    bits = (np.arange(2 ** len(known))[:, None] >> np.arange(len(known))) & 1
    sums: Floats = (2.0 * bits - 1) @ known
    return sums


def _counted(units: "NDArray[np.int_]", seen: int) -> float:
    """The chance that the sum of these amounts with random signs is at least as far from zero."""
    import numpy as np

    sums = np.ones(1)
    for amount, often in zip(*np.unique(units, return_counts=True), strict=True):
        spaced = np.zeros(amount * often + 1)
        spaced[::amount] = _heads(int(often))
        sums = np.convolve(sums, spaced)
    reached = np.abs(2 * np.arange(len(sums)) - len(sums) + 1) >= seen
    return min(1.0, float(sums[reached].sum()))


def _heads(count: int) -> "Floats":
    """How likely each number of heads is in `count` throws of a coin."""
    import numpy as np

    logs = np.array([math.lgamma(k + 1) for k in range(count + 1)])
    likely: Floats = np.exp(logs[-1] - logs - logs[::-1] - count * math.log(2))
    return likely


def _drawn(known: "Floats", seen: float) -> float:
    """Assignments drawn at random, always the same ones for a number of cases. Eight cases at a time: each byte that
    is drawn is the sum of one of their 256 assignments."""
    import numpy as np

    draws, sums = np.random.default_rng(len(known)), np.zeros(DRAWS)
    padded = np.append(known, np.zeros(-len(known) % 8)).reshape(-1, 8)
    for eight in padded:
        sums += _sums(eight)[draws.integers(0, 256, DRAWS, np.uint8)]
    return (int(np.count_nonzero(np.abs(sums) >= seen)) + 1) / (DRAWS + 1)


def holm(chances: Sequence[float]) -> list[float]:
    """p-values of several comparisons, adjusted (Holm) so that all of them together err in 5 of 100 cases at 0.05."""
    order = sorted(range(len(chances)), key=lambda i: chances[i])
    adjusted, most = [0.0] * len(chances), 0.0
    for rank, at in enumerate(order):
        most = max(most, min(1.0, chances[at] * (len(chances) - rank)))
        adjusted[at] = most
    return adjusted
