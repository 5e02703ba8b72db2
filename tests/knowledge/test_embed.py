"""Vectors behind the import: all that wait, in parts, interruptible; a new model's beside the live ones."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from outrider.knowledge import embed
from outrider.knowledge.embed import text_of
from outrider.knowledge.jobs import Jobs
from outrider.knowledge.library import Library
from outrider.knowledge.parse import parse
from outrider.knowledge.records import Collection, Embedding, Fetched, Parsed, Query, Settings
from tests.knowledge.importing import bench
from tests.knowledge.shelves import WordVectors


def put(library: Library, collection: Collection, name: str, text: str, **meta: object) -> None:
    parsed: Parsed = parse(Fetched(name, name, "text/markdown", text.encode()))
    library.put(collection, name, parsed, meta=meta)


def test_all_that_waits_gets_its_vector(library: Library) -> None:
    collection = library.create("p", "docs")
    assert embed.request(library, Jobs(lambda: library.store), collection) is None, "nothing waits"
    for n in range(250):
        put(library, collection, f"{n}.md", f"# Number {n}\n\nSome text of number {n}.")
    job = embed.request(library, Jobs(lambda: library.store), collection)
    assert job is not None
    seen: list[tuple[int, int]] = []
    done = bench(library).one(job.id, lambda j: seen.append((j.done, j.total)))
    assert done is not None
    assert done.status == "done"
    assert seen[-1] == (250, 250)
    assert seen == sorted(seen)
    assert library.status(collection).waiting == {"default": 0}


def test_stopped_in_the_middle_it_goes_on(library: Library) -> None:
    collection = library.create("p", "docs")
    for n in range(250):
        put(library, collection, f"{n}.md", f"# Number {n}\n\nSome text of number {n}.")
    job = embed.request(library, Jobs(lambda: library.store), collection)
    assert job is not None
    stopped = bench(library, stop=lambda: True).one(job.id)
    assert stopped is not None
    assert stopped.status == "waiting"
    assert library.status(collection).vectors == {"default": embed.BATCH}
    done = bench(library).one(job.id)
    assert done is not None
    assert done.status == "done"
    assert library.status(collection).vectors == {"default": 250}


def test_another_job_goes_first(library: Library) -> None:
    collection = library.create("p", "docs")
    put(library, collection, "a.md", "# A\n\nText.")
    jobs = Jobs(lambda: library.store)
    job = embed.request(library, jobs, collection)
    assert job is not None
    jobs.create("p", "docs", "ingest", {"sources": []})
    done = bench(library).one(job.id)
    assert done is not None
    assert done.status == "waiting"


def test_a_new_model_grows_beside_the_live_one_and_takes_over_at_once(library: Library) -> None:
    collection = library.create("p", "docs", Settings(embeddings={"default": Embedding("one")}))
    put(library, collection, "a.md", "# A\n\nTrains run on rails.")
    jobs = Jobs(lambda: library.store)
    job = embed.request(library, jobs, collection)
    assert job is not None
    bench(library).one(job.id)
    collection = library.configure(collection, Settings(embeddings={"default": Embedding("two")}))
    live = [s.model for s in library.spaces(collection) if s.live]
    assert live == ["one"]
    assert library.search(collection, Query("rails", strategy="vector")).hits
    job = embed.request(library, jobs, collection)
    assert job is not None
    bench(library).one(job.id)
    assert [(s.model, s.live) for s in library.spaces(collection)] == [("two", True)]
    assert library.search(collection, Query("rails", strategy="vector")).hits
    assert embed.request(library, jobs, collection) is None


class Meanwhile(WordVectors):
    """Something happens while the first texts are embedded."""

    def __init__(self, what: Callable[[], object]) -> None:
        super().__init__()
        self._what: Callable[[], object] | None = what

    def documents(self, model: str, texts: Sequence[str]) -> NDArray[np.float32]:
        what, self._what = self._what, None
        if what is not None:
            what()
        return super().documents(model, texts)


def test_an_embedding_that_is_asked_for_meanwhile_is_made_too(library: Library) -> None:
    """Who asks for it is given the job that runs, so that job must see to it."""
    collection, jobs = library.create("p", "docs"), Jobs(lambda: library.store)
    put(library, collection, "a.md", "# A\n\nTrains run on rails.")
    job = embed.request(library, jobs, collection)
    assert job is not None

    def asked() -> None:
        two = {"default": Embedding(), "other": Embedding("other")}
        assert embed.request(library, jobs, library.configure(collection, Settings(embeddings=two))) == jobs.get(
            "p", job.id
        )

    library.embedders = Meanwhile(asked)
    bench(library).one(job.id)
    assert library.status(collection).vectors == {"default": 1, "other": 1}
    assert library.status(collection).waiting == {"default": 0, "other": 0}


@pytest.mark.parametrize("again", [False, True])
def test_a_model_that_is_changed_meanwhile_takes_nothing_away(library: Library, again: bool) -> None:
    """The generation that grows is dropped for a newer one: the live one is searched until that is whole."""
    collection = library.create("p", "docs", Settings(embeddings={"default": Embedding("one")}))
    jobs = Jobs(lambda: library.store)
    put(library, collection, "a.md", "# A\n\nTrains run on rails.")
    job = embed.request(library, jobs, collection)
    assert job is not None
    bench(library).one(job.id)
    collection = library.configure(collection, Settings(embeddings={"default": Embedding("two")}))

    def changed() -> None:
        if again:
            library.begin_again(collection, "default")
        else:
            library.configure(collection, Settings(embeddings={"default": Embedding("three")}))

    job = embed.request(library, jobs, collection)
    assert job is not None
    library.embedders = Meanwhile(changed)
    bench(library).one(job.id)
    known = library.collection("p", "docs")
    assert [(s.model, s.live) for s in library.spaces(known)] == [("two" if again else "three", True)]
    assert library.search(known, Query("rails", strategy="vector")).hits


def test_what_came_after_the_last_look_is_asked_for_again(library: Library) -> None:
    collection, jobs = library.create("p", "docs"), Jobs(lambda: library.store)
    put(library, collection, "a.md", "# A\n\nTrains run on rails.")
    job = embed.request(library, jobs, collection)
    assert job is not None
    done = bench(library).one(job.id)
    assert done is not None
    embed.again(library, jobs, done)
    assert jobs.open() == 0, "nothing came"
    put(library, collection, "b.md", "# B\n\nShips float.")
    embed.again(library, jobs, done)
    assert jobs.open() == 1
    library.drop(collection)
    embed.again(library, jobs, done)


@pytest.mark.parametrize(
    ("of", "text"),
    [
        ("passage", "Title\nPart\nThe text."),
        ("says", "It is slow.\nIt is dear."),
        ("kind", "handbook"),
        ("missing", "Title\nPart\nThe text."),
    ],
)
def test_what_is_embedded(of: str, text: str) -> None:
    about = '[[0, 9], ["Title", "Part"]]'
    row = (1, "The text.", about, "Title", '{"says": ["It is slow.", "It is dear."], "kind": "handbook"}')
    assert text_of(row, of) == text
