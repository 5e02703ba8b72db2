"""The Casebook on both databases: versions, texts, what its evidence refers to."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from outrider.base.errors import RequestError
from outrider.casebook import rows
from outrider.casebook.book import Casebook
from outrider.casebook.evidence import cite, text_hash
from outrider.casebook.records import CaseStudy, Claim, Source
from outrider.knowledge.records import Query
from tests.casebook.made import casebook

TEXT = "# Harbour\n\nHarbour answers claims with RAG. Costs fell by 30%.\n"


@pytest.fixture
def book(store_url: str, tmp_path: Path) -> Iterator[Casebook]:
    with casebook(store_url, tmp_path) as made:
        yield made


def case(text: str = TEXT, **more: object) -> CaseStudy:
    at = text.index("RAG")
    fields = {
        "id": "harbour",
        "title": "Harbour",
        "organisation": "Harbour",
        "techniques": (Claim("rag", "verified", (cite("text", text, at, at + 3),)),),
        "sources": (Source("text", "article", "https://example.com/harbour"),),
        **more,
    }
    return CaseStudy(**fields)  # type: ignore[arg-type]


def test_what_is_put_is_there_with_its_text(book: Casebook) -> None:
    before = book.revision()
    put = book.put(case(), TEXT, who="ann", why="first")
    assert book.revision() > before
    assert put.number == 1
    assert put.document
    assert book.get("harbour") == put
    assert book.all() == (put,)
    assert rows.ids(book.store) == ["harbour"]
    assert book.text(put) == book.text(put, "text") == TEXT
    assert book.text(put, "nowhere") is None
    assert put.source("text").hash == text_hash(TEXT)  # type: ignore[union-attr]
    (hit,) = book.library.search(book.collection, Query("claims", strategy="keyword")).hits
    assert hit.document.id == put.document
    assert hit.document.meta["case"] == "harbour"
    same = book.put(case(), TEXT, who="bob", why="again")
    assert same == put
    assert len(book.versions("harbour")) == 1


def test_versions_keep_their_texts(book: Casebook) -> None:
    first = book.put(case(), TEXT, who="ann", why="first")
    later = TEXT.replace("Costs", "In 2025 costs")
    second = book.put(case(later, year=2025), later, who="bob", why="new figures")
    assert [(v.case.number, v.by, v.why) for v in book.versions("harbour")] == [
        (2, "bob", "new figures"),
        (1, "ann", "first"),
    ]
    assert book.versions("harbour")[1].until == second.since
    assert (book.text(first), book.text(second)) == (TEXT, later)


def test_evidence_that_is_not_in_the_text_is_taken_away(book: Casebook) -> None:
    wrong = case(techniques=(Claim("rag", "verified", (cite("text", "Other words with RAG", 0, 20),)),))
    assert book.put(wrong, TEXT).techniques[0] == Claim("rag", "unsupported")
    assert book.put(case(), "").techniques[0].status == "verified"  # checked with the text that is there


@pytest.mark.parametrize("url", ["javascript:alert(1)", " data:text/html,x", "vbscript:x", "file:///etc/passwd"])
def test_an_address_that_is_none_of_the_web_is_not_kept(book: Casebook, url: str) -> None:
    """Pages link to it."""
    sources = (Source("text", "article", url), Source("more", "article", "https://example.com/b"))
    made = book.put(case(sources=sources), TEXT, who="t")
    assert [s.url for s in made.sources] == ["", "https://example.com/b"]
    assert book.put(case(sources=sources), TEXT, who="t").number == made.number


def test_withdrawn_cases_are_not_found_and_their_history_stays(book: Casebook) -> None:
    book.put(case(), TEXT)
    assert book.withdraw("harbour")
    assert not book.withdraw("harbour")
    assert not book.all()
    assert len(book.versions("harbour")) == 1
    assert rows.ended(book.store) == ["harbour"]
    assert not book.library.search(book.collection, Query("claims", strategy="keyword")).hits
    assert book.put(msgspec.structs.replace(case(), title="Again"), TEXT).number == 2


def test_an_unknown_case_is_told_with_the_nearest(book: Casebook) -> None:
    book.put(case(), TEXT)
    with pytest.raises(RequestError, match="the nearest are harbour") as told:
        book.get("harbor")
    assert told.value.status == 404
    with pytest.raises(RequestError, match="no case"):
        book.versions("x" * 10_000)


def test_names_and_items(book: Casebook) -> None:
    with book.store.write() as tx:
        rows.put_names(tx, [rows.Name("harbour", "Harbour", "HARBOUR")], "ann")
        rows.put_items(tx, "set", [rows.Item("a", "h1", "published", "harbour", {"tools": ["x"]})])
        rows.put_items(tx, "set", [rows.Item("a", "h2", "fault", "", {})])
    assert rows.names(book.store)["harbour"].canonical == "Harbour"
    assert rows.hashes(book.store, "set") == {"a": "h2"}
    assert rows.origins(book.store) == {"set": 1}
    assert rows.items(book.store, "set", item="a")[0].outcome == "fault"
