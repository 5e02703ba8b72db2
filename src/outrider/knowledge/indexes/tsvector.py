"""Words on PostgreSQL: one table for each collection with a `tsvector` (GIN).

PostgreSQL has no BM25. How often a word stands in a chunk is read out of `ts_rank`: for one word with all weights 1
it is the sum of 1/j² for j from 1 to the count, over π²/6. With the chunk's length that is all BM25 needs.
A title's words count twice, as on SQLite.
"""

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from outrider.knowledge.ports import Posting
from outrider.knowledge.records import Collection
from outrider.store.ports import Store, Tx

TITLE_WEIGHT = 2
"""As in `fts5`: words of titles and headings count twice, for they are indexed twice."""
Numbers = NDArray[np.int64]
_SUMS = np.cumsum(1 / np.arange(1, 257) ** 2)
_LIMIT = 1.64493406685
_WORD = re.compile(r"[^\W_]+")


def make(tx: Tx, collection: Collection) -> None:
    table = f"words_{collection.id}"
    tx.execute(
        f"CREATE TABLE IF NOT EXISTS {table} (chunk BIGINT PRIMARY KEY, size INTEGER NOT NULL, words TSVECTOR NOT NULL)"
    )
    tx.execute(f"CREATE INDEX IF NOT EXISTS {table}_words ON {table} USING gin (words)")


def drop(tx: Tx, collection: Collection) -> None:
    tx.execute(f"DROP TABLE IF EXISTS words_{collection.id}")


def add(tx: Tx, collection: Collection, rows: Iterable[tuple[int, str, str]]) -> None:
    sql = f"""INSERT INTO words_{collection.id} (chunk, size, words)
              VALUES (?, ?, to_tsvector('{_language(collection)}', ?))"""
    found = ((id_, len(_WORD.findall(f"{title}\n{text}")), f"{title}\n{title}\n{text}") for id_, title, text in rows)
    tx.executemany(sql, list(found))


def remove(tx: Tx, collection: Collection, rows: Iterable[tuple[int, str, str]]) -> None:
    tx.executemany(f"DELETE FROM words_{collection.id} WHERE chunk = ?", [(id_,) for id_, _, _ in rows])


def forget(store: Store, collection: Collection) -> None:
    """PostgreSQL clears its pages by itself (autovacuum)."""


def tend(store: Store, collection: Collection) -> int:
    """Nothing is kept beside the words here."""
    return 0


def postings(store: Store, collection: Collection, word: str, after: int) -> Posting:
    """Every chunk with an id above `after` that has the word."""
    sql = f"""SELECT chunk, ts_rank('{{1, 1, 1, 1}}', words, q)
              FROM words_{collection.id}, plainto_tsquery('{_language(collection)}', ?) AS q
              WHERE words @@ q AND chunk > ? ORDER BY chunk"""
    rows = store.query(sql, (word, after))
    ranks = np.array([r[1] for r in rows], np.float64)
    counts = np.searchsorted(_SUMS, ranks * _LIMIT - 1e-5) + 1
    return Posting(np.array([r[0] for r in rows], np.int64), counts.astype(np.float32))


def sizes(store: Store, collection: Collection, after: int) -> tuple[Numbers, Numbers]:
    """Ids of the chunks above `after`, and how many words they have with their titles."""
    sql = f"""SELECT string_agg(chunk::text, ',' ORDER BY chunk), string_agg(size::text, ',' ORDER BY chunk)
              FROM words_{collection.id} WHERE chunk > ?"""
    ((chunks, counts),) = store.query(sql, (after,))
    return np.fromstring(chunks or "", np.int64, sep=","), np.fromstring(counts or "", np.int64, sep=",")


def _language(collection: Collection) -> str:
    return "english" if collection.settings.stem else "simple"
