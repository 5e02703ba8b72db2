"""What a queue is filled with: runs that a rule keeps, runs by name, or answers of an experiment. Blocking."""

import random
import re
from collections.abc import Iterable, Iterator, Sequence

from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.evals import planning, production
from outrider.evals.evaluators import Evaluator
from outrider.evals.evaluators import judge as by_rubric
from outrider.evals.experiments import Experiment, Experiments
from outrider.evals.judging import kin, live
from outrider.evals.judging.pairs import is_verdict
from outrider.evals.records import digest
from outrider.evals.review.queues import MOST_ITEMS, Found, Source
from outrider.evals.review.rubric import Field
from outrider.journal.read import list_steps
from outrider.store import Store

_STEP = re.compile(r"0*[1-9][0-9]{0,8}")
FOUND_AT_ONCE = 5_000
"""Runs that a rule looks at; `share` takes of these."""


def check(source: Source) -> None:
    """Raises RequestError for a source that says nothing, or two things."""
    said = [name for name in ("where", "runs", "experiment", "rule") if getattr(source, name)]
    if len(said) != 1:
        raise RequestError(
            "a queue is filled from `where`, `runs`, an `experiment` or a `rule` of live traffic: say one",
            param="where",
        )
    if (source.variant and not source.experiment) or (source.judge and not (source.experiment or source.rule)):
        raise RequestError("`variant` and `judge` are of an `experiment`", param="experiment")


def find(source: Source, journal: Store, experiments: Experiments, project: str) -> list[Found]:
    """The items, in their order. Raises RequestError for a source that says nothing, or of which nothing is there."""
    check(source)
    if source.experiment:
        found = list(_of_experiment(source, experiments, project))
    elif source.runs:
        found = [_named(journal, project, run) for run in source.runs[:MOST_ITEMS]]
    else:
        return by_rule(source, journal, project)  # nothing may have come yet
    if not found:
        raise RequestError("there is no answer to review", param="experiment")
    return found


def by_rule(source: Source, journal: Store, project: str) -> list[Found]:
    """Runs that the rule keeps now, the newest first, as many as the queue may have. A run is taken by its id, so it is
    in or out whenever the rule is followed."""
    kept = production.chosen(journal, project, source.where, FOUND_AT_ONCE if source.share < 1 else source.most)
    return _share(source, (f"run:{ids.text(run.id)}" for run in kept))


def by_scores(source: Source, judge: Evaluator, scores: Store, project: str) -> list[Found]:
    """Runs of live traffic that a judge judged, the newest first, as many as the queue may have."""
    kept = live.newest(scores, project, source.rule, judge, FOUND_AT_ONCE if source.share < 1 else source.most)
    return _share(source, (f"run:{one.run}" for one in kept))


def live_judge(source: Source, judges: Sequence[tuple[str, Evaluator]]) -> Evaluator:
    """The judge that a rule asks. Raises RequestError where there is none."""
    found = next((one for rule, one in judges if (rule, one.name) == (source.rule, source.judge)), None)
    if found is None:
        there = ", ".join(f"{one.name} of {rule}" for rule, one in judges) or "none"
        raise RequestError(
            f"the rule {source.rule[:80]!r} has no judge {source.judge[:80]!r}; there are: {there}", param="judge"
        )
    return found


def _share(source: Source, names: Iterable[str]) -> list[Found]:
    taken = (name for name in names if source.share >= 1 or int(digest(name)[:8], 16) < source.share * 0x1_0000_0000)
    return [(name, "") for _, name in zip(range(source.most), taken, strict=False)]


def _named(journal: Store, project: str, said: str) -> Found:
    run, hash_, step = said.removeprefix("run:").partition("#")
    if hash_ and not _STEP.fullmatch(step):
        raise RequestError(f"{said[:80]!r} names no step: write RUN#3", param="runs")
    found = production.find(journal, project, run)
    if step and all(one.id != int(step) for one in list_steps(journal, found.id, limit=production.MOST_STEPS)):
        raise RequestError(f"the run {run} has no step {step}", status=404, code="step_not_found", param="runs")
    return f"run:{ids.text(found.id)}" + (f"#{int(step)}" if step else ""), ""


def _of_experiment(source: Source, experiments: Experiments, project: str) -> Iterator[Found]:
    """Answers at random, the same for everybody: what is said of the first ones holds for the others."""
    found = experiments.get(project, source.experiment)
    names = [str(one["name"]) for one in found.plan["variants"]]
    if source.variant and source.variant not in names:
        raise RequestError(f"there is no variant {source.variant!r}; there are: {', '.join(names)}", param="variant")
    judge = judge_of(found, source.judge)
    pairs = judge is not None and compares(judge)
    baseline: dict[tuple[str, int], int] = {}
    drawn: list[Found] = []
    for one in experiments.done(found.id):
        key, place = (one.item.case_digest, one.item.turn), one.item.place
        if one.item.variant == found.plan["baseline"]:
            baseline[key] = place
        wanted = source.variant in ("", one.item.variant) and one.outcome.status != "error"
        if wanted and (judge is None or is_verdict(one, judge.name)) and (not pairs or key in baseline):
            drawn.append((f"place:{place}" + (f"/{baseline[key]}" if pairs else ""), one.item.case_digest))
    random.Random(f"{found.id}/{source.judge}/{source.variant}").shuffle(drawn)
    count = max(1, round(len(drawn) * source.share)) if drawn else 0
    yield from drawn[: min(count, source.most)]


def judge_of(experiment: Experiment, name: str) -> Evaluator | None:
    """The judge of this name. Raises RequestError where there is none."""
    if not name:
        return None
    judges = kin.judges(planning.read(experiment.plan))
    found = next((one for one in judges if one.name == name), None)
    if found is None:
        there = ", ".join(one.name for one in judges) or "none"
        raise RequestError(f"{experiment.name} has no judge {name[:80]!r}; there are: {there}", param="judge")
    return found


def compares(judge: Evaluator) -> bool:
    """Whether it is asked which of two answers is better."""
    return bool(getattr(judge.module, "AGAINST_BASELINE", False))


def fields_of(judge: Evaluator) -> tuple[Field, ...]:
    """What people are asked where a judge is to be held against them: what the judge was asked, and a note."""
    asked = " ".join(str(judge.options.rubric).split())[:900]
    name = "verdict"
    note = Field("note", "text", "Anything that a number cannot say")
    if compares(judge):
        return Field(name, "choice", f"Which answer is better? {asked}", ("first", "second", "tie")), note
    said = by_rubric.choices(judge.options.levels)
    if len(said) == 2:
        return Field(name, "choice", asked, tuple(said)), note
    return Field(name, "score", asked, (), 1, len(said)), note
