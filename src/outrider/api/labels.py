"""`/api/labels`: what people say of answers that a judge judged; `/api/judges`: what the judges are worth."""

from outrider.api import shapes_reviews as shapes
from outrider.api.datasets import desk
from outrider.api.edge import Ask, Endpoint, Param
from outrider.api.reviews import who
from outrider.base.errors import RequestError
from outrider.evals import planning
from outrider.evals.judging import kin, known, measure, ratings
from outrider.evals.judging.labels import Labels
from outrider.evals.judging.pairs import is_verdict
from outrider.evals.review.filling import compares
from outrider.journal import where

MOST = 1_000
LARGEST = 1 << 20
"""Bytes of labels that are sent to be held against each other: about 20,000 rows of two raters."""
_ID = Param("id", "The judge's id, or the newest of a name.")


def _labels(ask: Ask) -> Labels:
    found = desk(ask).labels
    if found is None:
        raise RequestError("this process serves no labels", status=503, code="not_served")
    return found


def list_(ask: Ask) -> shapes.LabelList:
    limit = where.whole("limit", ask.query["limit"], 1, MOST) if "limit" in ask.query else 100
    rows = _labels(ask).newest(ask.who.project, limit, rubric=ask.query.get("rubric", ""))
    return shapes.LabelList([shapes.label(row) for row in rows])


def add(ask: Ask) -> shapes.Label:
    """Of an answer that the reviewer chose, so it says nothing about others: it is not `drawn`."""
    said: shapes.NewLabel = ask.body
    experiments = desk(ask).experiments
    found = experiments.get(ask.who.project, said.experiment)
    judges = kin.judges(planning.read(found.plan))
    judge = next((one for one in judges if said.judge in ("", one.name)), None)
    if judge is None:
        there = ", ".join(one.name for one in judges) or "none"
        raise RequestError(f"{found.name} has no judge {said.judge[:60]!r}; there are: {there}", param="judge")
    if compares(judge):
        raise RequestError("two answers are compared by a review queue: `POST /api/reviews`", param="judge")
    done = next(iter(experiments.at(found.id, [said.place] if 0 <= said.place < found.items else [])), None)
    if done is None or not is_verdict(done, judge.name):
        raise RequestError(
            f"{judge.name} judged no answer at {said.place}", status=404, code="unknown_item", param="place"
        )
    row = _labels(ask).add(
        ask.who.project, found.id, judge.name, done, who(ask, said.who), said.value, note=said.note, blind=said.blind
    )
    return shapes.label(row)


def judges(ask: Ask) -> shapes.JudgeList:
    labels, experiments, project = _labels(ask), desk(ask).experiments, ask.who.project
    found = known.judges(experiments, project, _live(ask))
    return shapes.JudgeList([shapes.judge(one, known.held(experiments, labels, project, one)[0]) for one in found])


def judge_(ask: Ask) -> measure.Calibration:
    """By the newest experiment in which it judged, or by live traffic alone."""
    labels, experiments, project = _labels(ask), desk(ask).experiments, ask.who.project
    found = known.named(experiments, project, ask.path["id"], _live(ask))
    return known.calibration(experiments, labels, project, found, next(iter(found.experiments), None))[0]


def agreement(ask: Ask) -> ratings.Ratings:
    said: shapes.HeldLabels = ask.body
    return ratings.held(said.rows, said.raters, said.case, said.people, said.judge)


def _live(ask: Ask) -> known.Live:
    return ask.deps.online.judges(ask.who.project) if ask.deps.online is not None else []


ENDPOINTS = [
    Endpoint(
        "GET", "/api/labels", "What people say of answers, the newest first", shapes.LabelList, read=list_,
        query=[
            Param("rubric", "Only by this judge's rubric."),
            Param("limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": MOST}),
        ],
    ),
    Endpoint(
        "POST", "/api/labels", "Say what an answer of an experiment is worth", shapes.Label, read=add,
        takes=shapes.NewLabel, status=201,
    ),
    Endpoint(
        "POST", "/api/judges/agreement", "How far raters agree whose labels are sent", ratings.Ratings, read=agreement,
        takes=shapes.HeldLabels, largest=LARGEST,
    ),
    Endpoint("GET", "/api/judges", "Judges, and whether they meet their bars", shapes.JudgeList, read=judges),
    Endpoint(
        "GET", "/api/judges/{id}", "All that is known of a judge", measure.Calibration, read=judge_, params=[_ID]
    ),
]  # fmt: skip
