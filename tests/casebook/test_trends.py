"""Trends: shares with their sample and interval, and what cannot be told."""

import csv
import io

import pytest

from outrider.base.errors import RequestError
from outrider.casebook.facets import Catalogue, entry, vocabulary
from outrider.casebook.find import labels
from outrider.casebook.language import Asked, parse
from outrider.casebook.records import CaseStudy, Claim, Evidence
from outrider.casebook.trends import as_csv, trends
from tests.casebook import few


def catalogue(cases: list[CaseStudy] | None = None) -> Catalogue:
    cases = few.cases() if cases is None else cases
    return Catalogue([entry(c) for c in cases], vocabulary(cases, labels()))


def test_shares_of_a_year() -> None:
    got = trends(catalogue(), Asked(), "technique", ["rag"])
    assert (got.years, got.n, got.undated) == ([2023, 2024, 2025], [1, 2, 2], 1)
    (line,) = got.lines
    assert [(p.count, p.n, p.share) for p in line.points] == [(0, 1, 0.0), (1, 2, 0.5), (1, 2, 0.5)]
    assert all(p.low <= p.share <= p.high for p in line.points)
    assert line.moved == ""


def test_conditions_narrow_the_sample() -> None:
    all_ = catalogue()
    got = trends(all_, parse("industry:finance", all_.vocabulary))
    assert (got.years, got.n) == ([2023, 2025], [1, 1])
    assert {line.value for line in got.lines} == {"multi-agent", "guardrails", "reranking", "vector-search"}


def test_a_move_is_told_when_the_intervals_lie_apart() -> None:
    seen = (Claim("rag", "verified", (Evidence("text", 0, 1, "", "x"),)),)
    cases = [CaseStudy(f"a{n}", "t", "o", year=2020) for n in range(30)]
    cases += [CaseStudy(f"b{n}", "t", "o", year=2025, techniques=seen if n < 15 else ()) for n in range(30)]
    (line,) = trends(catalogue(cases), Asked()).lines
    assert (line.total, line.moved) == (15, "up")


def test_it_can_be_downloaded() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(trends(catalogue(), Asked())))))
    assert set(rows[0]) == {"technique", "label", "year", "count", "n", "share", "low", "high"}
    rag = [r for r in rows if r["technique"] == "rag"]
    assert [(r["year"], r["count"], r["n"]) for r in rag] == [
        ("2023", "0", "1"),
        ("2024", "1", "2"),
        ("2025", "1", "2"),
    ]


def test_what_has_no_trend() -> None:
    with pytest.raises(RequestError, match="there are: technique"):
        trends(catalogue(), Asked(), "org")
    with pytest.raises(RequestError, match="no entry has the technique 'magic'"):
        trends(catalogue(), Asked(), "technique", ["magic"])
