"""What a task tells to whom."""

from outrider.api.shapes_reviews import task
from outrider.evals.review.desk import Task
from outrider.evals.review.marks import Mark
from outrider.evals.review.queues import Plan, Queue, Source
from outrider.evals.review.rubric import parse
from outrider.evals.review.showing import Shown


def of(blind: bool) -> Task:
    queue = Queue("rev_1", "p", "q", "", 0, "open", 0, Plan(Source(where="x"), parse("a: yes/no"), 2, blind))
    said = [Mark(0, who, "review", "given", 0, 0, 1, {"a": "yes"}) for who in ("ann", "ben")]
    counts = {"waiting": 1, "disputed": 0, "settled": 0}
    return Task(queue, 0, "adjudicate", Shown([], [], []), {}, 0, counts, said, ["a"])


def test_nobody_is_named_where_reviewing_is_blind() -> None:
    assert [one.who for one in task(of(True)).said] == ["reviewer 1", "reviewer 2"]
    assert [one.who for one in task(of(False)).said] == ["ann", "ben"]
    assert task(None).item is None
