"""A graph beside the matrix of a large space (HNSW, by usearch): which rows are near, without a look at all of them.

Its keys are rows of the matrix; it holds the first of them, and those that came since are multiplied. It is grown by
the process that embeds, never by a search, and can be thrown away. Where the scope leaves few rows it is not asked.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from outrider.knowledge.scope import Mask, Matrix, Numbers

if TYPE_CHECKING:
    from outrider.knowledge.indexes.exact import Halves

LARGE = 400_000
"""Rows from which on a graph is worth its memory: below, all of them take less than 20 ms."""
_PORTION = 10_000
_SPARE = 64
_CONNECTIVITY, _EFFORT, _LOOK = 16, 96, 128


def grow(path: Path, matrix: "Halves", most: int = 0) -> int:
    """Add the rows that the graph at `path` has not (`most` of them, 0: all) and write it anew; how many it has then.

    The old file is read until the new one is in its place. One process at a time. Raises ImportError without usearch.
    """
    from usearch.index import Index

    graph: Any = Index(ndim=matrix.shape[1], metric="ip", dtype="f16", connectivity=_CONNECTIVITY,
                       expansion_add=_EFFORT, expansion_search=_LOOK)  # fmt: skip
    if path.exists():
        graph.load(str(path))
    begun = len(graph)
    end = min(len(matrix), begun + most) if most else len(matrix)
    for at in range(begun, end, _PORTION):
        upto = min(at + _PORTION, end)
        graph.add(np.arange(at, upto, dtype=np.uint64), matrix[at:upto], threads=1)
    if end > begun:
        new = path.with_suffix(".new")
        graph.save(str(new))
        new.chmod(0o600)
        new.replace(path)
    return end


class Graph:
    """The graph in a file, read by mapping it."""

    def __init__(self, path: Path) -> None:
        from usearch.index import Index

        index: Any = Index(path=path, view=True)
        self._index, self.rows = index, len(index)
        self.made = path.stat().st_mtime_ns

    def near(self, vector: Matrix, mask: Mask, share: float, limit: int) -> Numbers | None:
        """About the nearest rows of the mask, more than `limit`; None if the graph does not know enough of them."""
        take = int(limit / share * 1.5) + _SPARE
        while take < self.rows / 4:
            self._index.expansion_search = max(_LOOK, 2 * take)
            rows: Numbers = self._index.search(vector.astype(np.float16), take, threads=1).keys.astype(np.int64)
            allowed = rows[mask[rows]]
            if len(allowed) >= limit:
                return allowed
            take *= 4
        return None
