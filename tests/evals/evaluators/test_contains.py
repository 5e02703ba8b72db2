"""Texts in the answer."""

from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Case, Outcome


def value(text: str, expected: object = None, **options: object) -> float | None:
    return named("contains", options).score(Case("a", "x", expected=expected), Outcome(text=text), Ports()).value


def test_the_share_of_what_is_there() -> None:
    assert value("Paris and Rome", ["paris", "ROME"]) == 1.0
    assert value("Paris", ["paris", "rome"]) == 0.5
    assert value("Paris", ["paris", "rome"], any=True) == 1.0
    assert value("I cannot say", never=["cannot"]) == 0.0
    assert value("Paris", never=["cannot"]) == 1.0
    assert value("Paris") is None
