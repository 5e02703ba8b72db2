"""Sample sizes against the textbook."""

import numpy as np
import pytest

from outrider.calibrate import paired, sizes


def test_shares_as_everybody_knows_them() -> None:
    assert sizes.for_share(0.5, 0.05) == 385
    assert sizes.for_share(0.5, 0.03) == 1068
    with pytest.raises(ValueError, match="width"):
        sizes.for_share(0.5, 0)


def test_so_many_cases_show_the_difference_in_four_of_five_tries() -> None:
    n = sizes.for_difference(1.0, 0.5)
    assert n == 32  # 31.4: Cohen 1988, with the normal in place of Student's distribution
    draws = np.random.default_rng(0)
    seen = [paired.compare(draws.normal(0.5, 1, n).tolist(), [0.0] * n).low > 0 for _ in range(300)]
    assert 0.7 <= sum(seen) / 300 <= 0.9
    assert sizes.for_difference(1.0, 0.0) is None
