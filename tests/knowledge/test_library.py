"""Collections and documents through the library, on both databases."""

from collections.abc import Callable

import pytest

from outrider.base.errors import RequestError
from outrider.knowledge import rows
from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection, Document, Embedding, Filter, Query, Settings
from outrider.store.ports import Store
from tests.knowledge.shelves import text_of

Embed = Callable[[Library, Collection], int]
SECOND = 1_000_000_000


@pytest.fixture
def docs(library: Library) -> Collection:
    return library.create("p", "docs")


def found(library: Library, docs: Collection, text: str, strategy: str = "keyword", **query: object) -> list[str]:
    """Sources of the hits, in order."""
    hits = library.search(docs, Query(text, strategy=strategy, **query)).hits  # type: ignore[arg-type]
    return [h.document.source for h in hits]


def test_collections_belong_to_projects(library: Library, docs: Collection) -> None:
    library.create("", "cases")
    library.create("q", "docs")
    assert [(c.project, c.name) for c in library.collections("p")] == [("p", "docs"), ("", "cases")]
    assert library.collection("p", "cases").project == ""
    with pytest.raises(RequestError, match="did you mean 'docs'") as caught:
        library.collection("p", "dosc")
    assert caught.value.status == 404
    with pytest.raises(RequestError, match="there already") as caught:
        library.create("p", "docs")
    assert caught.value.status == 409
    with pytest.raises(RequestError, match="everybody reads") as caught:
        library.create("p", "cases")
    assert caught.value.status == 409
    for name in ("", "Docs", "a b", "-a", "x" * 64, "a/b"):
        with pytest.raises(RequestError, match="cannot be a collection's name"):
            library.create("p", name)


def test_a_dropped_collection_is_gone(library: Library, docs: Collection, embed: Embed) -> None:
    library.put(docs, "a", text_of("Refunds take days."))
    embed(library, docs)
    library.drop(docs)
    library.drop(docs)
    for use in (
        lambda: library.search(docs, Query("refunds")),
        lambda: library.put(docs, "b", text_of("x y")),
        lambda: library.remove(docs, "b"),
    ):
        with pytest.raises(RequestError, match="not there any more"):
            use()
    for table in ("documents", "chunks", "vectors", "spaces"):
        assert library.store.query(f"SELECT count(*) FROM {table}") == [(0,)]
    again = library.create("p", "docs")
    assert found(library, again, "refunds") == []


def test_an_unchanged_document_is_no_new_version(library: Library, docs: Collection) -> None:
    first = library.put(docs, "a", text_of("Refunds take days."), body=b"1")
    assert first.changed
    again = library.put(docs, "a", text_of("Refunds take days."), body=b"1")
    assert not again.changed
    assert again.document == first.document
    other = library.put(docs, "a", text_of("Refunds take weeks."), body=b"2")
    assert other.changed
    assert (other.document.id, other.document.number) == (first.document.id, 2)
    assert library.sources(docs) == {"a": (first.document.id, other.document.hash)}
    titled = library.put(docs, "a", text_of("Refunds take weeks.", "Terms"), body=b"2")
    assert titled.changed
    assert [d.number for d in library.versions(docs, first.document.id)] == [1, 2, 3]


def test_a_query_of_the_past_sees_the_past(library: Library, docs: Collection) -> None:
    library.put(docs, "a", text_of("The fee is ten euros."), since=10 * SECOND)
    id_ = library.put(docs, "a", text_of("The fee is twelve euros."), since=20 * SECOND).document.id
    assert library.remove(docs, id_, at=30 * SECOND)
    assert not library.remove(docs, id_)
    for moment, texts in ((5, []), (10, ["ten"]), (19, ["ten"]), (20, ["twelve"]), (30, []), (0, [])):
        hits = library.search(docs, Query("fee", as_of=moment * SECOND, strategy="keyword")).hits
        assert [h.chunk.text.split()[3] for h in hits] == texts, moment
    assert library.document(docs, id_, as_of=15 * SECOND).number == 1
    with pytest.raises(RequestError, match="no document"):
        library.document(docs, id_)
    back = library.put(docs, "a", text_of("The fee is back."), since=40 * SECOND)
    assert back.document.number == 3
    assert found(library, docs, "fee") == ["a"]
    assert found(library, docs, "fee", as_of=35 * SECOND) == []


