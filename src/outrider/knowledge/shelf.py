"""What a strategy gets: the searches of one collection under one query's scope, and what they found as text."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.knowledge import rows
from outrider.knowledge.ports import Embedders, Model, Nearest, Scored
from outrider.knowledge.records import Chunk, Collection, Document, Hit, Query, Settings, Space
from outrider.store.ports import Store

if TYPE_CHECKING:
    from outrider.knowledge.graph import Graph
    from outrider.knowledge.graphs import Graphs
    from outrider.knowledge.indexes.bm25 import Ranking
    from outrider.knowledge.ports import Matrix
    from outrider.knowledge.scope import View

_MOST_WORDS = 64
_SAY_NOTHING = """
a an and are as at be been but by can did do does for from had has have how i if in into is it its me my no not of
on or our so than that the their them then there these they this to us was we were what when where which who why
will with would you your
"""
_STOPPED = frozenset(_SAY_NOTHING.split())
_WORD = re.compile(r"[^\W_]+")


class Shelf:
    """One collection as one query may see it. Every method gives only what the scope allows."""

    def __init__(
        self,
        store: Store,
        collection: Collection,
        query: Query,
        view: "View",
        *,
        ranking: "Ranking",
        nearest: Nearest,
        graphs: "Callable[[], Graphs] | None" = None,
        spaces: Sequence[Space],
        embedders: Embedders | None = None,
        model: Model | None = None,
    ) -> None:
        self.store, self.collection, self.query, self.view, self.model = store, collection, query, view, model
        self._ranking, self._nearest, self._embedders = ranking, nearest, embedders
        self._graphs = graphs
        self._spaces = {s.name: s for s in spaces if s.live}
        self._asked: dict[tuple[str, str], Matrix] = {}
        self.words_only = ""
        """Why vectors are left out from now on, where a strategy does without them (see `Found`)."""
        if query.embedding:
            self._space(query.embedding)  # one that is not there is told, and no search goes on without it

    @property
    def settings(self) -> Settings:
        return self.collection.settings

    def keyword(self, words: str | Sequence[str], limit: int) -> Scored:
        """The best chunks that have one of these words (a text is taken apart), by BM25."""
        terms = terms_of(words) if isinstance(words, str) else list(words)[:_MOST_WORDS]
        return self._ranking.search(self.store, self.collection, terms, self.view, limit) if terms else []

    def vector(self, asked: "str | Matrix", limit: int, embedding: str = "") -> Scored:
        """The chunks nearest to a text or a unit vector, by cosine. Those without a vector yet are not found."""
        space = self._space(embedding)
        if not space.dimensions or not self.view.allowed:
            return []
        vector = self.embed([asked], embedding)[0] if isinstance(asked, str) else asked
        return self._nearest.search(self.store, space, vector, self.view, limit)

    def embed(self, texts: Sequence[str], embedding: str = "") -> "Matrix":
        """Unit vectors of queries, (n, dimensions)."""
        import numpy as np

        space = self._space(embedding)
        missing = [t for t in dict.fromkeys(texts) if (space.model, t) not in self._asked]
        if missing:
            made = self._embedder().queries(space.model, missing)
            if space.dimensions and made.shape[1] != space.dimensions:
                raise _other_size(self.collection, space, made.shape[1])
            for text, vector in zip(missing, made, strict=True):
                self._asked[space.model, text] = vector
        return np.stack([self._asked[space.model, t] for t in texts])

    def tokens(self, texts: Sequence[str], embedding: str = "") -> "list[Matrix]":
        """One unit vector for each token of each text, for late interaction."""
        return self._embedder().tokens(self._space(embedding).model, texts)

    def vectors(self, ids: Iterable[int], embedding: str = "") -> "dict[int, Matrix]":
        """Stored vectors of chunks, of those that have one."""
        import numpy as np

        found = rows.vectors_of(self.store, self._space(embedding).id, self._seen(ids))
        return {id_: np.frombuffer(v, np.float16).astype(np.float32) for id_, v in found.items()}

    def has_vectors(self, embedding: str = "") -> bool:
        """Whether a vector search can find anything: there is an embedder, and vectors are there."""
        space = self._spaces.get(embedding or self.query.embedding or self.settings.embedding)
        there = self._embedders is not None and space is not None and space.dimensions > 0
        return there and not self.words_only

    def without_vectors(self, error: OutriderError) -> None:
        """Go on by words alone, and say why. Raises `error` again if it is the request that is wrong."""
        if isinstance(error, RequestError) and error.status < 500:
            raise error
        self.words_only = error.message

    def graph(self) -> "Graph":
        """The names in the collection's passages, and what they link. It knows passages outside of the scope, too."""
        if self._graphs is None:
            raise RequestError("this collection has no graph at hand: search with another strategy", param="strategy")
        return self._graphs().graph(self.store, self.collection)

    def chunks(self, ids: Iterable[int]) -> dict[int, Chunk]:
        """Chunks by id, of those that are allowed."""
        found = rows.chunk_rows(self.store, self._seen(ids))
        documents = self._documents(found)
        return {id_: rows.chunk_of(r, documents[id_ >> rows.PLACES]) for id_, r in found.items()}

    def neighbours(self, id_: int, before: int = 1, after: int = 1) -> list[Chunk]:
        """The chunk with those around it in its document, in order."""
        key = id_ >> rows.PLACES
        around = [n for n in range(id_ - before, id_ + after + 1) if n >> rows.PLACES == key]
        return list(self.chunks(around).values())

    def hits(self, scored: Scored, parts: Mapping[int, dict[str, float]] | None = None) -> list[Hit]:
        """Hits in the order of `scored`; `parts` say what the scores are made of."""
        found = rows.chunk_rows(self.store, self._seen(id_ for id_, _ in scored))
        documents = self._documents(found)
        parts = parts or {}
        return [
            Hit(rows.chunk_of(found[id_], d), d, score, parts.get(id_, {}))
            for id_, score in scored
            if id_ in found and (d := documents[id_ >> rows.PLACES])
        ]

    def _documents(self, ids: Iterable[int]) -> dict[int, Document]:
        return rows.documents_by_key(self.store, self.collection, (i >> rows.PLACES for i in ids))

    def _seen(self, ids: Iterable[int]) -> list[int]:
        import numpy as np

        wanted = np.fromiter(ids, np.int64)
        return wanted[self.view.allows(wanted)].tolist() if len(wanted) else []

    def _space(self, embedding: str) -> Space:
        name = embedding or self.query.embedding or self.settings.embedding
        space = self._spaces.get(name)
        if space is None:
            known = ", ".join(sorted(self._spaces)) or "none"
            raise RequestError(
                f"the collection {self.collection.name!r} has no embedding {name[:80]!r}; it has: {known}",
                code="unknown_embedding",
                param="embedding",
            )
        return space

    def _embedder(self) -> Embedders:
        if self._embedders is None:
            raise RequestError(
                "no embedder is at hand: run `outrider models install` and turn `embedded` on, "
                'or search with the strategy "keyword"',
                code="no_embedder",
                param="strategy",
            )
        return self._embedders


def _other_size(collection: Collection, space: Space, dimensions: int) -> UpstreamError:
    return UpstreamError(
        f"the model {space.model!r} gives vectors of {dimensions} numbers now, and {collection.name!r} has "
        f"{space.dimensions}: embed it anew (`outrider knowledge rebuild {collection.name} --embeddings`)",
        code="dimensions_changed",
        retryable=False,
    )


def terms_of(text: str) -> list[str]:
    """The distinct words of a query, in order, in lower case; those that say nothing only if there are no others."""
    found = list(dict.fromkeys(_WORD.findall(text.lower())))
    return ([w for w in found if w not in _STOPPED] or found)[:_MOST_WORDS]
