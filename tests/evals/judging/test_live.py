"""What people say of live runs that a judge judged becomes labels of that judge, on both stores."""

import pytest

from outrider.base.errors import RequestError
from outrider.evals.datasets import Datasets
from outrider.evals.evaluators import Evaluator
from outrider.evals.experiments import Experiments
from outrider.evals.judging import known, live
from outrider.evals.judging.labels import Labels
from outrider.evals.review.desk import ReviewDesk
from outrider.evals.review.marks import Role
from outrider.evals.review.queues import Queue, Queues, Source
from outrider.evals.review.rubric import parse
from tests.evals.online.conftest import BOTH, JUDGE, Traffic, book, rule, store_url, traffic

__all__ = ["book", "store_url", "traffic"]
RULE = rule(JUDGE)
KIND = RULE.steps[0].evaluator
SOURCE = Source(rule="r", judge="judge")


def desk(traffic: Traffic) -> ReviewDesk:
    evals = traffic.evals
    made = Datasets(lambda: evals), Experiments(lambda: evals), lambda: traffic.bench.store
    return ReviewDesk(Queues(lambda: evals), *made)


def scored(traffic: Traffic, *answers: str) -> list[str]:
    """Runs that the judge judged: `rude` ones fail."""
    working = traffic.rounds(RULE)
    working.round()
    runs = [traffic.run(one, question=f"Question {n}?") for n, one in enumerate(answers)]
    traffic.index()
    working.round()
    return runs


def say(desk: ReviewDesk, queue: Queue, who: str, word: str, role: Role = "review") -> str:
    task = desk.next(queue, who, role)
    assert task is not None
    assert task.shown.problem == ""
    desk.give(queue, task.place, who, {"verdict": word})
    return task.shown.answers[0].text


@BOTH
def test_what_reviewers_say_is_held_against_the_judge(traffic: Traffic) -> None:
    runs = scored(traffic, "Hello.", "rude", "Hello again.")
    here, labels = desk(traffic), Labels(lambda: traffic.evals)
    queue = here.create("p", "live", SOURCE, live=[("r", KIND)], reviewers=1)
    assert queue.plan.fields[0].choices == ("fail", "pass"), "what the judge was asked"
    assert {one.known_as for one in here.queues.items(queue)} == {f"run:{one}" for one in runs}
    for _ in range(3):
        say(here, queue, "ann", "pass")
    experiments = Experiments(lambda: traffic.evals)
    (judge,) = known.judges(experiments, "p", [("r", KIND), ("s", KIND)])
    assert (judge.rules, judge.experiments) == (["r", "s"], [])
    standing, pairs = known.held(experiments, labels, "p", judge)
    assert sorted((one.judge, one.person) for one in pairs) == [(0.0, 1.0), (1.0, 1.0), (1.0, 1.0)]
    assert len({one.case for one in pairs}) == 3
    assert standing.agreement.raw.estimate == pytest.approx(2 / 3)
    assert [(name, one.agreement.raw.n) for name, one in known.on_live(KIND, pairs)] == [("r", 3)]
    found, why = known.calibration(experiments, labels, "p", judge, None)
    assert (found.labels, found.confusion, found.length, found.corrected, why) == (3, [[0, 0], [1, 2]], None, {}, "")
    assert [one.raw.n for one in known.over_time(KIND, pairs)] == [3]
    here.undo(queue, "ann")
    assert len(known.held(experiments, labels, "p", judge)[1]) == 2, "what was taken back counts no more"


def test_another_rubric_is_another_judge(traffic: Traffic) -> None:
    scored(traffic, "Hello.")
    here, labels = desk(traffic), Labels(lambda: traffic.evals)
    queue = here.create("p", "live", SOURCE, live=[("r", KIND)])
    say(here, queue, "ann", "pass")
    other: Evaluator = rule({"judge": {"model": "claude-judge", "rubric": "Is it short?"}}).steps[0].evaluator
    experiments = Experiments(lambda: traffic.evals)
    for judge, count in ((KIND, 1), (other, 0)):
        (one,) = known.judges(experiments, "p", [("r", judge)])
        assert len(known.held(experiments, labels, "p", one)[1]) == count
    assert here.get("p", "live").plan.live_judge() == KIND, "as it was when the queue was begun"


def test_a_queue_about_a_rule_fills_as_live_traffic_comes(traffic: Traffic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outrider.evals.review.desk.FOLLOWED_NS", -1)
    here = desk(traffic)
    queue = here.create("p", "live", SOURCE, live=[("r", KIND)])
    assert here.queues.items(queue) == []
    scored(traffic, "Hello.", "rude")
    assert len(here.queues.items(here.get("p", "live"))) == 2
    share = here.create("p", "some", Source(rule="r", judge="judge", share=0.5, most=1), live=[("r", KIND)])
    assert len(here.queues.items(share)) <= 1


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (Source(rule="r"), "has no judge ''; there are: judge of r"),
        (Source(rule="s", judge="judge"), "the rule 's' has no judge"),
        (Source(rule="r", judge="judge", where="route=a"), "say one"),
        (Source(rule="r", judge="judge", variant="x"), "are of an `experiment`"),
    ],
)
def test_what_cannot_be_is_named(traffic: Traffic, source: Source, why: str) -> None:
    with pytest.raises(RequestError, match=why):
        desk(traffic).create("p", "q", source, live=[("r", KIND)])
    with pytest.raises(RequestError, match="no rubric"):
        desk(traffic).create("p", "q", SOURCE, parse("a: yes/no"), live=[("r", KIND)])


def test_a_series_is_known_by_its_rule_and_judge() -> None:
    name = live.series("a.b-c", KIND)
    assert (live.rule_of(name), live.is_of(name, KIND), live.rule_of("exp_1")) == ("a.b-c", True, "")
