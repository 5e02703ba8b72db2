"""The expected text."""

from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Case, Outcome


def value(text: str, expected: object, **options: object) -> float | None:
    return named("exact", options).score(Case("a", "x", expected=expected), Outcome(text=text), Ports()).value


def test_space_does_not_count_and_the_rest_does() -> None:
    assert value(" yes \n", "yes") == 1.0
    assert value("Yes.", "yes") == 0.0
    assert value("Yes.", "yes", ignore=["case", "marks"]) == 1.0
    assert value("b", ["a", "b"]) == 1.0
    assert value("4", 4) == 1.0
    assert value("x", None) is None
