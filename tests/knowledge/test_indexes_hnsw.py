"""The graph beside the matrix finds what a look at every vector finds."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from outrider.knowledge.indexes import exact, hnsw
from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection, Filter, Query
from tests.knowledge.shelves import WordVectors, text_of

Embed = Callable[[Library, Collection], int]


def halves(count: int) -> NDArray[np.float16]:
    chance = np.random.default_rng(7)
    vectors = chance.standard_normal((count, 8)) + 3 * chance.standard_normal((40, 8))[chance.integers(0, 40, count)]
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)


def test_it_grows_in_steps_and_finds_nearly_all(tmp_path: Path) -> None:
    matrix, path = halves(4000), tmp_path / "a.usearch"
    assert hnsw.grow(path, matrix[:2000], 1500) == 1500
    assert hnsw.grow(path, matrix) == 4000
    assert hnsw.grow(path, matrix) == 4000
    graph, found = hnsw.Graph(path), 0
    mask = np.arange(4000) % 3 > 0
    for row in range(0, 400, 10):
        vector = matrix[row].astype(np.float32)
        near = graph.near(vector, mask, 2 / 3, 10)
        assert near is not None
        assert mask[near].all()
        best = np.flatnonzero(mask)[exact.top_places(exact.dots(matrix[mask], vector), 10)]
        found += len(set(best.tolist()) & set(near.tolist()))
    assert found >= 0.97 * 400


def test_it_says_when_it_does_not_know_enough(tmp_path: Path) -> None:
    matrix, path = halves(1000), tmp_path / "a.usearch"
    hnsw.grow(path, matrix)
    mask = np.zeros(1000, np.bool_)
    mask[5] = True
    assert hnsw.Graph(path).near(matrix[0].astype(np.float32), mask, 0.001, 1) is None


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_large_collection_is_searched_by_it(library: Library, embed: Embed) -> None:
    docs = library.create("p", "docs")
    library.put(docs, "a", text_of("\n".join(f"word{n} and more. " * 60 for n in range(400)), kind="long"))
    embed(library, docs)
    (space,) = library.spaces(docs)
    query = Query("word7 and more", 5, "vector")
    before = library.search(docs, query).hits
    assert library.matrices().tend(library.store, space) == 0, "it is not large"
    rows = library.matrices().tend(library.store, space, large=100)
    assert rows == library.status(docs).chunks > 300
    assert [h.score for h in library.search(docs, query).hits] == [h.score for h in before]
    library.put(docs, "b", text_of("word7 and more"))
    embed(library, docs)
    assert library.search(docs, query).hits[0].document.source == "b", "it came after the graph"
    narrow = Query("word7 and more", 5, "vector", filters={"kind": Filter(exists=False)})
    assert [h.document.source for h in library.search(docs, narrow).hits] == ["b"]
    other = Library(library.store, library.home, WordVectors())
    assert other.search(docs, query).hits[0].document.source == "b"
    library.remove(docs, before[0].document.id, erase=True)
    assert [h.document.source for h in library.search(docs, query).hits] == ["b"]
    assert not list(library.home.rglob("*.usearch"))
    library.tend(docs)
