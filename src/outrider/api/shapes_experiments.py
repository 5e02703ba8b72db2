"""The public shapes of experiments. Amounts are nano-dollars, times RFC 3339 text in UTC (null: not yet)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from outrider.base import clock
from outrider.evals import desk
from outrider.evals.compare import Report
from outrider.evals.desk import Compared, State
from outrider.evals.diagnosed import Looked
from outrider.evals.diagnosis import Diagnosis, Stage
from outrider.evals.diffs import Change
from outrider.evals.experiments import Done, Progress
from outrider.evals.experiments import Experiment as Row
from outrider.evals.records import Call, Score
from outrider.evals.redteam import report as redteam


class Experiment(msgspec.Struct):
    """`done` of `items` answers are there. `interrupted`: whoever worked on it is gone, and it can be resumed. `why`
    says why it stopped. `author` is the public part of a key, or empty."""

    id: str
    name: str
    state: State
    author: str
    created: str
    ended: str | None
    dataset: str
    version: int
    items: int
    done: int
    cost: int
    why: str


class ExperimentList(msgspec.Struct):
    """The newest first; `next` is the `before` of the next page."""

    experiments: list[Experiment]
    next: str | None


class ExperimentReport(msgspec.Struct):
    """What it says so far. `verdict` is the worst of its gates, null without any."""

    experiment: Experiment
    verdict: str | None
    report: Report


class NewExperiment(msgspec.Struct, forbid_unknown_fields=True):
    """`suite` is the YAML text of a suite, or its fields. Its dataset is a stored one, its variants are routes."""

    suite: str | dict[str, Any]


class Answer(msgspec.Struct):
    """What came of one case in one variant; `turn` counts repeats from 0. `run` is the run's id, if there is one."""

    place: int
    case: str
    variant: str
    turn: int
    status: str
    text: str
    calls: list[Call]
    error: str
    run: str
    cost: int
    seconds: float
    cached: bool
    scores: Mapping[str, Score]


class AnswerList(msgspec.Struct):
    """By place; `next` is the `after` of the next page."""

    answers: list[Answer]
    next: int | None


class CaseChange(msgspec.Struct):
    """A case in the baseline and in the variant. `before` and `after` are means of the score over repeats (null: it
    says nothing)."""

    case: str
    change: Change
    before: float | None
    after: float | None
    answers: list[Answer]


class Difference(msgspec.Struct):
    """A page of the cases, the worst first, and how many changed in which way; `next` is the `first` of the next
    page. `notes` say what speaks against believing a judge's score, by the names of scores."""

    score: str
    variant: str
    baseline: str
    counts: dict[Change, int]
    cases: list[CaseChange]
    total: int
    next: int | None
    notes: Mapping[str, str] = {}


class Diagnosed(msgspec.Struct):
    """Which stage failed, by variant, and a page of the answers that are not right; `next` is the `first` of the next
    page. `looked` of `total` answers were looked at: ask again for the others. `score` says which answers are right
    (empty: those that say what is expected)."""

    score: str
    stages: dict[str, dict[Stage, int]]
    answers: list[Diagnosis]
    looked: int
    total: int
    next: int | None


class AttackInLibrary(msgspec.Struct):
    """`taxonomy` is a number of the OWASP list for LLM applications, 2025; `goal` what the attacker wants."""

    id: str
    family: str
    severity: str
    taxonomy: str
    language: str
    goal: str


class AttackLibrary(msgspec.Struct):
    """`families` with how many attacks each has; `mutators` are what attacks are dressed in."""

    families: dict[str, int]
    attacks: list[AttackInLibrary]
    mutators: list[str]


class AttackReport(msgspec.Struct):
    """`verdict` is the worst of the gates that were asked for, null without any. Rates are of the survey alone, since
    the search goes where successes are."""

    experiment: Experiment
    verdict: str | None
    report: redteam.Report


class NewAttackCases(msgspec.Struct, forbid_unknown_fields=True):
    """`dataset` gets what succeeded, beside what it has."""

    dataset: str


class AttackCases(msgspec.Struct):
    """`made` successes are cases of the dataset's new `version`, which has `cases` in all."""

    made: int
    dataset: str
    version: int
    cases: int


class Evaluator(msgspec.Struct):
    """What an evaluator does. `better`: `higher` scores lie between 0 and 1; `lower` and `none` are measures of
    `unit`."""

    name: str
    what: str
    better: str
    unit: str


class EvaluatorList(msgspec.Struct):
    evaluators: list[Evaluator]


def experiment(row: Row, progress: Progress) -> Experiment:
    state = desk.state(row)
    return Experiment(
        row.id, row.name, state, row.author, clock.iso(row.created),
        clock.iso(row.ended) if row.ended else None, str(row.plan.get("dataset", "")), int(row.plan.get("version", 0)),
        progress.items, progress.done, progress.cost, "" if state == "running" else str(row.about.get("why", "")),
    )  # fmt: skip


def reported(row: Row, progress: Progress, report: Report) -> ExperimentReport:
    return ExperimentReport(experiment(row, progress), report.verdict if report.gates else None, report)


def answer(done: Done) -> Answer:
    item, outcome = done.item, done.outcome
    return Answer(
        item.place, item.case_id, item.variant, item.turn, outcome.status, outcome.text, outcome.calls, outcome.error,
        outcome.run, outcome.cost, outcome.seconds, outcome.cached, done.scores,
    )  # fmt: skip


def difference(found: Compared, answers: Mapping[str, list[Done]], first: int, notes: Mapping[str, str]) -> Difference:
    cases = [
        CaseChange(
            line.case, line.change, line.before, line.after, [answer(one) for one in answers[line.case]]
        )
        for line in found.lines
    ]  # fmt: skip
    more = first + len(cases)
    return Difference(
        found.score, found.variant, found.baseline, found.counts, cases, found.total,
        more if more < found.total else None, notes,
    )  # fmt: skip


def diagnosed(found: Looked, first: int, limit: int) -> Diagnosed:
    more = first + limit
    return Diagnosed(
        found.score, found.stages, found.wrong[first:more], found.looked, found.total,
        more if more < len(found.wrong) else None,
    )  # fmt: skip
