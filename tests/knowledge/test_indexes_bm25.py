"""Ranking by words, against BM25 written out plainly; on both databases."""

import math
import re
from collections import Counter

import pytest

from outrider.knowledge.indexes import bm25, fts5, tsvector
from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection, Filter, Query, Settings
from tests.knowledge.shelves import text_of

TEXTS = {
    "a": "green apples and red apples",
    "b": "a pear, an apple; the apple pie",
    "c": "cars drive on roads and more roads and roads",
    "d": "red cars",
    "e": "nothing of the kind stands here in this long line of words that only makes others shorter",
    "f": "red roads lead to pears and apples",
}


@pytest.fixture
def docs(library: Library) -> Collection:
    docs = library.create("p", "docs", Settings(stem=False))
    library.put_all(docs, [])
    for source, text in TEXTS.items():
        library.put(docs, source, text_of(text))
    return docs


def plainly(texts: dict[str, str], words: list[str]) -> dict[str, float]:
    """BM25 with k1 1.2, b 0.75 and Lucene's rarity."""
    counts = {s: Counter(re.findall(r"\w+", t.lower())) for s, t in texts.items()}
    average = sum(map(Counter.total, counts.values())) / len(counts)
    scores = {}
    for source, count in counts.items():
        score = 0.0
        for word in words:
            having = sum(word in c for c in counts.values())
            rarity = math.log1p((len(counts) - having + 0.5) / (having + 0.5))
            norm = count[word] + 1.2 * (0.25 + 0.75 * count.total() / average)
            score += rarity * count[word] * 2.2 / norm
        if score:
            scores[source] = score
    return scores


def scored(library: Library, docs: Collection, text: str, **query: object) -> dict[str, float]:
    hits = library.search(docs, Query(text, strategy="keyword", **query)).hits  # type: ignore[arg-type]
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    return {h.document.source: h.score for h in hits}


@pytest.mark.parametrize("text", ["red", "apples red", "roads", "cars pear apple nothing", "red red RED"])
def test_scores_are_those_of_bm25(library: Library, docs: Collection, text: str) -> None:
    words = list(dict.fromkeys(text.lower().split()))
    assert scored(library, docs, text) == pytest.approx(plainly(TEXTS, words), rel=1e-4)


def test_what_comes_later_is_found_at_once(library: Library, docs: Collection) -> None:
    assert set(scored(library, docs, "red")) == {"a", "d", "f"}
    library.put(docs, "g", text_of("red"))
    assert set(scored(library, docs, "red")) == {"a", "d", "f", "g"}
    library.put(docs, "g", text_of("blue"))
    assert set(scored(library, docs, "red")) == {"a", "d", "f"}
    library.remove(docs, library.search(docs, Query("blue", strategy="keyword")).hits[0].document.id, erase=True)
    assert set(scored(library, docs, "red")) == {"a", "d", "f"}
    assert scored(library, docs, "blue") == {}
    library.put_all(docs, [])
    for n in range(40):
        library.put(docs, f"n{n}", text_of(f"red {n} {'other ' * n}"))
    now = TEXTS | {f"n{n}": f"red {n} {'other ' * n}" for n in range(40)}
    assert scored(library, docs, "red", limit=50) == pytest.approx(plainly(now, ["red"]), rel=1e-3)


def test_an_older_view_knows_only_its_own(library: Library, docs: Collection) -> None:
    before = library.shelf(docs, Query("red"))
    library.put(docs, "g", text_of("red red"))
    assert len(library.shelf(docs, Query("red")).keyword("red", 10)) == 4
    assert len(before.keyword("red", 10)) == 3
    assert len(before.keyword(["red", "cars"], 10)) == 4


def test_a_filter_costs_no_results(library: Library, docs: Collection) -> None:
    for n in range(300):
        library.put(docs, f"x{n}", text_of("red red red", kind="loud"))
    library.put(docs, "quiet", text_of("something about red and much else besides it", kind="quiet"))
    assert list(scored(library, docs, "red", limit=1, filters={"kind": Filter(among=("quiet",))})) == ["quiet"]


def test_words_that_say_nothing_count_only_alone(library: Library, docs: Collection) -> None:
    assert set(scored(library, docs, "the cars")) == {"c", "d"}
    assert set(scored(library, docs, "the")) == {"b", "e"}


def test_stems(library: Library) -> None:
    docs = library.create("p", "stems")
    library.put(docs, "a", text_of("It was refunded."))
    assert list(scored(library, docs, "refunds")) == ["a"]


def test_few_words_are_kept(library: Library, docs: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bm25, "_MOST_KEPT", 3)
    for text in ("red", "apples", "roads", "red", "cars roads"):
        assert scored(library, docs, text) == pytest.approx(plainly(TEXTS, text.split()), rel=1e-4)


def test_both_databases_have_their_words() -> None:
    assert fts5.terms("Refunds", True) == ("refund",)
    assert fts5.terms("gpt-4", False) == ("gpt", "4")
    assert fts5.terms("__", True) == ()
    assert tsvector.TITLE_WEIGHT == fts5.TITLE_WEIGHT


def test_a_word_that_the_database_takes_for_several_is_found_where_they_follow_each_other(
    library: Library, docs: Collection
) -> None:
    library.put(docs, "g", text_of("first gpt-4, then 4 gpt, then GPT 4"))
    library.put(docs, "h", text_of("4 gpt"))
    shelf = library.shelf(docs, Query("x"))
    assert len(shelf.keyword(["gpt-4"], 10)) == 1
    assert shelf.keyword(["--"], 10) == []


def test_long_chunks_have_their_size(library: Library, docs: Collection) -> None:
    texts = {"long": "red red" + " y" * 126, "longer": "red" + " z" * 160}
    for source, text in texts.items():
        library.put(docs, source, text_of(text))
    assert scored(library, docs, "red") == pytest.approx(plainly(TEXTS | texts, ["red"]), rel=1e-4)


def test_words_of_titles_count_twice(library: Library) -> None:
    docs = library.create("p", "titles", Settings(stem=False))
    library.put(docs, "a", text_of("other words", "red"))
    library.put(docs, "b", text_of("red words other"))
    library.put(docs, "c", text_of("red red other"))
    scores = scored(library, docs, "red")
    assert scores["a"] == pytest.approx(scores["c"], rel=1e-4)
    assert scores["a"] > scores["b"]


def test_a_collection_from_before_shows_its_places_when_it_is_searched(library: Library, docs: Collection) -> None:
    if library.store.dialect == "sqlite":
        with library.store.write() as tx:
            tx.execute(f"DROP TABLE words_{docs.id}_places")
    assert set(scored(library, docs, "red")) == {"a", "d", "f"}
