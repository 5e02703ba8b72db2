"""Vectors in Pinecone: `at` is the address of an index of our dimensions whose metric is `dotproduct` or `cosine`; each
space is a namespace of it. What is written there is found a little later, so a copy waits for its newest vector."""

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path

from pinecone import Index, NotFoundError

from outrider.base import env
from outrider.base.errors import RequestError
from outrider.knowledge.indexes.copies import PATIENCE
from outrider.knowledge.ports import Scored
from outrider.knowledge.rows import PLACES
from outrider.knowledge.scope import Matrix, Numbers

_MOST = 10_000
"""So many results it gives at once, and so many values may stand in a filter."""
_BATCH = 100
_PATIENCE = 30.0


class Pinecone:
    most = _MOST

    def __init__(self, index: Index, name: str) -> None:
        self._index, self._name = index, name

    def add(self, chunks: Numbers, vectors: Matrix) -> None:
        rows = [
            (str(chunk), vector, {"key": chunk >> PLACES})
            for chunk, vector in zip(chunks.tolist(), vectors.tolist(), strict=True)
        ]
        done = self._index.upsert(vectors=rows, namespace=self._name, batch_size=_BATCH, show_progress=False)
        for error in done.errors:
            raise error.error
        self._wait(rows[-1][0])

    def _wait(self, newest: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while newest not in self._index.fetch(ids=[newest], namespace=self._name).vectors:
            if time.monotonic() > deadline:
                raise TimeoutError(f"what was written was not there after {_PATIENCE:.0f} s")
            time.sleep(0.2)

    def search(self, vector: Matrix, keys: Sequence[int] | None, take: int) -> Scored:
        asked, near = vector.tolist(), []
        for kept in [None] if keys is None else [keys[at : at + _MOST] for at in range(0, len(keys), _MOST)]:
            found = self._index.query(
                vector=asked,
                top_k=take,
                namespace=self._name,
                filter=None if kept is None else {"key": {"$in": list(kept)}},
            )
            near += [(int(one.id), float(one.score)) for one in found.matches]
        return sorted(near, key=lambda one: -one[1])[:take]

    def drop(self) -> None:
        try:
            self._index.delete_namespace(name=self._name)
        except NotFoundError:
            pass  # nothing was ever written

    def close(self) -> None:
        self._index.close()


def open_copy(at: str, folder: Path, name: str, dimensions: int) -> Pinecone:
    return Pinecone(_index(at), name)


def remove(at: str, folder: Path, name: str) -> None:
    with contextlib.closing(Pinecone(_index(at), name)) as copy:
        copy.drop()


def _index(at: str) -> Index:
    secret = env.get("PINECONE_API_KEY")
    if not secret:
        message = "the index at Pinecone needs a key: set PINECONE_API_KEY where Outrider is started"
        raise RequestError(message, status=503, code="key_missing", kind="server_error")
    return Index(host=at, api_key=secret, timeout=PATIENCE)
