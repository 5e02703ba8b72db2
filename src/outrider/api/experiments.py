"""`/api/experiments`: begin them, stop and resume them, read what came of them; `/api/evaluators`."""

from typing import Any

from outrider.api import shapes_experiments as shapes
from outrider.api.edge import Ask, Endpoint, Param
from outrider.base.errors import RequestError
from outrider.evals import evaluators
from outrider.evals.desk import Desk
from outrider.evals.diagnosis import STAGES
from outrider.evals.diffs import CHANGES
from outrider.journal import where

MOST = 200
MOST_CASES = 50

_ID = Param("id", "The experiment's id, or the newest of a name.")
_SCORE = Param("score", "By which evaluator; the first one if not given.")
_VARIANT = Param("variant", "Which variant beside the baseline; the first other one if not given.")
_CHANGE = Param("change", "Only cases that changed in this way.", {"type": "string", "enum": list(CHANGES)})
_RIGHT = Param("score", "The evaluator that says what is right; the first one that can if not given.")
_ONE = Param("variant", "One variant alone.")
_STAGE = Param("stage", "Only answers on which this stage failed.", {"type": "string", "enum": list(STAGES)})
_BEFORE = Param("before", "The `next` of the page before.")
_AFTER = Param("after", "The `next` of the page before.", {"type": "integer"})
_FIRST = Param("first", "The `next` of the page before.", {"type": "integer", "minimum": 0})


def _limit(most: int) -> Param:
    return Param("limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": most})


def _desk(ask: Ask) -> Desk:
    if ask.deps.experiments is None:
        raise RequestError("this process serves no experiments", status=503, code="not_served")
    return ask.deps.experiments


def _whole(ask: Ask, name: str, least: int, most: int, usual: int) -> int:
    return where.whole(name, ask.query[name], least, most) if name in ask.query else usual


def list_(ask: Ask) -> shapes.ExperimentList:
    desk, limit = _desk(ask), _whole(ask, "limit", 1, MOST, 50)
    found = desk.experiments.newest(ask.who.project, limit, _whole(ask, "before", 0, 2**63 - 1, 0))
    more = str(found[-1].created) if len(found) == limit else None
    return shapes.ExperimentList([shapes.experiment(one, desk.progress(one)) for one in found], more)


def begin(ask: Ask) -> shapes.Experiment:
    """It is worked on in the background, asked in the name of the key."""
    desk = _desk(ask)
    made = desk.begin(ask.who, ask.body.suite)
    return shapes.experiment(made, desk.progress(made))


def get(ask: Ask) -> shapes.ExperimentReport:
    desk = _desk(ask)
    found = desk.experiments.get(ask.who.project, ask.path["id"])
    return shapes.reported(found, desk.progress(found), desk.read(found).report)


def items(ask: Ask) -> shapes.AnswerList:
    desk, limit = _desk(ask), _whole(ask, "limit", 1, MOST, 50)
    found = desk.experiments.get(ask.who.project, ask.path["id"])
    after = _whole(ask, "after", -1, 2**31, -1)
    done = desk.experiments.at(found.id, range(after + 1, min(found.items, after + 1 + limit)))
    last = after + limit
    return shapes.AnswerList([shapes.answer(one) for one in done], last if last < found.items - 1 else None)


def diff(ask: Ask) -> shapes.Difference:
    desk, first = _desk(ask), _whole(ask, "first", 0, 2**31, 0)
    found = desk.experiments.get(ask.who.project, ask.path["id"])
    named: dict[str, Any] = {name: ask.query.get(name, "") for name in ("score", "variant", "change")}
    compared = desk.compared(found, **named, first=first, limit=_whole(ask, "limit", 1, MOST_CASES, 20))
    return shapes.difference(compared, desk.answers(found, compared.lines), first, desk.notes(found))


def diagnosis(ask: Ask) -> shapes.Diagnosed:
    desk, first, limit = _desk(ask), _whole(ask, "first", 0, 2**31, 0), _whole(ask, "limit", 1, MOST, 50)
    found = desk.experiments.get(ask.who.project, ask.path["id"])
    named: dict[str, Any] = {name: ask.query.get(name, "") for name in ("score", "variant", "stage")}
    return shapes.diagnosed(desk.diagnosed(found, **named), first, limit)


def stop(ask: Ask) -> shapes.Experiment:
    desk = _desk(ask)
    found = desk.stop(ask.who, ask.path["id"])
    return shapes.experiment(found, desk.progress(found))


def resume(ask: Ask) -> shapes.Experiment:
    desk = _desk(ask)
    found = desk.resume(ask.who, ask.path["id"])
    return shapes.experiment(found, desk.progress(found))


def evaluators_(ask: Ask) -> shapes.EvaluatorList:
    found = []
    for name, what in evaluators.kinds().items():
        better, unit = evaluators.measures(name)
        found.append(shapes.Evaluator(name, what, better, unit))
    return shapes.EvaluatorList(found)


ENDPOINTS = [
    Endpoint(
        "GET",
        "/api/experiments",
        "Experiments, the newest first",
        shapes.ExperimentList,
        read=list_,
        query=[_BEFORE, _limit(MOST)],
    ),
    Endpoint(
        "POST",
        "/api/experiments",
        "Begin an experiment from a suite",
        shapes.Experiment,
        read=begin,
        takes=shapes.NewExperiment,
        status=201,
    ),
    Endpoint(
        "GET",
        "/api/experiments/{id}",
        "An experiment and what it says so far",
        shapes.ExperimentReport,
        read=get,
        params=[_ID],
    ),
    Endpoint(
        "GET",
        "/api/experiments/{id}/items",
        "Its answers with their scores",
        shapes.AnswerList,
        read=items,
        params=[_ID],
        query=[_AFTER, _limit(MOST)],
    ),
    Endpoint(
        "GET",
        "/api/experiments/{id}/diff",
        "A variant beside the baseline, case by case",
        shapes.Difference,
        read=diff,
        params=[_ID],
        query=[_SCORE, _VARIANT, _CHANGE, _FIRST, _limit(MOST_CASES)],
    ),
    Endpoint(
        "GET",
        "/api/experiments/{id}/diagnosis",
        "Which stage failed where answers from documents are wrong",
        shapes.Diagnosed,
        read=diagnosis,
        params=[_ID],
        query=[_RIGHT, _ONE, _STAGE, _FIRST, _limit(MOST)],
    ),
    Endpoint(
        "POST", "/api/experiments/{id}/stop", "Stop it; it can be resumed", shapes.Experiment, read=stop, params=[_ID]
    ),
    Endpoint("POST", "/api/experiments/{id}/resume", "Go on with it", shapes.Experiment, read=resume, params=[_ID]),
    Endpoint("GET", "/api/evaluators", "What answers can be held against", shapes.EvaluatorList, read=evaluators_),
]
