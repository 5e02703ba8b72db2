"""Experiments as pages and programs see them, on both stores."""

import pytest

from outrider.base.errors import RequestError
from outrider.evals.datasets import Datasets
from outrider.evals.desk import Desk, pieces, state, text_of
from outrider.evals.experiments import Done, Experiment, Experiments
from outrider.evals.records import Call, Case, Outcome, Score
from outrider.limits.keys import Identity

SUITE = "dataset: d\nvariants: {now: r, next: r2}\nevaluators: [exact]\ngates: [exact >= now - 0.02]\n"
ANN = Identity("p", "ann")


def desk(datasets: Datasets, experiments: Experiments, begun: list[str]) -> Desk:
    datasets.save("p", "d", [Case(f"c{n}", f"q{n}", "a") for n in range(30)])
    return Desk(datasets, experiments, lambda one, who: begun.append(f"{one.id} {who.key}"))


def answer(experiments: Experiments, one: Experiment, worse: int = 5) -> None:
    """Every item gets an answer; the second variant is wrong on the first `worse` cases."""
    found = []
    for item in experiments.waiting(one.id, limit=1000):
        bad = item.variant == "next" and int(item.case_id[1:]) < worse
        text = "b" if bad else "a"
        found.append(Done(item, Outcome(text=text, cost=7), {"exact": Score(float(not bad))}))
    experiments.record(one.id, found)


def test_it_is_begun_for_who_asks_and_read_once(datasets: Datasets, experiments: Experiments) -> None:
    begun: list[str] = []
    table = desk(datasets, experiments, begun)
    one = table.begin(ANN, SUITE)
    assert begun == [f"{one.id} ann"]
    assert (one.author, state(one), table.progress(one).items) == ("ann", "waiting", 60)
    answer(experiments, one)
    first = table.read(one)
    assert table.read(one) is first, "nothing has come since"
    assert first.report.verdict == "failed" or first.report.gates[0].verdict == "inconclusive"
    found = table.compared(one, limit=3)
    assert (found.counts, found.total) == ({"better": 0, "worse": 5, "changed": 0, "same": 25}, 30)
    assert [line.change for line in found.lines] == ["worse"] * 3
    answers = table.answers(one, found.lines)
    assert [len(both) for both in answers.values()] == [2, 2, 2]
    assert table.compared(one, change="same", first=24).lines[0].change == "same"
    with pytest.raises(RequestError, match="there are: better, worse, changed, same"):
        table.compared(one, change="odd")


def test_stop_resume_and_who_is_gone(datasets: Datasets, experiments: Experiments) -> None:
    begun: list[str] = []
    table = desk(datasets, experiments, begun)
    one = table.begin(ANN, SUITE)
    assert experiments.claim(one.id, "h")
    with pytest.raises(RequestError, match="is running"):
        table.resume(ANN, one.id)
    assert state(table.stop(ANN, one.id)) == "stopped"
    with pytest.raises(RequestError, match="try again"):
        table.resume(ANN, one.id)
    experiments.end(one.id, "h", "stopped")
    assert table.resume(ANN, one.id).id == one.id
    assert len(begun) == 2
    gone = experiments.get("p", one.id)
    gone.status, gone.held_until = "running", 1
    assert state(gone) == "interrupted"
    with pytest.raises(RequestError) as other:
        table.stop(Identity("theirs", "eve"), one.id)
    assert other.value.status == 404


def test_more_answers_than_can_be_are_refused(datasets: Datasets, experiments: Experiments) -> None:
    table = desk(datasets, experiments, [])
    with pytest.raises(RequestError, match="choose cases by `sample`"):
        table.begin(ANN, SUITE + "repeats: 10000\n")
    assert not table.experiments.newest("p")
    with pytest.raises(RequestError, match="works on no experiments"):
        Desk(datasets, experiments).begin(ANN, SUITE)


def test_an_answer_is_read_with_its_calls(datasets: Datasets, experiments: Experiments) -> None:
    table = desk(datasets, experiments, [])
    one = table.begin(ANN, SUITE)
    item = experiments.waiting(one.id)[0]
    done = Done(item, Outcome(text="Wait.", calls=[Call("pay", {"to": "Eve"})]), {})
    assert text_of(done) == 'Wait.\npay({"to":"Eve"})'
    left, right = pieces(done, None)
    assert (left[0].kind, right) == ("other", [])
