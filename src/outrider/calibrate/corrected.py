"""A few labels by people and many by a judge make one estimate without the judge's bias: prediction-powered inference
(Angelopoulos and others 2023, "PPI++"), through its authors' library.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from outrider.base.errors import ConfigError
from outrider.calibrate.intervals import Z95, Interval, mean, numbers, student, wilson

if TYPE_CHECKING:
    from outrider.calibrate.intervals import Floats

FEWEST = 40
"""Labels by people below which the judge is not used: the correction itself would be guessed."""

SIZE = 0.6
"""Of the usual error of a judge, what is added for each way (by simulation: more is too careful, less too bold)."""


class Corrected(msgspec.Struct, frozen=True):
    """The corrected estimate beside what each source says alone. `trust` is the weight that the judge got (0: none, it
    says nothing about what people say), `gain` how many times as many labels by people would say as much."""

    corrected: Interval
    people: Interval
    judge: Interval
    trust: float
    gain: float


def corrected(people: Sequence[float], judge_there: Sequence[float], judge_elsewhere: Sequence[float]) -> Corrected:
    """The mean score over all cases. `people` and `judge_there` are of the same cases in the same order, chosen at
    random among all; `judge_elsewhere` are the judge's scores of the others. Raises ValueError if the first two cannot
    be paired, ConfigError where the library is not installed."""
    if len(people) != len(judge_there):
        raise ValueError(f"{len(people)} labels by people cannot be paired with {len(judge_there)} by the judge")
    numbers(judge_there), numbers(judge_elsewhere)
    alone, judged = mean(people), mean([*judge_there, *judge_elsewhere])
    if len(people) < FEWEST or len(judge_elsewhere) < 2 or len(set(people)) < 2:
        return Corrected(alone, alone, judged, 0.0, 1.0)
    import numpy as np

    ppi = _library()
    known, there, other = (np.asarray(one, np.float64) for one in (people, judge_there, judge_elsewhere))
    n, trust = len(known), _trust(known, there, len(other))
    estimate = float(ppi.ppi_mean_pointestimate(known, there, other, lam=trust)[0])
    low, high = (float(end[0]) for end in ppi.ppi_mean_ci(known, there, other, alpha=0.05, lam=trust))
    wider = student(n - 1) / Z95 * math.sqrt(n / (n - 1))  # the library's is the normal one, for large samples
    half = (high - low) / 2 * wider
    found = Interval(estimate, estimate - half, estimate + half, n)
    if known.min() >= 0 and known.max() <= 1:
        found = _of_scores(min(1.0, max(0.0, estimate)), known, there, other, trust)
        half = (found.high - found.low) / 2
    return Corrected(found, alone, judged, trust, _gain(float(known.std(ddof=1)), half, n))


def _of_scores(estimate: float, known: "Floats", there: "Floats", other: "Floats", trust: float) -> Interval:
    """The interval of scores between 0 and 1: Wilson's, of as many cases as the estimate is worth. What the judge gets
    wrong is given one case more for each way: that it differed from none of a few labels does not
    say that it never does."""
    import numpy as np

    n, gaps, apart = len(known), known - trust * there, np.abs(known - there)
    size = SIZE * (float(apart[apart > 0].mean()) if (apart > 0).any() else 1.0)
    more = np.append(gaps, (gaps.mean() + size, gaps.mean() - size))
    variance = float(more.var(ddof=1)) / len(more) + trust**2 * float(other.var(ddof=1)) / len(other)
    worth = estimate * (1 - estimate) / variance if 0 < estimate < 1 else float(n)
    return Interval(estimate, *wilson(estimate, max(1.0, worth * (Z95 / student(n - 1)) ** 2)), n)


def _trust(known: "Floats", there: "Floats", others: int) -> float:
    """The weight of the judge's scores that makes the interval shortest ("power tuning", there section 6)."""
    import numpy as np

    spread = float(there.var(ddof=1))
    if spread == 0:
        return 0.0
    together = float(np.cov(known, there)[0, 1])
    return min(1.0, max(0.0, together / ((1 + len(known) / others) * spread)))


def _gain(spread: float, half: float, n: int) -> float:
    """How many times as many labels by people alone would have so short an interval."""
    return (student(n - 1) * spread / math.sqrt(n) / half) ** 2 if half > 0 else 1.0


def _library() -> Any:
    try:
        import ppi_py
    except ImportError as error:
        raise ConfigError(
            f"corrected estimates need the extra `judges` ({error.name} is missing): pip install 'outrider[judges]'"
        ) from None
    return ppi_py
