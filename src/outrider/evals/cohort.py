"""A cohort of recorded runs as an experiment: what was recorded beside what a replay makes of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from outrider.base.errors import RequestError
from outrider.evals import evaluators, planning
from outrider.evals.datasets import Datasets
from outrider.evals.experiments import Experiment, Experiments
from outrider.evals.records import Case, Variant
from outrider.evals.subjects.recorded import SOURCE
from outrider.evals.suite import Suite
from outrider.replay.query import Found

RECORDED, REPLAYED = "recorded", "replayed"
_SCORES = ("same", "dollars", "seconds")


def cases(found: Sequence[Found]) -> list[Case]:
    """A case for each run. It names the run, and holds nothing of it but a line for people."""
    return [
        Case(one.run, one.preview or f"run {one.run}", context={"run": one.run}, source=f"{SOURCE}{one.run}")
        for one in found
    ]


def suite(
    name: str,
    changed: Mapping[str, Any],
    live: Sequence[str],
    *,
    stand_ins: str = "",
    as_of: int = 0,
    budget: int = 0,
    concurrency: int = 8,
) -> Suite:
    """What is compared. `budget` is nano-dollars, `stand_ins` a file, `as_of` a moment (ns)."""
    given: dict[str, Any] = {"live": list(live)} | ({"stand_ins": stand_ins} if stand_ins else {})
    given |= {"as_of": as_of} if as_of else {}
    fields = {key: value for key, value in changed.items() if key != "prompt"}
    variants = (
        Variant(RECORDED, replay={"live": []}),
        Variant(REPLAYED, set=fields, prompt=str(changed.get("prompt", "")), replay=given),
    )
    scores = tuple(evaluators.named(kind) for kind in _SCORES)
    return Suite(
        name, name, variants, scores, (), Path(),
        baseline=RECORDED, budget=budget, concurrency=concurrency, reuse=False,
    )  # fmt: skip


def begin(
    wanted: Suite, found: Sequence[Found], datasets: Datasets, experiments: Experiments, project: str
) -> Experiment:
    """The experiment, ready to be worked on. Raises RequestError where there is no run."""
    if not found:
        raise RequestError("no chat call fits `--where`; `outrider runs list` shows what there is", param="where")
    kept = datasets.save(project, wanted.dataset, cases(found), note="runs of a cohort")
    plan = planning.written(wanted)
    return planning.begin(planning.read({**plan, "version": kept.version}), datasets, experiments, project)
