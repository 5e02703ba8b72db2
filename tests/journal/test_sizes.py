"""Size classes ascend, and round thresholds are borders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.journal.sizes import lower_bound, size_class


@given(st.integers(0, 2**63), st.integers(0, 2**63))
def test_classes_ascend_with_values(a: int, b: int) -> None:
    low, high = sorted((a, b))
    assert size_class(low) <= size_class(high)


@given(st.integers(1, 2**63))
def test_a_value_is_inside_its_class(value: int) -> None:
    class_ = size_class(value)
    assert lower_bound(class_) <= value < lower_bound(class_ + 1)


@pytest.mark.parametrize("value", [1, 2, 10, 15, 250, 1000, 5 * 10**7, 3 * 10**9, 10**10, 12 * 10**8])
def test_round_numbers_are_borders(value: int) -> None:
    assert lower_bound(size_class(value)) == value


def test_nothing_and_less_are_class_0() -> None:
    assert size_class(0) == size_class(-5) == 0
    assert lower_bound(0) == lower_bound(-1) == 0
