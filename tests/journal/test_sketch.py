"""Quantiles within 2 %, sums of sketches equal to sketches of sums."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.journal import sketch

values = st.lists(st.integers(2, 2**62), min_size=1, max_size=200)


def of(numbers: list[int]) -> sketch.Sketch:
    made: sketch.Sketch = {}
    for number in numbers:
        sketch.add(made, {sketch.class_of(number): 1})
    return made


@given(values, st.floats(0, 1))
def test_any_quantile_is_within_two_percent(numbers: list[int], q: float) -> None:
    exact = sorted(numbers)[max(1, ceil(q * len(numbers))) - 1]
    assert abs(sketch.quantile(of(numbers), q) - exact) <= 0.0201 * exact + 0.5  # given as a whole number


@given(values, values)
def test_sketches_add_up(first: list[int], second: list[int]) -> None:
    total = of(first)
    sketch.add(total, of(second))
    assert sketch.pack(total) == sketch.pack(of(second + first))
    assert sketch.unpack(sketch.pack(total)) == total


def test_the_p95_of_few_is_the_slowest() -> None:
    assert sketch.quantile(of([1_600_000, 1_900_000, 35_000_000]), 0.95) == pytest.approx(35_000_000, rel=0.02)


def test_the_ends() -> None:
    assert sketch.quantile({}, 0.5) == 0
    assert sketch.quantile(of([0, -5, 1]), 0.5) == 1
