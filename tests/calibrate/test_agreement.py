"""Agreement against published figures, and intervals against samples whose truth is known."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.calibrate.agreement import agreement


def table(*counts: tuple[int, int, int]) -> list[tuple[int, int]]:
    """Rows from a confusion table given as (first rater's label, second's, how often)."""
    return [(one, other) for one, other, often in counts for _ in range(often)]


def test_two_raters_as_published() -> None:
    # 50 proposals read by two readers: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no (the usual textbook table)
    found = agreement(table((1, 1, 20), (1, 0, 5), (0, 1, 10), (0, 0, 15)))
    assert found.raw.estimate == pytest.approx(0.7)
    assert found.kappa.estimate == pytest.approx(0.4)
    # The paradox of Feinstein and Cicchetti 1990 (118, 5, 2, 0): nearly all agree, and kappa is below zero; AC1 0.94
    found = agreement(table((1, 1, 118), (1, 0, 5), (0, 1, 2)))
    assert found.raw.estimate == pytest.approx(0.944)
    assert found.kappa.estimate == pytest.approx(-0.0234, abs=0.0005)
    assert found.ac1.estimate == pytest.approx(0.9408, abs=0.0005)


def test_several_raters_as_published() -> None:
    # Fleiss 1971: how many of 6 psychiatrists gave each of 5 diagnoses to 30 patients; kappa is 0.430
    rows = [
        (0, 0, 0, 6, 0), (0, 3, 0, 0, 3), (0, 1, 4, 0, 1), (0, 0, 0, 0, 6), (0, 3, 0, 3, 0), (2, 0, 4, 0, 0),
        (0, 0, 4, 0, 2), (2, 0, 3, 1, 0), (2, 0, 0, 4, 0), (0, 0, 0, 0, 6), (1, 0, 0, 5, 0), (1, 1, 0, 4, 0),
        (0, 3, 3, 0, 0), (1, 0, 0, 5, 0), (0, 2, 0, 3, 1), (0, 0, 5, 0, 1), (3, 0, 0, 1, 2), (5, 1, 0, 0, 0),
        (0, 2, 0, 4, 0), (1, 0, 2, 0, 3), (0, 0, 0, 0, 6), (0, 1, 0, 5, 0), (0, 2, 0, 1, 3), (2, 0, 0, 4, 0),
        (1, 0, 0, 4, 1), (0, 5, 0, 1, 0), (4, 0, 0, 0, 2), (0, 2, 0, 4, 0), (1, 0, 5, 0, 0), (0, 0, 0, 0, 6),
    ]  # fmt: skip
    ratings = [[label for label, often in enumerate(row) for _ in range(often)] for row in rows]
    found = agreement(ratings)
    assert found.kappa.estimate == pytest.approx(0.430, abs=0.001)
    assert found.kappa.low < 0.430 < found.kappa.high


def test_what_nobody_rated_twice_says_nothing() -> None:
    found = agreement([(1, None), (None, 2)])
    assert (found.raw.n, found.kappa.n, found.kappa.low, found.kappa.high) == (0, 0, -1, 1)
    assert agreement([]).raw.n == 0
    with pytest.raises(ValueError, match="one place for each rater"):
        agreement([(1, 2), (1,)])


def test_places_without_a_rating_are_left_out() -> None:
    rows: list[tuple[int | None, ...]] = [(1, 1, None), (1, None, 1), (None, 2, 2), (1, 2, 2), (3, None, None)]
    found = agreement(rows)
    assert found.raw.n == 4
    assert found.raw.estimate == pytest.approx((1 + 1 + 1 + 1 / 3) / 4)


def test_many_different_labels_take_no_more_room_than_they_are() -> None:
    rows = [(at, at if at % 2 else 3000 + at) for at in range(3000)]
    tracemalloc.start()
    found = agreement(rows)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.raw.estimate == 0.5
    assert found.ac1.estimate == pytest.approx(0.5, abs=0.001)
    assert most < 20_000_000, "a table of rows by labels is 108 million bytes"


@pytest.mark.parametrize(
    ("right", "positive", "n"),
    [
        (0.85, 0.5, 200),
        (0.9, 0.85, 80),
        pytest.param(0.7, 0.3, 80, marks=pytest.mark.slow),
        pytest.param(0.7, 0.3, 200, marks=pytest.mark.slow),
        pytest.param(0.85, 0.5, 80, marks=pytest.mark.slow),
        pytest.param(0.9, 0.85, 200, marks=pytest.mark.slow),
    ],
)
def test_95_of_100_intervals_hold_the_truth(right: float, positive: float, n: int) -> None:
    draws = np.random.default_rng(n + 1)

    def sample(n: int) -> list[tuple[bool, bool]]:
        truth = draws.random(n) < positive
        one, other = (np.where(draws.random(n) < right, truth, ~truth) for _ in range(2))
        return list(zip(one.tolist(), other.tolist(), strict=True))

    truth, held = agreement(sample(200_000)), [0, 0]
    for _ in range(800):
        found = agreement(sample(n))
        held[0] += found.kappa.low <= truth.kappa.estimate <= found.kappa.high
        held[1] += found.ac1.low <= truth.ac1.estimate <= found.ac1.high
    assert all(0.92 <= one / 800 <= 0.98 for one in held), held


@pytest.mark.parametrize(
    ("right", "positive", "cases", "most", "alike"),
    [(0.9, 0.5, 40, 6, 0.7), (0.85, 0.8, 40, 4, 0.7), (0.95, 0.7, 60, 3, 0.9), (0.8, 0.5, 20, 5, 0.7)],
)
def test_answers_of_one_case_are_not_taken_as_independent(
    right: float, positive: float, cases: int, most: int, alike: float
) -> None:
    """Up to `most` answers of a case; of `alike` cases all answers are judged in the same way by both raters."""
    draws = np.random.default_rng(2)

    def sample(cases: int) -> tuple[list[tuple[bool, bool]], list[int]]:
        of_case = np.repeat(np.arange(cases), draws.integers(1, most + 1, cases))
        first = np.searchsorted(of_case, of_case)  # the first answer of each answer's case
        same = draws.random(cases)[of_case] < alike
        truth, one, other = (draws.random(len(of_case)) < share for share in (positive, right, right))
        truth, one, other = (np.where(same, each[first], each) for each in (truth, one, other))
        return list(zip((one == truth).tolist(), (other == truth).tolist(), strict=True)), of_case.tolist()

    truth, held, naive = agreement(sample(20_000)[0]), [0, 0, 0], 0
    for _ in range(400):
        rows, of_case = sample(cases)
        found = agreement(rows, of_case)
        for at, (mine, true) in enumerate(((found.raw, truth.raw), (found.kappa, truth.kappa), (found.ac1, truth.ac1))):
            held[at] += mine.low <= true.estimate <= mine.high
        alone = agreement(rows).ac1
        naive += alone.low <= truth.ac1.estimate <= alone.high
    assert all(0.925 <= one / 400 <= 0.985 for one in held), held
    assert naive / 400 < 0.9, "without knowing what belongs together it would be far too sure"


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=60))
def test_no_coefficient_leaves_its_range(rows: list[tuple[int, int]]) -> None:
    found = agreement(rows)
    for one in (found.kappa, found.ac1):
        assert -1 <= one.low <= one.estimate + 1e-9
        assert one.estimate - 1e-9 <= one.high <= 1


def test_rows_of_one_cluster_are_not_independent() -> None:
    """Intervals of raw agreement and AC1 hold the truth in 95 of 100 samples of 30 cases with 4 answers each."""
    draws, held, rounds = np.random.default_rng(5), [0, 0], 300
    truth = agreement(*_clustered(draws, 20_000))
    for _ in range(rounds):
        found = agreement(*_clustered(draws, 30))
        held[0] += found.raw.low <= truth.raw.estimate <= found.raw.high
        held[1] += found.ac1.low <= truth.ac1.estimate <= found.ac1.high
    assert all(0.91 <= each / rounds <= 0.985 for each in held), held


def _clustered(draws: np.random.Generator, cases: int) -> tuple[list[tuple[int, int]], list[int]]:
    """Two raters, who agree on a case's answers as often as the case is easy: from 0.5 to 1."""
    easy = np.repeat(draws.beta(2, 1, cases) / 2 + 0.5, 4)
    first = (draws.random(4 * cases) < 0.6).astype(int)
    same = draws.random(4 * cases) < easy
    second = np.where(same, first, 1 - first)
    return list(zip(first.tolist(), second.tolist(), strict=True)), [at // 4 for at in range(4 * cases)]


def test_perfect_agreement_of_few_is_no_certainty() -> None:
    few = agreement([(1, 1), (0, 0), (1, 1)])
    assert (few.ac1.estimate, few.ac1.high, few.kappa.estimate) == (1, 1, 1)
    assert few.ac1.low < 0.3
    many = agreement([(1, 1), (0, 0)] * 100)
    assert many.ac1.low > 0.95
    together = agreement([(1, 1), (0, 0)] * 100, [at // 50 for at in range(200)])
    assert together.ac1.low < 0.4, "two hundred answers to four cases are four"
    assert agreement([(1, 1)] * 20).kappa.low == -1, "where all say the same, kappa knows nothing"
    with pytest.raises(ValueError, match="its cluster"):
        agreement([(1, 1)], [])
