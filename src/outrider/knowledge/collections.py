"""Collections: made, found by name, changed, dropped; their embeddings, which grow beside the live ones."""

import difflib
import importlib
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from outrider.base import clock, ids, plugins
from outrider.base.errors import RequestError
from outrider.knowledge import rows
from outrider.knowledge.ports import Words
from outrider.knowledge.records import Collection, Embedding, Settings, Space
from outrider.store.ports import Store, Tx

if TYPE_CHECKING:
    from outrider.knowledge.ports import Matrix

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_LONGEST_NAME = 63
ADAPTERS = ("chroma", "faiss", "lancedb", "pinecone", "qdrant", "weaviate")
"""Other databases that may keep vectors: modules of `indexes`."""
PLANNED = ("agentic",)
"""Strategies that a search without a model cannot have."""
_INDEXES = {"sqlite": "fts5", "postgres": "tsvector"}


def words_of(store: Store) -> Words:
    """What finds by words on this database."""
    module: Words = importlib.import_module(f"outrider.knowledge.indexes.{_INDEXES[store.dialect]}")
    return module


def create(store: Store, project: str, name: str, settings: Settings) -> Collection:
    """A new collection. Raises RequestError for a name that cannot be (400) or that is there already (409)."""
    if not NAME.fullmatch(name):
        raise RequestError(
            f"{name[:80]!r} cannot be a collection's name: use up to 63 small letters, digits, dots, dashes and "
            "underscores, and begin with a letter or digit",
            code="invalid_name",
            param="name",
        )
    _check(settings)
    words = words_of(store)
    with store.write() as tx:
        if project and rows.collection(tx, "", name) is not None:
            raise RequestError(
                f"{name!r} is the name of a collection that everybody reads: choose another",
                status=409,
                code="collection_exists",
                param="name",
            )
        if rows.collection(tx, project, name) is not None:
            raise RequestError(
                f"the collection {name!r} is there already: choose another name, or drop it first",
                status=409,
                code="collection_exists",
                param="name",
            )
        id_ = rows.add_collection(tx, project, name, clock.now_ns(), settings)
        for embedding, made in settings.embeddings.items():
            rows.add_space(tx, id_, embedding, 1, made, ids.token(8), live=True)
        made_ = rows.collection_by_id(tx, id_)
        assert made_ is not None
        words.make(tx, made_)
        return made_


def find(store: Store, project: str, name: str) -> Collection:
    """The collection of that name: the project's own, or one that is everybody's. Raises RequestError (404)."""
    found = rows.collection(store, project, name) or (rows.collection(store, "", name) if project else None)
    if found is None:
        raise _unknown(store, project, name)
    return found


def visible(store: Store, project: str) -> list[Collection]:
    """The project's collections, then those that are everybody's."""
    own = rows.collections(store, project)
    return own + (rows.collections(store, "") if project else [])


def again(store: Store | Tx, collection: Collection) -> Collection:
    """The collection as it is now. Raises RequestError (404) if it is dropped."""
    found = rows.collection_by_id(store, collection.id)
    if found is None:
        raise RequestError(
            f"the collection {collection.name!r} is not there any more", status=404, code="unknown_collection"
        )
    return found


def drop(store: Store, collection: Collection) -> None:
    """Take a collection away with all that is in it. Done twice it does nothing."""
    words = words_of(store)
    with store.write() as tx:
        words.drop(tx, collection)
        rows.drop_collection(tx, collection.id)


def configure(store: Store, collection: Collection, settings: Settings) -> Collection:
    """Change the settings. An embedding that is new begins empty; one of another model or content grows in a generation
    of its own beside the live one, until `switch`; one that is not named any more is dropped. Documents that have the
    collection's readers follow them, in all their versions."""
    _check(settings)
    with store.write() as tx:
        known = again(tx, collection)
        if settings.stem != known.settings.stem:
            raise RequestError("`stem` is chosen when a collection is made: drop it and make it again", param="stem")
        rows.set_settings(tx, collection.id, settings)
        _arrange(tx, collection.id, settings.embeddings)
        revision = rows.touch(tx, collection.id)
        rows.follow_readers(tx, collection.id, known.settings.readers, settings.readers, revision)
        return again(tx, collection)


def begin_again(store: Store, collection: Collection, name: str) -> Space:
    """A new, empty generation of an embedding, to be filled beside the live one. One that was begun is dropped."""
    with store.write() as tx:
        known = again(tx, collection)
        made = known.settings.embeddings.get(name)
        if made is None:
            raise RequestError(f"{collection.name!r} has no embedding {name!r}", param="embedding")
        spaces = [s for s in rows.spaces(tx, known.id) if s.name == name]
        for space in spaces:
            if not space.live:
                rows.drop_space(tx, space.id)
        newest = max((s.generation for s in spaces), default=0)
        id_ = rows.add_space(tx, known.id, name, newest + 1, made, ids.token(8), live=not spaces)
        return next(s for s in rows.spaces(tx, known.id) if s.id == id_)


