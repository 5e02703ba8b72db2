"""Comparisons on the same cases, against values that can be counted by hand."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from outrider.calibrate import paired


def test_a_sign_flip_test_counts_every_assignment() -> None:
    found = paired.compare([1, 1, 1, 1, 1], [0, 0, 0, 0, 0])
    assert found.p == 2 / 32
    assert not found.better
    assert paired.compare([3, 2, 1], [0, 0, 2]).p == 4 / 8  # |±3±2±1| >= 4


def test_of_ones_it_is_mcnemars_exact_test() -> None:
    # 15 cases won and 5 lost: twice the chance of 5 heads or fewer in 20 throws, 2 * 21700 / 2**20
    won = [1.0] * 15 + [0.0] * 5
    assert paired.compare(won, [1 - one for one in won]).p == pytest.approx(43400 / 2**20, rel=1e-12)
    many = [1.0] * 2_600 + [0.0] * 2_400
    assert paired.compare(many, [1 - one for one in many]).p == pytest.approx(2 * _heads(5_000, 2_400), rel=1e-9)


def _heads(count: int, most: int) -> float:
    return sum(math.comb(count, k) for k in range(most + 1)) / 2**count


@pytest.mark.parametrize("unit", [1 / 3, 0.1, 1.0])
def test_differences_by_few_amounts_are_counted(unit: float) -> None:
    draws = np.random.default_rng(3)
    for _ in range(5):
        steps = draws.integers(-4, 6, 30)
        sums = {0: 1}
        for step in map(abs, steps.tolist()):
            both = [(at + sign * step, often) for at, often in sums.items() for sign in (-1, 1)]
            sums = {at: sum(often for place, often in both if place == at) for at, _ in both}
        far = sum(often for at, often in sums.items() if abs(at) >= abs(int(steps.sum())))
        found = paired.compare((steps * unit).tolist(), [0.0] * 30)
        assert found.p == pytest.approx(far / sum(sums.values()), rel=1e-9)


def test_assignments_that_are_drawn_are_as_those_that_are_counted() -> None:
    draws = np.random.default_rng(4)
    for shift in (0.0, 0.2, 0.5):
        gaps = draws.lognormal(0, 1, 15) * draws.choice([-1, 1], 15) + shift
        signs = 1 - 2 * ((np.arange(2**15)[:, None] >> np.arange(15)) & 1)
        exact = float(np.mean(np.abs(signs @ np.abs(gaps)) >= abs(gaps.sum()) * (1 - 1e-12)))
        assert paired.compare(gaps.tolist(), [0.0] * 15).p == pytest.approx(exact, abs=0.015)
    tiny = [5e-324] + [1.0] * 20
    assert 0 < paired.compare(tiny, [0.0] * 21).p < 0.01
    assert 0 < paired.compare([2.3e-308] + [1.0] * 20, [0.0] * 21).p < 0.01, "the sum of their units is no number"


def test_cases_that_do_not_differ_decide_nothing() -> None:
    found = paired.compare([0.5] * 9, [0.5] * 9)
    assert (found.estimate, found.p, found.n) == (0.0, 1.0, 9)
    assert -0.25 < found.low < -0.05 < 0.05 < found.high < 0.25, "that none of 9 differed does not say that none will"
    assert paired.compare([], []).n == 0


@pytest.mark.parametrize("n", [50, 200])
@pytest.mark.parametrize("shape", ["few differ", "many differ", "costs"])
def test_95_of_100_intervals_hold_the_true_difference(shape: str, n: int) -> None:
    draws = np.random.default_rng(n)

    def draw() -> tuple[NDArray[np.float64], float]:
        if shape == "few differ":
            return draws.choice([-1.0, 0.0, 1.0], n, p=[0.05, 0.85, 0.10]), 0.05
        if shape == "many differ":
            return draws.choice([-1.0, -0.5, 0.0, 0.5, 1.0], n, p=[0.1, 0.1, 0.4, 0.2, 0.2]), 0.15
        return draws.lognormal(0, 0.5, n) - draws.lognormal(0, 0.5, n), 0.0

    held = 0
    for _ in range(500):
        gaps, truth = draw()
        found = paired.compare(gaps.tolist(), [0.0] * n)
        held += found.low <= truth <= found.high
    assert 0.93 <= held / 500 <= 0.985


def test_a_difference_of_dollars_reaches_as_far_as_its_tail() -> None:
    """Of measures that differ much in few cases, the far end is farther away than the near one."""
    gaps = [0.0] * 40 + [0.1, 0.2, 0.1, 0.4, 0.1, 0.8, 0.1, 3.0]
    dollars = paired.compare(gaps, [0.0] * 48, scale=0.0)
    assert dollars.high - dollars.estimate > 1.5 * (dollars.estimate - dollars.low) > 0
    plain = paired.compare(gaps, [0.0] * 48)
    assert dollars.high > plain.high
    assert dollars.low <= plain.low
    few = paired.compare(gaps[-9:], [0.0] * 9, scale=0.0)
    assert few == paired.compare(gaps[-9:], [0.0] * 9), "of few nothing can be resampled"


def test_a_difference_of_two_tails_reaches_as_far_as_they_do() -> None:
    """Two ways whose sums look lognormal. Where the other is steady, the end is Cox's for one (Olsson 2005)."""
    at = [NormalDist().inv_cdf((k + 0.5) / 12) for k in range(12)]
    spread = float(np.var([0.9 * z for z in at], ddof=1))
    mean, half = math.exp(spread / 2), 2.201 * math.sqrt(spread / 12 + spread**2 / 22)  # of the logarithm
    long = [math.exp(0.9 * z) for z in at]
    steady = [math.exp(1e-5 * z) for z in (at[5:] + at[:5])]
    found = paired.compare(long, steady, scale=0.0)
    assert found.high >= mean * math.exp(half) - 1 - 0.001
    turned = paired.compare(steady, long, scale=0.0)
    assert (turned.low, turned.high) == (pytest.approx(-found.high), pytest.approx(-found.low))
    # a tenth more in every case: what is not known is how dear cases are, and not which way is dearer
    dear = paired.compare([1.1 * one for one in long], [a * b for a, b in zip(long, steady, strict=True)], scale=0.0)
    assert 0 < dear.low < dear.estimate < dear.high
    assert dear.high == pytest.approx(0.1 * mean * math.exp(half), rel=0.02)
    same = paired.compare([2 * one for one in long], long, scale=0.0)
    assert 0 < same.low < same.estimate < same.high < 10, "a ratio that never varies is resampled"


