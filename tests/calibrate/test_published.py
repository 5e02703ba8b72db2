"""Figures of the literature whose counts are printed with them."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from outrider.calibrate import groups, intervals, paired
from outrider.calibrate.agreement import agreement


def raters(table: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Rows from a table of counts: the first rater's label by the second's."""
    return [(one, two) for one, row in enumerate(table) for two, often in enumerate(row) for _ in range(often)]


@pytest.mark.parametrize(
    ("table", "raw", "kappa"),
    [
        (((40, 9), (6, 45)), 0.85, 0.70),
        (((80, 10), (5, 5)), 0.85, 0.32),
        (((45, 15), (25, 15)), 0.60, 0.13),
        (((25, 35), (5, 35)), 0.60, 0.26),
    ],
)
def test_the_two_paradoxes_of_kappa(table: tuple[tuple[int, int], ...], raw: float, kappa: float) -> None:
    # Feinstein and Cicchetti 1990, J Clin Epidemiol 43:543, tables of the first and the second paradox
    found = agreement(raters(table))
    assert (round(found.raw.estimate, 2), round(found.kappa.estimate, 2)) == (raw, kappa)


@pytest.mark.parametrize(
    ("table", "kappa", "error"),
    [
        # Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, table 18.1: two diagnosticians
        (((75, 1, 4), (5, 4, 1), (0, 0, 10)), 0.68, 0.087),
        # Agresti, Categorical Data Analysis, two pathologists on carcinoma of the cervix (Landis and Koch 1977)
        (((22, 2, 2, 0), (5, 7, 14, 0), (0, 2, 36, 0), (0, 1, 17, 10)), 0.493, 0.057),
    ],
)
def test_kappa_of_several_categories_with_its_error(
    table: tuple[tuple[int, ...], ...], kappa: float, error: float
) -> None:
    found = agreement(raters(table)).kappa
    assert found.estimate == pytest.approx(kappa, abs=0.004)
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * error, rel=0.15)


def test_two_surveys_of_the_same_voters() -> None:
    # Agresti, Categorical Data Analysis, table 10.1: approval of the prime minister, 794, 150, 86, 570
    before = [1.0] * (794 + 150) + [0.0] * (86 + 570)
    after = [1.0] * 794 + [0.0] * 150 + [1.0] * 86 + [0.0] * 570
    found = paired.compare(after, before)
    assert found.estimate == pytest.approx(-0.04)
    assert (found.low, found.high) == (pytest.approx(-0.0587, abs=0.0005), pytest.approx(-0.0213, abs=0.0005))
    assert found.p == pytest.approx(3.7e-5, abs=0.2e-5)


def test_darwins_maize() -> None:
    # Fisher 1935, The Design of Experiments, section 21: 1,726 of the 32,768 assignments of signs are so extreme
    eighths = [49.0, -67.0, 8.0, 16.0, 6.0, 23.0, 28.0, 41.0, 14.0, 29.0, 56.0, 24.0, 75.0, 60.0, -48.0]
    assert paired.compare(eighths, [0.0] * 15).p == pytest.approx(1726 / 32768, rel=1e-9)


def test_students_sleep() -> None:
    # Student 1908, the hours of sleep gained by one drug over another; the interval is that of his own distribution
    gained = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]
    found = intervals.normal(float(np.mean(gained)), float(np.std(gained, ddof=1)) / 10**0.5, 10)
    assert found.estimate == pytest.approx(1.58)
    assert (found.low, found.high) == (pytest.approx(0.7001, abs=0.001), pytest.approx(2.4599, abs=0.001))


def test_sixteen_mice() -> None:
    # Efron and Tibshirani 1993, table 2.1: days of survival; the difference is 30.63
    treated, control = [94.0, 197, 16, 38, 99, 141, 23], [52.0, 104, 146, 10, 50, 31, 40, 27, 46]
    found = groups.compare(treated, control)
    assert found.estimate == pytest.approx(30.63, abs=0.01)
    both = np.array(treated + control)
    sums = np.array([sum(both[list(chosen)]) for chosen in itertools.combinations(range(16), 7)])
    apart = np.abs(sums / 7 - (both.sum() - sums) / 9)
    assert found.p == pytest.approx(float(np.mean(apart >= found.estimate - 1e-9)), abs=0.02)


def test_the_median_of_twenty() -> None:
    # Conover, Practical Nonparametric Statistics: the 6th and the 15th of 20 hold the median with 95.9 %
    found = intervals.quantile([float(n) for n in range(1, 21)], 0.5)
    assert (found.low, found.high) == (6.0, 15.0)
