"""Experiments in both stores."""

import math

import pytest

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.evals import experiments as module
from outrider.evals.experiments import Done, Experiments, Item
from outrider.evals.records import Outcome, Score
from outrider.store import Store


def items(count: int) -> list[Item]:
    return [Item(n, f"c{n}", f"d{n}", "now", 0, f"k{n}") for n in range(count)]


def test_an_answer_is_written_once(experiments: Experiments) -> None:
    made = experiments.create("p", "weekly", {"a": 1}, items(3), author="ada")
    assert experiments.get("p", "weekly") == made
    experiments.record(made.id, [Done(items(3)[1], Outcome(text="one", cost=5), {"exact": Score(1.0)})])
    experiments.record(made.id, [Done(items(3)[1], Outcome(text="two", cost=9), {})])
    assert [one.place for one in experiments.waiting(made.id)] == [0, 2]
    (found,) = experiments.done(made.id)
    assert (found.outcome.text, found.scores["exact"].value) == ("one", 1.0)
    assert experiments.progress(made.id) == module.Progress(3, 1, 5)
    experiments.rescore(made.id, 1, {"exact": Score(0.0)})
    assert next(experiments.done(made.id, case="c1")).scores["exact"].value == 0.0
    assert list(experiments.done(made.id, case="c2")) == []


def test_gists_say_what_differs_without_a_text(experiments: Experiments) -> None:
    made = experiments.create("p", "weekly", {}, items(4))
    said = [Outcome(text="one"), Outcome(text="one", run="other", seconds=2.0), Outcome(text="two")]
    scores = [{"exact": Score(1.0), "judge": Score(None)}, {"exact": Score(math.nan)}, {"exact": Score(0.5)}]
    experiments.record(made.id, [Done(items(3)[at], said[at], scores[at]) for at in range(3)])
    experiments.record(made.id, [Done(items(1)[0], Outcome(text="late"), {})])
    found = list(experiments.gists(made.id))
    assert [(one.place, one.case, one.variant, one.marks) for one in found] == [
        (0, "c0", "now", {"exact": 1.0}), (1, "c1", "now", {}), (2, "c2", "now", {"exact": 0.5}),
    ]  # fmt: skip
    assert found[0].said == found[1].said != found[2].said
    experiments.rescore(made.id, 1, {"exact": Score(0.25)})
    assert list(experiments.gists(made.id))[1].marks == {"exact": 0.25}


def test_answers_from_before_there_were_gists_are_read_once(
    experiments: Experiments, evals_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = experiments.create("p", "weekly", {}, items(3))
    experiments.record(made.id, [Done(one, Outcome(text=one.case_id), {"exact": Score(1.0)}) for one in items(3)])
    before = list(experiments.gists(made.id))
    with evals_store.write() as tx:
        tx.execute("DELETE FROM experiment_gists WHERE place < ?", (2,))
    assert list(experiments.gists(made.id)) == before
    monkeypatch.setattr(experiments, "at", None)
    assert list(experiments.gists(made.id)) == before, "no text is read again"


def test_answers_of_the_project_are_known_again(experiments: Experiments) -> None:
    made = experiments.create("p", "weekly", {}, items(2))
    experiments.record(made.id, [Done(items(2)[0], Outcome(text="x"), {}), Done(items(2)[1], Outcome("error"), {})])
    assert {key: one.text for key, one in experiments.earlier("p", ["k0", "k1", "k2"]).items()} == {"k0": "x"}
    assert experiments.earlier("q", ["k0"]) == {}


def test_one_process_holds_it_and_another_follows_when_it_is_gone(
    experiments: Experiments, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = experiments.create("p", "weekly", {}, items(1))
    assert experiments.claim(made.id, "one")
    assert not experiments.claim(made.id, "two")
    assert experiments.hold(made.id, "one")
    later = clock.now_ns() + module.HOLD_NS + 1
    monkeypatch.setattr(clock, "now_ns", lambda: later)
    assert experiments.claim(made.id, "two")
    assert not experiments.hold(made.id, "one")
    experiments.end(made.id, "one", "done")
    assert experiments.get("p", made.id).status == "running", "who lost it cannot end it"
    experiments.end(made.id, "two", "done", {"why": ""})
    assert not experiments.claim(made.id, "three"), "what is done is done"


def test_it_is_stopped_and_listed(experiments: Experiments) -> None:
    first, second = (experiments.create("p", name, {}, items(1)) for name in ("a", "b"))
    assert [one.id for one in experiments.newest("p")] == [second.id, first.id]
    assert experiments.stop("p", "a").status == "stopped"
    for project, name in (("p", "c"), ("q", "a")):
        with pytest.raises(RequestError, match="there is no experiment"):
            experiments.get(project, name)


def test_an_experiment_grows_while_nobody_works_on_it(experiments: Experiments) -> None:
    made = experiments.create("p", "team", {}, items(1))
    assert experiments.claim(made.id, "one")
    assert not experiments.extend(made.id, 1, items(2)[1:]), "it is held"
    experiments.end(made.id, "one", "done")
    assert experiments.extend(made.id, 1, items(3)[1:])
    assert not experiments.extend(made.id, 1, items(3)[1:]), "somebody did already"
    grown = experiments.get("p", made.id)
    assert (grown.items, grown.status) == (3, "waiting")
    assert [one.place for one in experiments.waiting(made.id)] == [0, 1, 2]
    assert experiments.claim(made.id, "two")
