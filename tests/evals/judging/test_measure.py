"""Judges with known faults, before people who know: the faults are found, and the scores corrected."""

import random
from collections.abc import Callable

import pytest

from outrider.base.errors import RequestError
from outrider.evals import planning
from outrider.evals.compare import report
from outrider.evals.datasets import Datasets
from outrider.evals.experiments import Done, Experiment, Experiments
from outrider.evals.judging import session
from outrider.evals.judging.labels import Labels
from outrider.evals.judging.measure import Calibration, measure
from outrider.evals.judging.notes import notes
from outrider.evals.judging.pairs import gather
from outrider.evals.records import Case, Outcome, Score
from outrider.evals.suite import Suite, parse
from outrider.store import Store

RUBRIC = "{judge: {model: judge/gpt-4o, rubric: It is right., same_family: true}}"
PAIRWISE = "{prefer: {model: judge/gpt-4o, same_family: true}}"
Says = Callable[[random.Random, bool, str], Score]


class World:
    """An experiment of `count` cases; whether an answer is good is known, and people see it."""

    def __init__(self, store: Store, judge: str, says: Says, count: int, good: float = 0.7) -> None:
        self.experiments, self.labels = Experiments(lambda: store), Labels(lambda: store)
        datasets, self.chance = Datasets(lambda: store), random.Random(1)
        datasets.save("p", "d", [Case(f"c{n}", f"question {n}") for n in range(count)])
        text = f"dataset: d\nname: s\nvariants: {{now: x/claude-1, next: x/gpt-5}}\nevaluators: [{judge}]\n"
        from pathlib import Path

        self.suite: Suite = parse(text, "s.yaml", Path())
        self.judge = self.suite.evaluators[0]
        self.begun: Experiment = planning.begin(self.suite, datasets, self.experiments, "p")
        self.truth: dict[int, bool] = {}
        done = []
        for item in self.experiments.waiting(self.begun.id, limit=10 * count):
            self.truth[item.place] = self.chance.random() < good
            text = f"{item.place} " + "x" * self.chance.randrange(100)
            done.append(
                Done(item, Outcome(text=text), {self.judge.name: self.said(says, item.place, item.variant, text)})
            )
        self.experiments.record(self.begun.id, done)

    def said(self, says: Says, place: int, variant: str, text: str) -> Score:
        return says(self.chance, self.truth[place], f"{variant} {text}")

    def label(self, number: int, who: str = "ann", wrong: float = 0.0) -> None:
        for one in session.draw(self.experiments, self.labels, self.begun, self.judge, who, number):
            true = self.truth[one.done.item.place] != (self.chance.random() < wrong)
            self.labels.add(
                "p", self.begun.id, self.judge.name, one.done, who, float(true), beside=one.beside, drawn=True
            )

    def measured(self) -> Calibration:
        return measure(self.experiments, self.labels, self.begun, self.suite, self.judge)


def verdict(good: bool, **about: object) -> Score:
    return Score(float(good), about={"judge": "judge/gpt-4o", **about})


def honest(chance: random.Random, good: bool, text: str) -> Score:
    return verdict(good != (chance.random() < 0.05))


def kind_to_its_own(chance: random.Random, good: bool, text: str) -> Score:
    return verdict(good or (text.startswith("next") and chance.random() < 0.7))


def fond_of_long(chance: random.Random, good: bool, text: str) -> Score:
    return verdict(good or (len(text) > 60 and chance.random() < 0.8))


def guessing(chance: random.Random, good: bool, text: str) -> Score:
    return verdict(chance.random() < 0.5)


def test_a_good_judge_meets_its_bar_and_leans_nowhere(evals_store: Store) -> None:
    world = World(evals_store, RUBRIC, honest, 150)
    assert world.measured().standing.standing == "unmeasured"
    said = notes(world.experiments, world.labels, "p", world.suite)["judge"]
    assert "never held against people" in said
    world.label(120)
    world.label(40, "bob", wrong=0.1)
    found = world.measured()
    assert (found.labels, found.standing.standing, found.standing.words) == (160, "meets", "")
    assert found.standing.agreement.raw.estimate > 0.85
    assert found.people is not None
    assert found.people.raw.n == 40, "both label the same answers first"
    assert found.length is not None
    assert found.own is not None
    assert found.length.p > 0.001, "which answers are drawn is chance, and chance is found in 5 of 100 draws"
    assert found.own.p > 0.001
    assert sum(map(sum, found.confusion)) == 120
    assert notes(world.experiments, world.labels, "p", world.suite) == {}


def test_one_that_guesses_is_shown_as_below_its_bar(evals_store: Store) -> None:
    world = World(evals_store, RUBRIC, guessing, 60)
    world.label(60)
    found = world.measured()
    assert found.standing.standing == "below"
    said = notes(world.experiments, world.labels, "p", world.suite)
    made = report(world.begun.id, world.suite, world.experiments.done(world.begun.id), notes=said)
    assert all("BELOW its bar of 0.6: AC1" in one.note for one in made.measured)
    unseen = report(world.begun.id, world.suite, world.experiments.done(world.begun.id))
    assert all("nobody looked" in one.note for one in unseen.measured)


