"""When the system knew, and when people did."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from outrider.base.errors import RequestError
from outrider.evals import evaluators
from outrider.evals.evaluators import Ports
from outrider.evals.hindsight import Grade, grade
from outrider.evals.suite import evaluator
from outrider.replay.session import Kind, Moment

SECOND = 10**9


def session(*said: tuple[Kind, str]) -> list[Moment]:
    return [Moment(at * SECOND, kind, f"run{at}", text) for at, (kind, text) in enumerate(said, 1)]


def graded(*said: tuple[Kind, str], pattern: str = "fraud") -> Grade:
    return grade("It was fraud", session(*said), [evaluators.named("regex", {"pattern": pattern})])


def test_the_system_knew_before_the_people_and_turned_back_once() -> None:
    found = graded(
        ("human", "A claim of 900"), ("tool", "the same receipt twice: fraud"), ("model", "This may be fraud."),
        ("model", "All is well."), ("model", "It is fraud."), ("human", "So it is fraud!"), ("model", "Yes, fraud."),
    )  # fmt: skip
    assert (found.verdict, found.lead, found.turns_back, found.steps) == ("before", 3 * SECOND, [4], 7)
    steps = [one.step if one else None for one in (found.given, found.known, found.stable, found.people)]
    assert steps == [2, 3, 5, 6]
    assert found.known is not None
    assert (found.known.run, found.known.text) == ("run3", "This may be fraud.")


def test_the_first_one_is_found_in_every_order() -> None:
    """What a search by halves would miss: every order of knowing and not knowing."""
    for pattern in itertools.product((True, False), repeat=6):
        found = graded(*[("model", "fraud" if one else "well") for one in pattern])
        assert (found.known.step if found.known else None) == (pattern.index(True) + 1 if any(pattern) else None)
        kept = len(list(itertools.takewhile(bool, reversed(pattern))))
        assert (found.stable.step if found.stable else None) == (7 - kept if kept else None)


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ([("human", "fraud?"), ("model", "fraud")], "after"),
        ([("model", "fraud")], "only the system"),
        ([("model", "well"), ("feedback", "fraud")], "only people"),
        ([("model", "well"), ("human", "well")], "nobody"),
    ],
)
def test_who_knew_first(said: list[tuple[Kind, str]], verdict: str) -> None:
    assert graded(*said).verdict == verdict


class Judge:
    """Says pass where it reads `deceived` after the last mark."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(
        self, model: str, messages: Sequence[Mapping[str, Any]], *, again: str = "", **fields: Any
    ) -> tuple[str, int]:
        text = str(messages[-1]["content"])
        self.asked.append(text)
        says = "pass" if "deceived" in text.rpartition("<ANSWER")[2] else "fail"
        return f'{{"reasons": "so", "verdict": "{says}"}}', 7


def test_a_judge_is_asked_only_where_the_cheap_check_says_so() -> None:
    judge = Judge()
    ports = Ports(ask=judge, families=lambda name: frozenset({name}))
    judged = evaluators.named("judge", {"model": "j", "rubric": "it says so", "same_family": True})
    cheap = evaluators.named("regex", {"pattern": "claim"})
    moments = session(("model", "hello"), ("model", "a claim"), ("model", "deceived by a claim"), ("human", "deceived"))
    found = grade("It was fraud", moments, [cheap, judged], ports)
    assert (found.judged, found.cost, len(judge.asked)) == (2, 14, 2)
    assert found.known is not None
    assert (found.known.step, found.verdict) == (3, "only the system")
    assert "a claim" in judge.asked[1], "the session before the moment is shown"
    both = grade("It was fraud", moments, [judged], ports)
    assert (both.judged, both.verdict, both.lead) == (4, "before", SECOND)


def test_what_has_no_score_is_told_and_decides_nothing() -> None:
    broken = evaluators.named("regex", {"pattern": "("})
    found = grade("x", session(("model", "a"), ("human", "b")), [broken])
    assert (found.verdict, found.unsure) == ("nobody", 2)


def test_what_cannot_be_graded_is_refused() -> None:
    with pytest.raises(RequestError, match="say what came of it"):
        grade(" ", [], [evaluators.named("exact")])
    for checks in ([], [evaluators.named("seconds")]):
        with pytest.raises(RequestError, match="how good an answer is"):
            grade("x", [], checks)
    assert evaluator({"contains": {}}, "here").kind == "contains"
    for wrong in ("none", {"exact": {"x": 1}}, 5, {"a": {}, "b": {}}):
        with pytest.raises(RequestError, match=r"^here: "):
            evaluator(wrong, "here")
