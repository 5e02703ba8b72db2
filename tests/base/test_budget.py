"""Amounts by measure: what a budget of each kind looks at."""

import pytest

from outrider.base.budget import Amount, Measure


@pytest.mark.parametrize(
    ("measure", "number"),
    [("money", 7), ("input_tokens", 10), ("output_tokens", 5), ("total_tokens", 15), ("calls", 1), ("concurrent", 2)],
)
def test_an_amount_is_seen_through_its_measure(measure: Measure, number: int) -> None:
    assert Amount(money=7, input=10, output=5, calls=1, concurrent=2).of(measure) == number
