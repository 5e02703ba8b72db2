"""The public shapes of review queues, labels and judges. Times are RFC 3339 text in UTC, shares lie from 0 to 1."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from outrider.base import clock
from outrider.calibrate.agreement import Agreement
from outrider.calibrate.intervals import Interval
from outrider.evals.judging.known import Judge as Known
from outrider.evals.judging.labels import Label as Row
from outrider.evals.judging.measure import Standings
from outrider.evals.review import rubric
from outrider.evals.review.desk import Made, Task, others
from outrider.evals.review.figures import Figures
from outrider.evals.review.queues import Queue, Source, State, Status
from outrider.evals.review.results import Result
from outrider.evals.review.rubric import Field
from outrider.evals.review.showing import Part

__all__ = ["Interval", "Result"]


class NewReview(msgspec.Struct, forbid_unknown_fields=True):
    """A queue of what `source` says. `rubric` has a line for each field (`right: yes/no | Is it right?`), or is left
    out: then a judge's queue asks what the judge was asked. Each item has so many `reviewers`; `blind` ones see neither
    who answered, nor scores, nor each other's marks."""

    name: str
    source: Source
    rubric: str = ""
    reviewers: int = 1
    blind: bool = True


class Review(msgspec.Struct):
    """A review queue. `items` are counted by status: `waiting` for reviewers, `disputed`, or `settled`."""

    id: str
    name: str
    state: State
    created: str
    author: str
    source: Source
    rubric: str
    fields: list[Field]
    reviewers: int
    blind: bool
    items: dict[Status, int]


class ReviewList(msgspec.Struct):
    """Open ones first, then the newest."""

    reviews: list[Review]


class ReviewFigures(msgspec.Struct):
    """A queue, how far its reviewers agree (intervals know which items are about one case) and how fast they are."""

    review: Review
    figures: Figures


class Asking(msgspec.Struct, forbid_unknown_fields=True):
    """Who wants the next item. The key says who it is; with `who` it speaks for one of its people. `role` `adjudicate`:
    an item that reviewers disagree on and that they have not reviewed."""

    who: str = ""
    role: Literal["review", "adjudicate"] = "review"


class Mark(msgspec.Struct):
    """What somebody said of an item."""

    who: str
    role: str
    answers: dict[str, str | int | float]


class ReviewTask(msgspec.Struct):
    """The next item, kept for who asked for fifteen minutes. None: there is none for them. Who adjudicates sees what
    was `said`, and where reviewers `differ`; `before` is what they said before they took it back."""

    item: int | None
    role: str = ""
    asked: list[Part] = []
    passages: list[Part] = []
    answers: list[Part] = []
    expected: str = ""
    facts: dict[str, str] = {}
    problem: str = ""
    before: dict[str, Any] = {}
    said: list[Mark] = []
    differ: list[str] = []
    done: int = 0


class Answered(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody says of the item that they have: a value for every field of the rubric but texts. `skip`: they
    cannot say anything; it goes to somebody else."""

    answers: Mapping[str, Any] = {}
    who: str = ""
    skip: bool = False


class ItemState(msgspec.Struct):
    item: int
    status: Status


class Undone(msgspec.Struct):
    """The item that they have again, and what they had said."""

    item: int
    answers: dict[str, str | int | float]


class ResultList(msgspec.Struct):
    """Items in their order; `next` is the `first` of the next page."""

    results: list[Result]
    next: int | None


class NewReviewCases(msgspec.Struct, forbid_unknown_fields=True):
    """Settled items become cases of `dataset`. What the field `expected` says is what is expected; else, where the
    yes/no field `accept` says yes, what was answered is."""

    dataset: str
    expected: str = ""
    accept: str = ""


class ReviewCases(msgspec.Struct):
    """The dataset's version now, how many cases were made, and why items gave none."""

    dataset: str
    version: int
    made: int
    merged: int
    left: list[str]


class Label(msgspec.Struct):
    """What somebody says of an answer by a judge's rubric. `place` is the answer's in its experiment."""

    id: str
    at: str
    rubric: str
    who: str
    value: float
    note: str
    blind: bool
    drawn: bool
    settles: bool
    experiment: str
    place: int
    run: str


class LabelList(msgspec.Struct):
    """The newest first."""

    labels: list[Label]


class NewLabel(msgspec.Struct, forbid_unknown_fields=True):
    """`value` from 0 to 1 of the answer at `place` of `experiment`, by the rubric of its `judge` (the first one if not
    given). `blind`: without having seen what the judge says."""

    experiment: str
    place: int
    value: float
    judge: str = ""
    who: str = ""
    note: str = ""
    blind: bool = False


class HeldLabels(msgspec.Struct, forbid_unknown_fields=True):
    """Labels that were made elsewhere. `rows` have a field for each rater, and perhaps `case` (rows about one thing)
    and other fields; `raters` are the fields that count (all but `id`, `item` and `case`, if none are given). `people`
    and `judge` are the fields of their scores: the judge's mean is corrected."""

    rows: list[dict[str, str | float | bool | None]]
    raters: list[str] = []
    case: str = ""
    people: str = ""
    judge: str = ""


class Judge(msgspec.Struct):
    """A judge and whether it meets its bar. `words` say what speaks against believing it; empty where all is well.
    `rules` are those of live traffic that it judges."""

    id: str
    name: str
    kind: str
    model: str
    standing: str
    words: str
    bar: float
    agreement: Agreement
    experiments: list[str]
    rules: list[str]


class JudgeList(msgspec.Struct):
    """Those first that judged last."""

    judges: list[Judge]


def review(queue: Queue, counts: dict[Status, int]) -> Review:
    plan = queue.plan
    return Review(
        queue.id, queue.name, queue.state, clock.iso(queue.created), queue.author, plan.source,
        rubric.written(plan.fields), list(plan.fields), plan.reviewers, plan.blind, counts,
    )  # fmt: skip


def task(found: Task | None) -> ReviewTask:
    if found is None:
        return ReviewTask(None)
    shown = found.shown
    names = others(found)
    said = [Mark(names[one.who], one.role, one.answers) for one in found.said]
    return ReviewTask(
        found.place, found.role, shown.asked, shown.passages, shown.answers, shown.expected, shown.facts,
        shown.problem, dict(found.before), said, found.differ, found.mine,
    )  # fmt: skip


def made(found: Made) -> ReviewCases:
    version, merged = found.put
    return ReviewCases(version.dataset, version.version, found.cases, len(merged.merged), found.left)


def label(row: Row) -> Label:
    return Label(
        row.id, clock.iso(row.at), row.rubric, row.who, row.value, row.note, row.blind, row.drawn, row.settles,
        row.experiment, row.place, row.run,
    )  # fmt: skip


def judge(found: Known, standing: Standings) -> Judge:
    return Judge(
        found.id, found.name, found.evaluator.kind, found.evaluator.options.model, standing.standing, standing.words,
        standing.bar, standing.agreement, [one.id for one in found.experiments[:20]],
        found.rules,
    )  # fmt: skip
