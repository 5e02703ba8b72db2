"""Why a condition on figures finds nothing: said where it is the condition's fault, and only there."""

from pathlib import Path

import pytest

from outrider.casebook.find import Finder
from outrider.casebook.hints import Hint
from tests.casebook import few


@pytest.fixture
def finder(store_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Finder:
    return Finder(few.casebook(store_url, tmp_path / "home", request.addfinalizer))


def hints(finder: Finder, query: str) -> list[Hint]:
    return finder.find(finder.read(query)).hints


@pytest.mark.parametrize(
    ("query", "told", "instead"),
    [
        ("deflection>50", "1 is in %: deflection>50%", "result:deflection>50%"),
        ("industry:insurance deflection>50", "is a plain number", "industry:insurance result:deflection>50%"),
        ("deflecton>50%", "No figure is called “deflecton”; did you mean deflection>50%?", "result:deflection>50%"),
        ("zebras>3", "No figure is called “zebras”", ""),
        ("latency<200", "1 is times: give the unit, as in latency<200ms or latency<200s", ""),
        ("users>1%", "is in %; 1 is plain numbers: users>1", "result:users>1"),
        ("users>+10%", "No change of “users” is told", ""),
        ("deflection>99%", "", ""),
        ("deflection>50%", "", ""),
        ("-deflection>50", "", ""),
    ],
)
def test_what_may_have_been_meant(finder: Finder, query: str, told: str, instead: str) -> None:
    found = hints(finder, query)
    assert [h.query for h in found] == ([instead] if told else [])
    assert all(told in h.text for h in found)


def test_a_change_is_asked_for_by_a_sign(finder: Finder) -> None:
    (hint,) = hints(finder, "cost>30%")
    assert hint == Hint("Of “cost” only changes are told, which a number with a sign asks for: cost>+10% or cost>-10%")
