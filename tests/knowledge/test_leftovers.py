"""What was erased or dropped leaves nothing in the files beside the store."""

from collections.abc import Callable
from pathlib import Path

import pytest

from outrider.base.errors import RequestError
from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection, Embedding, Query, Settings
from tests.knowledge.shelves import text_of

Embed = Callable[[Library, Collection], int]


def files(library: Library, collection: Collection | None = None) -> dict[str, bytes]:
    """The files beside the store; with `collection` only those that are named for it or its spaces."""
    names = () if collection is None else (f"{collection.id}-", *(s.uid for s in library.spaces(collection)))
    found = sorted((library.home / "knowledge").glob("*"))
    return {f.name: f.read_bytes() for f in found if f.is_file() and (not names or f.name.startswith(names))}


@pytest.fixture
def filled(library: Library, embed: Embed) -> tuple[Collection, Collection]:
    made = [library.create("p", name) for name in ("one", "two")]
    for collection in made:
        library.put(collection, "a", text_of("Director Anna Karlsen grew up in Tromsø.", "Anna Karlsen"))
        library.put(collection, "b", text_of("The film Night Train was directed by Ole Berg.", "Night Train"))
        embed(library, collection)
        for strategy in ("graph", "vector"):
            assert library.search(collection, Query("who directed Night Train", strategy=strategy)).hits
        assert any(b"anna karlsen" in body.lower() for body in files(library, collection).values())
    return made[0], made[1]


def test_an_erased_document_is_in_no_file(library: Library, filled: tuple[Collection, Collection]) -> None:
    one, two = filled
    kept = files(library, two)
    (anna,) = library.known_as(one, "a")
    library.remove(one, anna, erase=True)
    assert not any(b"anna karlsen" in body.lower() for body in files(library, one).values())
    assert not any(name.endswith((".f16", ".ids")) for name in files(library, one)), "of the vectors as they were"
    assert files(library, two) == kept
    for strategy in ("graph", "vector"):
        found = library.search(one, Query("who directed Night Train", strategy=strategy)).hits
        assert [h.document.source for h in found] == ["b"]
    assert files(library, one)


def test_a_dropped_collection_leaves_no_file(library: Library, filled: tuple[Collection, Collection]) -> None:
    one, two = filled
    kept = files(library, two)
    library.drop(one)
    assert files(library) == kept
    with pytest.raises(RequestError, match="not there any more"):
        library.search(one, Query("Night Train", strategy="graph"))
    assert library.search(two, Query("who directed Night Train", strategy="graph")).hits


def test_an_embedding_that_goes_takes_its_file_along(
    library: Library, embed: Embed, filled: tuple[Collection, Collection]
) -> None:
    one, _ = filled
    (old,) = library.spaces(one)
    library.configure(one, Settings(embeddings={"default": Embedding("other")}))
    embed(library, one)
    (new,) = (s for s in library.spaces(one) if not s.live)
    assert library.switch(new)
    assert not any(name.startswith(old.uid) for name in files(library))
    assert library.search(one, Query("who directed Night Train", strategy="vector")).hits


def test_what_a_killed_process_left_is_swept_and_what_is_not_ours_stays(
    library: Library, filled: tuple[Collection, Collection], tmp_path: Path
) -> None:
    one, _ = filled
    folder = library.home / "knowledge"
    (folder / "999-1795461741002950274.graph").write_bytes(b"of a collection that is gone")
    (folder / "0123456789abcdef-3.f16").write_bytes(b"of a space that is gone")
    (folder / "notes.txt").write_text("somebody's")
    before = files(library, one)
    library.tend(one)
    assert set(files(library)) - set(files(library, one)) - {"notes.txt"} == set(files(library, filled[1]))
    assert files(library, one) == before
    assert (folder / "notes.txt").exists()
