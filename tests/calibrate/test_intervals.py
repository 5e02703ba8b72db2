"""Intervals against published values, and what must hold for any sample."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from outrider.calibrate import groups, intervals, paired, weighted
from outrider.calibrate.corrected import corrected


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_the_published_one(successes: int, n: int, low: float, high: float) -> None:
    # Newcombe 1998, table I, method 3
    ends = intervals.wilson(successes / n, n)
    assert tuple(round(end, 4) for end in ends) == (low, high)
    found = intervals.share(successes, n)
    assert found.low - 1e-12 <= ends[0] <= ends[1] <= found.high + 1e-12
    assert found.high - found.low < 1.1 * (ends[1] - ends[0])


@pytest.mark.parametrize("n", [2, 5, 10, 15, 20, 30, 50, 100, 200, 500, 1000])
def test_no_share_is_missed_by_more_than_six_of_a_hundred_intervals(n: int) -> None:
    """Counted, not drawn: the chance of every result, for shares from 0.001 to 0.999."""
    heads, shares = np.arange(n + 1), np.linspace(0.001, 0.999, 999)
    logs = np.array([math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in heads])
    chances = np.exp(logs + heads * np.log(shares[:, None]) + (n - heads) * np.log1p(-shares[:, None]))
    ends = np.array([(found.low, found.high) for found in (intervals.share(k, n) for k in range(n + 1))])
    above, below = ends[:, 0] > shares[:, None] + 1e-9, ends[:, 1] < shares[:, None] - 1e-9
    assert (chances * (above | below)).sum(axis=1).max() <= 0.06
    assert max((chances * above).sum(axis=1).max(), (chances * below).sum(axis=1).max()) <= 0.03 + 1e-6
    if n >= 50:
        assert abs((chances * (above | below)).sum(axis=1).mean() - 0.05) < 0.02


def test_a_share_of_nothing_says_nothing() -> None:
    assert intervals.share(0, 0) == intervals.Interval(0.0, 0.0, 1.0, 0)
    with pytest.raises(ValueError, match="3 of 2"):
        intervals.share(3, 2)


def test_the_mean_of_zeros_and_ones_is_a_share() -> None:
    assert intervals.mean([0.0, 1.0, 1.0, 1.0]) == intervals.share(3, 4)


def test_the_points_of_students_distribution_are_the_tables() -> None:
    for freedom, point in ((4, 2.776), (5, 2.571), (10, 2.228), (30, 2.042), (120, 1.980)):
        assert abs(intervals.student(freedom) - point) < 0.003
    found = intervals.normal(2.0, 0.5, 11)
    assert (round(found.low, 3), round(found.high, 3)) == (0.886, 3.114)


@pytest.mark.parametrize("n", [20, 50, 200])
@pytest.mark.parametrize("shape", ["right or wrong", "mostly perfect", "skewed", "thirds"])
def test_95_of_100_intervals_hold_the_truth(shape: str, n: int) -> None:
    draws = np.random.default_rng(n)
    sample: dict[str, tuple[Callable[[], NDArray[np.float64]], float]] = {
        "right or wrong": (lambda: (draws.random(n) < 0.8).astype(float), 0.8),
        "mostly perfect": (lambda: np.where(draws.random(n) < 0.6, 1.0, draws.beta(2, 2, n)), 0.8),
        "skewed": (lambda: draws.beta(2, 5, n), 2 / 7),
        "thirds": (lambda: draws.binomial(3, 0.7, n) / 3, 0.7),
    }
    draw, truth = sample[shape]
    times = 400
    held = 0
    for _ in range(times):
        found = intervals.mean(draw(), rounds=500)
        held += found.low <= truth <= found.high
    # 400 samples of a true 95 % lie between 92.6 % and 97.4 % in 95 of 100 suites; the draws are always the same ones
    assert 0.925 <= held / times <= 0.985


def test_of_few_measures_it_is_students() -> None:
    values = [3.1, 0.4, 2.2, 9.5, 1.0, 0.7, 1.9, 4.0, 2.5]
    plain = intervals.normal(float(np.mean(values)), float(np.std(values, ddof=1)) / 3, 9)
    found = intervals.mean(values, scores=False)
    assert (found.low, found.high) == pytest.approx((max(0.0, plain.low), plain.high))


def test_measures_that_look_lognormal_have_coxs_interval_at_least() -> None:
    draws = np.random.default_rng(5)
    long = draws.lognormal(0, 1, 15)
    logs = np.log(long)
    middle, square = float(logs.mean()) + float(logs.var(ddof=1)) / 2, float(logs.var(ddof=1))
    half = intervals.student(14) * math.sqrt(square / 15 + square**2 / 28)
    found = intervals.mean(long.tolist(), scores=False)
    assert found.low <= math.exp(middle - half) * (1 + 1e-9)
    assert found.high >= math.exp(middle + half) * (1 - 1e-9)
    twice = intervals.mean((1000 * long).tolist(), scores=False)
    assert (twice.low, twice.high) == pytest.approx((1000 * found.low, 1000 * found.high)), "cents or dollars"


@pytest.mark.parametrize(
    "values",
    [
        [0.01] * 8 + [1.0 + n / 50 for n in range(12)],  # what a cache had, and what it had not
        [0.0] * 3 + [1.5**n for n in range(12)],  # some cost nothing
        [10.0 ** (3 * n - 18) for n in range(13)],  # as far apart as nothing is that is measured
    ],
)
def test_measures_that_do_not_look_lognormal_are_resampled_alone(values: list[float]) -> None:
    found = intervals.mean(values, scores=False)
    low, high = intervals.studentized(np.array(values))
    assert (found.low, found.high) == (max(0.0, low), high)
    assert math.isfinite(found.high)


@pytest.mark.parametrize("usual", [1.0, 0.1, 0.25, 0.0021, 3e-4, 7e5, 1 / 3])
@pytest.mark.parametrize(("n", "dear"), [(20, 1), (50, 1), (50, 2), (200, 1)])
def test_one_that_is_twice_as_dear_as_all_others_makes_no_wild_end(usual: float, n: int, dear: int) -> None:
    """Resamples that are all the same have no spread, whatever rounding leaves of it."""
    found = intervals.mean([usual] * (n - dear) + [2 * usual] * dear, scores=False)
    assert usual * 0.9 < found.low < found.estimate
    assert found.estimate * 1.001 < found.high < 1.3 * usual


def test_the_same_sample_has_the_same_interval() -> None:
    assert intervals.mean([0.1, 0.7, 0.3]) == intervals.mean([0.1, 0.7, 0.3])
    assert intervals.mean([]).n == 0


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_an_interval_holds_what_was_seen(values: list[float]) -> None:
    found = intervals.mean(values, rounds=200)
    slack = 1e-6 * max(1.0, *map(abs, values))
    assert found.low - slack <= found.estimate <= found.high + slack
    if all(0 <= value <= 1 for value in values):
        assert 0 <= found.low <= found.high <= 1


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_share_lies_in_its_interval(successes: int, failures: int) -> None:
    found = intervals.share(successes, successes + failures)
    assert 0 <= found.low <= found.estimate <= found.high <= 1 or found.n == 0


@pytest.mark.parametrize(("q", "n"), [(0.95, 500), (0.99, 1000), (0.5, 60)])
def test_a_quantile_lies_in_its_interval(q: float, n: int) -> None:
    draws = np.random.default_rng(7)
    held = 0
    for _ in range(300):
        found = intervals.quantile(draws.random(n).tolist(), q)
        held += found.low <= q <= found.high
    assert held / 300 >= 0.93


@pytest.mark.parametrize(("q", "enough"), [(0.95, 72), (0.99, 368)])
def test_a_high_quantile_of_few_has_no_end(q: float, enough: int) -> None:
    assert math.isinf(intervals.quantile([1.0] * (enough - 1), q).high)
    assert intervals.quantile([1.0] * enough, q).high == 1.0
    assert intervals.quantile([], q).n == 0


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused_by_its_place(wrong: float) -> None:
    values, good = [0.5, wrong, 1.0], [0.5, 0.2, 1.0]
    asked: list[Callable[[], object]] = [
        lambda: intervals.mean(values),
        lambda: intervals.mean(values, scores=False),
        lambda: intervals.quantile(values, 0.5),
        lambda: paired.compare(values, good),
        lambda: paired.compare(good, values, scale=0.0),
        lambda: paired.usual(values, good),
        lambda: groups.compare(good, values),
        lambda: weighted.mean(values, [1.0, 2.0, 3.0]),
        lambda: corrected(values, good, good),
        lambda: corrected(good, values, good),
        lambda: corrected(good, good, values),
    ]
    for ask in asked:
        with pytest.raises(ValueError, match=f"value 2 of 3 is {wrong}, no number"):
            ask()
