"""The matrix of vectors: what is in its file, who extends it, what survives a process that died."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from outrider.knowledge.indexes import exact, pgvector
from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection, Query
from tests.knowledge.shelves import WordVectors, text_of

Embed = Callable[[Library, Collection], int]


@pytest.fixture(autouse=True)
def without_pgvector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pgvector, "ready", lambda store: False)


@pytest.fixture
def docs(library: Library, embed: Embed) -> Collection:
    docs = library.create("p", "docs")
    for source in ("apples", "pears", "cars"):
        library.put(docs, source, text_of(f"{source} are here"))
    embed(library, docs)
    return docs


def nearest(library: Library, docs: Collection, text: str, limit: int = 1) -> list[str]:
    return [h.document.source for h in library.search(docs, Query(text, limit, "vector")).hits]


def files(library: Library) -> list[Path]:
    return sorted((library.home / "knowledge").iterdir())


def test_two_processes_extend_one_file(library: Library, docs: Collection, embed: Embed) -> None:
    other = Library(library.store, library.home, WordVectors())
    assert nearest(library, docs, "apples") == nearest(other, docs, "apples") == ["apples"]
    library.put(docs, "dogs", text_of("dogs are here"))
    embed(library, docs)
    assert nearest(other, docs, "dogs") == ["dogs"]
    library.put(docs, "cats", text_of("cats are here"))
    embed(library, docs)
    assert nearest(library, docs, "cats") == nearest(other, docs, "cats") == ["cats"]
    vectors, ids = sorted(files(library), key=lambda p: p.suffix)
    assert (vectors.suffix, ids.suffix) == (".f16", ".ids")
    assert vectors.stat().st_size == 5 * 16 * 2
    assert ids.stat().st_size == 5 * 16


@pytest.mark.parametrize(("suffix", "cut"), [(".f16", 7), (".ids", 5), (".f16", 96), (".ids", 48), (".ids", 17)])
def test_a_file_that_was_half_written_is_mended(library: Library, docs: Collection, suffix: str, cut: int) -> None:
    assert len(nearest(library, docs, "apples", 9)) == 3
    (path,) = [p for p in files(library) if p.suffix == suffix]
    path.write_bytes(path.read_bytes()[:-cut])
    assert nearest(Library(library.store, library.home, WordVectors()), docs, "pears", 9)[0] == "pears"
    for gone in files(library):
        gone.unlink()
    assert nearest(Library(library.store, library.home, WordVectors()), docs, "cars", 9)[0] == "cars"


def test_what_is_erased_leaves_the_file(library: Library, docs: Collection) -> None:
    assert nearest(library, docs, "pears") == ["pears"]
    before = files(library)
    library.remove(docs, library.search(docs, Query("pears")).hits[0].document.id, erase=True)
    assert sorted(nearest(library, docs, "pears", 9)) == ["apples", "cars"]
    assert len(files(library)) == len(before)
    assert not set(files(library)) & set(before)


def test_numpy_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(1)
    matrix = chance.standard_normal((5000, 32)).astype(np.float16)
    vector = chance.standard_normal(32).astype(np.float16).astype(np.float32)
    quick = exact.dots(matrix, vector)
    monkeypatch.setattr(exact, "_numkong", lambda: None)
    assert np.allclose(quick, exact.dots(matrix, vector), atol=1e-3)
    assert exact.dots(matrix[:0], vector).shape == (0,)


def test_the_highest_come_first_and_equal_ones_in_order() -> None:
    scores = np.array([1, 3, 2, 3, -1, 0], np.float32)
    assert exact.top_places(scores, 3).tolist() == [1, 3, 2]
    assert exact.top(np.arange(6) + 10, scores, 9) == [
        (11, 3.0),
        (13, 3.0),
        (12, 2.0),
        (10, 1.0),
        (15, 0.0),
        (14, -1.0),
    ]
