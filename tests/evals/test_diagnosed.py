"""Diagnoses of experiments, made little by little and kept."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.base import clock, ids
from outrider.base.errors import RequestError
from outrider.evals import planning, sent
from outrider.evals.datasets import Datasets
from outrider.evals.diagnosed import AGAIN, Diagnoses
from outrider.evals.experiments import Done, Experiment, Experiments
from outrider.evals.records import Case, Outcome, Score
from outrider.journal.append import blob
from outrider.journal.events import RunRecorded, Step
from outrider.store import Store, open_store
from tests.journal.conftest import Bench

SUITE = "dataset: questions\nvariants: {now: a, next: a}\nevaluators: [exact, seconds]\n"
FOUND = [{"kind": "retrieval", "query": "q", "passages": [{"source": "a.md", "text": "It takes 12 minutes"}]}]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'journal.sqlite3'}")
    yield store
    store.close()


def experiment(datasets: Datasets, experiments: Experiments, count: int = 50) -> Experiment:
    datasets.save("p", "questions", [Case(f"c{n}", "How long?", "12 minutes") for n in range(count)])
    made = planning.begin(sent.read(SUITE), datasets, experiments, "p")
    told = []
    for one in experiments.waiting(made.id):
        right = one.variant == "now" or one.place % 4 == 1
        outcome = Outcome(text="12 minutes" if right else "No idea", steps=FOUND)
        told.append(Done(one, outcome, {"exact": Score(float(right)), "seconds": Score(1.0)}))
    experiments.record(made.id, told)
    return made


def test_a_look_goes_on_where_the_last_one_ended(datasets: Datasets, experiments: Experiments, journal: Store) -> None:
    made = experiment(datasets, experiments)
    table = Diagnoses(datasets, experiments, lambda: journal, None)
    first = table.look(made, patience=0)
    assert (first.looked, first.total, first.score) == (20, 100, "exact")
    found = table.look(made)
    assert found.looked == 100
    assert found.stages == {"now": {"right": 50}, "next": {"right": 25, "not used": 25}}
    assert len(found.wrong) == 25
    assert table.look(made, variant="now").wrong == []
    assert len(table.look(made, stage="not used", variant="next").wrong) == 25
    assert table.look(made, stage="contradicted").wrong == []


def test_other_scores_make_other_diagnoses(datasets: Datasets, experiments: Experiments, journal: Store) -> None:
    made = experiment(datasets, experiments, 2)
    table = Diagnoses(datasets, experiments, lambda: journal, None)
    before = table.look(made).wrong
    experiments.rescore(made.id, 0, {"exact": Score(0.0)})
    assert len(table.look(made).wrong) == len(before) + 1


def test_what_is_not_known_is_looked_at_again(
    datasets: Datasets, experiments: Experiments, journal: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal is a moment behind an answer, and a store may be away for a while."""
    now, bench = [100.0], Bench(tmp_path / "spool", journal)
    monkeypatch.setattr("outrider.evals.diagnosed.time.monotonic", lambda: now[0])
    told = json.dumps({"query": "q", "kept": [{"document": "a", "text": "It takes 12 minutes"}]}).encode()
    run = RunRecorded(ids.new_id(), "p", clock.now_ns(), "chat.completions")
    run.steps = [Step(1, "retrieval", "docs", response=blob(told))]
    datasets.save("p", "questions", [Case("c", "How long?", "12 minutes")])
    made = planning.begin(sent.read(SUITE), datasets, experiments, "p")
    outcome = Outcome(text="No idea", run=ids.text(run.id))
    experiments.record(made.id, [Done(one, outcome, {"exact": Score(0.0)}) for one in experiments.waiting(made.id)])
    table = Diagnoses(datasets, experiments, lambda: journal, None)
    assert table.look(made).stages == {"now": {"unknown": 1}, "next": {"unknown": 1}}
    bench.put_bodies(run, b"{}", told)
    bench.indexer.drain()
    bench.journals[0].close()
    now[0] += AGAIN
    assert table.look(made).stages == {"now": {"not used": 1}, "next": {"not used": 1}}


def test_names_that_are_unknown_are_said(datasets: Datasets, experiments: Experiments, journal: Store) -> None:
    made = experiment(datasets, experiments, 1)
    table = Diagnoses(datasets, experiments, lambda: journal, None)
    for wrong, said in (
        ({"score": "seconds"}, "these do: exact"),
        ({"variant": "other"}, "there are: now, next"),
        ({"stage": "lost"}, "not indexed"),
    ):
        with pytest.raises(RequestError, match=said):
            table.look(made, **wrong)
    team = experiments.create("p", "team", {"dataset": ""}, [])
    with pytest.raises(RequestError, match="is a red team"):
        table.look(team)
