"""What a strategy gets: only what the scope allows, whatever ids it asks for."""

from collections.abc import Callable

import numpy as np
import pytest

from outrider.base.errors import RequestError, UpstreamError
from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection, Query
from outrider.knowledge.shelf import Shelf, terms_of
from tests.knowledge.shelves import DIMENSIONS, WordVectors, text_of

Embed = Callable[[Library, Collection], int]
pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@pytest.fixture
def docs(library: Library, embed: Embed) -> Collection:
    docs = library.create("p", "docs")
    library.put(docs, "long", text_of("\n\n".join(f"Part {n} is about fees. " * 40 for n in range(5)), "Long"))
    library.put(docs, "secret", text_of("fees of the secret"), readers=("ann",))
    embed(library, docs)
    return docs


def shelf_of(library: Library, docs: Collection, *who: str) -> Shelf:
    return library.shelf(docs, Query("fees", principals=frozenset(who)))


def test_ids_of_hidden_chunks_give_nothing(library: Library, docs: Collection) -> None:
    everything = shelf_of(library, docs, "ann")
    hidden = [id_ for id_, _ in everything.keyword("secret", 9)]
    assert len(hidden) == 1
    assert everything.chunks(hidden)[hidden[0]].text == "fees of the secret"
    seen = shelf_of(library, docs)
    assert seen.chunks(hidden) == {} == seen.vectors(hidden)
    assert seen.neighbours(hidden[0]) == []
    assert seen.hits([(hidden[0], 1.0)]) == []
    assert seen.chunks([]) == {}
    assert seen.chunks([0, -1, 1 << 60]) == {}


@pytest.mark.parametrize("strategy", ["", "keyword", "vector", "hybrid"])
def test_vectors_that_are_not_there_are_told_whatever_the_strategy(
    library: Library, docs: Collection, strategy: str
) -> None:
    with pytest.raises(RequestError, match="'docs' has no embedding 'reviews'; it has: default") as caught:
        library.search(docs, Query("fees", strategy=strategy, embedding="reviews"))
    assert (caught.value.code, caught.value.param) == ("unknown_embedding", "embedding")


def test_a_model_that_gives_other_vectors_than_it_gave_is_told(
    library: Library, docs: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = np.ones((1, DIMENSIONS + 1), np.float32)
    monkeypatch.setattr(WordVectors, "queries", lambda self, model, texts: more)
    with pytest.raises(UpstreamError, match=r"gives vectors of 17 numbers now, and 'docs' has 16: embed it anew"):
        library.search(docs, Query("fees", strategy="vector"))


def test_neighbours_are_of_the_same_document_in_order(library: Library, docs: Collection) -> None:
    shelf = shelf_of(library, docs)
    ids = sorted(id_ for id_, _ in shelf.keyword("fees", 99))
    assert len(ids) > 3
    assert [c.id for c in shelf.neighbours(ids[1])] == ids[:3]
    assert [c.id for c in shelf.neighbours(ids[0], 2, 1)] == ids[:2]
    assert [c.id for c in shelf.neighbours(ids[-1], 1, 5)] == ids[-2:]
    text = library.text(docs, shelf.hits([(ids[0], 1.0)])[0].document)
    for chunk in shelf.chunks(ids).values():
        assert chunk.text == text[chunk.start : chunk.end]


def test_a_text_is_embedded_once(library: Library, docs: Collection) -> None:
    words = WordVectors()
    library.embedders = words
    shelf = shelf_of(library, docs)
    for _ in range(3):
        shelf.vector("fees", 3)
    assert np.array_equal(shelf.embed(["fees", "other", "fees"])[0], shelf.embed(["fees"])[0])
    assert words.asked == ["fees", "other"]
    assert [m.shape for m in shelf.tokens(["two words", "one"])] == [(2, 16), (1, 16)]


def test_without_an_embedder_it_says_what_to_do(library: Library, docs: Collection) -> None:
    library.embedders = None
    shelf = shelf_of(library, docs)
    assert not shelf.has_vectors()
    with pytest.raises(RequestError, match="outrider models install"):
        shelf.vector("fees", 3)
    assert library.search(docs, Query("fees")).strategy == "keyword"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The fee, and the FEE!", ["fee"]),
        ("what is it", ["what", "is", "it"]),
        ("snake_case-word C3PO", ["snake", "case", "word", "c3po"]),
        ("…!?", []),
        (" ".join(f"w{n}" for n in range(99)), [f"w{n}" for n in range(64)]),
    ],
)
def test_words_of_a_query(text: str, words: list[str], store_url: str) -> None:
    assert terms_of(text) == words
