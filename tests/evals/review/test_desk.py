"""A queue from its beginning to labels of a judge and cases of a dataset, on both stores."""

import pytest

from outrider.base.errors import RequestError
from outrider.evals.datasets import Datasets
from outrider.evals.experiments import Experiment, Experiments
from outrider.evals.judging.labels import Labels
from outrider.evals.judging.pairs import gather
from outrider.evals.planning import read
from outrider.evals.review import rubric
from outrider.evals.review.desk import ReviewDesk, Task
from outrider.evals.review.marks import Role
from outrider.evals.review.queues import Queue, Source
from outrider.store import Store


def task(desk: ReviewDesk, queue: Queue, who: str, role: Role = "review") -> Task:
    found = desk.next(queue, who, role)
    assert found is not None
    return found


def test_a_judge_is_held_against_people_who_see_nothing_of_it(
    desk: ReviewDesk, judged: Experiment, experiments: Experiments, evals_store: Store
) -> None:
    source = Source(experiment="weekly", judge="judge", most=6)
    queue = desk.create("p", "judging", source, reviewers=2, author="ann")
    assert [(one.name, one.kind, one.choices) for one in queue.plan.fields] == [
        ("verdict", "choice", ("fail", "pass")), ("note", "text", ()),
    ]  # fmt: skip
    first = task(desk, queue, "ann")
    assert (first.mine, first.counts["waiting"], first.said) == (0, 6, [])
    assert first.shown.facts == {}, "blind"
    assert first.shown.asked[0].name == "user"
    assert first.shown.expected == "", "the judge does not see it either"
    assert desk.give(queue, first.place, "ann", {"verdict": "pass", "note": "fine"}) == "waiting"
    assert task(desk, queue, "ben").place == first.place
    assert task(desk, queue, "ben").said == [], "nothing of what ann said"
    assert desk.give(queue, first.place, "ben", {"verdict": "fail"}) == "disputed"
    deciding = task(desk, queue, "cem", "adjudicate")
    assert (deciding.differ, [one.answers["verdict"] for one in deciding.said]) == (["verdict"], ["pass", "fail"])
    labels, judge = Labels(lambda: evals_store), read(judged.plan).evaluators[0]
    (pair,) = gather(experiments, labels, "p", judge)
    assert (pair.people, pair.person, pair.drawn) == ({"ann": 1.0, "ben": 0.0}, 0.5, True)
    assert desk.give(queue, first.place, "cem", {"verdict": "fail"}) == "settled"
    (pair,) = gather(experiments, labels, "p", judge)
    assert (pair.person, pair.judge) == (0.0, 1.0), "what was decided stands for all of them"
    desk.undo(queue, "cem")
    assert [one.who for one in labels.newest("p")] == ["ben", "ann"] or len(labels.newest("p")) == 2
    assert task(desk, queue, "cem", "adjudicate").before == {"verdict": "fail"}


def test_answers_beside_each_other_are_the_same_for_everybody(
    desk: ReviewDesk, judged: Experiment, experiments: Experiments, evals_store: Store
) -> None:
    queue = desk.create("p", "better", Source(experiment=judged.id, judge="prefer"))
    assert queue.plan.fields[0].choices == ("first", "second", "tie")
    assert desk.queues.counts(queue)["waiting"] == 10
    labels, judge = Labels(lambda: evals_store), read(judged.plan).evaluators[1]
    sides = set()
    for _ in range(10):
        one = task(desk, queue, "ann")
        first, second = (part.text for part in one.shown.answers)
        assert {first[:4], second[:4]} == {"now ", "next"}
        sides.add(first[:4])
        desk.give(queue, one.place, "ann", {"verdict": "first" if first.startswith("next") else "second"})
    assert len(sides) == 2, "which one comes first is random"
    assert {pair.person for pair in gather(experiments, labels, "p", judge)} == {1.0}, "the newer one is better"
    assert desk.next(queue, "ann") is None


def test_who_is_not_blind_sees_all_of_it(desk: ReviewDesk, judged: Experiment) -> None:
    queue = desk.create("p", "open", Source(experiment=judged.id, variant="next", share=0.5), reviewers=2, blind=False)
    assert desk.queues.counts(queue)["waiting"] == 5
    one = task(desk, queue, "ann")
    assert (one.place, one.shown.facts["variant"], one.shown.facts["scores"]) == (0, "next", "judge 1, prefer 0.5")
    assert one.shown.expected.startswith("expected ")
    desk.give(queue, 0, "ann", {"right": "yes"})
    assert [mark.who for mark in task(desk, queue, "ben").said] == ["ann"]


