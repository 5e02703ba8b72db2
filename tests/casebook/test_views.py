"""Cases beside cases: comparison, more like this, pattern pages."""

from collections.abc import Iterator

import pytest

from outrider.base.errors import RequestError
from outrider.casebook.compare import compare
from outrider.casebook.find import Finder
from outrider.casebook.patterns import pattern, patterns, way
from outrider.casebook.records import Result
from outrider.casebook.similar import similar
from tests.casebook import few


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finder]:
    closing: list[object] = []
    folder = tmp_path_factory.mktemp("few")
    book = few.casebook(f"sqlite:///{folder / 'outrider.sqlite3'}", folder / "home", closing.append)
    yield Finder(book)
    for close in closing:
        close()  # type: ignore[operator]


def test_side_by_side(finder: Finder) -> None:
    got = compare(finder.cases, ["harbour-claims", "lumen-code-review"], finder.catalogue().vocabulary)
    rows = {r.field: r for r in got.rows}
    assert [c.id for c in got.cases] == ["harbour-claims", "lumen-code-review"]
    assert rows["year"].cells == [["2024"], ["2025"]]
    assert rows["technique"].shared == ["Retrieval-augmented generation"]
    assert rows["industry"].shared == []
    assert "tool" not in rows
    assert {f.metric for f in got.figures} == {"rate", "time", "comment"}


def test_figures_of_a_kind_stand_in_one_row(finder: Finder) -> None:
    got = compare(finder.cases, ["harbour-claims", "orchard-voice"], finder.catalogue().vocabulary)
    assert got.figures[0].metric == "rate"
    assert [[r.value for r in cell] for cell in got.figures[0].cells] == [[60], [70]]


@pytest.mark.parametrize("ids", [[], ["harbour-claims"], ["harbour-claims"] * 2, list("abcde")])
def test_what_cannot_be_compared(finder: Finder, ids: list[str]) -> None:
    with pytest.raises(RequestError, match="two to 4 different cases") as error:
        compare(finder.cases, ids, finder.catalogue().vocabulary)
    assert error.value.param == "ids"


def test_more_like_this(finder: Finder) -> None:
    got = similar(finder.cases, finder.catalogue(), "lumen-code-review")
    assert got[0].case.id == "harbour-claims"
    assert got[0].shared == ["Retrieval-augmented generation"]
    assert "lumen-code-review" not in [s.case.id for s in got]
    with pytest.raises(RequestError, match="no case"):
        similar(finder.cases, finder.catalogue(), "nothing")


def test_a_pattern(finder: Finder) -> None:
    got = pattern(finder.cases, finder.catalogue(), "Retrieval-augmented generation")
    assert (got.technique, got.total, got.cases) == ("rag", 2, ["lumen-code-review", "harbour-claims"])
    assert [(m.case, m.result.metric) for m in got.speaks_for] == [("harbour-claims", "handling_time")]
    assert [t.claim.value for t in got.failures] == ["Old policies stayed in the index."]
    assert got.failures[0].url == "https://example.org/harbour-claims"
    assert {c.value for c in got.conditions["industry"]} == {"insurance", "developer-tools"}
    assert len(got.figures) == 3


def test_all_patterns(finder: Finder) -> None:
    found = {s.technique: s for s in patterns(finder.catalogue())}
    assert (found["rag"].total, found["rag"].figures, found["rag"].failures) == (2, 2, 1)


def test_an_unknown_pattern_is_told_with_the_nearest(finder: Finder) -> None:
    with pytest.raises(RequestError, match="technique:reranking") as refused:
        pattern(finder.cases, finder.catalogue(), "rerankin")
    assert refused.value.status == 404
    with pytest.raises(RequestError):
        pattern(finder.cases, finder.catalogue(), "chunking")


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (Result("handling_time", before=11, after=4, unit="minutes"), "better"),
        (Result("error_rate", before=4, after=11, unit="%"), "worse"),
        (Result("accuracy_gain", 8, unit="%"), "better"),
        (Result("accuracy", before=80, after=70, unit="%"), "worse"),
        (Result("cost_reduction", 45, unit="%"), "better"),
        (Result("cost_reduction", 45, unit="%", qualifier="up to"), ""),
        (Result("users", before=1, after=2), ""),
        (Result("accuracy", 80, unit="%"), ""),
    ],
)
def test_which_way_a_figure_goes(result: Result, expected: str) -> None:
    assert way(result) == expected
