"""Questions from passages: all kinds, none with a hidden document, and the same each time."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.knowledge.evaluate import generate
from outrider.knowledge.library import Library
from outrider.knowledge.records import Block, Parsed
from outrider.store import open_knowledge
from tests.knowledge.shelves import WordVectors, text_of

SENTENCE = "The council of Malmby decided in 1994 that every bridge over the river must carry bicycles and trams."


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    store = open_knowledge(f"sqlite:///{tmp_path / 'k.sqlite3'}")
    yield Library(store, tmp_path, WordVectors())
    store.close()


def sectioned(heading: str, text: str, title: str) -> Parsed:
    body = f"{heading}\n{text}"
    blocks = [Block("heading", 0, len(heading), level=1), Block("text", len(heading) + 1, len(body))]
    return Parsed(body, blocks, title)


def test_every_kind_is_made_of_what_is_there(library: Library) -> None:
    collection = library.create("p", "town")
    library.put(collection, "bridges", sectioned("Rules for bridges", SENTENCE, "Bridges of Malmby"))
    library.put(collection, "secret", text_of(SENTENCE, "Secret plans"), readers=("ann",))
    made = generate.questions(library, collection)
    assert {q.kind for q in made} == set(generate.KINDS)
    assert {source for q in made for source in q.judged} == {"bridges"}
    assert made == generate.questions(library, collection)
    assert next(q.text for q in made if q.kind == "heading") == "Bridges of Malmby Rules for bridges"


def test_titles_that_two_documents_have_ask_nothing(library: Library) -> None:
    collection = library.create("p", "town")
    for source in ("a", "b"):
        library.put(collection, source, text_of(f"{SENTENCE} {source}", "Annual report"))
    assert "title" not in {q.kind for q in generate.questions(library, collection)}


def test_an_empty_collection_asks_nothing(library: Library) -> None:
    assert generate.questions(library, library.create("p", "none")) == []


def test_what_is_left_of_a_sentence() -> None:
    said = generate.gaps(SENTENCE, random.Random(1)).split()
    assert 5 < len(said) < len(SENTENCE.split())
    assert generate.gist(SENTENCE) == "bicycles carry must river over bridge every that decided council"
    assert generate.gist("Ada Berg met Bo Lind in Malmby in 1994.") == ""
