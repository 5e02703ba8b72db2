"""From a suite to an experiment: its cases are kept as a version of a dataset, and every answer that is wanted gets a
place.
"""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from outrider.base.errors import RequestError
from outrider.evals import cases as files
from outrider.evals import evaluators, gates
from outrider.evals.datasets import Datasets
from outrider.evals.experiments import Experiment, Experiments, Item
from outrider.evals.records import Case, Variant, digest
from outrider.evals.suite import Suite

_FIELDS = frozenset(Suite.__struct_fields__)


def begin(suite: Suite, datasets: Datasets, experiments: Experiments, project: str, author: str = "") -> Experiment:
    """The experiment of a suite, ready to be worked on. Raises RequestError where there is no case to ask."""
    dataset, version, found = _cases(suite, datasets, project, author)
    chosen = _chosen(suite, found)
    if not chosen:
        raise RequestError(f"no case of {dataset!r} fits the suite's `split` and `tags`", param="dataset")
    plan = {**written(suite), "dataset": dataset, "version": version}
    return experiments.create(project, suite.name, plan, list(_items(suite, chosen)), author=author)


def written(suite: Suite) -> dict[str, Any]:
    """A suite as it is kept with its experiment."""
    plain: dict[str, Any] = msgspec.to_builtins(
        {
            name: getattr(suite, name)
            for name in suite.__struct_fields__
            if name not in ("evaluators", "gates", "folder")
        }
    )
    plain["evaluators"] = [[one.name, one.kind, msgspec.to_builtins(one.options)] for one in suite.evaluators]
    plain["gates"] = [one.text for one in suite.gates]
    return plain


def read(plan: dict[str, Any]) -> Suite:
    """The suite of an experiment, from what was kept. Raises RequestError where an evaluator is no longer there."""
    fields = {name: value for name, value in plan.items() if name in _FIELDS}
    scored = tuple(evaluators.named(kind, options, name) for name, kind, options in fields.pop("evaluators"))
    variants = tuple(msgspec.convert(one, Variant) for one in fields.pop("variants"))
    names = [one.name for one in variants]
    conditions = tuple(gates.parse(text, [one.name for one in scored], names) for text in fields.pop("gates"))
    fields["tags"] = tuple(fields["tags"])
    return Suite(variants=variants, evaluators=scored, gates=conditions, folder=Path(), **fields)


def by_digest(found: Iterable[Case]) -> dict[str, Case]:
    """Cases as experiments name them."""
    return {_digest(case): case for case in found}


def _cases(suite: Suite, datasets: Datasets, project: str, author: str) -> tuple[str, int, list[Case]]:
    """The dataset's name, its version, its cases. A file beside the suite becomes a version by itself."""
    path = suite.folder / suite.dataset
    if suite.dataset.endswith(".jsonl"):
        found = files.read(path)
        kept = datasets.save(project, path.stem, found, author=author, note=f"from {path.name}")
        return kept.dataset, kept.version, found
    kept = datasets.version(project, suite.dataset, suite.version)
    return kept.dataset, kept.version, datasets.cases(project, kept.dataset, kept.version)


def _chosen(suite: Suite, found: Sequence[Case]) -> list[Case]:
    fits = [
        case for case in found if (not suite.split or case.split == suite.split) and set(suite.tags) <= set(case.tags)
    ]
    if suite.sample and suite.sample < len(fits):
        places = sorted(random.Random(suite.seed).sample(range(len(fits)), suite.sample))
        return [fits[at] for at in places]
    return fits


def _items(suite: Suite, chosen: Sequence[Case]) -> Iterable[Item]:
    """Variants take turns, so that what changes in the world while the experiment runs changes for all of them. The
    baseline is the first, for there are evaluators that hold the others against it."""
    place = 0
    ordered = sorted(suite.variants, key=lambda one: one.name != suite.baseline)
    ways = [(variant, variant.digest()) for variant in ordered]
    for turn in range(suite.repeats):
        for case in chosen:
            asked = files.key(case)
            for variant, way in ways:
                yield Item(place, case.id, _digest(case), variant.name, turn, digest([way, asked, turn]))
                place += 1


def _digest(case: Case) -> str:
    return digest(msgspec.json.decode(files.body(case)))
