"""Patterns."""

from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Case, Outcome, Score


def score(text: str, expected: object = None, **options: object) -> Score:
    return named("regex", options).score(Case("a", "x", expected=expected), Outcome(text=text), Ports())


def test_a_pattern_is_found_or_is_the_whole_or_must_be_absent() -> None:
    assert score("order 42 is sent", pattern=r"\d+").value == 1.0
    assert score("order 42 is sent", pattern=r"\d+", whole=True).value == 0.0
    assert score("order 42 is sent", pattern=r"\d+", absent=True).value == 0.0
    assert score("42", r"\d+").value == 1.0
    assert score("x").value is None


def test_a_bad_pattern_is_named() -> None:
    found = score("x", pattern="(")
    assert found.value is None
    assert "is no regular expression" in found.reason
    assert "is no regular expression" in score("x", pattern="(" * 2000 + ")" * 2000).reason


def test_a_pattern_that_would_try_for_hours_is_given_up() -> None:
    for whole in (False, True):
        found = score("a" * 5_000 + "!", pattern="(a|aa)+$", whole=whole)
        assert found.value is None
        assert "too long" in found.reason
