"""Money."""

from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Case, Outcome


def test_nano_dollars_are_shown_as_dollars() -> None:
    found = named("dollars")
    assert found.score(Case("q", "x"), Outcome(cost=1_500_000), Ports()).value == 0.0015
    assert (found.better, found.unit) == ("lower", "$")
