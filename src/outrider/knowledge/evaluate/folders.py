"""A folder as BEIR lays it out, as a collection: for trying strategies on public sets."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from outrider.knowledge import embed
from outrider.knowledge.evaluate import questions
from outrider.knowledge.library import Library
from outrider.knowledge.records import Block, Collection, Draft, Parsed

_AT_ONCE = 200


def ingest(library: Library, collection: Collection, folder: Path) -> int:
    """Put the documents of `corpus.jsonl`; how many. Their sources are the ids that judgements name."""
    count = 0
    for some in _groups(questions.corpus(folder)):
        library.put_all(collection, [_draft(*row) for row in some])
        count += len(some)
    return count


def embed_all(library: Library, collection: Collection, told: Callable[[int], Any] = lambda done: None) -> int:
    """Make every vector that is missing, here and now; how many."""
    done = 0
    for space in library.spaces(collection):
        while waiting := library.waiting(collection, space, embed.BATCH):
            assert library.embedders is not None
            vectors = library.embedders.documents(space.model, [embed.text_of(row, space.of) for row in waiting])
            library.add_vectors(space, [row[0] for row in waiting], vectors)
            done += len(waiting)
            told(done)
    return done


def _groups(rows: Iterable[tuple[str, str, str]]) -> Iterator[list[tuple[str, str, str]]]:
    left = iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        yield some


def _draft(source: str, title: str, text: str) -> Draft:
    said = text.strip() or title or "-"
    return Draft(source, Parsed(said, [Block("text", 0, len(said))], title))
