"""Vectors in Qdrant: a server at `at`, or its embedded form in a folder (for one process and small collections)."""

import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from qdrant_client import QdrantClient, models

from outrider.base import env
from outrider.knowledge.indexes.copies import NO_END, PATIENCE
from outrider.knowledge.ports import Scored
from outrider.knowledge.rows import PLACES
from outrider.knowledge.scope import Matrix, Numbers


class Qdrant:
    most = NO_END

    def __init__(self, client: QdrantClient, name: str, dimensions: int) -> None:
        self._client, self._name = client, name
        if not client.collection_exists(name):
            size = models.VectorParams(size=dimensions, distance=models.Distance.DOT)
            client.create_collection(name, vectors_config=size)

    def add(self, chunks: Numbers, vectors: Matrix) -> None:
        points = [
            models.PointStruct(id=chunk, vector=vector, payload={"key": chunk >> PLACES})
            for chunk, vector in zip(chunks.tolist(), vectors.tolist(), strict=True)
        ]
        self._client.upsert(self._name, points, wait=True)

    def search(self, vector: Matrix, keys: Sequence[int] | None, take: int) -> Scored:
        kept = None
        if keys is not None:
            kept = models.Filter(must=[models.FieldCondition(key="key", match=models.MatchAny(any=list(keys)))])
        found = self._client.query_points(self._name, query=vector.tolist(), query_filter=kept, limit=take)
        return [(int(p.id), float(p.score)) for p in found.points]

    def drop(self) -> None:
        self._client.delete_collection(self._name)

    def close(self) -> None:
        self._client.close()


def open_copy(at: str, folder: Path, name: str, dimensions: int) -> Qdrant:
    return Qdrant(_client(at) if at else QdrantClient(path=str(folder / name)), name, dimensions)


def remove(at: str, folder: Path, name: str) -> None:
    if not at:  # its folder, also where another process has it open
        shutil.rmtree(folder / name, ignore_errors=True)
        return
    with contextlib.closing(_client(at)) as client:
        client.delete_collection(name)


def _client(at: str) -> QdrantClient:
    key = env.get("QDRANT_API_KEY") or None
    return QdrantClient(url=at, api_key=key, check_compatibility=False, timeout=PATIENCE)
