"""Words on SQLite: one FTS5 table for each collection (contentless), so that collections share no statistics."""

import sqlite3
import threading
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from outrider.knowledge.ports import Posting
from outrider.knowledge.records import Collection
from outrider.knowledge.rows import PLACES, collection_by_id, pack, unpack
from outrider.store.ports import Store, Tx

TITLE_WEIGHT = 2.0
"""Words of titles and headings. Better than 1 on six of six public sets with titles; 4 was better on four of them."""
FREQUENT = 2_000
"""Where a word stands that more chunks have is kept packed, too: read in a millisecond and about a byte for each chunk,
where FTS5 takes 0.4 ms for a thousand chunks."""
_LATE = 0.01
"""The share of chunks that may come before that is made anew."""
_LOCK = threading.Lock()

Numbers = NDArray[np.int64]


def make(tx: Tx, collection: Collection) -> None:
    tx.execute(
        f"CREATE VIRTUAL TABLE IF NOT EXISTS words_{collection.id} "
        f"USING fts5(title, text, content='', tokenize='{_rules(collection.settings.stem)}')"
    )
    _beside(tx, collection)


def _rules(stem: bool) -> str:
    return "porter unicode61 remove_diacritics 2" if stem else "unicode61 remove_diacritics 2"


def _beside(tx: Tx, collection: Collection) -> None:
    """Tables that show where each word stands and how many chunks have it, which keep nothing themselves; and one that
    keeps where frequent words stand, in the chunks up to `seen`."""
    name = f"words_{collection.id}"
    tx.execute(f"CREATE VIRTUAL TABLE IF NOT EXISTS {name}_places USING fts5vocab({name}, instance)")
    tx.execute(f"CREATE VIRTUAL TABLE IF NOT EXISTS {name}_terms USING fts5vocab({name}, row)")
    columns = "term TEXT PRIMARY KEY, seen INTEGER NOT NULL, chunks BLOB NOT NULL, counts BLOB NOT NULL"
    tx.execute(f"CREATE TABLE IF NOT EXISTS {name}_kept ({columns})")


def drop(tx: Tx, collection: Collection) -> None:
    for beside in ("_kept", "_terms", "_places", ""):
        tx.execute(f"DROP TABLE IF EXISTS words_{collection.id}{beside}")


def add(tx: Tx, collection: Collection, rows: Iterable[tuple[int, str, str]]) -> None:
    tx.executemany(f"INSERT INTO words_{collection.id} (rowid, title, text) VALUES (?, ?, ?)", rows)


def remove(tx: Tx, collection: Collection, rows: Iterable[tuple[int, str, str]]) -> None:
    table = f"words_{collection.id}"
    tx.executemany(f"INSERT INTO {table} ({table}, rowid, title, text) VALUES ('delete', ?, ?, ?)", rows)
    if tx.query("SELECT 1 FROM sqlite_master WHERE name = ?", (f"{table}_kept",)):
        tx.execute(f"DELETE FROM {table}_kept")


def forget(store: Store, collection: Collection) -> None:
    """Merge what is left into new pages: removed words stay in the old ones until then."""
    with store.write() as tx:
        table = f"words_{collection.id}"
        tx.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")


def tend(store: Store, collection: Collection) -> int:
    """Keep where frequent words stand, for whoever asks for one first; how many words. Nothing while hardly any chunk
    came since the last time. About 4 s of CPU at 200,000 chunks."""
    known, name = collection_by_id(store, collection.id), f"words_{collection.id}"
    if known is None:
        return 0
    _set_beside(store, collection)
    seen = store.query(f"SELECT coalesce(max(seen), 0) FROM {name}_kept")[0][0]
    sql = f"SELECT coalesce(max(id), 0), count(*), coalesce(sum(id > ?), 0) FROM {name}_docsize"
    newest, total, late = store.query(sql, (seen,))[0]
    if total <= FREQUENT or late <= _LATE * total:
        return 0
    made = []
    for (term,) in store.query(f"SELECT term FROM {name}_terms WHERE doc > ?", (FREQUENT,)):
        found = _read(store, collection, term, 0)
        there = found.chunks <= newest
        chunks = np.diff(found.chunks[there], prepend=0)
        made.append((term, newest, pack(chunks.tobytes()), pack(found.counts[there].tobytes())))
    with store.write() as tx:
        now = collection_by_id(tx, collection.id)
        if now is None or now.erasures != known.erasures:  # what was read may be of texts that are gone
            return 0
        tx.execute(f"DELETE FROM {name}_kept")
        tx.executemany(f"INSERT INTO {name}_kept VALUES (?, ?, ?, ?)", made)
    return len(made)


def postings(store: Store, collection: Collection, word: str, after: int) -> Posting:
    """Every chunk with an id above `after` that has the word."""
    _set_beside(store, collection)
    found = terms(word, collection.settings.stem)
    if len(found) != 1:
        return _phrase(store, collection, found, after)
    name = f"words_{collection.id}"
    kept = store.query(f"SELECT seen, chunks, counts FROM {name}_kept WHERE term = ? AND seen > ?", (found[0], after))
    if not kept:
        return _read(store, collection, found[0], after)
    seen, packed, counts = kept[0]
    chunks = np.cumsum(np.frombuffer(unpack(packed), np.int64))
    known = Posting(chunks, np.frombuffer(unpack(counts), np.float32))
    if after >> PLACES > 0:
        there = chunks > after
        known = Posting(chunks[there], known.counts[there])
    if not store.query(f"SELECT 1 FROM {name}_docsize WHERE id > ? LIMIT 1", (seen,)):
        return known
    late = _read(store, collection, found[0], seen)
    return Posting(np.concatenate([known.chunks, late.chunks]), np.concatenate([known.counts, late.counts]))


def _read(store: Store, collection: Collection, term: str, after: int) -> Posting:
    """Places come as one text of numbers, below 0 for those in titles, and not as rows: that is ten times quicker than
    to let FTS5 rank the word (and JSON is written quicker than what `group_concat` joins)."""
    sql = f"""SELECT json_group_array(CASE col WHEN 'title' THEN -doc ELSE doc END)
              FROM words_{collection.id}_places WHERE term = ?"""
    further = after >> PLACES > 0  # else every chunk is: a condition that all fulfil would be a tenth of the time
    rows = store.query(f"{sql} AND doc > ?" if further else sql, (term, after) if further else (term,))
    places = _numbers(rows[0][0][1:-1])
    return _counted(np.abs(places), places < 0)


def _phrase(store: Store, collection: Collection, words: tuple[str, ...], after: int) -> Posting:
    """Chunks where these words follow each other."""
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


def _set_beside(store: Store, collection: Collection) -> None:
    """Collections from before have not all of the tables beside their words."""
    names = [f"words_{collection.id}_{beside}" for beside in ("places", "terms", "kept")]
    if store.query("SELECT count(*) FROM sqlite_master WHERE name IN (?, ?, ?)", names)[0][0] < len(names):
        with store.write() as tx:
            if collection_by_id(tx, collection.id) is not None:  # else it was dropped meanwhile
                _beside(tx, collection)


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