def switch(store: Store, space: Space) -> bool:
    """Search this generation from now on, in one step; older ones are dropped. False: it was dropped meanwhile."""
    with store.write() as tx:
        return rows.make_live(tx, space)


def add_vectors(store: Store, space: Space, chunks: Sequence[int], vectors: "Matrix") -> None:
    """Store unit vectors of chunks, (n, dimensions). A chunk that has one keeps it; one that is gone gets none."""
    import numpy as np

    from outrider.knowledge.indexes import pgvector

    if not len(chunks):
        return
    dimensions = int(vectors.shape[1])
    halves = np.ascontiguousarray(vectors, np.float16)
    near = pgvector.ready(store)
    with store.write() as tx:
        known = {s.id: s for s in rows.spaces(tx, space.collection)}.get(space.id)
        if known is None:
            return
        if known.dimensions not in (0, dimensions):
            raise RequestError(
                f"the model {space.model!r} gives vectors of {dimensions} numbers now, and gave {known.dimensions}: "
                f"embed the collection anew (`outrider knowledge rebuild --embeddings`)",
                code="dimensions_changed",
            )
        if not known.dimensions:
            rows.set_dimensions(tx, space.id, dimensions)
        added = [(int(chunk), row.tobytes()) for chunk, row in zip(chunks, halves, strict=True)]
        rows.add_vectors(tx, space.id, added)
        if near:
            pgvector.add(tx, space.id, dimensions, added)


def _arrange(tx: Tx, collection: int, wanted: Mapping[str, Embedding]) -> None:
    there: dict[str, list[Space]] = {}
    for space in rows.spaces(tx, collection):
        there.setdefault(space.name, []).append(space)
    for name in there.keys() - wanted.keys():
        for space in there[name]:
            rows.drop_space(tx, space.id)
    for name, made in wanted.items():
        spaces = there.get(name, [])
        same = [s for s in spaces if (s.model, s.of) == (made.model, made.of)]
        for space in spaces:
            if not space.live and space not in same:
                rows.drop_space(tx, space.id)
        if not same:
            newest = max((s.generation for s in spaces), default=0)
            rows.add_space(tx, collection, name, newest + 1, made, ids.token(8), live=not spaces)


def _check_embeddings(embeddings: Mapping[str, Embedding]) -> None:
    for name, made in embeddings.items():
        if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
            text = f"{name[:80]!r} cannot be an embedding's name: use up to {_LONGEST_NAME} characters"
            raise RequestError(text, code="invalid_name", param="embeddings")
        for field in ("model", "of"):
            if not getattr(made, field).strip():
                what = "an embedded model or a route" if field == "model" else "`passage`, or a field of `meta`"
                raise RequestError(
                    f"the embedding {name!r} has no `{field}`: name {what}", param=f"embeddings.{name}.{field}"
                )


def _check(settings: Settings) -> None:
    _check_embeddings(settings.embeddings)
    if settings.embeddings and settings.embedding not in settings.embeddings:
        raise RequestError(
            f"`embedding` is {settings.embedding!r}, and the embeddings are {', '.join(settings.embeddings)}: "
            "name one of them",
            param="embedding",
        )
    if settings.index not in ("", *ADAPTERS):
        raise unknown_index(settings.index)
    if settings.doors:
        from outrider.knowledge.doors import check_policy

        check_policy(settings.doors)
    if not settings.readers:
        raise RequestError('`readers` is empty, so nobody could read: name principals, or "*"', param="readers")
    if settings.strategy:
        known = plugins.names("outrider.knowledge.strategies")
        if settings.strategy not in known:
            raise unknown_strategy(settings.strategy, known)
        if settings.strategy in PLANNED:
            raise RequestError(by_model(settings.strategy), param="strategy")


def by_model(strategy: str) -> str:
    """Why a strategy is nobody's default."""
    return f"{strategy!r} asks a model, and only who searches names one (`model`): choose another strategy here"


def unknown_index(name: str) -> RequestError:
    return RequestError(
        f"there is no index {name[:80]!r}; there are: {', '.join(ADAPTERS)}", code="unknown_index", param="index"
    )


def unknown_strategy(name: str, known: Sequence[str]) -> RequestError:
    return RequestError(
        f"there is no strategy {name[:80]!r}; there are: {', '.join(known)}", code="unknown_strategy", param="strategy"
    )


def _unknown(store: Store, project: str, name: str) -> RequestError:
    names = [c.name for c in visible(store, project)]
    near = difflib.get_close_matches(name, names, 3, 0.3)
    rest = f"did you mean {' or '.join(map(repr, near))}?" if near else "make it first (`outrider knowledge add`)"
    return RequestError(
        f"there is no collection {name[:80]!r}; {rest}", status=404, code="unknown_collection", param="collection"
    )


def changed(settings: Settings, **fields: object) -> Settings:
    """The settings with some fields replaced."""
    return msgspec.structs.replace(settings, **fields)
