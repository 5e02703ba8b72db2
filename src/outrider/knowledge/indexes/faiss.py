"""Vectors in a Faiss index in a file: exact (`Flat`), or whatever its factory string at `at` says (`HNSW32`, …)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss as library
import numpy as np

from outrider.knowledge.indexes.copies import NO_END
from outrider.knowledge.ports import Scored
from outrider.knowledge.rows import PLACES
from outrider.knowledge.scope import Matrix, Numbers


class Faiss:
    most = NO_END

    def __init__(self, path: Path, kind: str, dimensions: int) -> None:
        self._path = path
        if path.exists():
            self._index: Any = library.read_index(str(path))
        else:
            made = library.index_factory(dimensions, kind, library.METRIC_INNER_PRODUCT)
            self._index = library.IndexIDMap2(made)
        self._chunks: Numbers = library.vector_to_array(self._index.id_map).astype(np.int64)

    def add(self, chunks: Numbers, vectors: Matrix) -> None:
        fresh = ~np.isin(chunks, self._chunks)
        if fresh.any():
            self._index.add_with_ids(np.ascontiguousarray(vectors[fresh]), chunks[fresh])
            self._chunks = np.concatenate([self._chunks, chunks[fresh]])
        new = self._path.with_suffix(".new")
        library.write_index(self._index, str(new))
        new.replace(self._path)

    def search(self, vector: Matrix, keys: Sequence[int] | None, take: int) -> Scored:
        chosen: Any = None
        if keys is not None:
            among = self._chunks[np.isin(self._chunks >> PLACES, np.array(keys, np.int64))]
            chosen = library.SearchParameters()
            chosen.sel = library.IDSelectorBatch(among)
        scores, chunks = self._index.search(vector.reshape(1, -1), min(take, max(len(self._chunks), 1)), params=chosen)
        return [(c, s) for c, s in zip(chunks[0].tolist(), scores[0].tolist(), strict=True) if c >= 0]

    def drop(self) -> None:
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """There is nothing to close."""


def open_copy(at: str, folder: Path, name: str, dimensions: int) -> Faiss:
    return Faiss(folder / f"{name}.faiss", at or "Flat", dimensions)


def remove(at: str, folder: Path, name: str) -> None:
    (folder / f"{name}.faiss").unlink(missing_ok=True)
