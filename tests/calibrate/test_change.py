"""Changes are found soon, and where nothing changes there is no alarm more often than was promised."""

import numpy as np
import pytest

from outrider.calibrate.change import Watch, changes


def test_a_drop_is_found_soon_and_dated_well() -> None:
    draws = np.random.default_rng(0)
    scores = [*(draws.random(500) < 0.85), *(draws.random(300) < 0.6)]
    first = changes([float(one) for one in scores], 0.85)[0]
    assert first.down
    assert 500 <= first.at <= 600
    assert 470 <= first.since <= 530
    assert first.mean < 0.75


def test_a_gain_is_found_too() -> None:
    draws = np.random.default_rng(1)
    found = changes(np.clip(draws.normal(0.7, 0.1, 400), 0, 1).tolist(), 0.5)
    assert found
    assert not found[0].down


@pytest.mark.parametrize("usual", [0.5, 0.85, 0.99])
def test_where_nothing_changes_alarms_are_as_rare_as_promised(usual: float) -> None:
    draws, patience, length, alarms = np.random.default_rng(2), 500, 2_000, 0
    for _ in range(20):
        alarms += len(changes((draws.random(length) < usual).astype(float).tolist(), usual, slack=0, patience=patience))
    assert alarms <= 20 * length / patience


def test_what_is_no_score_is_refused() -> None:
    with pytest.raises(ValueError, match=r"1\.5 is no score"):
        Watch(0.5).see(1.5)
    with pytest.raises(ValueError, match="lie between 0 and 1"):
        Watch(1.2)
