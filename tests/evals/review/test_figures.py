"""Progress, agreement and pace from what was said."""

import pytest

from outrider.evals.review.figures import DAY, figures
from outrider.evals.review.marks import Mark
from outrider.evals.review.queues import Item, Plan, Source
from outrider.evals.review.rubric import parse

PLAN = Plan(Source(where="x"), parse("right: yes/no\nnote: text"), 2)
SECOND = 1_000_000_000


def mark(place: int, who: str, said: str, *, seconds: int = 10, at: int = 10**18, role: str = "review") -> Mark:
    return Mark(place, who, role, "given", 0, at - seconds * SECOND, at, {"right": said})  # type: ignore[arg-type]


def test_of_nothing_nothing_is_said() -> None:
    found = figures(PLAN, {"waiting": 1, "disputed": 0, "settled": 0}, [Item(0, "run:a", "", "waiting")], [], 10**18)
    assert (found.marks, found.doubly, found.paces, found.all) == (0, 0, [], None)
    assert [(one.field, one.agreement) for one in found.agreements] == [("right", None)]


def test_pace_is_of_the_time_that_people_worked() -> None:
    now = 10**18
    marks = [
        mark(0, "ann", "yes", seconds=10),
        mark(1, "ann", "yes", seconds=20, at=now - 2 * DAY),
        mark(2, "ann", "no", seconds=60),
        mark(0, "ben", "yes", seconds=0),
        mark(2, "ben", "no", seconds=30, role="adjudicate"),
    ]
    found = figures(PLAN, {"waiting": 0, "disputed": 0, "settled": 3}, [], marks[:0], now)
    items = [Item(n, f"run:{n}", "", "settled") for n in range(3)]
    found = figures(PLAN, {"waiting": 0, "disputed": 0, "settled": 3}, items, marks, now)
    ann, ben = found.paces
    assert (ann.who, ann.reviewed, ann.median_seconds, ann.per_hour) == ("ann", 3, 20.0, 120.0)
    assert (ben.reviewed, ben.adjudicated) == (1, 1)
    assert (found.last_day, found.doubly) == (4, 1)


def test_items_of_one_case_are_not_independent() -> None:
    marks, apart, together = [], [], []
    for place in range(40):
        same = place % 8 >= 4  # four answers to a case are seen alike
        marks += [mark(place, "ann", "yes"), mark(place, "ben", "yes" if same else "no")]
        apart.append(Item(place, f"place:{place}", "", "settled"))
        together.append(Item(place, f"place:{place}", f"c{place // 4}", "settled"))
    counts = {"waiting": 0, "disputed": 0, "settled": 40}
    wide, narrow = (
        figures(PLAN, counts, items, marks, 10**18).agreements[0].agreement  # type: ignore[arg-type]
        for items in (together, apart)
    )
    assert wide is not None
    assert narrow is not None
    assert wide.raw.estimate == narrow.raw.estimate == pytest.approx(0.5)
    assert wide.raw.high - wide.raw.low > 1.5 * (narrow.raw.high - narrow.raw.low)
