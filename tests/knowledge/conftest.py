"""A library over a new store of each kind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection
from outrider.store import open_knowledge
from tests.knowledge.shelves import WordVectors


@pytest.fixture
def library(store_url: str, tmp_path: Path) -> Iterator[Library]:
    store = open_knowledge(store_url)
    yield Library(store, tmp_path / "home", WordVectors())
    store.close()


@pytest.fixture
def embed() -> Callable[[Library, Collection], int]:
    """Makes every vector that is missing; how many."""

    def embed_(library: Library, collection: Collection) -> int:
        count = 0
        for space in library.spaces(collection):
            waiting = library.waiting(collection, space, 10_000)
            texts = [row[1] for row in waiting]
            if texts:
                library.add_vectors(space, [r[0] for r in waiting], WordVectors().documents(space.model, texts))
            count += len(texts)
        return count

    return embed_
