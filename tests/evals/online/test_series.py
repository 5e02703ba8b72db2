"""Points of a series."""

from outrider.base.clock import HOUR_NS
from outrider.evals.online.series import Point, overall, points

DAY = 24 * HOUR_NS


def test_every_hour_has_a_point_and_weights_count() -> None:
    rows = [(10 * HOUR_NS, 1.0, 9.0), (10 * HOUR_NS + 5, 0.0, 1.0), (11 * HOUR_NS, None, 1.0)]
    first, second, third = points(rows, [(10, 40), (12, 3)], "hour", 10 * HOUR_NS, 13 * HOUR_NS)
    assert (first.seen, first.scored, first.estimate) == (40, 2, 0.9)
    assert second == Point(11 * HOUR_NS, 0, 0, 1)
    assert third == Point(12 * HOUR_NS, 3, 0, 0)


def test_days_and_nothing() -> None:
    assert [one.seen for one in points([], [(1, 2), (23, 3), (25, 4)], "day", 0, 2 * DAY)] == [5, 4]
    assert overall([]) is None