def test_a_version_may_come_late(library: Library, docs: Collection) -> None:
    library.put(docs, "a", text_of("fee three"), since=30 * SECOND)
    library.put(docs, "a", text_of("fee one"), since=10 * SECOND)
    late = library.put(docs, "a", text_of("fee two"), since=20 * SECOND).document
    assert [(d.number, d.since // SECOND, d.until // SECOND) for d in library.versions(docs, late.id)] == [
        (2, 10, 20),
        (3, 20, 30),
        (1, 30, 0),
    ]
    again = library.put(docs, "a", text_of("fee other"), since=20 * SECOND)
    assert again.changed
    hits = library.search(docs, Query("fee", as_of=25 * SECOND, strategy="keyword")).hits
    assert [h.chunk.text for h in hits] == ["fee other"]


def test_documents_follow_the_readers_of_their_collection(library: Library, docs: Collection) -> None:
    """Who narrows a collection narrows what is in it, now and in the past; what was given to others stays theirs."""
    library.put(docs, "a", text_of("fee one"), since=10 * SECOND)
    library.put(docs, "a", text_of("fee two"), since=20 * SECOND)
    library.put(docs, "hers", text_of("fee of hers"), readers=("ann",))
    assert len(library.search(docs, Query("fee", strategy="keyword")).hits) == 1
    library.configure(docs, Settings(embeddings={}, readers=("group:staff",)))
    staff = frozenset({"group:staff"})
    for as_of, text in ((0, "fee two"), (15 * SECOND, "fee one")):
        assert library.search(docs, Query("fee", strategy="keyword", as_of=as_of)).hits == []
        asked = Query("fee", strategy="keyword", as_of=as_of, principals=staff)
        assert [h.chunk.text for h in library.search(docs, asked).hits] == [text]
    library.put(docs, "b", text_of("fee of b"))  # by who read the collection before
    assert library.search(docs, Query("b", strategy="keyword")).hits == []
    library.configure(docs, Settings(embeddings={}))
    assert sorted(h.document.source for h in library.search(docs, Query("fee", strategy="keyword")).hits) == ["a", "b"]


def test_a_changed_document_keeps_its_readers(library: Library, docs: Collection) -> None:
    id_ = library.put(docs, "a", text_of("fee one"), readers=("ann",)).document.id
    assert library.put(docs, "a", text_of("fee two")).document.readers == ("ann",)
    library.label(docs, id_, readers=("bob",))
    library.put(docs, "a", text_of("fee three"))
    library.remove(docs, id_)
    assert library.put(docs, "a", text_of("fee four")).document.readers == ("bob",)
    assert library.search(docs, Query("fee", strategy="keyword")).hits == []
    library.put(docs, "a", text_of("fee five"), readers=("*",))
    assert len(library.search(docs, Query("fee", strategy="keyword")).hits) == 1


def test_readers_apply_to_the_past_too(library: Library, docs: Collection) -> None:
    id_ = library.put(docs, "a", text_of("fee one"), since=10 * SECOND, readers=("ann", "bob")).document.id
    library.put(docs, "a", text_of("fee two"), since=20 * SECOND, readers=("ann",))
    for who, sources in ((("ann",), ["a"]), (("bob",), []), ((), [])):
        for moment in (0, 15 * SECOND):
            assert found(library, docs, "fee", principals=frozenset(who), as_of=moment) == sources
    assert library.put(docs, "a", text_of("fee two"), since=20 * SECOND, readers=("bob",)).changed
    assert found(library, docs, "fee", principals=frozenset({"ann"})) == []
    assert library.label(docs, id_, readers=("*",))
    assert found(library, docs, "fee") == ["a"]
    with pytest.raises(RequestError, match="nobody could read"):
        library.label(docs, id_, readers=())
    with pytest.raises(RequestError, match="nobody could read"):
        library.put(docs, "b", text_of("x y"), readers=())
    with pytest.raises(RequestError, match="no document"):
        library.document(docs, library.put(docs, "c", text_of("c"), readers=("ann",)).document.id, principals={"bob"})


def test_few_queries_pass_over_what_somebody_may_not_read(
    library: Library, docs: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(60):
        library.put(docs, f"hers{n}", text_of("fee"), readers=("ann",))
    last = sorted(library.put(docs, f"his{n}", text_of("fee"), readers=("bob",)).document.id for n in range(3))
    asked, live = list[int](), rows.live

    def counted(store: Store, collection: Collection, after: str, limit: int) -> list[Document]:
        asked.append(limit)
        return live(store, collection, after, limit)

    monkeypatch.setattr(rows, "live", counted)
    assert [d.id for d in library.documents(docs, limit=4, principals={"bob"})] == last
    assert len(asked) <= 6  # 16 pages of 4
    assert [d.id for d in library.documents(docs, limit=1, principals={"bob"})] == last[:1]
    assert [d.id for d in library.documents(docs, last[0], limit=1, principals={"bob"})] == last[1:2]
    asked.clear()
    assert len(library.documents(docs, limit=2, principals={"ann", "bob"})) == 2
    assert asked == [2]  # no more is read than is shown where all may be read


def test_quarantine_hides_until_it_is_asked_for(library: Library, docs: Collection) -> None:
    id_ = library.put(docs, "a", text_of("Ignore the fee."), trust="quarantined").document.id
    assert found(library, docs, "fee") == []
    assert found(library, docs, "fee", filters={"trust": Filter(among=("trusted", "untrusted"))}) == []
    assert found(library, docs, "fee", filters={"trust": Filter(among=("quarantined",))}) == ["a"]
    assert library.status(docs).quarantined == 1
    library.label(docs, id_, trust="trusted")
    assert found(library, docs, "fee") == ["a"]
    library.put(docs, "a", text_of("Ignore the fee."), trust="quarantined")
    assert found(library, docs, "fee") == ["a"], "who looked at this text has decided"
    library.put(docs, "a", text_of("Ignore the other fee."), trust="quarantined")
    assert found(library, docs, "fee") == []


def test_filters(library: Library, docs: Collection) -> None:
    library.put(docs, "a", text_of("fee", year=2023, tags=["x", "y"], open=True, of={"org": "Acme"}))
    library.put(docs, "b", text_of("fee fee", year=2024, tags=["y"], open=False))
    library.put(docs, "c", text_of("fee fee fee", "Third", year=1))

    def kept(**filters: Filter) -> set[str]:
        return set(found(library, docs, "fee", filters=filters))

    assert kept(year=Filter(among=(2023, 2024))) == {"a", "b"}
    assert kept(year=Filter(least=2023.5)) == {"b"}
    assert kept(year=Filter(least=1, most=2023)) == {"a", "c"}
    assert kept(tags=Filter(among=("x", "z"))) == {"a"}
    assert kept(tags=Filter(not_among=("x",))) == {"b", "c"}
    assert kept(tags=Filter(exists=False)) == {"c"}
    assert kept(tags=Filter(exists=True), year=Filter(most=2023)) == {"a"}
    assert kept(open=Filter(among=(True,))) == {"a"}
    assert kept(year=Filter(among=(True,))) == set(), "True is not 1"
    assert kept(title=Filter(among=("Third",))) == {"c"}
    assert kept(source=Filter(among=("b",))) == {"b"}
    assert kept(**{"of.org": Filter(among=("Acme",))}) == {"a"}
    assert kept(title=Filter(least="A", most="Z")) == {"c"}
    assert kept(year=Filter(least="2000")) == set(), "text is not a number"
    with pytest.raises(RequestError, match=r"no document here has the field 'yaer'.*: year"):
        kept(yaer=Filter(among=(2023,)))
    assert kept(yaer=Filter(exists=False)) == {"a", "b", "c"}
    facets = library.facets(docs, Query("fee", filters={"year": Filter(least=2000)}), ["tags", "trust", "open"])
    assert facets == {"tags": {"x": 1, "y": 2}, "trust": {"trusted": 2}, "open": {True: 1, False: 1}}


def test_a_hidden_field_is_not_told(library: Library, docs: Collection) -> None:
    library.put(docs, "a", text_of("fee", salary=1), readers=("ann",))
    library.put(docs, "b", text_of("fee", year=1))
    with pytest.raises(RequestError) as caught:
        found(library, docs, "fee", filters={"salari": Filter(among=(1,))})
    assert "salary" not in caught.value.message
    with pytest.raises(RequestError, match="no document here"):
        found(library, docs, "fee", filters={"salary": Filter(among=(1,))})


def test_a_filter_on_no_field_names_those_there_are(library: Library, docs: Collection) -> None:
    library.put(docs, "a", text_of("A fee."), meta={"author": "Anna", "pages": 3})
    with pytest.raises(RequestError, match="filter by one of: author, language, media, pages, source, trust"):
        found(library, docs, "fee", filters={"colour": Filter(among=("red",))})
    with pytest.raises(RequestError, match="filter by one of: author, "):
        found(library, docs, "fee", filters={"autor": Filter(among=("Anna",))})


def test_documents_narrow_the_search(library: Library, docs: Collection) -> None:
    ids = [library.put(docs, s, text_of(f"fee {s}")).document.id for s in "abc"]
    assert set(found(library, docs, "fee", documents=ids[1:])) == {"b", "c"}
    assert found(library, docs, "fee", documents=[]) == []
    assert found(library, docs, "fee", documents=["nothing"]) == []
    assert [d.source for d in library.documents(docs, limit=2)] == [s for _, s in sorted(zip(ids, "abc", strict=True))][
        :2
    ]


def test_vectors_find_once_they_are_there(library: Library, docs: Collection, embed: Embed) -> None:
    library.put_all(docs, [])
    for source, text in (("a", "apples and pears"), ("b", "cars and trains"), ("c", "dogs and cats")):
        library.put(docs, source, text_of(text))
    assert found(library, docs, "trains cars", "vector") == []
    assert embed(library, docs) == 3
    assert embed(library, docs) == 0
    assert found(library, docs, "trains cars", "vector", limit=1) == ["b"]
    library.put(docs, "d", text_of("trains cars"))
    embed(library, docs)
    assert found(library, docs, "trains cars", "vector", limit=2) == ["d", "b"]
    status = library.status(docs)
    assert (status.documents, status.chunks, status.vectors, status.waiting) == (4, 4, {"default": 4}, {"default": 0})


def test_erasing_leaves_nothing(library: Library, docs: Collection, embed: Embed) -> None:
    secret = "Xylographer quokkas"
    id_ = library.put(docs, "a", text_of(f"{secret} one."), since=10).document.id
    library.put(docs, "a", text_of(f"{secret} two."))
    library.put(docs, "b", text_of("Others stay."))
    embed(library, docs)
    assert found(library, docs, secret, "vector", limit=1) == ["a"]
    assert library.remove(docs, id_, erase=True)
    assert found(library, docs, secret) == []
    assert found(library, docs, secret, as_of=11) == []
    assert found(library, docs, secret, "vector") == ["b"]
    assert library.versions(docs, id_) == []
    assert not library.remove(docs, id_, erase=True)
    assert library.store.query("SELECT count(*) FROM chunks")[0][0] == 1
    files = [p.read_bytes() for p in library.home.parent.rglob("*") if p.is_file() and "postgres" not in str(p)]
    assert not any(b"ylographer" in raw or b"quokka" in raw for raw in files)


def test_a_new_generation_takes_over_at_once(library: Library, docs: Collection, embed: Embed) -> None:
    library.put(docs, "a", text_of("apples"))
    embed(library, docs)
    changed = Settings(embeddings={"default": Embedding("embedded/other"), "says": Embedding(of="says")})
    library.configure(docs, changed)
    assert {(s.name, s.generation, s.live) for s in library.spaces(docs)} == {
        ("default", 1, True),
        ("default", 2, False),
        ("says", 1, True),
    }
    assert found(library, docs, "apples", "vector") == ["a"], "the live one is searched while the next one grows"
    embed(library, docs)
    (grown,) = [s for s in library.spaces(docs) if not s.live]
    library.switch(grown)
    assert [(s.name, s.model) for s in library.spaces(docs)] == [
        ("default", "embedded/other"),
        ("says", "embedded/all-minilm-l6-v2"),
    ]
    assert found(library, docs, "apples", "vector") == ["a"]
    assert found(library, docs, "apples", "vector", embedding="says") == ["a"]
    with pytest.raises(RequestError, match="has no embedding 'nothing'; it has: default, says"):
        found(library, docs, "apples", "vector", embedding="nothing")
    begun = library.begin_again(docs, "default")
    assert (begun.generation, begun.live) == (3, False)
    assert library.begin_again(docs, "default").id != begun.id
    library.configure(docs, Settings())
    assert {s.name for s in library.spaces(docs)} == {"default"}


def test_rebuilding_changes_nothing_that_is_found(library: Library, docs: Collection, embed: Embed) -> None:
    for source in "abc":
        library.put(docs, source, text_of(f"fee {source}\n\nand more of it", source.upper()))
    library.put(docs, "a", text_of("fee again"), since=10)
    embed(library, docs)
    before = [(h.chunk, h.score) for h in library.search(docs, Query("fee again", strategy="keyword")).hits]
    assert library.rebuild(docs) == library.status(docs).chunks
    assert [(h.chunk, h.score) for h in library.search(docs, Query("fee again", strategy="keyword")).hits] == before
    assert library.status(docs).waiting == {"default": 0}


def test_whole_parts_instead_of_passages(library: Library, docs: Collection) -> None:
    long = "\n\n".join(f"Paragraph {n} says that the fee is {n} euros, and why it is so. " * 12 for n in range(4))
    library.put(docs, "a", text_of(long))
    narrow = library.search(docs, Query("fee", strategy="keyword")).hits
    wide = library.search(docs, Query("fee", strategy="keyword", outer=True)).hits
    assert len(narrow) > len(wide) >= 1
    for hit in narrow + wide:
        assert hit.chunk.text == long[hit.chunk.start : hit.chunk.end]
    assert len(wide[0].chunk.text) > len(narrow[0].chunk.text)


@pytest.mark.parametrize(
    "text",
    ['"', "a OR", "NEAR(", "fee*", "title:fee", "-fee", "^fee", "fee AND", "()", "'; DROP TABLE", "fee\0", "\ud800 fee",
     "___", "…", "fee " * 2000, "café", "ﬀ", "NOT", "\\", "%s ?", "{fee}", "fee+fee"],
)  # fmt: skip
def test_no_text_is_a_syntax_error(library: Library, docs: Collection, text: str) -> None:
    library.put(docs, "a", text_of("the fee"))
    assert found(library, docs, text) == (["a"] if "fee" in text else [])


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (Query(" "), "empty"),
        (Query("x" * 100_000), "100,000 characters"),
        (Query("x", limit=0), "limit"),
        (Query("x", limit=1001), "limit"),
        (Query("x", strategy="nothing"), r"no strategy 'nothing'; there are:.*keyword"),
        (Query("x", strategy="../x"), "no strategy"),
    ],
)
def test_a_query_that_cannot_be_asked(library: Library, docs: Collection, query: Query, says: str) -> None:
    with pytest.raises(RequestError, match=says):
        library.search(docs, query)


def test_what_a_database_cannot_hold_is_replaced(library: Library, docs: Collection) -> None:
    put = library.put(docs, "a\0b", text_of("fee\0\ud800 end", "T\0"))
    assert library.text(docs, put.document) == "fee \ufffd end"
    assert found(library, docs, "end") == ["a b"]


def test_vectors_of_another_size_are_refused(library: Library, docs: Collection, embed: Embed) -> None:
    import numpy as np

    library.put(docs, "a", text_of("one"))
    embed(library, docs)
    put = library.put(docs, "b", text_of("two"))
    (space,) = library.spaces(docs)
    (waiting,) = library.waiting(docs, space, 10)
    with pytest.raises(RequestError, match="vectors of 3 numbers now, and gave 16"):
        library.add_vectors(space, [waiting[0]], np.ones((1, 3), np.float32))
    assert put.changed
