"""Frequent words that are kept packed: the same hits and scores as without, whatever comes and goes."""

import contextlib
import random
import sqlite3
from pathlib import Path

import pytest

from outrider.base.errors import StoreUnavailable
from outrider.knowledge.indexes import fts5
from outrider.knowledge.library import Library
from outrider.knowledge.ports import Posting
from outrider.knowledge.records import Collection, Filter, Query, Settings
from outrider.store.ports import Store
from tests.knowledge.shelves import text_of

WORDS = [f"{letter}ed" for letter in "abcdefghijklmnopqrst"]
"""Each about as rare as its place in the alphabet."""


@pytest.fixture
def store(library: Library, monkeypatch: pytest.MonkeyPatch) -> Store:
    if library.store.dialect != "sqlite":
        pytest.skip("PostgreSQL keeps nothing beside its words")
    monkeypatch.setattr(fts5, "FREQUENT", 5)
    return library.store


def some_text(chance: random.Random, count: int) -> str:
    return " ".join(WORDS[min(int(chance.expovariate(0.3)), len(WORDS) - 1)] for _ in range(count))


def put(library: Library, docs: Collection, chance: random.Random, source: str) -> str:
    parsed = text_of(some_text(chance, chance.randint(1, 30)), some_text(chance, chance.randint(0, 4)), n=len(source))
    return library.put(docs, source, parsed).document.id


def kept(store: Store, docs: Collection) -> list[str]:
    return [term for (term,) in store.query(f"SELECT term FROM words_{docs.id}_kept ORDER BY term")]


def asked_anew(store: Store, docs: Collection, home: Path, query: Query) -> list[tuple[str, float]]:
    """What a process answers that knows no word yet."""
    return asked(Library(store, home, None), docs, query)


def asked(library: Library, docs: Collection, query: Query) -> list[tuple[str, float]]:
    return [(hit.document.source, hit.score) for hit in library.search(docs, query).hits]


@pytest.mark.parametrize("seed", range(8))
def test_hits_and_scores_are_those_of_a_plain_search(
    library: Library, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    docs = library.create("p", "docs", Settings(stem=False))
    ids = [put(library, docs, chance, f"s{n}") for n in range(40)]
    moment = 0
    warm, warm_plain = Library(store, tmp_path, None), Library(store, tmp_path, None)
    for step in range(30):
        match chance.randrange(5):
            case 0:
                library.remove(docs, ids.pop(chance.randrange(len(ids))), erase=True)
            case 1:
                put(library, docs, chance, f"s{chance.randrange(40)}")  # a new version, or one that was erased
            case 2:
                ids.append(put(library, docs, chance, f"n{'n' * step}"))
                moment = library.versions(docs, ids[-1])[0].since
            case 3:
                library.rebuild(docs)
            case _:
                library.tend(docs)
        now = library.collection("p", "docs")
        text = " ".join(chance.sample(WORDS, chance.randint(1, 5)))
        for more in ({}, {"as_of": moment}, {"filters": {"n": Filter(least=3)}}):
            query = Query(text, 8, "keyword", **more)
            anew, again = asked_anew(store, now, tmp_path, query), asked(warm, now, query)
            with monkeypatch.context() as patch:
                patch.setattr(fts5, "postings", fts5._read)  # all of every word, as FTS5 has it
                assert anew == asked_anew(store, now, tmp_path, query), (step, more)
                assert again == asked(warm_plain, now, query), (step, more)


def test_frequent_words_are_read_from_what_is_kept(
    library: Library, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = library.create("p", "docs", Settings(stem=False))
    for n in range(400):
        library.put(docs, f"s{n}", text_of(f"red apples {n}" if n % 2 else "red pears red", "red" if n % 3 else ""))
    library.put(docs, "rare", text_of("one plum"))
    read: list[str] = []
    plain = fts5._read

    def counted(store: Store, docs: Collection, term: str, after: int) -> Posting:
        read.append(term)
        return plain(store, docs, term, after)

    library.tend(docs)
    assert kept(store, docs) == ["apples", "pears", "red"]
    monkeypatch.setattr(fts5, "_read", counted)
    first = asked_anew(store, docs, tmp_path, Query("red apples plum", 500, "keyword"))
    assert read == ["plum"]
    assert len(first) == 401

    read.clear()
    library.tend(docs)
    library.put(docs, "late", text_of("red apples apples"))
    library.tend(docs)
    now = library.collection("p", "docs")
    found = asked_anew(store, now, tmp_path, Query("apples", 1, "keyword"))
    assert [source for source, _ in found] == ["late"], "what came later is found at once"
    assert read == ["apples"], "hardly anything came: nothing is made anew"
    for n in range(10):
        library.put(docs, f"later{n}", text_of("apples red"))
    library.tend(docs)
    read.clear()
    asked_anew(store, library.collection("p", "docs"), tmp_path, Query("apples", 1, "keyword"))
    assert read == []


def test_nothing_is_kept_of_what_is_erased(
    library: Library, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = library.create("p", "docs", Settings(stem=False))
    ids = [library.put(docs, f"s{n}", text_of("red")).document.id for n in range(10)]
    library.tend(docs)
    assert kept(store, docs) == ["red"]
    library.remove(docs, ids[0], erase=True)
    assert kept(store, docs) == []
    plain = fts5._read

    def erased_meanwhile(store: Store, docs: Collection, term: str, after: int) -> Posting:
        found = plain(store, docs, term, after)
        library.remove(docs, ids[1], erase=True)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(fts5, "_read", erased_meanwhile)
        library.tend(docs)
    assert kept(store, docs) == []
    now = library.collection("p", "docs")
    assert len(asked_anew(store, now, tmp_path, Query("red", 20, "keyword"))) == 8


def test_a_collection_from_before_gets_what_stands_beside_its_words(
    library: Library, store: Store, tmp_path: Path
) -> None:
    docs = library.create("p", "docs", Settings(stem=False))
    ids = [library.put(docs, f"s{n}", text_of("red")).document.id for n in range(10)]

    def as_before() -> None:
        with store.write() as tx:
            for beside in ("places", "terms", "kept"):
                tx.execute(f"DROP TABLE IF EXISTS words_{docs.id}_{beside}")

    as_before()
    library.remove(docs, ids[0], erase=True)
    now = library.collection("p", "docs")
    assert len(asked_anew(store, now, tmp_path, Query("red", 20, "keyword"))) == 9
    as_before()
    library.tend(docs)
    assert kept(store, docs) == ["red"]
    as_before()
    library.drop(docs)
    assert not store.query("SELECT name FROM sqlite_master WHERE name LIKE 'words@_%' ESCAPE '@'")


def test_nothing_is_kept_of_a_collection_that_is_gone(library: Library, store: Store) -> None:
    docs = library.create("p", "docs", Settings(stem=False))
    for n in range(10):
        library.put(docs, f"s{n}", text_of("red"))
    library.drop(docs)
    assert fts5.tend(store, docs) == 0, "who embeds did not know that it was dropped"
    with contextlib.suppress(StoreUnavailable, sqlite3.Error):  # a search that began before
        fts5.postings(store, docs, "red", 0)
    assert not store.query("SELECT name FROM sqlite_master WHERE name LIKE 'words@_%' ESCAPE '@'")
