"""Two groups of different things: intervals and false alarms as stated."""

import math

import numpy as np
import pytest

from outrider.calibrate.groups import compare


@pytest.mark.parametrize("sizes", [(12, 40), (30, 30), (8, 8)])
def test_95_of_100_intervals_hold_the_difference(sizes: tuple[int, int]) -> None:
    draws, held, alarms = np.random.default_rng(5), 0, 0
    for _ in range(200):
        one = (draws.random(sizes[0]) < 0.85).astype(float)
        other = (draws.random(sizes[1]) < 0.6).astype(float)
        found = compare(one.tolist(), other.tolist())
        held += found.low <= 0.25 <= found.high
        alike = compare(one.tolist(), (draws.random(sizes[1]) < 0.85).astype(float).tolist())
        alarms += alike.p < 0.05
    assert held / 200 >= 0.93
    assert alarms / 200 <= 0.08


def test_what_is_plain_is_seen() -> None:
    found = compare([1.0] * 20, [0.0] * 20)
    assert (found.estimate, found.n) == (1.0, 20)
    assert found.p < 0.01
    assert found.low > 0.5
    assert compare([0.0] * 20, [0.0] * 20).p == 1.0


def test_without_a_group_nothing_is_known() -> None:
    found = compare([], [1.0])
    assert (found.n, found.p, found.low, found.high) == (0, 1.0, -math.inf, math.inf)
