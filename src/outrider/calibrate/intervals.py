"""Intervals: how far a measured number can be trusted. Pure; the same input gives the same interval."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ROUNDS = 2_000
FEW = 10
"""Below so many values their resamples are too alike to be studentized: Student's interval is taken."""
PLAIN = 1.2816
"""Logarithms are as far from normal in one of ten samples that are normal: farther ones are not taken for normal."""
WIDEST = 2.0
"""The standard deviation of logarithms from which on a mean is made by values that nobody has seen yet."""
MOST_LOGS = 5_000
"""Values up to which the approximation of Shapiro and Francia's test holds; so many need no help from it."""
LEANS = 0.5
"""The skewness of logarithms from which on a tail is taken to stand on a floor."""
MANY = 0.9
"""The share of values that are different from all others from which on scores are taken to be continuous."""
Z95 = 1.959963984540054


END = 0.03
"""How often either end of a share's interval may be wrong at most, whatever the share."""


class Interval(msgspec.Struct, frozen=True, omit_defaults=True):
    """An estimate from `n` observations that lies between `low` and `high` in 95 of 100 such samples. `few`: there are
    too few to say so, and `low` and `high` are merely what is possible."""

    estimate: float
    low: float
    high: float
    n: int
    few: bool = False

    def __str__(self) -> str:
        return f"{self.estimate:.3f} {self.ends(3)}"

    def ends(self, digits: int = 2) -> str:
        """Its ends in words."""
        return "(too few labels: no interval)" if self.few else f"[{self.low:.{digits}f}, {self.high:.{digits}f}]"


def numbers(values: Sequence[float]) -> "Floats":
    """The values as an array. Raises ValueError where one is no number (NaN) or without end: it has no mean."""
    import numpy as np

    known = np.asarray(values, np.float64)
    wrong = np.flatnonzero(~np.isfinite(known))
    if len(wrong):
        raise ValueError(f"value {wrong[0] + 1} of {len(known)} is {known[wrong[0]]}, no number")
    return known


def mean(values: Sequence[float], rounds: int = ROUNDS, *, scores: bool = True) -> Interval:
    """The mean of `values`. Scores between 0 and 1 have the interval of a share of as many cases as they are worth,
    which holds where nearly all are right, and where values are few (means of repeats). Where nearly all differ, and
    for measures (not `scores`), it is a studentized bootstrap (Efron and Tibshirani 1993, chapter 12), of fewer than
    FEW Student's; what is never negative stays so. Measures that look lognormal, also above a floor, have ends at least
    as far out as Cox's (Olsson 2005): a long tail has values that few samples hold. Scores that are all the same have a
    share's interval, too: that none differed does not say that none will. Empty: zeros with n = 0. Raises ValueError
    as `numbers`."""
    import numpy as np

    known, n = numbers(values), len(values)
    if not n:
        return Interval(0.0, 0.0, 0.0, 0)
    middle, spread = float(known.mean()), float(known.std(ddof=1)) if n > 1 else 0.0
    same, inside = spread <= abs(middle) * 1e-12, scores and float(known.min()) >= 0 and float(known.max()) <= 1
    if inside and (same or bool(np.all((known == 0) | (known == 1)))):
        return share(float(known.sum()), n)
    if same:
        return Interval(middle, middle, middle, n)
    if inside and (n < FEW or len(np.unique(known)) < MANY * n):
        worth = n * max(1.0, middle * (1 - middle) / spread**2) * (Z95 / student(n - 1)) ** 2
        return Interval(middle, *wilson(middle, worth), n)
    error = spread / math.sqrt(n)
    if n < FEW:
        ends = middle - student(n - 1) * error, middle + student(n - 1) * error
    else:
        ends = studentized(known, rounds)
        for long in () if scores else (_lognormal(known), _floored(known)):
            ends = ends if long is None else (min(ends[0], long[0]), max(ends[1], long[1]))
    low = max(0.0, ends[0]) if known.min() >= 0 else ends[0]
    return Interval(middle, low, min(1.0, ends[1]) if inside else ends[1], n)


