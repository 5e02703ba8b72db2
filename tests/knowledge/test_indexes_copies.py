"""The same cases for every database that keeps copies of vectors: what it gives is what a look at all of them gives."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # their clients warn of each other's age
    from outrider.knowledge.indexes import chroma, faiss, lancedb, pinecone, qdrant, weaviate
    from tests.knowledge import vector_servers

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.knowledge import abroad
from outrider.knowledge.collections import ADAPTERS
from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection, Draft, Filter, Query, Settings
from tests.knowledge.shelves import DIMENSIONS, WordVectors, text_of

Embed = Callable[[Library, Collection], int]
pytestmark = [
    pytest.mark.parametrize("store_url", ["sqlite"], indirect=True),
    pytest.mark.filterwarnings("ignore"),
]
OPENED: dict[str, Any] = {
    "chroma": chroma, "faiss": faiss, "lancedb": lancedb,
    "pinecone": pinecone, "qdrant": qdrant, "weaviate": weaviate,
}  # fmt: skip
SERVERS = {"pinecone": vector_servers.pinecone, "weaviate": vector_servers.weaviate}


@pytest.fixture(params=ADAPTERS)
def at(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """An adapter and the address of its database: "" where it is embedded, else a stand-in's."""
    for name in SERVERS:
        monkeypatch.setenv(f"{name.upper()}_API_KEY", vector_servers.KEY)
    if request.param not in SERVERS:
        yield request.param, ""
        return
    with SERVERS[request.param]() as where:
        yield request.param, where


