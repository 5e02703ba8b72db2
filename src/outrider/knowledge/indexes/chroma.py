"""Vectors in Chroma: a server at `at` (`http://host:8000`), or its embedded form in a folder."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import chromadb
from chromadb.config import Settings
from chromadb.errors import NotFoundError

from outrider.knowledge.indexes.copies import NO_END
from outrider.knowledge.ports import Scored
from outrider.knowledge.rows import PLACES
from outrider.knowledge.scope import Matrix, Numbers


class Chroma:
    most = NO_END

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name
        self._vectors = client.get_or_create_collection(name, metadata={"hnsw:space": "ip"}, embedding_function=None)

    def add(self, chunks: Numbers, vectors: Matrix) -> None:
        keys = [{"key": chunk >> PLACES} for chunk in chunks.tolist()]
        self._vectors.upsert(ids=[str(c) for c in chunks.tolist()], embeddings=vectors, metadatas=keys)

    def search(self, vector: Matrix, keys: Sequence[int] | None, take: int) -> Scored:
        count = min(take, self._vectors.count())
        if not count or (keys is not None and not keys):
            return []
        kept: Any = None if keys is None else {"key": {"$in": list(keys)}}
        found = self._vectors.query(query_embeddings=[vector], n_results=count, where=kept, include=["distances"])
        return [(int(id_), 1.0 - far) for id_, far in zip(found["ids"][0], found["distances"][0], strict=True)]

    def drop(self) -> None:
        self._client.delete_collection(self._name)

    def close(self) -> None:
        """The client closes with its process."""


def open_copy(at: str, folder: Path, name: str, dimensions: int) -> Chroma:
    return Chroma(_client(at, folder), name)


def remove(at: str, folder: Path, name: str) -> None:
    if at or folder.exists():
        with contextlib.suppress(NotFoundError):  # nothing was ever written
            _client(at, folder).delete_collection(name)


def _client(at: str, folder: Path) -> Any:
    quiet = Settings(anonymized_telemetry=False)
    if not at:
        return chromadb.PersistentClient(str(folder), settings=quiet)
    where = urlsplit(at)
    ssl = where.scheme == "https"
    port = where.port or (443 if ssl else 8000)
    return chromadb.HttpClient(where.hostname or "", port, ssl=ssl, settings=quiet)
