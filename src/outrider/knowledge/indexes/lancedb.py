"""Vectors in LanceDB: a folder, or a bucket at `at` (`s3://…`)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lancedb as lance
import pyarrow as pa

from outrider.knowledge.indexes.copies import NO_END
from outrider.knowledge.ports import Scored
from outrider.knowledge.rows import PLACES
from outrider.knowledge.scope import Matrix, Numbers


class LanceDB:
    most = NO_END

    def __init__(self, database: Any, name: str, dimensions: int) -> None:
        self._database, self._name = database, name
        vector = pa.list_(pa.float32(), dimensions)
        self._schema = pa.schema([("chunk", pa.int64()), ("key", pa.int64()), ("vector", vector)])
        self._table = database.create_table(name, schema=self._schema, exist_ok=True)

    def add(self, chunks: Numbers, vectors: Matrix) -> None:
        rows = pa.Table.from_pydict(
            {"chunk": chunks, "key": chunks >> PLACES, "vector": vectors.tolist()}, schema=self._schema
        )
        merge = self._table.merge_insert("chunk").when_matched_update_all().when_not_matched_insert_all()
        merge.execute(rows)

    def search(self, vector: Matrix, keys: Sequence[int] | None, take: int) -> Scored:
        asked = self._table.search(vector).distance_type("dot").select(["chunk", "_distance"]).limit(take)
        if keys is not None:
            asked = asked.where(f"key IN ({', '.join(str(int(k)) for k in keys)})", prefilter=True)
        return [(r["chunk"], 1.0 - r["_distance"]) for r in asked.to_list()]

    def drop(self) -> None:
        self._database.drop_table(self._name, ignore_missing=True)

    def close(self) -> None:
        """There is nothing to close."""


def open_copy(at: str, folder: Path, name: str, dimensions: int) -> LanceDB:
    return LanceDB(lance.connect(at or str(folder)), name, dimensions)


def remove(at: str, folder: Path, name: str) -> None:
    if at or folder.exists():
        database: Any = lance.connect(at or str(folder))
        database.drop_table(name, ignore_missing=True)
