"""Collections and their documents: what applications use. Everything blocks and may be called from any thread."""

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Collection as Several
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from outrider.base import clock, plugins
from outrider.base.errors import RequestError
from outrider.knowledge import abroad, collections, rows, writing
from outrider.knowledge.ports import Embedders, Model, Nearest
from outrider.knowledge.records import (
    EVERYBODY,
    Block,
    Collection,
    Document,
    Draft,
    Found,
    Parsed,
    Put,
    Query,
    Settings,
    Space,
    Status,
    Trust,
)
from outrider.knowledge.shelf import Shelf
from outrider.store.ports import Row, Store

if TYPE_CHECKING:
    from outrider.knowledge.graphs import Graphs
    from outrider.knowledge.indexes.bm25 import Ranking
    from outrider.knowledge.indexes.copies import Copies
    from outrider.knowledge.indexes.exact import Matrices
    from outrider.knowledge.ports import Matrix
    from outrider.knowledge.scope import Catalog, Value

MOST_QUERY = 10_000
MOST_HITS = 1_000
_PAGE = 500
"""Documents that are looked through at once for those that somebody may read."""


class Library:
    """All collections of a store. Files that are derived from it (and may be thrown away) are kept under `home`."""

    def __init__(self, store: Store, home: Path, embedders: Embedders | None = None) -> None:
        self.store, self.home, self.embedders = store, home, embedders
        self._lock = threading.Lock()
        self._catalogs: dict[int, Catalog] = {}
        self._strategies: dict[str, ModuleType] = {}
        self._matrices: Matrices | None = None
        self._copies: dict[tuple[str, str], Copies] = {}
        self._graphs: Graphs | None = None
        self._ranking: Ranking | None = None

    # -- collections --------------------------------------------------------------------------------------------------

    def create(self, project: str, name: str, settings: Settings | None = None) -> Collection:
        """A new collection. Raises RequestError for a name that cannot be (400) or that is there already (409)."""
        return collections.create(self.store, project, name, settings or Settings())

    def collections(self, project: str) -> list[Collection]:
        """The project's collections, then those that are everybody's."""
        return collections.visible(self.store, project)

    def collection(self, project: str, name: str) -> Collection:
        """The project's collection of that name, or everybody's. Raises RequestError (404) with the nearest names."""
        return collections.find(self.store, project, name)

    def configure(self, collection: Collection, settings: Settings) -> Collection:
        """Change the settings; the collection as it is then."""
        made = collections.configure(self.store, collection, settings)
        self.sweep()
        return made

    def drop(self, collection: Collection) -> str:
        """Take a collection away with all that is in it; which database still has a copy of its vectors, or ""."""
        mine = {space.uid for space in rows.spaces(self.store, collection.id)}
        collections.drop(self.store, collection)
        with self._lock:
            self._catalogs.pop(collection.id, None)
        self.sweep()
        return abroad.told([kept for kept in self.left() if kept.space in mine])

    # -- documents ----------------------------------------------------------------------------------------------------

    def put(
        self,
        collection: Collection,
        source: str,
        parsed: Parsed,
        *,
        body: bytes = b"",
        readers: tuple[str, ...] | None = None,
        trust: Trust = "trusted",
        meta: Mapping[str, Any] | None = None,
        notes: Mapping[str, str] | None = None,
        since: int = 0,
    ) -> Put:
        """Say that `source` holds this from `since` (ns, 0: now) on. `body` is what it was read from, for its hash."""
        hash_ = writing.content_hash(body) if body else ""
        draft = Draft(source, parsed, hash_, readers, trust, dict(meta or {}), dict(notes or {}), since)
        return self.put_all(collection, [draft])[0]

    def put_all(self, collection: Collection, drafts: Sequence[Draft]) -> list[Put]:
        """Put several in one transaction. What is slow is done before it begins."""
        return writing.put_all(self.store, collection, drafts)

    def remove(self, collection: Collection, document: str, *, erase: bool = False, at: int = 0) -> bool:
        """End a document at `at` (ns, 0: now); `erase` takes all its versions away for good. False: it is not there."""
        return self.remove_all(collection, [document], erase=erase, at=at) == 1

    def remove_all(self, collection: Collection, documents: Sequence[str], *, erase: bool = False, at: int = 0) -> int:
        """End several documents in one transaction; how many there were."""
        count = writing.remove(self.store, collection, documents, erase=erase, at=at)
        if erase:
            self.sweep()
        return count

    def label(
        self,
        collection: Collection,
        document: str,
        *,
        trust: Trust | None = None,
        readers: tuple[str, ...] | None = None,
    ) -> bool:
        """Change a document's trust or readers, in all its versions: who may not read it now does not see its past."""
        return writing.label(self.store, collection, document, trust=trust, readers=readers)

    def document(
        self, collection: Collection, id_: str, as_of: int = 0, principals: Several[str] | None = None
    ) -> Document:
        """The version that holds now, or held at `as_of`. Raises RequestError (404); so it does, too, if none of
        `principals` may read it (None: no check)."""
        moment = as_of or clock.now_ns()
        for document in reversed(self.versions(collection, id_, principals)):
            if document.since <= moment and (not document.until or document.until > moment):
                return document
        raise RequestError(
            f"the collection {collection.name!r} has no document {id_[:80]!r}{' at that moment' if as_of else ''}",
            status=404,
            code="unknown_document",
            param="document",
        )

    def newest(self, collection: Collection, id_: str) -> Document:
        """A document's newest version, whether it still holds or has ended. Raises RequestError (404)."""
        found = self.versions(collection, id_)
        return found[-1] if found else self.document(collection, id_)

    def documents(
        self, collection: Collection, after: str = "", limit: int = 100, principals: Several[str] | None = None
    ) -> list[Document]:
        """Documents that hold now, by id, from the one after `after`; with `principals` those that one of them may
        read: the others take no place among the `limit`."""
        if principals is None:
            return rows.live(self.store, collection, after, limit)
        found, seen, size = list[Document](), {EVERYBODY, *principals}, limit
        while len(found) < limit:
            page = rows.live(self.store, collection, after, size)
            found += [d for d in page if seen & set(d.readers)]
            if len(page) < size:
                break
            after, size = page[-1].id, min(2 * size, max(limit, _PAGE))
        return found[:limit]

    def versions(self, collection: Collection, id_: str, principals: Several[str] | None = None) -> list[Document]:
        """Every version of a document, the earliest to hold first."""
        found = [d for _, d in rows.versions(self.store, collection, id_)]
        return found if principals is None else [d for d in found if {EVERYBODY, *principals} & set(d.readers)]

    def text(self, collection: Collection, document: Document) -> str:
        """A version's whole text."""
        return self.parts(collection, document)[0]

    def parts(self, collection: Collection, document: Document) -> tuple[str, list[Block]]:
        """A version's text and its blocks. Raises RequestError (404) if it was erased."""
        key = rows.key_of(self.store, collection, document.id, document.number)
        found = rows.body(self.store, key) if key is not None else None
        if found is None:
            raise RequestError(f"the text of {document.id!r} was erased", status=404, code="unknown_document")
        return found

    def sources(self, collection: Collection) -> dict[str, tuple[str, str]]:
        """(id, hash) by source, of the documents that hold now."""
        return {s: (id_, hash_) for s, id_, hash_ in rows.live_sources(self.store, collection)}

    def known_as(self, collection: Collection, source: str) -> list[str]:
        """The ids of documents that came from a source, past ones too."""
        return rows.known_as(self.store, collection, source)

    # -- searching ----------------------------------------------------------------------------------------------------

    def search(self, collection: Collection, query: Query, model: Model | None = None) -> Found:
        """What `query` finds. Raises RequestError for a query that cannot be asked."""
        begun = clock.mono_ns()
        shelf = self.shelf(collection, query, model)
        found = self._strategy(query, shelf)(query, shelf)
        found.duration, found.words_only = clock.mono_ns() - begun, shelf.words_only
        return widened(self, shelf.collection, found) if query.outer else found

    def shelf(self, collection: Collection, query: Query, model: Model | None = None) -> Shelf:
        """The collection as `query` may see it, for a strategy."""
        _check(query)
        known = collections.again(self.store, collection)
        view = self._catalog(known.id).view(self.store, known, query, clock.now_ns())
        spaces = rows.spaces(self.store, known.id)
        return Shelf(
            self.store,
            known,
            query,
            view,
            ranking=self.ranking(),
            nearest=self._nearest(known.settings),
            graphs=self.graphs,
            spaces=spaces,
            embedders=self.embedders,
            model=model,
        )

    def facets(self, collection: Collection, query: Query, fields: Sequence[str]) -> "dict[str, dict[Value, int]]":
        """For each field, how many of the documents in the query's scope (its words aside) have each value."""
        known = collections.again(self.store, collection)
        catalog = self._catalog(known.id)
        view = catalog.view(self.store, known, query, clock.now_ns())
        return catalog.facets(self.store, known, view, fields)

    def status(self, collection: Collection, principals: Several[str] | None = None) -> Status:
        """Its counts; with `principals` those of the documents that one of them may read, and where others are hidden
        nothing of the vectors, which are counted together."""
        documents, versions, chunks, quarantined = rows.counts(self.store, collection)
        if principals is not None:
            seen = rows.counts(self.store, collection, {EVERYBODY, *principals})
            if seen[1] != versions:
                return Status(*seen)
        spaces = rows.spaces(self.store, collection.id)
        names = {s.id: s.name if s.live else f"{s.name} (next)" for s in spaces}
        vectors = {names[s.id]: rows.count_vectors(self.store, s.id) for s in spaces}
        waiting = {name: chunks - there for name, there in vectors.items()}
        return Status(documents, versions, chunks, quarantined, vectors, waiting, self.store.size())

    # -- what is derived ----------------------------------------------------------------------------------------------

    def spaces(self, collection: Collection) -> list[Space]:
        """The embeddings of a collection in all their generations."""
        return rows.spaces(self.store, collection.id)

    def waiting(self, collection: Collection, space: Space, limit: int) -> list[Row]:
        """(chunk id, text, about, title, meta) of chunks without a vector in `space`, newest documents first."""
        return rows.waiting(self.store, collection, space.id, limit)

    def add_vectors(self, space: Space, chunks: Sequence[int], vectors: "Matrix") -> None:
        """Store unit vectors of chunks, (n, dimensions)."""
        collections.add_vectors(self.store, space, chunks, vectors)

    def begin_again(self, collection: Collection, embedding: str) -> Space:
        """A new generation of an embedding, to be filled beside the live one."""
        return collections.begin_again(self.store, collection, embedding)

    def switch(self, space: Space) -> bool:
        """Search this generation from now on, in one step; older ones are dropped. False: it was dropped meanwhile."""
        taken = collections.switch(self.store, space)
        self.sweep()
        return taken

    def tend(self, collection: Collection) -> None:
        """Grow what makes searches of large collections quick. Takes minutes: for the process that embeds."""
        self.sweep()
        collections.words_of(self.store).tend(self.store, collection)
        for space in rows.spaces(self.store, collection.id):
            if space.dimensions:
                self.matrices().tend(self.store, space)
                if collection.settings.index:
                    with contextlib.suppress(RequestError):  # the vectors are here; who searches is told
                        self._copied(collection.settings).tend(self.store, space)

    def rebuild(self, collection: Collection) -> int:
        """Cut all documents anew and index them; how many chunks there are. Searches see the old ones until the end."""
        return writing.rebuild(self.store, collection)

    def left(self) -> "list[abroad.Kept]":
        """Copies in other databases that are to go: `sweep` takes them away once these answer."""
        return abroad.left(self.store, self.home / "knowledge")

    def sweep(self) -> None:
        """No file and no other database keeps what the store has no more."""
        from outrider.knowledge.leftovers import sweep

        folder = self.home / "knowledge"
        sweep(self.store, folder)
        abroad.sweep(self.store, folder, lambda kept: self._copied(kept.settings).remove(kept.name))

    def matrices(self) -> "Matrices":
        from outrider.knowledge.indexes.exact import Matrices

        with self._lock:
            if self._matrices is None:
                self._matrices = Matrices(self.home / "knowledge")
            return self._matrices

    def _nearest(self, settings: Settings) -> Nearest:
        return self._copied(settings) if settings.index else self.matrices()

    def _copied(self, settings: Settings) -> "Copies":
        from outrider.knowledge.indexes.copies import Copies

        with self._lock:
            chosen = (settings.index, settings.index_at)
            if chosen not in self._copies:
                self._copies[chosen] = Copies(*chosen, self.home / "knowledge")
            return self._copies[chosen]

    def ranking(self) -> "Ranking":
        from outrider.knowledge.indexes.bm25 import Ranking

        with self._lock:
            if self._ranking is None:
                self._ranking = Ranking(collections.words_of(self.store))
            return self._ranking

    def graphs(self) -> "Graphs":
        """The graphs of names. `graphs().graph(store, collection)` makes one ready, so that no search waits for it."""
        from outrider.knowledge.graphs import Graphs

        with self._lock:
            if self._graphs is None:
                self._graphs = Graphs(self.home / "knowledge")
            return self._graphs

    def close(self) -> None:
        """Let go of what other databases hold open. The store is its owner's to close."""
        with self._lock:
            for copies in self._copies.values():
                copies.close()
            self._copies.clear()

    def _catalog(self, id_: int) -> "Catalog":
        from outrider.knowledge.scope import Catalog

        with self._lock:
            return self._catalogs.setdefault(id_, Catalog())

    def _strategy(self, query: Query, shelf: Shelf) -> Callable[[Query, Shelf], Found]:
        name = query.strategy or shelf.settings.strategy or ("hybrid" if shelf.has_vectors() else "keyword")
        chosen = self._strategies.get(name)
        if chosen is None:
            known = plugins.names("outrider.knowledge.strategies")
            if name not in known:
                raise collections.unknown_strategy(name, known)
            chosen = self._strategies[name] = plugins.load("outrider.knowledge.strategies", name)
        _check_options(name, query, getattr(chosen, "OPTIONS", ()))
        retrieve: Callable[[Query, Shelf], Found] = chosen.retrieve
        return retrieve


