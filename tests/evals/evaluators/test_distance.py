"""Edit distance."""

import pytest

from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Case, Outcome


def value(text: str, expected: object, **options: object) -> float | None:
    return named("distance", options).score(Case("a", "x", expected=expected), Outcome(text=text), Ports()).value


def test_the_nearest_of_the_expected_texts_counts() -> None:
    assert value("kitten", "sitting") == pytest.approx(1 - 3 / 7)
    assert value("kitten", ["sitting", "Kitten"]) == 1.0
    assert value("kitten", "sitting", at_least=0.5) == 1.0
    assert value("", "") == 1.0
    assert value("x", None) is None