def studentized(known: "Floats", rounds: int = ROUNDS) -> tuple[float, float]:
    """The ends of the mean of values that are not all the same, by resampling them. Where resamples may be all the same
    (few values are other than the rest), the ends are at least Student's: those resamples say nothing."""
    import numpy as np

    n, middle, error = len(known), float(known.mean()), float(known.std(ddof=1)) / math.sqrt(len(known))
    means, spreads = _resampled(known, rounds)
    varied = spreads > 0
    low, high = np.percentile((means[varied] - middle) / (spreads[varied] / math.sqrt(n)), (2.5, 97.5))
    if not varied.all():
        low, high = min(float(low), -student(n - 1)), max(float(high), student(n - 1))
    return min(middle, middle - float(high) * error), max(middle, middle - float(low) * error)


def _lognormal(known: "Floats") -> tuple[float, float] | None:
    """Cox's interval of a lognormal's mean, with Student's points for few values (Olsson 2005). None where the
    logarithms do not look normal."""
    logs = normal_logs(known)
    if logs is None:
        return None
    n, spread = len(logs), float(logs.var(ddof=1))
    middle, half = float(logs.mean()) + spread / 2, student(n - 1) * math.sqrt(cox(spread, n))
    return math.exp(middle - half), math.exp(middle + half)


def cox(spread: float, n: int) -> float:
    """The variance of the estimated logarithm of a lognormal's mean, by the variance of `n` logarithms; by the
    covariance of two rows of logarithms, the covariance of both estimates."""
    return spread / n + spread**2 / (2 * (n - 1))


def _floored(known: "Floats") -> tuple[float, float] | None:
    """Cox's interval above a floor that the two least values point to. None where the logarithms do not lean to the
    right, as those of a tail on a floor do, or what stands on it does not look lognormal."""
    import numpy as np

    first, second = np.partition(known, 1)[:2].tolist()
    floor = 2 * first - second
    if floor <= 0 or len(known) > MOST_LOGS:
        return None
    logs = np.log(known)
    apart, n = logs - logs.mean(), len(known)
    lean = float((apart**3).mean()) / max(1e-300, float((apart**2).mean()) ** 1.5)
    if lean * math.sqrt(n * (n - 1)) / (n - 2) < LEANS:
        return None
    above = _lognormal(known - floor)
    return None if above is None else (floor + above[0], floor + above[1])


def normal_logs(known: "Floats") -> "Floats | None":
    """The logarithms, where they look normal: Shapiro and Francia's test, by Royston's approximation (1993). None where
    they do not, or have a tail that nobody has seen yet."""
    import numpy as np

    n = len(known)
    if n > MOST_LOGS or float(known.min()) <= 0:
        return None
    logs: Floats = np.log(known)
    if not 0 < float(logs.std(ddof=1)) <= WIDEST:
        return None
    normal = NormalDist()
    scores = [normal.inv_cdf((at - 0.375) / (n + 0.25)) for at in range(1, n + 1)]
    away = max(1e-12, 1 - float(np.corrcoef(np.sort(logs), scores)[0, 1]) ** 2)
    size = math.log(n)
    usual, around = 1.0521 * (math.log(size) - size) - 1.2725, 1.0308 - 0.26758 * (math.log(size) + 2 / size)
    return None if math.log(away) > usual + PLAIN * around else logs


def normal(estimate: float, error: float, n: int) -> Interval:
    """An estimate with its standard error from `n` cases: Student's interval."""
    half = student(n - 1) * error
    return Interval(estimate, estimate - half, estimate + half, n)


def student(freedom: float) -> float:
    """The 97.5 % point of Student's distribution (Fisher and Cornish 1960), within 0.1 % from 4 degrees on."""
    z, v = Z95, max(freedom, 1.0)
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * v**4)
    )


