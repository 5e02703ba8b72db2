"""Exact search by vectors: one matrix of float16 for each space, mapped into memory from a file.

The file (`<uid>-<epoch>.f16`, ids beside it in `.ids`) is made of the store's rows in the order they came, and can be
thrown away. Any process extends it, under a lock on the file. A filter is a mask; where it leaves few, only those are
multiplied. numkong multiplies float16 as it is, where it is installed: a quarter of the time that numpy takes.
"""

import fcntl
import functools
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from outrider.knowledge import rows
from outrider.knowledge.indexes import pgvector
from outrider.knowledge.indexes.hnsw import LARGE, Graph, grow
from outrider.knowledge.ports import Scored
from outrider.knowledge.records import Space
from outrider.knowledge.scope import Mask, Matrix, Numbers, Snapshot, View
from outrider.store.ports import Store

Halves = NDArray[np.float16]
_PORTION = 4096
_ID_BYTES = 16  # seq and chunk
_FEW = 0.1
"""Below this share of rows, only the allowed ones are multiplied."""


class Matrices:
    """The matrices of all spaces of a store. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._open: dict[int, _Mapped] = {}

    def search(self, store: Store, space: Space, vector: Matrix, view: View, limit: int) -> Scored:
        """The `limit` nearest chunks in `view`, by cosine (vectors have length one). On PostgreSQL the database finds
        them, where it can."""
        if pgvector.ready(store):
            return pgvector.search(store, space, vector, view, limit)
        mapped = self.mapped(store, space)
        if not mapped.rows or not view.allowed:
            return []
        return mapped.nearest(vector, view, limit)

    def tend(self, store: Store, space: Space, large: int = LARGE) -> int:
        """Grow the graph of a space that has become large, for the process that embeds; how many rows it has."""
        if pgvector.ready(store) or find_spec("usearch") is None:
            return 0
        mapped = self.mapped(store, space)
        return grow(mapped.graph_path, mapped.matrix) if mapped.rows >= large else 0

    def mapped(self, store: Store, space: Space) -> "_Mapped":
        """The matrix of a space, with every vector that is in the store now."""
        with self._lock:
            mapped = self._open.get(space.id)
            if mapped is None or (mapped.uid, mapped.epoch) != (space.uid, space.epoch):
                mapped = _Mapped(self._folder, space)
                self._open[space.id] = mapped
            mapped.extend(store)
            return mapped


class _Mapped:
    """One matrix: `chunks[i]` is whose vector row i is."""

    def __init__(self, folder: Path, space: Space) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.space, self.uid, self.epoch = space.id, space.uid, space.epoch
        self.dimensions, self.rows = space.dimensions, 0
        self._path = folder / f"{space.uid}-{space.epoch}.f16"
        self._ids_path = self._path.with_suffix(".ids")
        self.chunks: Numbers = np.empty(0, np.int64)
        self.matrix: Halves = np.empty((0, space.dimensions), np.float16)
        self._seq = 0
        self.graph_path = self._path.with_suffix(".usearch")
        self._graph: Graph | None = None
        self._versions: tuple[Snapshot, Numbers, Mask] | None = None
        for old in folder.glob(f"{space.uid}-*"):
            if old.stem != self._path.stem:
                old.unlink(missing_ok=True)

    def mask(self, view: View) -> Mask:
        """Which rows are in the view."""
        known = self._versions
        if known is None or known[0] is not view.snapshot or len(known[1]) != self.rows:
            known = self._versions = (view.snapshot, *view.snapshot.versions_of(self.chunks))
        allowed: Mask = known[2] & view.mask[known[1]]
        return allowed

    def nearest(self, vector: Matrix, view: View, limit: int) -> Scored:
        """The `limit` nearest chunks in the view, by cosine."""
        mask = self.mask(view)
        allowed = np.flatnonzero(mask)
        share = len(allowed) / self.rows
        if share >= _FEW and (near := self._near(vector, mask, share, limit)) is not None:
            allowed = near
        whole = len(allowed) >= _FEW * self.rows
        cosines = dots(self.matrix, vector)[allowed] if whole else dots(self.matrix[allowed], vector)
        return top(self.chunks[allowed], cosines, limit)

    def _near(self, vector: Matrix, mask: Mask, share: float, limit: int) -> Numbers | None:
        """Rows that the graph finds, with all that came after it was made; None where there is none."""
        path = self.graph_path
        if not path.exists():
            return None
        if self._graph is None or self._graph.made != path.stat().st_mtime_ns:
            self._graph = Graph(path)
        near = self._graph.near(vector, mask, share, limit)
        late = np.arange(self._graph.rows, self.rows)
        return None if near is None else np.concatenate([near, late[mask[late]]])

    def extend(self, store: Store) -> None:
        """Take in what other processes added to the file, then what is new in the store."""
        newest = store.query("SELECT coalesce(max(seq), 0) FROM vectors WHERE space = ?", (self.space,))[0][0]
        if newest <= self._seq:
            return
        with self._locked() as (vectors, ids):
            seq = _settle(vectors, ids, self.dimensions)
            while portion := rows.vectors_after(store, self.space, seq, _PORTION):
                vectors.write(b"".join(r[2] for r in portion))
                vectors.flush()
                ids.write(np.array([(r[0], r[1]) for r in portion], np.int64).tobytes())
                ids.flush()
                seq = int(portion[-1][0])
            count = ids.tell() // _ID_BYTES
        pairs = np.fromfile(self._ids_path, np.int64, 2 * count).reshape(count, 2)
        self.matrix = np.asarray(np.memmap(self._path, np.float16, "r", shape=(count, self.dimensions)))
        self.chunks, self.rows, self._seq = np.ascontiguousarray(pairs[:, 1]), count, int(pairs[-1, 0])

    @contextmanager
    def _locked(self) -> Iterator[tuple[BinaryIO, BinaryIO]]:
        for path in (self._path, self._ids_path):
            path.touch(mode=0o600)
        with self._path.open("r+b") as vectors, self._ids_path.open("r+b") as ids:
            fcntl.flock(vectors, fcntl.LOCK_EX)
            yield vectors, ids


def dots(matrix: Halves, vector: Matrix) -> Matrix:
    """The inner product of every row with the vector."""
    if not len(matrix):
        return np.empty(0, np.float32)
    numkong = _numkong()
    if numkong is not None:
        products = numkong.cdist(matrix, vector.astype(np.float16).reshape(1, -1), metric="dot")
        return np.asarray(products).reshape(-1).astype(np.float32)
    portions = (matrix[at : at + _PORTION].astype(np.float32) for at in range(0, len(matrix), _PORTION))
    return np.concatenate([np.einsum("ij,j->i", portion, vector) for portion in portions])


@functools.cache
def _numkong() -> Any:
    """The module, or None where it is not installed."""
    try:
        import numkong
    except ImportError:
        return None
    return numkong


def _settle(vectors: BinaryIO, ids: BinaryIO, dimensions: int) -> int:
    """Bring both files to the end of their last whole row in common (a process may have died); that row's `seq`."""
    width = 2 * dimensions
    count = min(vectors.seek(0, 2) // width, ids.seek(0, 2) // _ID_BYTES)
    vectors.truncate(count * width)
    vectors.seek(count * width)
    ids.truncate(count * _ID_BYTES)
    if not count:
        ids.seek(0)
        return 0
    ids.seek((count - 1) * _ID_BYTES)
    return int.from_bytes(ids.read(_ID_BYTES)[:8], sys.byteorder)


def top(ids: Numbers, scores: Matrix, limit: int) -> Scored:
    """The `limit` best, the best first, equal ones in order."""
    best = top_places(scores, limit)
    return list(zip(ids[best].tolist(), scores[best].tolist(), strict=True))


def top_places(scores: Matrix, limit: int) -> Numbers:
    """Where the `limit` highest scores are, the highest first, equal ones in order. Slow if most are equal."""
    count = min(limit, len(scores))
    if count < len(scores):
        best = np.argpartition(scores, len(scores) - count)[len(scores) - count :]
    else:
        best = np.arange(len(scores))
    order: Numbers = best[np.lexsort((best, -scores[best]))]
    return order
