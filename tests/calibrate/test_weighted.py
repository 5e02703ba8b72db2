"""Means from unequal chances: right on average, and intervals that hold."""

import random

import pytest

from outrider.calibrate import intervals, weighted


def test_equal_weights_are_an_ordinary_mean() -> None:
    values = [0.2, 0.9, 0.4, 1.0]
    assert weighted.mean(values, [3.0] * 4) == intervals.mean(values)
    assert weighted.mean([], []) == intervals.mean([])
    assert weighted.mean([1.0, 0.0], [2, 2]) == intervals.share(1, 2)


def test_what_was_likelier_to_be_drawn_counts_less() -> None:
    found = weighted.mean([1.0, 0.0], [9.0, 1.0])
    assert found.estimate == pytest.approx(0.9)
    assert found.low < 0.9 < found.high
    assert weighted.mean([1.0, 1.0, 1.0], [1.0, 5.0, 2.0]).low < 0.5, "three right ones are not certainty"


@pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0], [1.0, float("nan")], [1.0, -1.0]])
def test_no_chances(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weight"):
        weighted.mean([1.0, 0.5], weights)


@pytest.mark.parametrize("kind", ["shares", "scores"])
def test_intervals_hold_where_chances_follow_the_values(kind: str) -> None:
    """Rare things are drawn four times as often, and are worse: their plain mean would be far off."""
    draws = random.Random(7)
    kept, plain, sums, rounds = 0, 0.0, 0.0, 600
    truth = 0.9 * 0.8 + 0.1 * 0.3
    for _ in range(rounds):
        values, weights = [], []
        for _ in range(1_000):
            rare = draws.random() < 0.1
            good = 0.3 if rare else 0.8
            chance = 0.4 if rare else 0.1
            if draws.random() < chance:
                value = float(draws.random() < good) if kind == "shares" else draws.betavariate(4 * good, 4 - 4 * good)
                values.append(value)
                weights.append(1 / chance)
        found = weighted.mean(values, weights)
        kept += found.low <= truth <= found.high
        sums += found.estimate
        plain += sum(values) / len(values)
    assert abs(sums / rounds - truth) < 0.005
    assert abs(plain / rounds - truth) > 0.1
    assert 0.93 <= kept / rounds <= 0.97
