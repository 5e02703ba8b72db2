"""Abstaining as an outcome of its own."""

from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Case, Outcome, Score


def score(outcome: Outcome, refuse: bool) -> Score:
    return named("refusal").score(Case("q", "x", context={"refuse": refuse}), outcome, Ports())


def test_right_is_to_refuse_where_it_should_and_to_answer_elsewhere() -> None:
    no, yes = Outcome(text="I'm sorry, but I can't help with that."), Outcome(text="It is in Bern.")
    assert [score(no, True).value, score(no, False).value] == [1.0, 0.0]
    assert [score(yes, True).value, score(yes, False).value] == [0.0, 1.0]
    assert score(Outcome("refused"), True).label == "abstained"
    assert score(Outcome("error", error="HTTP 500"), True).value == 0.0, "a fault is no refusal"
