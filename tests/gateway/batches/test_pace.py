"""How wide a lane is: narrower with each refusal, wider with each answer, closed for as long as was said."""

import pytest

from outrider.gateway.batches.pace import LONGEST, LONGEST_SAID, SECOND, SHORTEST, Lane


def test_it_opens_whole_and_halves_once_for_a_burst() -> None:
    lane = Lane(16)
    assert lane.is_open(0)
    lane.flying = 16
    assert not lane.is_open(0)
    for _ in range(10):
        lane.refused(0, 2.0)
    assert (lane.width, lane.until) == (8.0, 2 * SECOND)
    lane.good()
    assert lane.width == 8.125
    lane.flying = 0
    assert (lane.is_open(2 * SECOND - 1), lane.is_open(2 * SECOND)) == (False, True)


def test_it_never_closes_for_ever_and_grows_again() -> None:
    lane, now = Lane(4), 0
    for _ in range(50):
        lane.refused(now, None)
        assert lane.until - now <= LONGEST * SECOND
        now = lane.until
    assert lane.width == 1.0
    assert lane.is_open(now)
    lane.good()
    assert lane.width < 1.1
    for _ in range(400):
        lane.good()
    assert lane.width == 4.0
    lane.refused(now, None)
    assert SHORTEST / 2 * SECOND <= lane.until - now <= SHORTEST * SECOND


def test_it_remembers_how_many_were_borne() -> None:
    lane = Lane(8)
    lane.flying = 3
    lane.refused(0, 0.0)
    for _ in range(20):
        lane.good()
    assert 3.0 <= lane.width < 3.5


@pytest.mark.parametrize(("said", "closed"), [(1e9, LONGEST_SAID), (0.5, 0.5), (-1.0, 0.0)])
def test_what_was_said_counts_within_reason(said: float, closed: float) -> None:
    lane = Lane(1)
    lane.refused(0, said)
    assert lane.until == closed * SECOND
