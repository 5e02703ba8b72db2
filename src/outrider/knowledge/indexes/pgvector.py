"""Vectors on PostgreSQL where the extension `vector` is: one table of `halfvec` for each space with an HNSW index.

The graph is walked on until enough rows are allowed (iterative scan, pgvector 0.8). Where the scope leaves few chunks,
or the walk ends too early, only theirs are compared, and all of them.
"""

import weakref
from collections.abc import Iterable

import numpy as np

from outrider.knowledge.ports import Scored
from outrider.knowledge.records import Space
from outrider.knowledge.rows import PLACES
from outrider.knowledge.scope import Matrix, View
from outrider.store.ports import Store, Tx

_FEW = 0.1
_READY: "weakref.WeakKeyDictionary[Store, bool]" = weakref.WeakKeyDictionary()


def ready(store: Store) -> bool:
    """Whether this database has the extension, or lets us add it."""
    if store.dialect != "postgres":
        return False
    found = _READY.get(store)
    if found is None:
        found = _READY[store] = _installed(store) or _install(store)
    return found


def add(tx: Tx, space: int, dimensions: int, rows: Iterable[tuple[int, bytes]]) -> None:
    """Take in vectors (chunk id, float16 bytes) that were stored."""
    _make(tx, space, dimensions)
    sql = f"INSERT INTO nearest_{space} (chunk, v) SELECT ?, ?::halfvec FROM chunks WHERE id = ? ON CONFLICT DO NOTHING"
    tx.executemany(sql, [(chunk, _text(np.frombuffer(half, np.float16)), chunk) for chunk, half in rows])


def search(store: Store, space: Space, vector: Matrix, view: View, limit: int) -> Scored:
    """The nearest chunks in `view`, by cosine."""
    asked, take = _text(vector.astype(np.float16)), int(limit / max(view.share, _FEW) * 1.5) + 10
    while view.share >= _FEW:
        rows = store.query(f"SELECT chunk, cosine FROM nearest_{space.id}_of(?::halfvec, ?)", (asked, take))
        known = view.allows(np.array([r[0] for r in rows], np.int64)).tolist()
        found = [(int(r[0]), float(r[1])) for r, ok in zip(rows, known, strict=True) if ok]
        if len(found) >= limit:
            return found[:limit]
        if len(rows) < take:
            break
        take *= 4
    return _among(store, space, asked, view, limit)


def _among(store: Store, space: Space, asked: str, view: View, limit: int) -> Scored:
    """The same by comparing every chunk that is allowed."""
    sql = f"""SELECT n.chunk, -(n.v <#> ?::halfvec) AS cosine FROM unnest(?::bigint[]) AS k
              JOIN nearest_{space.id} n ON n.chunk >= k << {PLACES} AND n.chunk < (k + 1) << {PLACES}
              ORDER BY cosine DESC, n.chunk LIMIT ?"""
    rows = store.query(sql, (asked, view.keys().tolist(), limit))
    return [(int(chunk), float(cosine)) for chunk, cosine in rows]


def _make(tx: Tx, space: int, dimensions: int) -> None:
    table = f"nearest_{space}"
    if tx.query("SELECT to_regclass(?) IS NOT NULL", (table,))[0][0]:
        return
    tx.execute(f"CREATE TABLE {table} (chunk BIGINT PRIMARY KEY, v halfvec({int(dimensions)}) NOT NULL)")
    tx.execute(f"CREATE INDEX {table}_v ON {table} USING hnsw (v halfvec_ip_ops)")
    tx.execute(
        f"""CREATE FUNCTION {table}_of(q halfvec, n INTEGER) RETURNS TABLE (chunk BIGINT, cosine DOUBLE PRECISION)
            LANGUAGE sql STABLE SET hnsw.iterative_scan = 'strict_order' SET hnsw.ef_search = '100'
            AS 'SELECT t.chunk, -(t.v <#> q) FROM {table} t ORDER BY t.v <#> q LIMIT n'"""
    )


def drop(tx: Tx, space: int) -> None:
    tx.execute(f"DROP FUNCTION IF EXISTS nearest_{space}_of")
    tx.execute(f"DROP TABLE IF EXISTS nearest_{space}")


def remove(tx: Tx, space: int, first: int, end: int) -> None:
    """Take chunk ids from `first` to before `end` away."""
    if tx.query("SELECT to_regclass(?) IS NOT NULL", (f"nearest_{space}",))[0][0]:
        tx.execute(f"DELETE FROM nearest_{space} WHERE chunk >= ? AND chunk < ?", (first, end))


def _text(vector: Matrix) -> str:
    return f"[{','.join(map(str, vector.tolist()))}]"


def _installed(store: Store) -> bool:
    """Version 0.8 or later: earlier ones cannot walk on."""
    rows = store.query("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    return bool(rows) and tuple(int(p) for p in rows[0][0].split(".")[:2]) >= (0, 8)


def _install(store: Store) -> bool:
    import psycopg

    if not store.query("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"):
        return False
    try:
        with store.write() as tx:
            tx.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except psycopg.errors.InsufficientPrivilege:
        return False
    return _installed(store)
