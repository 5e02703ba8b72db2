"""Tenants in one store: nobody sees counts, names, quarantine or suggestions of another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.base.errors import RequestError
from outrider.casebook import saved
from outrider.casebook.find import Finder
from outrider.knowledge.library import Library
from outrider.knowledge.records import EVERYBODY, Block, Parsed, Query, Settings, Trust
from outrider.store import open_knowledge
from tests.casebook import few

ANN, BOB = frozenset({EVERYBODY, "project:ann"}), frozenset({EVERYBODY, "project:bob"})


@pytest.fixture
def library(store_url: str, tmp_path: Path) -> Iterator[Library]:
    store = open_knowledge(store_url)
    yield Library(store, tmp_path)
    store.close()


def test_what_is_everybodys_counts_for_each_what_they_may_read(library: Library) -> None:
    shared = library.create("", "shared", Settings())
    kept: list[tuple[str, tuple[str, ...], Trust]] = [
        ("open", (EVERYBODY,), "trusted"),
        ("ann-merger", ("project:ann",), "trusted"),
        ("ann-injected", ("project:ann",), "quarantined"),
    ]
    for name, readers, trust in kept:
        text = f"The fee of {name}."
        parsed = Parsed(text, [Block("text", 0, len(text))], meta={"of": name})
        library.put(shared, name, parsed, readers=readers, trust=trust)
    every = library.status(shared)
    assert (every.documents, every.quarantined) == (3, 1)
    mine, theirs = library.status(shared, ANN), library.status(shared, BOB)
    assert (mine.documents, mine.quarantined) == (3, 1)
    assert (theirs.documents, theirs.versions, theirs.chunks, theirs.quarantined) == (1, 1, 1, 0)
    assert (theirs.vectors, theirs.waiting) == ({}, {})
    facets = library.facets(shared, Query("fee", strategy="keyword", principals=BOB), ["of", "trust"])
    assert "ann" not in str(facets)
    assert "quarantined" not in str(facets)
    hits = library.search(shared, Query("merger injected fee", strategy="keyword", principals=BOB)).hits
    assert {h.document.source for h in hits} == {"open"}


def test_collections_of_others_are_neither_found_nor_suggested(library: Library) -> None:
    library.create("ann", "takeover-plans", Settings(about="secret"))
    assert library.collections("bob") == []
    for name in ("takeover-plans", "takeover-plan"):
        with pytest.raises(RequestError) as refused:
            library.collection("bob", name)
        assert refused.value.status == 404
        assert "did you mean" not in refused.value.message


def test_saved_searches_are_their_projects(store_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    book = few.casebook(store_url, tmp_path, request.addfinalizer)
    finder = Finder(book)
    kept = saved.save(book.store, finder, "ann", "industry:insurance", "takeover targets", "k1")
    assert saved.searches(book.store, "bob") == []
    for unknown in (kept.id, kept.id[:-1]):
        with pytest.raises(RequestError) as refused:
            saved.delta(book.store, finder, "bob", unknown)
        assert (refused.value.status, "takeover" in refused.value.message) == (404, False)
