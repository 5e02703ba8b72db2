"""Decimal size classes for money and durations: 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, … of the unit.

Thresholds that people type (1 s, $0.05) fall on a border, so a filter by threshold becomes a set of whole classes.
"""

_STEPS = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80)
_INDEX = [max((i for i, s in enumerate(_STEPS) if s <= two), default=0) for two in range(100)]


def size_class(value: int) -> int:
    """The class of a value; 0 for everything below 1. Classes ascend with values."""
    if value <= 0:
        return 0
    digits = str(value)
    two = int(digits[:2]) if value >= 10 else value * 10
    return (len(digits) - 1) * 10 + _INDEX[two] + 1


def lower_bound(class_: int) -> int:
    """The smallest integer in a class (or above, where a class below 10 holds none)."""
    if class_ <= 0:
        return 0
    exponent, index = divmod(class_ - 1, 10)
    return -(-_STEPS[index] * int(10**exponent) // 10)