def widened(library: Library, collection: Collection, found: Found) -> Found:
    """Hits with the text of their outer part in place of their own; of several in one part, the best stays."""
    texts: dict[tuple[str, int], str] = {}
    kept, seen = [], set()
    for hit in found.hits:
        place = (hit.document.id, hit.document.number)
        if (place, hit.chunk.outer) in seen:
            continue
        seen.add((place, hit.chunk.outer))
        if place not in texts:
            texts[place] = library.text(collection, hit.document)
        hit.chunk.start, hit.chunk.end = hit.chunk.outer
        hit.chunk.text = texts[place][hit.chunk.start : hit.chunk.end]
        kept.append(hit)
    found.hits = kept
    return found


def _check_options(strategy: str, query: Query, known: Sequence[str]) -> None:
    for name in query.options:
        if name not in known:
            there = f"there are: {', '.join(sorted(known))}" if known else "it has none"
            raise RequestError(
                f"the strategy {strategy!r} has no option {name[:80]!r}; {there}",
                code="unknown_parameter",
                param=f"options.{name[:80]}",
            )


def _check(query: Query) -> None:
    if not query.text.strip():
        raise RequestError("the query is empty: write what you look for", param="query")
    if len(query.text) > MOST_QUERY:
        raise RequestError(
            f"the query has {len(query.text):,} characters, {MOST_QUERY:,} are allowed: ask in fewer words",
            code="query_too_long",
            param="query",
        )
    if not 1 <= query.limit <= MOST_HITS:
        raise RequestError(f"`limit` is {query.limit}: choose 1 to {MOST_HITS:,}", param="limit")
