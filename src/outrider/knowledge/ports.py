"""The seams of knowledge: what makes vectors, what finds by words, what finds by vectors."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from outrider.store.ports import Store, Tx

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from outrider.knowledge.records import Collection, Space
    from outrider.knowledge.scope import View

    Matrix = NDArray[np.float32]

Scored = list[tuple[int, float]]
"""Chunk ids with scores, the best first; equal scores by id."""


class Embedders(Protocol):
    """Makes unit vectors by a model's name. Blocks; may be called from any thread. Raises OutriderError."""

    def documents(self, model: str, texts: Sequence[str]) -> "Matrix": ...
    def queries(self, model: str, texts: Sequence[str]) -> "Matrix": ...
    def tokens(self, model: str, texts: Sequence[str]) -> "list[Matrix]":
        """One vector per token of each text, for late interaction."""
        ...

    def both(self, model: str, texts: Sequence[str]) -> "tuple[Matrix, list[Matrix]]":
        """What `queries` and `tokens` give, in one pass."""
        ...


class Words(Protocol):
    """A module of `outrider.knowledge.indexes` that finds chunks by their words. What it keeps is derived."""

    def make(self, tx: Tx, collection: "Collection") -> None: ...
    def drop(self, tx: Tx, collection: "Collection") -> None: ...
    def add(self, tx: Tx, collection: "Collection", rows: Iterable[tuple[int, str, str]]) -> None:
        """Rows are (chunk id, title and headings, text)."""
        ...

    def remove(self, tx: Tx, collection: "Collection", rows: Iterable[tuple[int, str, str]]) -> None:
        """Rows as they were added."""
        ...

    def forget(self, store: Store, collection: "Collection") -> None:
        """Leave nothing of what was removed in the files."""
        ...

    def tend(self, store: Store, collection: "Collection") -> int:
        """Make ready what a search would have to read for long; how many words. For the process that embeds."""
        ...

    def postings(self, store: Store, collection: "Collection", word: str, after: int) -> "Posting":
        """Every chunk with an id above `after` that has the word."""
        ...

    def sizes(
        self, store: Store, collection: "Collection", after: int
    ) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
        """Ids of the chunks above `after`, and how many words each has with its titles."""
        ...


class Posting(msgspec.Struct):
    """Where a word stands. `chunks` are ids, ascending; `counts` how often each has it, twice for its titles."""

    chunks: "NDArray[np.int64]"
    counts: "Matrix"


class Nearest(Protocol):
    """Finds chunks by vectors."""

    def search(self, store: Store, space: "Space", vector: "Matrix", view: "View", limit: int) -> Scored:
        """The `limit` nearest chunks in `view`, by cosine (vectors have length one), the best first."""
        ...


class Model(Protocol):
    """A model that strategies may ask. Blocks. `cost` is what was spent so far, in nano-dollars."""

    cost: int

    def ask(self, prompt: str, *, max_tokens: int = 256) -> str: ...
