"""Sample sizes against the textbook, and against the intervals that they are for: by simulation."""

import numpy as np
import pytest

from outrider.calibrate import intervals, paired, sizes


def test_shares_as_everybody_knows_them() -> None:
    assert sizes.for_share(0.5, 0.05) == 385
    assert sizes.for_share(0.5, 0.03) == 1068
    with pytest.raises(ValueError, match="width"):
        sizes.for_share(0.5, 0)


def test_a_mean_is_told_from_a_bound_as_in_the_textbook() -> None:
    assert sizes.for_difference(0.5, 0.0, 1.0) == 34  # Cohen 1988: of one sample, d = 0.5, power 0.8
    assert sizes.for_difference(-0.5, 0.0, 1.0) == 34
    assert sizes.for_difference(0.0, 0.0, 1.0) is None
    assert sizes.for_difference(1e-9, 0.0, 1.0) is None, "as good as on the bound"


@pytest.mark.parametrize(
    ("lost", "won", "bound"),
    [(0.0, 0.0, -0.02), (0.01, 0.01, -0.02), (0.05, 0.05, -0.05), (0.2, 0.2, -0.1), (0.02, 0.1, 0.0), (0.1, 0.0, 0.0)],
)
def test_so_many_cases_show_it_in_four_of_five_tries(lost: float, won: float, bound: float) -> None:
    """Also that a variant is no worse by more than a margin (`bound` below 0), where no difference was seen at all."""
    draws, gaps, chances = np.random.default_rng(0), [-1.0, 0.0, 1.0], [lost, 1 - lost - won, won]
    mean, spread = won - lost, (won + lost - (won - lost) ** 2) ** 0.5
    n = sizes.for_difference(mean, bound, spread, size=1.0)
    assert n is not None

    def shown(n: int) -> float:
        found = [paired.compare(draws.choice(gaps, n, p=chances).tolist(), [0.0] * n, scale=1.0) for _ in range(300)]
        return sum(one.low >= bound if mean > bound else one.high <= bound for one in found) / 300

    if spread:
        assert 0.7 <= shown(n) <= 0.9
        assert shown(n // 3) < 0.6
    else:
        assert n == 139, "by the spread of a coin it would be 4906"
        assert paired.compare([1.0] * n, [1.0] * n).low >= bound > paired.compare([1.0] * 137, [1.0] * 137).low


@pytest.mark.parametrize(("p", "bound"), [(0.95, 0.9), (0.5, 0.4), (0.02, 0.05), (0.7, 0.8)])
def test_so_many_cases_tell_a_share_from_a_bound(p: float, bound: float) -> None:
    n = sizes.for_bound(p, bound)
    assert n is not None
    draws = np.random.default_rng(0)

    def told(n: int) -> float:
        found = [intervals.share(int(hits), n) for hits in draws.binomial(n, p, 1_000)]
        return sum(one.low >= bound if p > bound else one.high <= bound for one in found) / 1_000

    assert 0.74 <= told(n) <= 0.87
    assert told(n // 3) < 0.55


def test_what_never_varied_needs_no_more_than_its_own_number_says() -> None:
    n = sizes.for_bound(1.0, 0.9)
    assert n is not None
    assert intervals.share(n, n).low >= 0.9 > intervals.share(n - 1, n - 1).low
    assert sizes.for_bound(1.0, 1.0) is None
    few = sizes.for_bound(0.8, 0.75, spread=0.2)
    assert few is not None
    assert few < (sizes.for_bound(0.8, 0.75) or 0) / 3, "scores that vary less need fewer"
