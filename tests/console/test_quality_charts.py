"""Series as they are drawn."""

from outrider.base.clock import HOUR_NS
from outrider.console.quality_charts import chart
from outrider.evals.online.book import Changed
from outrider.evals.online.series import Point


def point(hour: int, estimate: float | None) -> Point:
    if estimate is None:
        return Point(hour * HOUR_NS, 5, 0, 0)
    return Point(hour * HOUR_NS, 5, 2, 0, estimate, estimate - 0.1, estimate + 0.1)


def test_gaps_are_gaps_and_changes_are_marked() -> None:
    change = Changed("p", "r", "e", "v", 9, 5, 2 * HOUR_NS, 0, True, 0.1, 0.9)
    made = chart([point(0, 0.5), point(1, None), point(2, 0.2), point(3, 0.3)], [change], "higher")
    assert made.lines == ["125.0,80.0", "625.0,128.0 875.0,112.0"]
    assert made.bands[0] == "62.5,64.0 187.5,64.0 187.5,96.0 62.5,96.0"
    assert (made.marks, made.top, made.until) == ([500.0], "1", 4 * HOUR_NS)
    assert made.dots[0].says == "1970-01-01 00:00 UTC: 0.5 [0.4, 0.6], 2 scored of 5"
    assert "3 of 4" in made.says


def test_measures_have_a_scale_of_their_own_and_nothing_is_drawn_of_nothing() -> None:
    assert chart([point(0, 4.9)], [], "lower").top == "5"
    assert chart([], [], "higher").lines == []
    assert chart([point(0, None)], [], "higher").dots == []