@pytest.fixture
def docs(at: tuple[str, str], library: Library, embed: Embed) -> Iterator[Collection]:
    assert OPENED.keys() == set(ADAPTERS)
    docs = library.create("p", "docs", Settings(index=at[0], index_at=at[1]))
    who = (("ann",), ("bob",), ("*",))
    texts = [text_of(f"word{n} and word{n // 10}", part=n // 10) for n in range(120)]
    library.put_all(docs, [Draft(f"d{n}", text, readers=who[n % 3]) for n, text in enumerate(texts)])
    embed(library, docs)
    yield docs
    library.close()


def nearest(library: Library, docs: Collection, text: str, limit: int = 5, **query: object) -> list[tuple[str, float]]:
    hits = library.search(docs, Query(text, limit, "vector", **query)).hits  # type: ignore[arg-type]
    return [(h.document.source, h.score) for h in hits]


def exactly(library: Library, docs: Collection, text: str, limit: int = 5, **query: object) -> list[tuple[str, float]]:
    """The same from the matrix."""
    shelf = library.shelf(docs, Query(text, limit, "vector", **query))  # type: ignore[arg-type]
    (space,) = library.spaces(docs)
    found = library.matrices().search(library.store, space, shelf.embed([text])[0], shelf.view, limit)
    return [(h.document.source, h.score) for h in shelf.hits(found)]


QUERIES: list[dict[str, object]] = [
    {},
    {"limit": 100},
    {"principals": frozenset({"ann"})},
    {"principals": frozenset({"bob"}), "limit": 60},
    {"filters": {"part": Filter(among=(3,))}, "principals": frozenset({"ann", "bob"})},
    {"filters": {"part": Filter(least=6)}, "limit": 20},
    {"as_of": 1},
    {"documents": []},
]


def same(found: list[tuple[str, float]], wanted: list[tuple[str, float]]) -> None:
    assert [s for _, s in found] == pytest.approx([s for _, s in wanted], abs=2e-3)
    assert len({s for s, _ in found} - {s for s, _ in wanted}) <= 1, "but for a tie at the end"


def test_it_finds_what_may_be_seen(library: Library, docs: Collection, embed: Embed) -> None:
    for query in QUERIES:
        same(nearest(library, docs, "word33 and word3", **query), exactly(library, docs, "word33 and word3", **query))
    library.put(docs, "new", text_of("word200 alone"))
    embed(library, docs)
    assert nearest(library, docs, "word200 alone", 1)[0][0] == "new"
    gone = library.put(docs, "new", text_of("another word201")).document.id
    embed(library, docs)
    assert nearest(library, docs, "word200 alone", 1)[0][0] != "new"
    library.remove(docs, gone)
    assert "new" not in {s for s, _ in nearest(library, docs, "another word201", 100)}


def test_more_than_it_gives_at_once_is_asked_by_documents(
    library: Library, docs: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {"chroma": chroma.Chroma, "lancedb": lancedb.LanceDB, "qdrant": qdrant.Qdrant, "faiss": faiss.Faiss}
    made |= {"pinecone": pinecone.Pinecone, "weaviate": weaviate.Weaviate}
    kind = made[docs.settings.index]
    search = kind.search

    def short(self: Any, vector: Any, keys: Any, take: int) -> Any:
        assert take <= 40, "this database refuses more"
        return search(self, vector, keys, take)

    monkeypatch.setattr(kind, "most", 40)
    monkeypatch.setattr(kind, "search", short)
    seen: dict[str, object] = {"principals": frozenset({"bob"}), "limit": 38}
    same(nearest(library, docs, "word33", **seen), exactly(library, docs, "word33", **seen))


def test_it_goes_on_and_forgets_what_is_erased(library: Library, docs: Collection, embed: Embed) -> None:
    before = nearest(library, docs, "word50")
    library.close()
    again = Library(library.store, library.home, WordVectors())
    same(nearest(again, docs, "word50"), before)
    kept = {s for s, _ in nearest(again, docs, "word50", 100)}
    id_ = (
        again.search(docs, Query("word50", 1, "vector", filters={"source": Filter(among=("d50",))})).hits[0].document.id
    )
    again.remove(docs, id_, erase=True)
    assert {s for s, _ in nearest(again, docs, "word50", 100)} == kept - {"d50"}
    again.close()


def test_marks_that_are_lost_are_made_again(library: Library, docs: Collection) -> None:
    before = nearest(library, docs, "word50", 100)
    library.close()
    for mark in Path(library.home).rglob("*.seq"):
        mark.unlink()
    same(nearest(library, docs, "word50", 100), before)


def test_a_server_is_brought_up_to_date_before_anybody_searches(library: Library, docs: Collection) -> None:
    library.tend(docs)
    marks = list(Path(library.home).rglob("*.seq"))
    assert bool(marks) == bool(docs.settings.index_at)


def there(library: Library, docs: Collection, uid: str, epoch: int = 0) -> list[tuple[int, float]]:
    """What the other database still has of a space."""
    adapter, at = docs.settings.index, docs.settings.index_at
    folder = library.home / "knowledge" / adapter
    copy = OPENED[adapter].open_copy(at, folder, f"outrider_{uid}_{epoch}", DIMENSIONS)
    try:
        return list(copy.search(WordVectors().queries("words", ["word1"])[0], None, 3))
    finally:
        copy.close()


def test_a_dropped_collection_leaves_nothing_there(library: Library, docs: Collection) -> None:
    (space,) = library.spaces(docs)
    nearest(library, docs, "word1")
    assert library.drop(docs) == ""
    assert library.left() == []
    library.close()
    assert there(library, docs, space.uid, space.epoch) == []


def test_what_is_kept_elsewhere_now_is_gone_where_it_was(library: Library, docs: Collection) -> None:
    (space,) = library.spaces(docs)
    before = nearest(library, docs, "word1")
    library.configure(docs, Settings())
    assert library.left() == []
    same(nearest(library, docs, "word1"), before)
    library.close()
    assert there(library, docs, space.uid, space.epoch) == []


def test_what_is_erased_is_gone_there_before_anybody_searches(library: Library, docs: Collection) -> None:
    (space,) = library.spaces(docs)
    id_ = library.search(docs, Query("word50", 1, "vector")).hits[0].document.id
    library.remove(docs, id_, erase=True)
    library.close()
    assert there(library, docs, space.uid, space.epoch) == []
    assert library.spaces(docs)[0].epoch != space.epoch


def test_a_copy_of_a_database_that_is_away_goes_when_it_answers(
    library: Library, docs: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told, kept in mind across a restart, and asked for again ever more seldom."""
    (space,), opened, now = library.spaces(docs), OPENED[docs.settings.index], [clock.now_ns()]
    nearest(library, docs, "word1")
    folder, remove = library.home / "knowledge", opened.remove

    def away(*_: object) -> None:
        raise ConnectionError("nobody is there")

    with monkeypatch.context() as patched:
        patched.setattr(opened, "remove", away)
        told = library.drop(docs)
        assert f"a copy of its vectors is still in {docs.settings.index}" in told
        library.close()
        patched.setattr(clock, "now_ns", lambda: now[0])
        assert abroad.due(library.store, folder) == pytest.approx(now[0] + 300e9, abs=5e9)
        now[0] += 4 * 3_600 * 10**9
        assert abroad.due(library.store, folder) == pytest.approx(now[0] + 3_600e9, rel=1e-3)
        again = Library(library.store, library.home, WordVectors())
        again.sweep()
        assert [kept.space for kept in again.left()] == [space.uid]
    assert opened.remove is remove
    again = Library(library.store, library.home, WordVectors())
    again.sweep()
    assert again.left() == []
    assert abroad.due(library.store, folder) is None
    again.close()
    assert there(library, docs, space.uid, space.epoch) == []


@pytest.mark.parametrize("name", ["chroma", "pinecone", "qdrant", "weaviate"])
def test_one_that_is_away_is_told_of(
    library: Library, embed: Embed, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{name.upper()}_API_KEY", vector_servers.KEY)
    docs = library.create("p", "docs", Settings(index=name, index_at="http://127.0.0.1:9?grpc=127.0.0.1:9"))
    library.put(docs, "d", text_of("word1"))
    embed(library, docs)
    library.tend(docs)
    with pytest.raises(RequestError, match=f"{name} at 127.0.0.1\\) does not answer") as caught:
        nearest(library, docs, "word1")
    assert (caught.value.status, caught.value.code) == (503, "index_unavailable")
    assert vector_servers.KEY not in caught.value.message
    both = library.search(docs, Query("word1", strategy="hybrid"))
    assert [h.document.source for h in both.hits] == ["d"]
    assert f"{name} at 127.0.0.1) does not answer" in both.words_only


def test_one_that_is_away_is_left_alone_for_a_while(
    library: Library, embed: Embed, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried, now = [], [clock.mono_ns()]

    def away(*_: object) -> None:
        tried.append(now[0])
        raise ConnectionError("nobody is there")

    monkeypatch.setattr(qdrant, "open_copy", away)
    monkeypatch.setattr(clock, "mono_ns", lambda: now[0])
    docs = library.create("p", "docs", Settings(index="qdrant", index_at="http://127.0.0.1:9"))
    library.put(docs, "d", text_of("word1"))
    embed(library, docs)
    for _ in range(3):
        with pytest.raises(RequestError, match="does not answer as it should: ConnectionError"):
            nearest(library, docs, "word1")
    assert len(tried) == 1
    now[0] += 6_000_000_000
    with pytest.raises(RequestError):
        nearest(library, docs, "word1")
    assert len(tried) == 2


def test_a_key_that_is_missing_is_told_of(library: Library, embed: Embed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PINECONE_API_KEY", raising=False)
    docs = library.create("p", "docs", Settings(index="pinecone", index_at="http://127.0.0.1:9"))
    library.put(docs, "d", text_of("word1"))
    embed(library, docs)
    with pytest.raises(RequestError, match="set PINECONE_API_KEY") as caught:
        nearest(library, docs, "word1")
    assert caught.value.status == 503


def test_only_known_ones(library: Library) -> None:
    with pytest.raises(RequestError, match="no index 'nothing'; there are: chroma, faiss"):
        library.create("p", "docs", Settings(index="nothing"))