def test_kindness_to_its_own_family_is_found(evals_store: Store) -> None:
    world = World(evals_store, RUBRIC, kind_to_its_own, 100, good=0.4)
    world.label(160)
    own, length = world.measured().own, world.measured().length
    assert own is not None
    assert own.found
    assert 0.15 < own.difference.estimate < 0.7
    assert length is not None
    assert length.p > 0.001, "which answers are drawn is chance, and chance is found in 5 of 100 draws"


def test_fondness_of_long_answers_is_found(evals_store: Store) -> None:
    world = World(evals_store, RUBRIC, fond_of_long, 100, good=0.4)
    world.label(160)
    found = world.measured()
    assert found.length is not None
    assert found.length.found
    assert found.length.difference.low > 0


def test_a_side_is_found_without_any_label(evals_store: Store) -> None:
    def sided(chance: random.Random, good: bool, text: str) -> Score:
        if text.startswith("now"):
            return Score(0.5)
        both = [1.0 if good or chance.random() < 0.6 else 0.0, 0.0 if good and chance.random() < 0.4 else 1.0]
        return Score((both[0] + 1 - both[1]) / 2, about={
            "judge": "j", "shown_first": [both[0]], "shown_second": [both[1]], "lengths": [1, 2]})  # fmt: skip

    found = World(evals_store, PAIRWISE, sided, 80).measured()
    assert found.position is not None
    assert found.position.found
    assert found.position.difference.low > 0
    assert found.flips is not None
    assert found.flips.estimate > 0.3
    assert (found.length, found.own, found.corrected) == (None, None, {})


def test_corrected_scores_hold_the_truth_where_the_judge_does_not(evals_store: Store) -> None:
    pytest.importorskip("ppi_py")
    world = World(evals_store, RUBRIC, kind_to_its_own, 400, good=0.5)
    world.label(200)
    found = world.measured().corrected["next"]
    places = {one.item.place for one in world.experiments.done(world.begun.id) if one.item.variant == "next"}
    truth = sum(world.truth[place] for place in places) / len(places)
    assert found.corrected.low <= truth <= found.corrected.high
    assert not found.judge.low <= truth <= found.judge.high
    assert found.people.n >= 80


def test_agreement_that_falls_is_an_alarm(evals_store: Store) -> None:
    seen = [0]

    def tiring(chance: random.Random, good: bool, text: str) -> Score:
        seen[0] += 1
        return verdict(good if seen[0] < 300 else not good)

    world = World(evals_store, RUBRIC, tiring, 300)
    world.label(600)
    drift = world.measured().drift
    assert drift
    assert drift[0].down
    assert 200 < drift[0].since < 300


def test_another_judge_of_the_same_name_does_not_inherit(evals_store: Store) -> None:
    world = World(evals_store, RUBRIC, honest, 30)
    world.label(30)
    other = parse(
        "dataset: d\nvariants: {now: m}\nevaluators: [{judge: {model: other, rubric: It is right.}}]\n",
        "s.yaml", world.suite.folder,
    ).evaluators[0]  # fmt: skip
    assert gather(world.experiments, world.labels, "p", other) == []
    assert gather(world.experiments, world.labels, "elsewhere", world.judge) == []


def test_a_later_label_takes_the_place_of_an_earlier_one(evals_store: Store) -> None:
    world = World(evals_store, RUBRIC, honest, 2)
    (one, *_) = session.draw(world.experiments, world.labels, world.begun, world.judge, "ann", 5)
    for value in (0.0, 1.0):
        world.labels.add("p", world.begun.id, "judge", one.done, "ann", value)
    (pair,) = gather(world.experiments, world.labels, "p", world.judge)
    assert (pair.people, pair.drawn) == ({"ann": 1.0}, False)
    assert [label.value for label in world.labels.newest("p")] == [1.0, 0.0]
    assert len(session.draw(world.experiments, world.labels, world.begun, world.judge, "ann", 5)) == 3
    assert len(session.draw(world.experiments, world.labels, world.begun, world.judge, "bob", 5)) == 4


@pytest.mark.parametrize(
    ("value", "who", "note"), [(1.5, "ann", ""), (float("nan"), "ann", ""), (1, " ", ""), (1, "ann", "x" * 5_000)]
)
def test_what_is_no_label_is_refused(evals_store: Store, value: float, who: str, note: str) -> None:
    world = World(evals_store, RUBRIC, honest, 1)
    (one, *_) = world.experiments.done(world.begun.id)
    with pytest.raises(RequestError):
        world.labels.add("p", world.begun.id, "judge", one, who, value, note=note)
    assert world.labels.newest("p") == []
