"""What judges are worth: which there are and whether they meet their bars; one with its confusion, its agreement with
people over time, its leanings, and its scores corrected."""

from urllib.parse import urlencode

import msgspec
from starlette.routing import Route

from outrider.base.errors import RequestError
from outrider.calibrate.agreement import Agreement
from outrider.calibrate.corrected import Corrected
from outrider.calibrate.intervals import Interval
from outrider.console.edge import Edge, View
from outrider.console.pages.experiment import WIDE, Bar
from outrider.console.pages.experiments import desk_of
from outrider.evals.evaluators import judge as by_rubric
from outrider.evals.experiments import Experiment
from outrider.evals.judging import known
from outrider.evals.judging.labels import Labels
from outrider.evals.judging.measure import Bias
from outrider.evals.judging.pairs import is_verdict
from outrider.evals.review.filling import compares

MOST_LISTED = 20


class Card(msgspec.Struct):
    """A judge with what is known of it. `standing` is meets, unsure, below or unmeasured; `rules` are those by which it
    judges live traffic."""

    id: str
    name: str
    model: str
    rubric: str
    standing: str
    words: str
    bar: float
    ac1: Interval
    labels: int
    rules: list[str]


class Context(msgspec.Struct):
    """Those first that judged last."""

    cards: list[Card]


class Leaning(msgspec.Struct):
    """A way in which it may lean, in points of its score; None: nothing can be known yet, and `why`."""

    words: str
    bias: Bias | None
    why: str


class Point(msgspec.Struct):
    """Some labelled answers after each other."""

    at: int
    experiment: str
    raw: Interval
    bar: Bar


class One(msgspec.Struct):
    """A judge. `choices` are what it may say, the worst first: rows of `confusion` are what people say, columns what
    the judge says. `corrected` are scores by variant in the experiment that is shown, `uncorrected` why there are none.
    `review` begins a queue about it. `live` is the agreement on live traffic, by rule."""

    card: Card
    kind: str
    agreement: Agreement
    people: Agreement | None
    choices: list[str]
    confusion: list[list[int]]
    leanings: list[Leaning]
    flips: Interval | None
    points: list[Point]
    drift: list[str]
    corrected: list[tuple[str, Corrected]]
    experiment: str
    experiments: list[tuple[str, str]]
    review: str
    uncorrected: str
    live: list[tuple[str, Agreement]]


def _labels(view: View) -> Labels:
    found = desk_of(view).labels
    if found is None:
        raise RequestError("this process serves no labels", status=503, code="not_served")
    return found


def load(view: View) -> Context:
    experiments, project = desk_of(view).experiments, view.session.project
    return Context([_card(view, one) for one in known.judges(experiments, project, _live(view))[:MOST_LISTED]])


def _live(view: View) -> known.Live:
    return view.deps.online.judges(view.session.project) if view.deps.online is not None else []


def _card(view: View, one: known.Judge) -> Card:
    standing, pairs = known.held(desk_of(view).experiments, _labels(view), view.session.project, one)
    options = one.evaluator.options
    return Card(
        one.id, one.name, options.model, options.rubric, standing.standing, standing.words, standing.bar,
        standing.agreement.ac1, sum(len(pair.people) for pair in pairs), one.rules,
    )  # fmt: skip


def load_one(view: View) -> One:
    experiments, labels, project = desk_of(view).experiments, _labels(view), view.session.project
    judge = known.named(experiments, project, view.path["id"], _live(view))
    wanted = view.query.get("experiment", "")
    chosen = next((one for one in judge.experiments if wanted in (one.id, one.name)), None)
    if chosen is None and wanted:
        raise RequestError(f"it judged in no experiment {wanted[:80]!r}", status=404, param="experiment")
    shown = chosen or next(iter(judge.experiments), None)
    found, uncorrected = known.calibration(experiments, labels, project, judge, shown)
    standing, pairs = known.held(experiments, labels, project, judge)
    drift = [
        f"agreement went {'down' if one.down else 'up'} to {one.mean:.2f}, {one.since} labels after the first 50"
        for one in found.drift
    ]
    return One(
        _card(view, judge), judge.evaluator.kind, standing.agreement, found.people, _choices(judge), found.confusion,
        _leanings(found.position, found.length, found.own, compared=compares(judge.evaluator)), found.flips,
        [_point(one) for one in known.over_time(judge.evaluator, pairs)][-24:], drift, list(found.corrected.items()),
        shown.id if shown is not None else "", [(one.id, one.name) for one in judge.experiments[:MOST_LISTED]],
        _review(view, judge, shown), uncorrected,
        [(rule, one.agreement) for rule, one in known.on_live(judge.evaluator, pairs)],
    )  # fmt: skip


def _review(view: View, judge: known.Judge, shown: Experiment | None) -> str:
    """Where a queue about it is begun: of an experiment in which it judged, or of the first of its rules."""
    experiments = desk_of(view).experiments
    if shown is not None and any(is_verdict(one, judge.name) for one in experiments.done(shown.id)):
        name, about = shown.name, {"experiment": shown.id}
    elif judge.rules:
        name, about = judge.rules[0], {"rule": judge.rules[0]}
    else:
        return ""
    called = f"{judge.name} {name}"[:100].replace("/", "-")
    return f"/reviews?{urlencode({'name': called, **about, 'judge': judge.name})}"


def _choices(judge: known.Judge) -> list[str]:
    if compares(judge.evaluator):
        return ["worse", "tie", "better"]
    return list(by_rubric.choices(judge.evaluator.options.levels))


def _leanings(position: Bias | None, length: Bias | None, own: Bias | None, *, compared: bool) -> list[Leaning]:
    alone = "needs labelled answers, longer and shorter ones"
    side = "needs comparisons" if compared else "it sees one answer at a time"
    return [
        Leaning("the answer shown first", position, side),
        Leaning("longer answers", length, alone),
        Leaning("its own family", own, "needs labelled answers of its own family and of others"),
    ]


def _point(one: known.Portion) -> Point:
    low, high, at = (round(WIDE * x, 1) for x in (one.raw.low, one.raw.high, one.raw.estimate))
    return Point(one.at, one.experiment, one.raw, Bar(low, high, at))


def routes(edge: Edge) -> list[Route]:
    return [*edge.page("/judges", load, "judges.html"), *edge.page("/judges/{id}", load_one, "judge.html")]
