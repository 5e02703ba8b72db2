"""Vectors on PostgreSQL with its extension, and without."""

from collections.abc import Callable

import numpy as np
import pytest

from outrider.knowledge.indexes import pgvector
from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection, Filter, Query
from tests.knowledge.shelves import text_of

Embed = Callable[[Library, Collection], int]
pytestmark = pytest.mark.parametrize("store_url", ["postgres"], indirect=True)


def test_it_is_used_and_finds_the_nearest(library: Library, embed: Embed) -> None:
    assert pgvector.ready(library.store)
    docs = library.create("p", "docs")
    for n in range(300):
        library.put(docs, f"d{n}", text_of(f"word{n} and word{n // 10}", part=n // 10))
    assert embed(library, docs) == 300
    (space,) = library.spaces(docs)
    assert library.store.query(f"SELECT count(*) FROM nearest_{space.id}") == [(300,)]
    assert not (library.home / "knowledge").exists() or not list((library.home / "knowledge").iterdir())
    stored = library.store.query("SELECT chunk, vector FROM vectors")
    for n in range(0, 300, 30):
        shelf = library.shelf(docs, Query("x", filters={"part": Filter(not_among=(n // 10,))}))
        vector = np.frombuffer(stored[n][1], np.float16).astype(np.float32)
        cosines = {c: float(np.frombuffer(v, np.float16).astype(np.float32) @ vector) for c, v in stored}
        known = shelf.view.allows(np.array(list(cosines)))
        best = sorted((c for (i, c), ok in zip(cosines.items(), known, strict=True) if ok), reverse=True)[:10]
        assert [s for _, s in shelf.vector(vector, 10)] == pytest.approx(best, abs=2e-3)
    few = library.search(docs, Query("word7", 5, "vector", filters={"part": Filter(among=(3,))})).hits
    assert {h.document.meta["part"] for h in few} == {3}
    assert len(few) == 5
    library.remove(docs, few[0].document.id, erase=True)
    assert library.store.query(f"SELECT count(*) FROM nearest_{space.id}") == [(299,)]
    library.drop(docs)
    assert library.store.query("SELECT to_regclass(?) IS NULL", (f"nearest_{space.id}",)) == [(True,)]


def test_without_the_extension_the_matrix_is_used(
    library: Library, embed: Embed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pgvector, "ready", lambda store: False)
    docs = library.create("p", "docs")
    library.put(docs, "a", text_of("apples"))
    library.put(docs, "b", text_of("cars"))
    embed(library, docs)
    assert library.search(docs, Query("cars", 1, "vector")).hits[0].document.source == "b"
    assert list((library.home / "knowledge").glob("*.f16"))
