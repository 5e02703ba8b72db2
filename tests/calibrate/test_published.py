"""Figures of the literature whose counts are printed with them. Where a package's manual, vignette or tests printed
them, that is named as "looked up in"; what names a book alone was taken from the book."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from outrider.calibrate import groups, intervals, paired
from outrider.calibrate.agreement import agreement
from outrider.calibrate.corrected import corrected
from outrider.calibrate.intervals import Interval


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


# -- agreement, looked up in the vignette "overview" of the R package irrCAC 1.0 by Gwet, who proposed AC1 -------------

ABSTRACTORS = ((13, 0, 0), (0, 20, 7), (0, 4, 56))
PSYCHIATRISTS = (
    (0, 0, 0, 6, 0), (0, 3, 0, 0, 3), (0, 1, 4, 0, 1), (0, 0, 0, 0, 6), (0, 3, 0, 3, 0),
    (2, 0, 4, 0, 0), (0, 0, 4, 0, 2), (2, 0, 3, 1, 0), (2, 0, 0, 4, 0), (0, 0, 0, 0, 6),
    (1, 0, 0, 5, 0), (1, 1, 0, 4, 0), (0, 3, 3, 0, 0), (1, 0, 0, 5, 0), (0, 2, 0, 3, 1),
)  # fmt: skip
FOUR = (
    (1, 1, None, 1), (2, 2, 3, 2), (3, 3, 3, 3), (3, 3, 3, 3), (2, 2, 2, 2), (1, 2, 3, 4), (4, 4, 4, 4), (1, 1, 2, 1),
    (2, 2, 2, 2), (None, 5, 5, 5), (None, None, 1, 1), (None, None, 3, None),
)  # fmt: skip


def printed(found: Interval, estimate: float, low: float, high: float, digits: float = 5e-6) -> None:
    """The coefficient to the printed digit. Gwet's interval is the normal one (Student's points); ours moves towards
    the middle, as a share's does, and is as wide."""
    assert found.estimate == pytest.approx(estimate, abs=digits)
    assert found.high - found.low == pytest.approx(high - low, rel=0.1)
    assert (found.low, found.high) == (pytest.approx(low, abs=0.04), pytest.approx(high, abs=0.04))
    assert found.low + found.high < low + high


def test_two_abstractors_and_100_pregnancies() -> None:
    # cont3x3abstractors (Gwet 2014): standard errors 0.03128898, 0.05891072 and 0.04321747
    found = agreement(raters(ABSTRACTORS))
    printed(found.raw, 0.89, 0.828, 0.952)
    printed(found.kappa, 0.7964094, 0.68, 0.913)
    printed(found.ac1, 0.8493305, 0.764, 0.935)


def test_six_psychiatrists_and_15_patients() -> None:
    # distrib.6raters (Gwet 2014, of Fleiss 1971): standard errors 0.08119291 (Fleiss's kappa) and 0.08418757
    found = agreement([[at for at, often in enumerate(row) for _ in range(often)] for row in PSYCHIATRISTS])
    assert found.raw.estimate == pytest.approx(0.5511111, abs=1e-7)
    printed(found.kappa, 0.4139265, 0.24, 0.588)
    printed(found.ac1, 0.4448007, 0.264, 0.625)


def test_four_raters_who_did_not_rate_everything() -> None:
    # cac.raw4raters: who was rated once says how usual a label is. Its ends are cut at 1: 0.77544 +- 2.201 * 0.14295
    found = agreement(FOUR)
    assert found.raw.estimate == pytest.approx(0.8181818, abs=1e-7)
    assert found.kappa.estimate == pytest.approx(0.76117, abs=5e-6)
    assert found.ac1.estimate == pytest.approx(0.77544, abs=5e-6)
    assert (found.raw.n, found.ac1.n, found.kappa.n) == (11, 11, 11)
    for one, error in ((found.kappa, 0.15302), (found.ac1, 0.14295)):
        assert one.high - one.low == pytest.approx(2 * 2.201 * error, rel=0.1)
        assert one.high < 1


@pytest.mark.parametrize(
    ("table", "kappa", "error", "low", "high"),
    [
        # SAS's PROC FREQ; looked up in statsmodels' test_inter_rater.py
        (((0, 4, 1), (0, 8, 0), (0, 1, 5)), 0.4842, 0.1380, 0.2137, 0.7547),
        # Fleiss and Paik 2003; looked up in the manual of the R package statpsych, ci.kappa
        (((31, 12), (4, 58)), 0.6756757, 0.07344761, 0.5317210, 0.8196303),
    ],
)
def test_cohens_kappa_and_its_error(
    table: tuple[tuple[int, ...], ...], kappa: float, error: float, low: float, high: float
) -> None:
    found, n = agreement(raters(table)).kappa, sum(map(sum, table))
    assert found.estimate == pytest.approx(kappa, abs=5e-5)
    # of 19 the jackknife's error is a third larger than the one for large samples, and what is stated has room for it
    assert 0.95 < (found.high - found.low) / (2 * 1.96 * error) < (1.1 if n > 100 else 1.45)
    if n > 100:
        printed(found, kappa, low, high, 5e-5)


