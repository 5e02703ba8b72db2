"""From a suite to an experiment, and back."""

from pathlib import Path

import pytest

from outrider.base.errors import RequestError
from outrider.evals import planning
from outrider.evals.datasets import Datasets
from outrider.evals.experiments import Experiments
from outrider.evals.suite import parse
from tests.evals.test_suite import GOOD


def written(folder: Path, count: int = 4) -> None:
    (folder / "prompt.txt").write_text("Be brief.")
    lines = (f'{{"id": "c{n}", "input": "q{n}", "split": "{"held-out" if n % 2 else "train"}"}}' for n in range(count))
    (folder / "cases.jsonl").write_text("\n".join(lines))


def test_every_case_variant_and_repeat_has_a_place(
    tmp_path: Path, datasets: Datasets, experiments: Experiments
) -> None:
    written(tmp_path)
    suite = parse(GOOD, "weekly.yaml", tmp_path)
    made = planning.begin(suite, datasets, experiments, "p", "ada")
    waiting = experiments.waiting(made.id)
    assert (made.items, len({one.known_as for one in waiting})) == (24, 24)
    assert [one.variant for one in waiting[:4]] == ["now", "next", "now", "next"], "variants take turns"
    assert (made.plan["dataset"], made.plan["version"]) == ("cases", 1)
    again = planning.read(made.plan)
    assert [one.name for one in again.evaluators] == ["exact", "either"]
    assert planning.written(again) == planning.written(suite) | {"dataset": "cases", "version": 1}
    kept = planning.by_digest(datasets.cases("p", "cases"))
    assert {one.case_digest for one in waiting} == set(kept)


def test_split_tags_and_sample_choose(tmp_path: Path, datasets: Datasets, experiments: Experiments) -> None:
    written(tmp_path, 20)
    held_out = parse(GOOD + "split: held-out\n", "s.yaml", tmp_path)
    assert planning.begin(held_out, datasets, experiments, "p").items == 60
    few = parse(GOOD + "sample: 5\nseed: 3\n", "s.yaml", tmp_path)
    made = [planning.begin(few, datasets, experiments, "p") for _ in range(2)]
    asked = [{one.case_id for one in experiments.waiting(one.id)} for one in made]
    assert asked[0] == asked[1]
    assert len(asked[0]) == 5
    with pytest.raises(RequestError, match="no case of 'cases' fits"):
        planning.begin(parse(GOOD + "tags: [rare]\n", "s.yaml", tmp_path), datasets, experiments, "p")


def test_a_dataset_of_the_store_is_named(tmp_path: Path, datasets: Datasets, experiments: Experiments) -> None:
    written(tmp_path)
    planning.begin(parse(GOOD, "s.yaml", tmp_path), datasets, experiments, "p")
    named = parse(GOOD.replace("cases.jsonl", "cases\nversion: 1"), "s.yaml", tmp_path)
    assert planning.begin(named, datasets, experiments, "p").items == 24
    with pytest.raises(RequestError, match="there is no dataset 'others'"):
        planning.begin(parse(GOOD.replace("cases.jsonl", "others"), "s.yaml", tmp_path), datasets, experiments, "p")
