"""Numbers in answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.evals.evaluators import Ports, named
from outrider.evals.evaluators.number import read
from outrider.evals.records import Case, Outcome


def value(text: str, expected: object, **options: object) -> float | None:
    return named("number", options).score(Case("a", "x", expected=expected), Outcome(text=text), Ports()).value


@pytest.mark.parametrize(
    ("text", "found"),
    [("12 of 1,234.5", [12, 1234.5]), ("-3", [-3]), ("a1 v2.3", []), ("1e3", [1000]), ("1\u2019000", [1000]),
     ("\u22125", [-5]), ("12,5", [12, 5])],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str, found: list[float]) -> None:
    assert read(text) == found


def test_near_enough() -> None:
    assert value("It is 3, no: 4.02", 4, within=0.05) == 1.0
    assert value("It is 4.02", 4) == 0.0
    assert value("It is 4.02", 4, tolerance=0.01) == 1.0
    assert value("4 of 7", 4, first=True) == 1.0
    assert value("none", 4) == 0.0
    assert value("4", "soon") is None


@given(st.integers(-(10**12), 10**12))
def test_what_is_written_is_read(number: int) -> None:
    assert read(f"It is {number:,}.")[0] == number