@pytest.mark.parametrize(
    ("pair", "kappa", "table"),
    [
        ("1 and 2", 0.85, ((89, 0, 8), (16, 388, 23), (11, 29, 435))),
        ("1 and 3", 0.88, ((89, 2, 6), (15, 391, 21), (9, 18, 448))),
        ("2 and 3", 0.86, ((97, 13, 6), (10, 379, 28), (6, 19, 441))),
    ],
)
def test_people_who_judged_999_pairs_of_answers(pair: str, kappa: float, table: tuple[tuple[int, ...], ...]) -> None:
    # PandaLM (Wang and others 2024, ICLR): kappas of its three annotators (tie, first, second is better) as its
    # repository's page prints them; counted from its data/testset-v1.json
    found = agreement(raters(table))
    assert round(found.kappa.estimate, 2) == kappa, pair
    assert found.kappa.n == 999
    assert found.kappa.high - found.kappa.low < 0.065


# -- shares and pairs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "n", "wilson", "exact"),
    [
        (18, 20, (0.698966354771513, 0.972133518786232), (0.683017285980918, 0.987651472829705)),
        (4, 20, (0.080657662579798, 0.416017432251894), (0.057333997050033, 0.436614002996668)),
        (4, 200, (0.007804426416349, 0.050287086905826), (0.005475565879556, 0.050413609089896)),
    ],
)
def test_shares(seen: int, n: int, wilson: tuple[float, float], exact: tuple[float, float]) -> None:
    # binom.confint of the R package binom; looked up in statsmodels' results_proportion.py
    assert intervals.wilson(seen / n, n) == (pytest.approx(wilson[0], abs=1e-9), pytest.approx(wilson[1], abs=1e-9))
    found = intervals.share(seen, n)
    assert exact[0] - 1e-9 <= found.low <= wilson[0] + 1e-9, "moved out from Wilson's end, not beyond the exact one"
    assert wilson[1] - 1e-9 <= found.high <= exact[1] + 1e-9


def paired_table(neither: int, other: int, one: int, both: int) -> paired.Difference:
    """Which of two ways was right, in so many cases each."""
    return paired.compare(
        [0.0] * (neither + other) + [1.0] * (one + both),
        [0.0] * neither + [1.0] * other + [0.0] * one + [1.0] * both,
    )


@pytest.mark.parametrize(
    ("table", "p"),
    [
        ((16, 2, 12, 20), 0.0129),  # Armitage and Berry 1994, two media for sputum; looked up in StatsDirect's help
        ((23, 15, 19, 31), 0.60759136127308),  # R's; looked up in statsmodels' contingency_table_r_results.csv
    ],
)
def test_mcnemars_exact_p(table: tuple[int, int, int, int], p: float) -> None:
    assert paired_table(*table).p == pytest.approx(p, abs=5e-5)


def test_bonett_and_price() -> None:
    # the manual of the R package statpsych, ci.prop.ps(.05, 12, 4, 26, 6): normal points where ours are Student's
    found = paired_table(12, 4, 26, 6)
    assert (found.low + found.high) / 2 == pytest.approx(0.44, abs=1e-9)
    assert found.high - found.low == pytest.approx((0.6251933 - 0.2548067) * 2.0086 / 1.96, rel=0.03)


# -- prediction-powered inference -----------------------------------------------------------------------------------


def alike(draws: np.random.Generator, count: int, correlation: float) -> tuple[list[float], list[float]]:
    """Two rows of numbers with exactly this correlation, mean 0 and standard deviation 1."""
    both = draws.normal(size=(count, 2))
    one, rest = (np.linalg.qr(both - both.mean(axis=0))[0] * np.sqrt(count - 1)).T
    return one.tolist(), (correlation * one + np.sqrt(1 - correlation**2) * rest).tolist()


@pytest.mark.parametrize(
    ("labels", "others", "correlation", "worth"),
    [(605, 3345, 0.9, 1926), (942, 5210, 0.9, 3000), (418, 5398, 0.9750932, 3557), (4558, 17537, 0.5654183, 6108),
     (4371, 5322, 0.6127273, 5506)],
)  # fmt: skip
def test_what_a_judge_is_worth(labels: int, others: int, correlation: float, worth: int) -> None:
    # the authors of PPI++ on how many labels so many labels and judgements are worth ("effective_n"); looked up in
    # ppi_py's examples/power_analysis.ipynb. Any scores with that correlation have that worth
    draws = np.random.default_rng(labels)
    people, there = alike(draws, labels, correlation)
    found = corrected(people, there, alike(draws, others, correlation)[1])
    assert found.gain * labels == pytest.approx(worth, rel=0.002)