def test_a_steady_gain_is_found_where_the_means_overlap() -> None:
    other = [i / 100 for i in range(100)]
    found = paired.compare([v + 0.05 for v in other], other)
    assert found.better
    assert round(found.estimate, 3) == 0.05
    assert paired.compare(other, [v + 0.05 for v in other]).worse


def test_scores_differ_by_one_at_most() -> None:
    found = paired.compare([1.0] * 12, [0.0] * 11 + [1.0])
    assert 0.4 < found.low < found.high == 1.0
    assert paired.compare([0.0] * 12, [1.0] * 12).low == -1.0
    assert paired.compare([3.0] * 12, [0.0] * 11 + [3.0]).high > 3.0


def test_chance_is_not_called_a_gain() -> None:
    gaps = [0.3, -0.3, 0.2, -0.25, 0.1, -0.1, 0.4, -0.35] * 5
    assert not paired.compare(gaps, [0.0] * 40).better


def test_holm_adjusts_what_was_asked_many_times() -> None:
    assert paired.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])  # Holm 1979
    assert paired.holm([]) == []


def test_what_cannot_be_paired_is_refused() -> None:
    with pytest.raises(ValueError, match="1 cases cannot be paired with 2"):
        paired.compare([1], [1, 2])


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=30))
def test_turning_the_sides_turns_the_difference(cases: list[tuple[float, float]]) -> None:
    one, other = [a for a, _ in cases], [b for _, b in cases]
    there, back = paired.compare(one, other), paired.compare(other, one)
    assert there.estimate == pytest.approx(-back.estimate)
    assert there.p == pytest.approx(back.p, abs=0.02)


def test_a_measure_may_differ_by_more_than_one_though_none_of_it_is_larger() -> None:
    ours, theirs = [0.9, 0.1, 0.95], [0.1, 0.9, 0.05]
    cents = paired.compare([one * 100 for one in ours], [one * 100 for one in theirs], scale=0)
    dollars = paired.compare(ours, theirs, scale=0)
    assert (dollars.low * 100, dollars.high * 100) == pytest.approx((cents.low, cents.high))
    assert dollars.high > 1 >= paired.compare(ours, theirs).high
