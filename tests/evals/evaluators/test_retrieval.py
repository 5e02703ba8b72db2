"""Retrieval measures on what an answer's way shows."""

from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Case, Outcome

FOUND = Outcome(steps=[{"kind": "retrieval", "passages": [{"source": one} for one in ("a", "b", "a", "c")]}])


def value(relevant: object, outcome: Outcome = FOUND, **options: object) -> float | None:
    return named("retrieval", options).score(Case("q", "x", context={"relevant": relevant}), outcome, Ports()).value


def test_measures_over_sources() -> None:
    assert value(["b", "z"]) == 0.5
    assert value({"b": 2, "c": 0}, measure="all", k=2) == 1.0
    assert value(["c"], measure="mrr") == 1 / 3
    assert value(["a"], measure="ndcg", k=1) == 1.0
    assert value(["a"], Outcome()) == 0.0
    assert value([]) is None
