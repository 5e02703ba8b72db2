"""Vectors kept in another database: a copy of each space that follows the store's rows, so it can be thrown away.

An adapter is one module beside this one with `open_copy(at, folder, name, dimensions) -> Copy` and `remove(at, folder,
name)` (`qdrant`, `lancedb`, `chroma`, `faiss`, `weaviate`, `pinecone`), chosen by a collection's `index` setting; `at`
is its URL, "" a folder of ours. What a query may see is decided here: where much is allowed, more is fetched and the
rest left out; where little is, or more is needed than the database gives at once, the adapter filters by the documents'
keys. Everything it gives is held against the scope once more. Which copies there are, `knowledge.abroad` knows.
"""

import contextlib
import importlib
import logging
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Protocol

import numpy as np

from outrider.base import clock
from outrider.base.errors import OutriderError, RequestError
from outrider.knowledge import abroad, rows
from outrider.knowledge.ports import Scored
from outrider.knowledge.records import Space
from outrider.knowledge.scope import Matrix, Numbers, View
from outrider.store.ports import Store

log = logging.getLogger("outrider.knowledge")

_PORTION, _SENT = 2000, 500
"""Vectors that are taken over at a time, by an embedded form and by a server (which has `PATIENCE` for them)."""
_FEW = 0.1
_LEFT_ALONE_NS = 5_000_000_000
"""For so long a database that did not answer is not asked again: who searches would only wait for it, one by one."""
PATIENCE = 10
"""Seconds that one call of a database at a server may take."""
NO_END = 1 << 31
"""`most` of databases that give as much as is asked for."""


class Copy(Protocol):
    """One space in another database. `chunks` are ids; their document's key is `chunk >> PLACES`. It gives up to `most`
    at once."""

    most: int

    def add(self, chunks: Numbers, vectors: Matrix) -> None:
        """Take in unit vectors; those that are there already are replaced."""
        ...

    def search(self, vector: Matrix, keys: Sequence[int] | None, take: int) -> Scored:
        """The nearest by cosine, of documents with these keys (None: of all)."""
        ...

    def drop(self) -> None: ...
    def close(self) -> None: ...


class Copies:
    """The copies of a library's spaces in one kind of database. Thread-safe."""

    def __init__(self, adapter: str, at: str, folder: Path) -> None:
        self._adapter, self._at, self._folder = adapter, at, folder / adapter
        self._lock = threading.Lock()
        self._open: dict[int, tuple[str, Copy]] = {}
        self._away: tuple[int, str] = (0, "")  # until when it is left alone (clock), and why

    def search(self, store: Store, space: Space, vector: Matrix, view: View, limit: int) -> Scored:
        """The nearest chunks in `view`, by cosine. Raises RequestError (503) while the database does not answer."""
        if not view.allowed:
            return []
        with self._asking():
            with self._lock:
                copy = self._followed(store, space)
                if not self._at:  # embedded forms are asked by one thread at a time
                    return self._found(copy, vector, view, limit)
            return self._found(copy, vector, view, limit)

    def tend(self, store: Store, space: Space) -> None:
        """Bring a copy at a server up to date, so that no search has to. An embedded form belongs to who searches."""
        if self._at:
            with self._asking(), self._lock:
                self._followed(store, space)

    def remove(self, name: str) -> None:
        """Take the copy of a space (its id and epoch) away, also one that another process made. Raises RequestError."""
        with self._asking(), self._lock:
            self._left_alone()
            for space, (known, copy) in list(self._open.items()):
                if known == name:
                    copy.close()
                    del self._open[space]
            self._module().remove(self._at, self._folder, f"outrider_{name}")
            (self._folder / f"{name}.seq").unlink(missing_ok=True)

    def close(self) -> None:
        with self._lock:
            for _, copy in self._open.values():
                copy.close()
            self._open.clear()

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except OutriderError:
            raise
        except Exception as error:  # clients raise what they like
            log.warning("the index %s: %s: %s", self._where, type(error).__name__, str(error)[:300])
            self._away = (clock.mono_ns() + _LEFT_ALONE_NS, type(error).__name__)
            raise self._unavailable() from error

    def _unavailable(self) -> RequestError:
        return RequestError(
            f"the index of this collection ({self._where}) does not answer as it should: {self._away[1]}; try again, "
            "or take `index` out of the collection's settings: the vectors are here, too",
            status=503,
            code="index_unavailable",
            kind="server_error",
        )

    @property
    def _where(self) -> str:
        return abroad.where(self._adapter, self._at)

    def _left_alone(self) -> None:
        """Raises RequestError for a while after it did not answer."""
        if clock.mono_ns() < self._away[0]:
            raise self._unavailable()

    def _followed(self, store: Store, space: Space) -> Copy:
        self._left_alone()
        copy = self._copy(store, space)
        self._extend(store, space, copy)
        return copy

    def _found(self, copy: Copy, vector: Matrix, view: View, limit: int) -> Scored:
        take = int(limit / max(view.share, _FEW) * 1.5) + 10
        while view.share >= _FEW and take <= copy.most:
            near = copy.search(vector, None, take)
            found = allowed(near, view)
            if len(found) >= limit or len(near) < take:
                return found[:limit]
            take *= 4
        return allowed(copy.search(vector, view.keys().tolist(), limit), view)[:limit]

    def _copy(self, store: Store, space: Space) -> Copy:
        """The copy of this epoch; one of an earlier epoch holds what was erased, and is dropped."""
        name = f"{space.uid}_{space.epoch}"
        known = self._open.get(space.id)
        if known is not None and known[0] == name:
            return known[1]
        if known is not None:
            known[1].drop()
            known[1].close()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in self._folder.glob(f"{space.uid}_*.seq"):
            if old.stem != name:
                stale = self._opened(old.stem, space.dimensions)
                stale.drop()
                stale.close()
                old.unlink(missing_ok=True)
        abroad.note(store, name, self._adapter, self._at, self._folder.parent)
        copy = self._opened(name, space.dimensions)
        abroad.note(store, name, self._adapter, self._at, self._folder.parent)  # it may have been swept in between
        self._open[space.id] = (name, copy)
        return copy

    def _opened(self, name: str, dimensions: int) -> Copy:
        copy: Copy = self._module().open_copy(self._at, self._folder, f"outrider_{name}", dimensions)
        return copy

    def _module(self) -> ModuleType:
        try:
            return importlib.import_module(f"outrider.knowledge.indexes.{self._adapter}")
        except ImportError as error:
            raise RequestError(
                f"the index {self._adapter!r} needs its client ({error}): pip install 'outrider[{self._adapter}]'",
                status=503,
                code="not_installed",
                kind="server_error",
            ) from error

    def _extend(self, store: Store, space: Space, copy: Copy) -> None:
        mark = self._folder / f"{space.uid}_{space.epoch}.seq"
        seq = int(mark.read_text() or 0) if mark.exists() else 0
        while portion := rows.vectors_after(store, space.id, seq, _SENT if self._at else _PORTION):
            vectors = np.frombuffer(b"".join(r[2] for r in portion), np.float16).astype(np.float32)
            chunks = np.array([r[1] for r in portion], np.int64)
            copy.add(chunks, vectors.reshape(len(portion), -1))
            seq = int(portion[-1][0])
            mark.write_text(str(seq))


def allowed(near: Scored, view: View) -> Scored:
    known = view.allows(np.array([chunk for chunk, _ in near], np.int64)).tolist()
    return [one for one, ok in zip(near, known, strict=True) if ok]
