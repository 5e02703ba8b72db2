"""Words on SQLite: one FTS5 table for each collection (contentless), so that collections share no statistics."""

import sqlite3
import threading
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from outrider.knowledge.ports import Posting
from outrider.knowledge.records import Collection
from outrider.knowledge.rows import PLACES
from outrider.store.ports import Store, Tx

TITLE_WEIGHT = 2.0
"""Words of titles and headings. Better than 1 on six of six public sets with titles; 4 was better on four of them."""
_LOCK = threading.Lock()

Numbers = NDArray[np.int64]


def make(tx: Tx, collection: Collection) -> None:
    tx.execute(
        f"CREATE VIRTUAL TABLE IF NOT EXISTS words_{collection.id} "
        f"USING fts5(title, text, content='', tokenize='{_rules(collection.settings.stem)}')"
    )
    _show(tx, collection)


def _rules(stem: bool) -> str:
    return "porter unicode61 remove_diacritics 2" if stem else "unicode61 remove_diacritics 2"


def _show(tx: Tx, collection: Collection) -> None:
    """A table that shows where each word stands; it keeps nothing itself."""
    name = f"words_{collection.id}"
    tx.execute(f"CREATE VIRTUAL TABLE IF NOT EXISTS {name}_places USING fts5vocab({name}, instance)")


def drop(tx: Tx, collection: Collection) -> None:
    tx.execute(f"DROP TABLE IF EXISTS words_{collection.id}_places")
    tx.execute(f"DROP TABLE IF EXISTS words_{collection.id}")


def add(tx: Tx, collection: Collection, rows: Iterable[tuple[int, str, str]]) -> None:
    tx.executemany(f"INSERT INTO words_{collection.id} (rowid, title, text) VALUES (?, ?, ?)", rows)


def remove(tx: Tx, collection: Collection, rows: Iterable[tuple[int, str, str]]) -> None:
    table = f"words_{collection.id}"
    tx.executemany(f"INSERT INTO {table} ({table}, rowid, title, text) VALUES ('delete', ?, ?, ?)", rows)


def forget(store: Store, collection: Collection) -> None:
    """Merge what is left into new pages: removed words stay in the old ones until then."""
    with store.write() as tx:
        table = f"words_{collection.id}"
        tx.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")


def postings(store: Store, collection: Collection, word: str, after: int) -> Posting:
    """Every chunk with an id above `after` that has the word. Places come as one text of numbers, below 0 for those in
    titles, and not as rows: that is ten times quicker than to let FTS5 rank the word."""
    found = terms(word, collection.settings.stem)
    if len(found) == 1:
        _shown(store, collection)
        sql = f"""SELECT group_concat(CASE col WHEN 'title' THEN -doc ELSE doc END) FROM words_{collection.id}_places
                  WHERE term = ?"""
        further = after >> PLACES > 0  # else every chunk is: a condition that all fulfil would be a tenth of the time
        rows = store.query(f"{sql} AND doc > ?" if further else sql, (found[0], after) if further else (found[0],))
        places = _numbers(rows[0][0])
        return _counted(np.abs(places), places < 0)
    return _phrase(store, collection, found, after)


def _phrase(store: Store, collection: Collection, words: tuple[str, ...], after: int) -> Posting:
    """Chunks where these words follow each other."""
    _shown(store, collection)
    sql = f"SELECT doc, col, offset FROM words_{collection.id}_places WHERE term = ? AND doc > ?"
    starts = [{(d, c, o - at) for d, c, o in store.query(sql, (w, after))} for at, w in enumerate(words)]
    found = sorted(set.intersection(*starts)) if starts else []
    return _counted(
        np.array([doc for doc, _, _ in found], np.int64), np.array([col == "title" for _, col, _ in found], np.bool_)
    )


def _counted(chunks: Numbers, titles: NDArray[np.bool_]) -> Posting:
    """How often, for chunks in order and each as often as it has the word."""
    if not len(chunks):
        return Posting(chunks, np.empty(0, np.float32))
    first = np.flatnonzero(np.concatenate([[True], chunks[1:] != chunks[:-1]]))
    weights = np.where(titles, TITLE_WEIGHT, 1.0).astype(np.float32)
    return Posting(chunks[first], np.add.reduceat(weights, first))


def sizes(store: Store, collection: Collection, after: int) -> tuple[Numbers, Numbers]:
    """Ids of the chunks above `after`, and how many words they have with their titles."""
    sql = f"""SELECT length(sz), group_concat(id), group_concat(hex(sz), '') FROM words_{collection.id}_docsize
              WHERE id > ? GROUP BY length(sz)"""
    chunks, counts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for length, ids, packed in store.query(sql, (after,)):
        chunks.append(_numbers(ids))
        counts.append(_unpacked(np.frombuffer(bytes.fromhex(packed), np.uint8).reshape(-1, length)))
    return np.concatenate(chunks), np.concatenate(counts)


def _unpacked(rows: NDArray[np.uint8]) -> Numbers:
    """The sum of the numbers in each row: FTS5 keeps seven bits in a byte, whose eighth says that more follow."""
    total, number = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    for column in rows.T:
        number = number << 7 | column & 127
        ends = column < 128
        total += np.where(ends, number, 0)
        number[ends] = 0
    return total


def _numbers(text: str | None) -> Numbers:
    return np.fromstring(text or "", np.int64, sep=",")


def _shown(store: Store, collection: Collection) -> None:
    """Collections from before have no table of places yet."""
    if not store.query("SELECT 1 FROM sqlite_master WHERE name = ?", (f"words_{collection.id}_places",)):
        with store.write() as tx:
            _show(tx, collection)


@lru_cache(maxsize=10_000)
def terms(word: str, stem: bool) -> tuple[str, ...]:
    """What FTS5 keeps of a word: none for signs alone, several for what it takes for several words."""
    with _LOCK:
        scratch = _scratch(stem)
        scratch.execute("INSERT INTO words VALUES (?)", (word,))
        found = tuple(term for (term,) in scratch.execute("SELECT term FROM places ORDER BY offset"))
        scratch.execute("DELETE FROM words")
    return found


@lru_cache(maxsize=2)
def _scratch(stem: bool) -> sqlite3.Connection:
    made = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    made.execute(f"CREATE VIRTUAL TABLE words USING fts5(text, tokenize='{_rules(stem)}')")
    made.execute("CREATE VIRTUAL TABLE places USING fts5vocab(words, instance)")
    return made
