"""The same as it was recorded."""

from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Case, Outcome

CASE = Case("a", "x")


def outcome(before: str | None, after: str, diverged: int = 0) -> Outcome:
    return Outcome(text=after, about={"replay": {"before": before, "after": after, "diverged": diverged}})


def test_answers_and_ways() -> None:
    answer, way, partly = named("same"), named("same", {"what": "way"}), named("same", {"partly": True})
    assert answer.score(CASE, outcome("a b", "a b", 2), Ports()).value == 1.0
    assert answer.score(CASE, outcome("a b", "a c", 2), Ports()).value == 0.0
    assert partly.score(CASE, outcome("a b", "a c", 2), Ports()).value == 0.5
    said = way.score(CASE, outcome("a b", "a b", 2), Ports())
    assert (said.value, said.reason) == (0.0, "other than recorded from step 2 on")


def test_without_a_recording_it_says_nothing() -> None:
    assert named("same").score(CASE, Outcome(text="x"), Ports()).value is None
    assert named("same").score(CASE, outcome(None, "x"), Ports()).value is None