def test_what_is_settled_becomes_cases(desk: ReviewDesk, judged: Experiment, datasets: Datasets) -> None:
    queue = desk.create("p", "golden", Source(experiment=judged.id), rubric.parse("ok: yes/no\nbetter: text"))
    with pytest.raises(RequestError, match="nothing is settled yet"):
        desk.cases(queue, "golden")
    for said in ({"ok": "yes"}, {"ok": "no", "better": "So it is."}, {"ok": "no"}):
        desk.give(queue, task(desk, queue, "ann").place, "ann", said)
    for wrong in ({"expected": "odd"}, {"accept": "better"}):
        with pytest.raises(RequestError):
            desk.cases(queue, "golden", **wrong)
    with pytest.raises(RequestError, match="which dataset"):
        desk.cases(queue, "")
    made = desk.cases(queue, "golden", expected="better", accept="ok", author="ann")
    found = datasets.cases("p", "golden")
    assert made.cases == len(found) <= 3
    by_answer = {case.labelled: case for case in found}
    assert by_answer["person"].recorded["review"]["by"][0]["who"] == "ann"
    expected = {case.expected for case in found if case.labelled == "person"}
    assert "So it is." in expected or any("c" in str(one) for one in expected)
    assert (made.put[0].note, made.put[0].author) == ("reviewed in golden", "ann")


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (Source(), "say one"),
        (Source(where="a", experiment="b"), "say one"),
        (Source(where="route=a", judge="judge"), "are of an `experiment`"),
        (Source(experiment="weekly", judge="odd"), "there are: judge, prefer"),
        (Source(experiment="weekly", variant="odd"), "there are: now, next"),
        (Source(experiment="odd"), "no experiment 'odd'"),
        (Source(experiment="weekly", most=0), "1 to 20000 items"),
        (Source(experiment="weekly", share=2), "`share` lies"),
    ],
)
def test_a_queue_of_nothing_is_refused(desk: ReviewDesk, judged: Experiment, source: Source, why: str) -> None:
    with pytest.raises(RequestError, match=why):
        desk.create("p", "q", source)


def test_queues_have_names_of_their_own(desk: ReviewDesk, judged: Experiment) -> None:
    whole = Source(experiment="weekly")
    made = desk.create("p", "q", whole)
    assert desk.get("p", made.id) == desk.get("p", "q") == made
    with pytest.raises(RequestError, match="already"):
        desk.create("p", "q", whole)
    with pytest.raises(RequestError, match="no review queue 'q'"):
        desk.get("other", "q")
    with pytest.raises(RequestError, match="asks what the judge was asked"):
        desk.create("p", "r", Source(experiment="weekly", judge="judge"), rubric.parse("a: yes/no"))
    for name in ("", "a/b", " a", "x" * 101, "..", "a.json", "a\nb"):
        with pytest.raises(RequestError, match="queue's name"):
            desk.create("p", name, whole)
    with pytest.raises(RequestError, match="1 to 9 reviewers"):
        desk.create("p", "r", whole, reviewers=10)
    assert desk.turn("p", "q", "closed").state == "closed"
    assert [one.name for one in desk.queues.newest("p")] == ["q"]


def test_figures_and_results(desk: ReviewDesk, judged: Experiment) -> None:
    queue = desk.create("p", "q", Source(experiment="weekly", most=4), reviewers=2)
    assert desk.figures(queue).agreements[0].agreement is None
    for who in ("ann", "ben"):
        for turn in range(4):
            said = {"right": "yes" if who == "ann" or turn else "no"}
            desk.give(queue, task(desk, queue, who).place, who, said)
    found = desk.figures(queue)
    assert (found.items, found.marks, found.doubly, found.last_day) == (
        {"waiting": 0, "disputed": 1, "settled": 3}, 8, 4, 8,
    )  # fmt: skip
    agreed = found.agreements[0].agreement
    assert agreed is not None
    assert agreed.raw.estimate == 0.75
    assert [(one.who, one.reviewed) for one in found.paces] == [("ann", 4), ("ben", 4)]
    assert found.all is not None
    assert found.all.per_hour > 0
    (disputed,) = desk.results(queue, "disputed")
    assert (disputed.answers, disputed.differ, len(disputed.said)) == (None, ["right"], 2)
    assert [one.place for one in desk.results(queue, first=2, limit=1)] == [2]
    with pytest.raises(RequestError, match="there are: waiting, disputed, settled"):
        desk.results(queue, "odd")
