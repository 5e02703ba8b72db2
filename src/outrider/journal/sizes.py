"""Decimal size classes for money and durations: 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, … of the unit.

Thresholds that people type (1 s, $0.05) fall on a border, so a filter by threshold becomes a set of whole classes.
"""

from bisect import bisect_right

_DIGITS = 20
"""More than a database's integer has."""

_STEPS = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80)


def size_class(value: int) -> int:
    """The class of a value; 0 for everything below 1. Classes ascend with values."""
    return bisect_right(_BOUNDS, value)


def lower_bound(class_: int) -> int:
    """The smallest integer in a class (or above, where a class below 10 holds none)."""
    if class_ <= 0:
        return 0
    exponent, index = divmod(class_ - 1, 10)
    return -(-_STEPS[index] * int(10**exponent) // 10)


_BOUNDS = [lower_bound(class_) for class_ in range(1, 10 * _DIGITS + 1)]
