"""Estimates corrected by a few labels of people: unbiased, shorter than those labels alone, and true to their 95 %."""

import numpy as np
import pytest
from numpy.typing import NDArray

from outrider.calibrate.corrected import FEWEST, corrected

Draws = np.random.Generator


def right_or_wrong(draws: Draws, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    truth = (draws.random(n) < 0.75).astype(float)
    return truth, np.where(draws.random(n) < 0.85, truth, 1 - truth), 0.75


def generous(draws: Draws, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    truth = draws.beta(4, 2, n)
    return truth, np.clip(truth + 0.1 + draws.normal(0, 0.15, n), 0, 1), 4 / 6


@pytest.mark.parametrize("world", [right_or_wrong, pytest.param(generous, marks=pytest.mark.slow)])
def test_95_of_100_intervals_hold_the_truth_though_the_judge_is_biased(world: type) -> None:
    draws, held, judged, shorter, n = np.random.default_rng(3), 0, 0, 0.0, 50
    for _ in range(400):
        people, judge, truth = world(draws, n + 800)
        found = corrected(people[:n].tolist(), judge[:n].tolist(), judge[n:].tolist())
        held += found.corrected.low <= truth <= found.corrected.high
        judged += found.judge.low <= truth <= found.judge.high
        shorter += found.gain
    assert 0.925 <= held / 400 <= 0.98
    assert judged / 400 < 0.5, "the judge alone is far off"
    assert shorter / 400 > 1.3, "it says as much as so many times as many labels by people"


def test_a_judge_that_knows_nothing_gets_no_weight() -> None:
    draws = np.random.default_rng(4)
    people, noise = (draws.random(100) < 0.6).astype(float), draws.random(1_100)
    found = corrected(people.tolist(), noise[:100].tolist(), noise[100:].tolist())
    assert found.trust < 0.15
    assert abs(found.corrected.estimate - found.people.estimate) < 0.02
    steady = corrected(people.tolist(), [0.9] * 100, [0.9] * 1_000)
    assert steady.trust == 0
    assert steady.corrected.estimate == pytest.approx(steady.people.estimate)


def test_too_few_labels_stand_for_themselves() -> None:
    few = [1.0, 0.0] * (FEWEST // 2 - 1)
    found = corrected(few, few, [1.0] * 500)
    assert found.corrected == found.people
    assert found.trust == 0
    with pytest.raises(ValueError, match="cannot be paired"):
        corrected([1.0], [], [])
