"""The judges of a project: every rubric that judged in an experiment, and how far it agreed with people over time."""

from collections.abc import Sequence
from typing import Any

import msgspec

from outrider.base.errors import ConfigError, RequestError
from outrider.calibrate import intervals
from outrider.calibrate.intervals import Interval
from outrider.evals import evaluators, planning
from outrider.evals.evaluators import Evaluator
from outrider.evals.experiments import Experiment, Experiments
from outrider.evals.judging import live as live_scores
from outrider.evals.judging.labels import Labels
from outrider.evals.judging.measure import Calibration, Standings, calibrated, levels, measure, standing
from outrider.evals.judging.pairs import Pair, gather
from outrider.evals.records import digest

MOST = 200
"""Experiments that are looked at, the newest."""
PORTION = 20
"""Labelled answers that make one point in time."""


class Judge(msgspec.Struct):
    """A judge: what it is called and asked. `id` changes with its model, rubric and options; `experiments` are those in
    which it judged, the newest first, `rules` those by which it judges live traffic."""

    id: str
    evaluator: Evaluator
    experiments: list[Experiment]
    rules: list[str] = []

    @property
    def name(self) -> str:
        return self.evaluator.name


class Portion(msgspec.Struct):
    """Some labelled answers after each other: how many of them people and judge say the same of. `at` (ns) is when the
    last of them was asked for, in `experiment`."""

    at: int
    experiment: str
    raw: Interval


Live = Sequence[tuple[str, Evaluator]]
"""Rules of live traffic, each with a judge of it."""


def judges(experiments: Experiments, project: str, live: Live = ()) -> list[Judge]:
    """The judges of live traffic, then those of the newest experiments, those first that judged last."""
    found: dict[str, Judge] = {}
    for rule, of_rule in live:
        id_ = known_as(of_rule.name, of_rule.kind, of_rule.options)
        found.setdefault(id_, Judge(id_, of_rule, [], [])).rules.append(rule)
    for one in experiments.newest(project, MOST):
        for name, kind, options in one.plan["evaluators"]:
            id_ = known_as(str(name), str(kind), options)
            if id_ not in found and (judge := _judge(str(name), str(kind), options)) is not None:
                found[id_] = Judge(id_, judge, [])
            if id_ in found:
                found[id_].experiments.append(one)
    return list(found.values())


def named(experiments: Experiments, project: str, id_: str, live: Live = ()) -> Judge:
    """By its id, or the newest of a name. Raises RequestError 404."""
    found = next((one for one in judges(experiments, project, live) if id_ in (one.id, one.name)), None)
    if found is None:
        raise RequestError(f"there is no judge {id_[:80]!r}", status=404, code="unknown_judge", param="judge")
    return found


def known_as(name: str, kind: str, options: object) -> str:
    """The same for the same judge."""
    return digest([name, kind, msgspec.to_builtins(options)])[:16]


def held(experiments: Experiments, labels: Labels, project: str, judge: Judge) -> tuple[Standings, list[Pair]]:
    """Whether it meets its bar, and what that rests on."""
    pairs = gather(experiments, labels, project, judge.evaluator)
    return standing(judge.evaluator, pairs), pairs


def on_live(judge: Evaluator, pairs: Sequence[Pair]) -> list[tuple[str, Standings]]:
    """How far it agrees with people on live traffic, by rule."""
    of_rule: dict[str, list[Pair]] = {}
    for one in pairs:
        if rule := live_scores.rule_of(one.experiment):
            of_rule.setdefault(rule, []).append(one)
    return [(rule, standing(judge, of_rule[rule])) for rule in sorted(of_rule)]


def calibration(
    experiments: Experiments, labels: Labels, project: str, judge: Judge, experiment: Experiment | None
) -> tuple[Calibration, str]:
    """All that is known of a judge (None: it judged live traffic only), and why its scores are not corrected ("": they
    are, or nothing could correct them)."""
    if experiment is None:
        return calibrated(judge.evaluator, gather(experiments, labels, project, judge.evaluator)), ""
    suite = planning.read(experiment.plan)
    try:
        return measure(experiments, labels, experiment, suite, judge.evaluator), ""
    except ConfigError as error:
        return measure(experiments, labels, experiment, suite, judge.evaluator, correct=False), error.message


def over_time(judge: Evaluator, pairs: Sequence[Pair]) -> list[Portion]:
    """Agreement in portions of labelled answers, in the order in which these were made. A rest of less than half of a
    portion goes to the one before."""
    top, found = levels(judge) - 1, list[Portion]()
    count = max(1, round(len(pairs) / PORTION))
    for at in range(count):
        part = pairs[at * PORTION : (at + 1) * PORTION if at + 1 < count else len(pairs)]
        if part:
            same = sum(round(one.person * top) == round(one.judge * top) for one in part)
            found.append(Portion(part[-1].made[0], part[-1].experiment, intervals.share(same, len(part))))
    return found


def _judge(name: str, kind: str, options: Any) -> Evaluator | None:
    try:
        found = evaluators.named(kind, options, name)
    except RequestError:
        return None  # an evaluator of somebody's package that is not installed here
    return found if found.judge else None