def _resampled(known: "Floats", rounds: int) -> "tuple[Floats, Floats]":
    """Means and standard deviations of samples of the same size, drawn with replacement; always the same draws for one
    size."""
    import numpy as np

    draws, n = np.random.default_rng(len(known)), len(known)
    portion = max(1, min(rounds, 100_000 // n))  # what a processor has at hand
    middle, means, squares = float(known.mean()), [], []
    centered = known - middle
    for at in range(0, rounds, portion):
        drawn = centered[draws.integers(0, n, (min(portion, rounds - at), n))]
        means.append(drawn.mean(axis=1))
        squares.append(np.einsum("ij,ij->i", drawn, drawn))
    apart = np.concatenate(means)
    spread = (np.concatenate(squares) - n * apart**2) / (n - 1)
    least = 1e-12 * float(centered.var())  # what rounding leaves of resamples that are all the same is less
    return middle + apart, np.sqrt(np.where(spread > least, spread, 0.0))


def share(successes: float, n: int) -> Interval:
    """A share of `n` with Wilson's interval, held to exact ends. `successes` may be a sum of numbers between 0 and 1:
    they vary no more than zeros and ones of the same mean, so the interval is wide enough."""
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no share")
    if n == 0:
        return Interval(0.0, 0.0, 1.0, 0)
    return Interval(successes / n, *limits(successes / n, n), n)


def limits(p: float, n: float) -> tuple[float, float]:
    """Wilson's ends, where they err too often moved out to those of Clopper and Pearson (1934) at END. Wilson's miss
    a share near 0 or 1 in up to 16 of 100 samples (Brown, Cai and DasGupta 2001); these miss no share in more than 6,
    and 3 on either side. `n` may be what dependent things are worth (Korn and Graubard 1998)."""
    low, high = wilson(p, n)
    return _lower(p, n, low), 1 - _lower(1 - p, n, 1 - high)


def _lower(p: float, n: float, end: float) -> float:
    """`end`, or less if a share of `end` would reach `p` of `n` too often."""
    a, b = p * n, (1 - p) * n + 1
    if end <= 0 or a <= 1e-9:
        return 0.0
    above, low, high = _beta(a, b, end), 0.0, end
    if above <= END:
        return end
    at = end
    for _ in range(60):  # Newton's steps on the logarithm, by halves where they leave the bracket
        low, high = (low, at) if above > END else (at, high)
        density = (a - 1) * math.log(at) + (b - 1) * math.log1p(-at) - _log_beta(a, b)
        slope = math.exp(min(700.0, density)) / above if above else 0.0
        next_ = at - math.log(above / END) / slope if slope > 0 else low
        next_ = next_ if low < next_ < high else (low + high) / 2
        if abs(next_ - at) < 1e-12:
            break
        at, above = next_, _beta(a, b, next_)
    return at


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _beta(a: float, b: float, x: float) -> float:
    """The regularized incomplete beta function: for whole numbers the chance of `a` heads or more in `a + b - 1` throws
    of a coin of chance `x`. By its continued fraction (Lentz's way)."""
    if not 0 < x < 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(b, a, 1 - x)
    tiny, d = 1e-300, 1 - (a + b) * x / (a + 1)
    c, d = 1.0, 1 / (d if abs(d) > tiny else tiny)
    found = d
    for m in range(1, 10_000):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d, c = 1 + term * d, 1 + term / c
            d, c = 1 / (d if abs(d) > tiny else tiny), c if abs(c) > tiny else tiny
            found *= d * c
        if abs(d * c - 1) < 1e-13:
            break
    return math.exp(min(0.0, math.log(found / a) + a * math.log(x) + b * math.log1p(-x) - _log_beta(a, b)))


def wilson(p: float, n: float) -> tuple[float, float]:
    """The ends of Wilson's interval of a share that was seen in `n` things; of things that are not independent, in as
    many as they are worth."""
    square = Z95 * Z95
    middle = (p + square / (2 * n)) / (1 + square / n)
    half = Z95 / (1 + square / n) * math.sqrt(p * (1 - p) / n + square / (4 * n * n))
    return max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half))


def quantile(values: Sequence[float], q: float) -> Interval:
    """A quantile with the interval that order statistics give, whatever the distribution. `high` is infinite (`low`
    minus infinite) where there are too few values to say so much."""
    n = len(values)
    if not n or not 0 < q < 1:
        return Interval(0.0, -math.inf, math.inf, n)
    known, below, lower, upper = sorted(numbers(values).tolist()), 0.0, 0, n + 1
    for k in range(n + 1):  # the chance that k values or fewer lie below the quantile
        logs = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        below += math.exp(logs + k * math.log(q) + (n - k) * math.log1p(-q))
        if below <= 0.025:
            lower = k + 1
        if below >= 0.975:
            upper = k + 1
            break
    low = known[lower - 1] if lower else -math.inf
    high = known[upper - 1] if upper <= n else math.inf
    return Interval(known[min(n - 1, math.ceil(q * n) - 1)], low, high, n)
