"""The mean of everything, from a sample in which each thing had its own chance to be drawn. Pure.

Each value counts as often as its weight says: the inverse of its chance (Horvitz and Thompson 1952), divided by the sum
of the weights (Hájek 1971), so that the mean is that of all things and not of those that were likelier to be drawn.
"""

import math
from collections.abc import Sequence

from outrider.calibrate import intervals
from outrider.calibrate.intervals import Z95, Interval, limits, student


def mean(values: Sequence[float], weights: Sequence[float]) -> Interval:
    """The weighted mean with its 95 % interval. Equal weights: as `intervals.mean`. Zeros and ones have the
    interval of a share of as many things as the sample is worth (Korn and Graubard 1998), others Student's with the
    linearized error of a ratio; scores between 0 and 1 stay there. `n` counts values. Raises ValueError for weights
    that are no chances."""
    if len(values) != len(weights) or not all(math.isfinite(one) and one > 0 for one in weights):
        raise ValueError("each value has one weight, a number above 0")
    if not values or max(weights) - min(weights) <= 1e-9 * max(weights):
        return intervals.mean(values)
    intervals.numbers(values)
    total = sum(weights)
    middle = sum(v * w for v, w in zip(values, weights, strict=True)) / total
    worth = total * total / sum(w * w for w in weights)
    if all(value in (0, 1) for value in values):
        return _share(values, weights, middle, worth)
    n = len(values)
    error = math.sqrt(sum((w * (v - middle)) ** 2 for v, w in zip(values, weights, strict=True)) * n / (n - 1)) / total
    half = student(max(1.0, worth - 1)) * error
    low = max(0.0, middle - half) if min(values) >= 0 else middle - half
    high = min(1.0, middle + half) if min(values) >= 0 and max(values) <= 1 else middle + half
    return Interval(middle, low, high, n)


def _share(values: Sequence[float], weights: Sequence[float], middle: float, worth: float) -> Interval:
    """Wilson's interval with the size that a sample of equal weights would need to know as much. Where nothing varies
    that is Kish's size; else what the weights of the values that were seen make of it, if that is less."""
    n, total = len(values), sum(weights)
    if 0 < middle < 1:
        variance = sum((w * (v - middle)) ** 2 for v, w in zip(values, weights, strict=True)) * n / (n - 1)
        seen = middle * (1 - middle) * total * total / variance
        # few values say little about their own spread: their size is corrected as a t does a z (Korn and Graubard)
        worth = min(worth, seen) * (Z95 / student(max(1.0, worth - 1))) ** 2
    return Interval(middle, *limits(middle, max(1.0, worth)), n)
