"""Whether two groups of different things differ. Pure; the same input gives the same answer."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from outrider.calibrate.intervals import numbers, student
from outrider.calibrate.paired import Difference

if TYPE_CHECKING:
    from outrider.calibrate.intervals import Floats

DRAWS = 4_000


def compare(one: Sequence[float], other: Sequence[float]) -> Difference:
    """The mean of `one` minus that of `other`, with Welch's interval and a permutation test. Each group is given one
    thing more for each way, of the usual size (for right and wrong that is Agresti and Caffo 2000), so that groups in
    which nothing differs are not taken to be certain. `n` is the smaller group's size."""
    import numpy as np

    n = min(len(one), len(other))
    if not n:
        return Difference(0.0, -math.inf, math.inf, 1.0, 0)
    first, second = numbers(one), numbers(other)
    both = np.concatenate([first, second])
    middle = float(both.mean())
    apart = np.abs(both - middle)
    size = float(apart[apart > 0].mean()) if (apart > 0).any() else max(1.0, float(np.abs(both).max()))
    more = (np.append(first, (middle + size, middle - size)), np.append(second, (middle + size, middle - size)))
    errors = [float(group.var(ddof=1)) / len(group) for group in more]
    freedom = sum(errors) ** 2 / sum(e**2 / (len(g) - 1) for e, g in zip(errors, more, strict=True))
    half = student(freedom) * math.sqrt(sum(errors))
    seen, center = float(first.mean() - second.mean()), float(more[0].mean() - more[1].mean())
    return Difference(seen, min(seen, center - half), max(seen, center + half), _chance(both, len(first)), n)


def _chance(both: "Floats", count: int) -> float:
    """How often a random division of all things gives so large a difference."""
    import numpy as np

    rest, total = len(both) - count, float(both.sum())
    seen = abs(float(both[:count].mean()) - float(both[count:].mean())) * (1 - 1e-12)
    draws = np.random.default_rng(len(both))
    hits, portion = 0, max(1, 2_000_000 // len(both))
    for at in range(0, DRAWS, portion):
        mixed = draws.permuted(np.tile(both, (min(portion, DRAWS - at), 1)), axis=1)
        first = mixed[:, :count].sum(axis=1)
        hits += int(np.count_nonzero(np.abs(first / count - (total - first) / rest) >= seen))
    return (hits + 1) / (DRAWS + 1)
