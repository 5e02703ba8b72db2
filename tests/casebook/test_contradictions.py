"""Figures that sources contradict: found where two cannot both be right, and nowhere else."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from outrider.casebook import pipeline, review
from outrider.casebook.contradictions import marked, opposed, unmarked
from outrider.casebook.evidence import cite, text_hash
from outrider.casebook.find import Finder
from outrider.casebook.records import CaseStudy, Made, Result, Source
from tests.casebook.made import casebook, database, entry

HERE, THERE = "The deflection rate was 62 % in 2025.", "A deflection rate of 48 % was measured in 2025."


def told(source: str, quote: str, value: float | str | None = None, **more: Any) -> Result:
    """A figure of a source whose whole text is `quote`."""
    made = {"metric": "deflection_rate", "unit": "%", "status": "verified", **more}
    return Result(value=value, evidence=(cite(source, quote, 0, len(quote)),), **made)


def case(id_: str, *results: Result, **more: Any) -> CaseStudy:
    sources = tuple(Source(s, "article", f"https://example.org/{id_}/{s}") for s in ("text", "page"))
    return CaseStudy(id=id_, title=id_, organisation="Harbour", sources=sources, results=results, **more)


def test_two_sources_that_disagree_are_marked_with_each_others_passages() -> None:
    (found,) = marked([case("a", told("text", HERE, 62, status="vendor-claim"), told("page", THERE, 48))])
    mine, theirs = found.results
    assert (mine.status, theirs.status) == ("contradicted", "contradicted")
    assert mine.against is not None
    assert theirs.against is not None
    assert [(o.says, o.evidence.quote, o.case) for o in mine.against.passages] == [("deflection rate: 48 %", THERE, "")]
    assert [o.evidence.quote for o in theirs.against.passages] == [HERE]
    assert mine.shown
    assert [r.status for r in unmarked(found).results] == ["vendor-claim", "verified"]
    assert unmarked(unmarked(found)) == unmarked(found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (told("text", HERE, 62), told("page", HERE, 62)),
        (told("text", HERE, 62), told("page", HERE, 61.8)),  # rounded
        (told("text", HERE, 62), told("page", HERE, 57, qualifier="about")),
        (told("text", HERE, 62), told("page", HERE, 60, qualifier=">")),
        (told("text", HERE, 62), told("page", HERE, 70, qualifier="up to")),
        (told("text", HERE, 62), told("page", HERE, "60-65")),
        (told("text", HERE, 62), told("page", THERE, 48, note="for premium members")),
        (told("text", HERE, 62, period="June"), told("page", THERE, 48, period="July")),
        (told("text", HERE, 62), told("page", THERE.replace("2025", "2024"), 48)),
        (told("text", HERE, 62), told("page", THERE, 48, unit="points")),
        (told("text", HERE, 62), told("page", THERE, 48, metric="containment_rate")),
        (told("text", HERE, 62), told("text", THERE, 48)),  # one source: it means two things
        (told("text", HERE, 62), told("page", THERE, 48, status="unsupported")),
        (told("text", HERE, 62, unit="USD"), told("page", THERE, 48, unit="EUR")),
        (told("text", HERE, 1.2, unit="million users"), told("page", HERE, 1_200_000, unit="users")),
        (told("text", HERE, 2, unit="minutes"), told("page", HERE, 120, unit="seconds")),
        (told("text", HERE, 40, metric="reduction"), told("page", HERE, 30, metric="reduction")),
        (told("text", HERE, "many"), told("page", HERE, 30)),
        (told("text", HERE, 62), told("page", HERE)),
    ],
)
def test_what_may_both_be_right_is_left_alone(one: Result, other: Result) -> None:
    cases = [case("a", one, other)]
    assert marked(cases) == cases


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (told("text", HERE, 2, unit="minutes"), told("page", HERE, 80, unit="seconds")),
        (told("text", HERE, 70, qualifier=">"), told("page", HERE, 62)),
        (told("text", HERE, "60-65"), told("page", HERE, 70)),
        (told("text", HERE, before=11, after=4), told("page", HERE, before=15, after=4)),
        (told("text", HERE, 1_200, unit="users"), told("page", HERE, 1_500, unit="users")),
    ],
)
def test_what_cannot_both_be_right_is_opposed(one: Result, other: Result) -> None:
    assert opposed(one, other)
    assert opposed(other, one)
    assert all(r.status == "contradicted" for c in marked([case("a", one, other)]) for r in c.results)


def test_a_source_that_says_two_things_is_compared_with_none() -> None:
    several = case("a", told("text", HERE, 62), told("page", THERE, 48), told("page", THERE, 30))
    assert marked([several]) == [several]


def test_cases_of_one_system_and_year_or_of_one_source_are_compared() -> None:
    one = case("a", told("text", HERE, 62), system="Port", year=2025)
    other = case("b", told("text", THERE, 48), system="port", year=2025)
    a, b = marked([one, other])
    assert a.results[0].against is not None
    assert b.results[0].against is not None
    assert [o.case for o in (*a.results[0].against.passages, *b.results[0].against.passages)] == ["b", "a"]
    later = msgspec.structs.replace(other, year=2026)
    assert marked([one, later]) == [one, later]
    same = msgspec.structs.replace(later, sources=one.sources)
    assert {c.results[0].status for c in marked([one, same])} == {"contradicted"}


def test_a_vendors_claim_is_held_against_the_passage_that_it_cites() -> None:
    passage = "The team reduced handling time by 30 %."
    claim = told("page", passage, 45, metric="handling_time_reduction", status="vendor-claim", made=Made("notes"))
    (found,) = marked([case("a", claim)])
    assert found.results[0].against is not None
    (other,) = found.results[0].against.passages
    assert (other.says, other.evidence.quote) == ("handling time reduction: 30 %", passage)
    right = msgspec.structs.replace(claim, value=30)
    silent = told("page", "It is faster.", 45, metric="handling_time_reduction", made=Made("notes"))
    assert marked([case("a", right, silent)]) == [case("a", right, silent)]


def test_nothing_of_it_is_kept_and_conditions_do_not_count_it(tmp_path: Path) -> None:
    with casebook(f"sqlite:///{tmp_path / 'o.sqlite3'}", tmp_path) as book:
        text = f"{HERE}\n\n# More"
        page = Source("page", "article", "https://example.org/page", hash=text_hash(THERE))
        sources = (Source("text", "customer", "https://example.org/one"), page)
        made = CaseStudy(
            id="a", title="A", organisation="Harbour", sources=sources,
            results=(told("text", HERE, 62), told("page", THERE, 48)),
        )  # fmt: skip
        book.put(made, {"text": text, "page": THERE}, who="test")
        kept = book.get("a")
        assert {r.status for r in kept.results} == {"contradicted"}
        assert Finder(book).find(Finder(book).read("deflection>40%")).total == 0
        book.put(msgspec.structs.replace(kept, title="B"), who="test")
        stored = book.versions("a")[0].case
        assert {(r.status, r.against) for r in stored.results} == {("verified", None)}
        one = review.contribute(book, review.Contribution("a", summary="Shorter"), who="ann")
        assert {r.against for r in one.case.results} == {None}
        review.accept(book, one.id, by="bea")
        without = msgspec.structs.replace(book.get("a"), results=book.get("a").results[:1])
        book.put(without, who="test")
        assert [r.status for r in book.get("a").results] == ["verified"]


def test_a_page_that_joins_a_case_brings_the_figures_that_disagree(tmp_path: Path) -> None:
    with casebook(f"sqlite:///{tmp_path / 'o.sqlite3'}", tmp_path) as book:
        own = "It deflects calls in claims. Deflection rate: 45 %."
        sources = (
            Source("text", "article", "https://example.org/one"),
            Source("page", "article", "https://www.zenml.io/llmops-database/one"),
        )
        claim = Result("deflection_rate", 45, unit="%", status="verified",
                       evidence=(cite("text", own, 29, len(own)),), made=Made("notes"))  # fmt: skip
        book.put(CaseStudy(id="theirs", title="T", organisation="Northwind", sources=sources, results=(claim,)), own)
        for body in ("The deflection rate was", "Its deflection rate is"):  # the second time as the first
            text = entry("one").replace("The team reports a deflection rate of", body)
            pipeline.import_all(book, str(database(tmp_path / "set", one=text)), "zenml")
            results = book.get("theirs").results
            assert [(r.value, r.status) for r in results] == [(45, "contradicted"), (62, "contradicted")]
            assert results[0].against is not None
            assert f"{body} 62%" in results[0].against.passages[0].evidence.quote
