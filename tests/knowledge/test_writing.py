"""Documents come in and go: ids, limits, what a crash leaves, what is written while others read."""

import threading

import pytest

from outrider.base.errors import RequestError
from outrider.knowledge import collections, rows, writing
from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection, Draft, Query
from tests.knowledge.shelves import text_of


@pytest.fixture
def docs(library: Library) -> Collection:
    return library.create("p", "docs")


def test_ids_follow_from_the_source(library: Library, docs: Collection) -> None:
    first = library.put(docs, "a", text_of("x")).document.id
    library.drop(docs)
    again = library.create("p", "docs")
    assert library.put(again, "a", text_of("y")).document.id == first == writing.document_id(again, "a")
    other = library.create("q", "docs")
    assert library.put(other, "a", text_of("x")).document.id != first


def test_chunks_know_their_document(library: Library, docs: Collection) -> None:
    library.put(docs, "a", text_of("fee"))
    (hit,) = library.search(docs, Query("fee", strategy="keyword")).hits
    ((key, document),) = rows.versions(library.store, docs, hit.document.id)
    assert rows.document_key(hit.chunk.id) == key
    assert (hit.chunk.document, hit.chunk.number) == (document.id, document.number)
    assert rows.unpack(rows.pack(b"x" * 1000)) == b"x" * 1000
    assert rows.unpack(b"") == b""


def test_a_transaction_that_fails_leaves_nothing(
    library: Library, docs: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.put(docs, "a", text_of("fee"))
    words = collections.words_of(library.store)
    with monkeypatch.context() as broken:
        broken.setattr(words, "add", lambda *given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            library.put_all(docs, [Draft("b", text_of("fee two")), Draft("a", text_of("fee three"))])
    assert [d.source for d in library.documents(docs)] == ["a"]
    assert library.status(docs).chunks == 1
    assert len(library.search(docs, Query("fee", strategy="keyword")).hits) == 1


def test_searches_go_on_while_documents_come(library: Library, docs: Collection) -> None:
    failed: list[BaseException] = []
    over = threading.Event()

    def search() -> None:
        most = 0
        try:
            while not over.is_set():
                hits = library.search(docs, Query("fee", 200, "keyword")).hits
                assert len(hits) >= most, "what was found once stays"
                most = len(hits)
                assert len({h.document.source for h in hits}) == len(hits)
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for n in range(40):
        library.put_all(docs, [Draft(f"d{n}-{m}", text_of(f"fee {n} {m}")) for m in range(3)])
    over.set()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(library.search(docs, Query("fee", 200, "keyword")).hits) == 120


def test_too_many_passages_are_refused(library: Library, docs: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_MOST_CHUNKS", 2)
    with pytest.raises(RequestError, match="divide it"):
        library.put(docs, "a", text_of("\n\n".join("long words here. " * 60 for _ in range(9))))
    assert library.documents(docs) == []


def test_the_same_draft_twice_in_one_go_is_one_version(library: Library, docs: Collection) -> None:
    puts = library.put_all(docs, [Draft("a", text_of("fee")), Draft("a", text_of("fee"))])
    assert [p.changed for p in puts] == [True, False]
    assert len(library.versions(docs, puts[0].document.id)) == 1
