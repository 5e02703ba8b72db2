"""Vectors in Weaviate: a server at `at` (`http://host:8080`); its gRPC port is 50051 (443 with https), or
`?grpc=host:port` behind the address."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import weaviate as client_of
from weaviate.classes.config import Configure, DataType, Property, VectorDistances
from weaviate.classes.data import DataObject
from weaviate.classes.init import AdditionalConfig, Timeout
from weaviate.classes.query import Filter, MetadataQuery

from outrider.base import env
from outrider.knowledge.indexes.copies import PATIENCE
from outrider.knowledge.ports import Scored
from outrider.knowledge.rows import PLACES
from outrider.knowledge.scope import Matrix, Numbers

_MOST = 10_000
"""So many it gives at once, unless it is set up otherwise (QUERY_MAXIMUM_RESULTS)."""


class Weaviate:
    most = _MOST

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name
        if not client.collections.exists(name):
            graph = Configure.VectorIndex.hnsw(distance_metric=VectorDistances.DOT)
            client.collections.create(
                name,
                properties=[Property(name="key", data_type=DataType.INT)],
                vector_config=Configure.Vectors.self_provided(vector_index_config=graph),
            )
        self._vectors = client.collections.get(name)

    def add(self, chunks: Numbers, vectors: Matrix) -> None:
        done = self._vectors.data.insert_many(
            [
                DataObject(uuid=UUID(int=chunk), properties={"key": chunk >> PLACES}, vector=vector)
                for chunk, vector in zip(chunks.tolist(), vectors.tolist(), strict=True)
            ]
        )
        for error in done.errors.values():  # it takes the others all the same
            raise RuntimeError(error.message)

    def search(self, vector: Matrix, keys: Sequence[int] | None, take: int) -> Scored:
        if keys is not None and not keys:
            return []
        found = self._vectors.query.near_vector(
            near_vector=vector.tolist(),
            limit=take,
            filters=None if keys is None else Filter.by_property("key").contains_any(list(keys)),
            return_metadata=MetadataQuery(distance=True),
            return_properties=[],
        )
        return [(one.uuid.int, -float(one.metadata.distance)) for one in found.objects]

    def drop(self) -> None:
        self._client.collections.delete(self._name)

    def close(self) -> None:
        self._client.close()


def open_copy(at: str, folder: Path, name: str, dimensions: int) -> Weaviate:
    client = _client(at)
    try:
        return Weaviate(client, _class(name))
    except BaseException:
        client.close()
        raise


def remove(at: str, folder: Path, name: str) -> None:
    with contextlib.closing(_client(at)) as client:
        client.collections.delete(_class(name))


def _class(name: str) -> str:
    """As its classes are called."""
    return name[0].upper() + name[1:]


def _client(at: str) -> Any:
    where, secret = urlsplit(at), env.get("WEAVIATE_API_KEY")
    secure = where.scheme == "https"
    host = where.hostname or ""
    grpc = urlsplit(f"//{parse_qs(where.query).get('grpc', [''])[0]}")
    return client_of.connect_to_custom(
        host,
        where.port or (443 if secure else 80),
        secure,
        grpc.hostname or host,
        grpc.port or (443 if secure else 50051),
        secure,
        auth_credentials=secret or None,
        additional_config=AdditionalConfig(timeout=Timeout(init=PATIENCE, query=PATIENCE, insert=6 * PATIENCE)),
    )
