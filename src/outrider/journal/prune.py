"""Retention: runs, steps and bodies go by age and by size, oldest first, in small transactions.

Sums for the costs page, keys, configurations and what else is not a run stay. What was removed is written into the
journal.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from outrider.base import clock
from outrider.base.clock import HOUR_NS
from outrider.journal import spool
from outrider.journal.append import Journal
from outrider.journal.events import Pruned
from outrider.journal.index import SLOT, read_counters, read_cursor
from outrider.journal.projections._run_rows import COLUMNS, delete_rows, place, uncount
from outrider.journal.projections.runs import add_counts
from outrider.store import Store, Tx
from outrider.store.ports import Row

_BLOCKS = 8
"""Blocks of records (of up to 64) per transaction: others wait for the writer a few tens of milliseconds at most."""

_PER_RUN = 600
_SLACK = 1.1
"""What a run takes in the store beside its compressed record and bodies, and what pages waste: measured on SQLite."""

NO_CONFIGURATION = "NOT EXISTS (SELECT 1 FROM configurations c WHERE c.sha256 = blobs.sha256)"
"""Old as it may be, a run that is kept, or one to come, was answered by it."""

Query = Callable[..., Sequence[Row]]


def prune(
    store: Store, spool_root: Path, *, max_age_ns: int | None = None, max_bytes: int | None = None, by: str = ""
) -> list[Pruned]:
    """Remove what came in more than `max_age_ns` ago, then the oldest until the store's content is below `max_bytes`.

    Returns the events that were written into the journal: none when nothing was to be removed.
    """
    done: list[Pruned] = []
    if max_age_ns is not None:
        cutoff = clock.now_ns() - max_age_ns
        _collect(done, store, "age", by, lambda tx: _oldest(tx, cutoff))
    if max_bytes is not None:
        _collect(done, store, "size", by, lambda tx: _oldest(tx, None) if used(tx.query) > max_bytes else [])
    if done:
        _remove_segments(store, spool_root)
        store.compact()
        journal = Journal(spool_root)
        try:
            for event in done:
                journal.append_now(event)
        finally:
            journal.close()
    return done


def used(query: Query) -> int:
    """About how many bytes the content of the store takes, whatever the database has reserved."""
    runs = query("SELECT sum(c.runs) FROM run_counts c JOIN names n ON n.id = c.name WHERE n.field = 'project'")[0][0]
    return int(_SLACK * (read_counters(query)["stored"] + _PER_RUN * int(runs or 0)))


def _collect(done: list[Pruned], store: Store, reason: str, by: str, choose: Callable[[Tx], list[Row]]) -> None:
    total = Pruned(clock.now_ns(), 0, 0, 0, 0, reason, by)
    while True:
        with store.write() as tx:
            blocks = choose(tx)
            if not blocks:
                break
            through, runs, blobs, size = _remove(tx, blocks)
        total.through = through
        total.runs += runs
        total.blobs += blobs
        total.size += size
    if total.through:
        done.append(total)


def _oldest(tx: Tx, before: int | None) -> list[Row]:
    """The oldest blocks of runs: (seq, count, bytes). With `before`, only those that came in before that time."""
    sql, params = ("", ()) if before is None else (" AND at < ?", (before,))
    return tx.query(
        f"SELECT seq, count, length(body) FROM records WHERE kind = 0{sql} ORDER BY seq LIMIT {_BLOCKS}", params
    )


def _remove(tx: Tx, blocks: list[Row]) -> tuple[int, int, int, int]:
    """Remove blocks and what hangs on them; (last seq, runs, bodies, bytes) removed."""
    through = blocks[-1][0] + blocks[-1][1] - 1
    rows = tx.query(f"SELECT {', '.join(COLUMNS)} FROM runs WHERE seq <= ?", (through,))
    counts: Counter[int] = Counter()
    for row in rows:
        uncount(counts, row)
    delete_rows(tx, rows)
    add_counts(tx, counts)
    tx.executemany("DELETE FROM run_parts WHERE run = ?", [(row[place("id")],) for row in rows])
    _narrow_hours(tx, through)
    tx.executemany("DELETE FROM records WHERE seq = ?", [(block[0],) for block in blocks])
    gone = f"FROM blobs WHERE last_seq <= ? AND {NO_CONFIGURATION}"
    blobs, blob_bytes = tx.query(f"SELECT count(*), coalesce(sum(length(body)), 0) {gone}", (through,))[0]
    tx.execute(f"DELETE {gone}", (through,))
    size = int(blob_bytes) + sum(block[2] for block in blocks)
    hour = max((row[place("at")] // HOUR_NS for row in rows), default=-1)
    tx.execute("UPDATE counters SET value = value - ? WHERE name = 'stored'", (size,))
    tx.execute("UPDATE counters SET value = ? WHERE name = 'pruned_seq'", (through,))
    tx.execute("UPDATE counters SET value = ? WHERE name = 'pruned_hour' AND value < ?", (hour, hour))
    return through, len(rows), int(blobs), size


def _narrow_hours(tx: Tx, through: int) -> None:
    """Take removed seqs out of what is known of hours."""
    tx.execute("DELETE FROM run_hours WHERE last_seq <= ?", (through,))
    for hour, last in tx.query("SELECT hour, last_seq FROM run_hours WHERE first_seq <= ?", (through,)):
        first = tx.query(
            "SELECT min(seq) FROM runs WHERE seq > ? AND seq <= ? AND at >= ? AND at < ?",
            (through, last, hour * HOUR_NS, (hour + 1) * HOUR_NS),
        )[0][0]
        tx.execute("UPDATE run_hours SET first_seq = ? WHERE hour = ?", (last if first is None else first, hour))


def _remove_segments(store: Store, spool_root: Path) -> None:
    """Remove put-away segments, oldest first, as long as retention has removed all that is in them."""
    pruned = read_counters(store.query)["pruned_seq"]
    for slot in spool.list_slots(spool_root):
        cursor = read_cursor(store.query, slot)
        for number in spool.list_segments(slot)[:-1]:
            path = spool.segment_path(slot, number, ".seg.zst")
            if cursor is None or number >= cursor.segment or not path.exists():
                break
            kept = store.query(
                f"SELECT 1 FROM records WHERE slot = {SLOT} AND segment = ? AND (kind = 0 OR seq > ?) LIMIT 1",
                (spool.slot_name(slot), number, pruned),
            )
            if kept:
                break
            path.unlink(missing_ok=True)
