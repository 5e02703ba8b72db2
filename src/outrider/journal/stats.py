"""How large the journal is, and how much of it waits for the indexer."""

from pathlib import Path

import msgspec

from outrider.journal import spool
from outrider.journal.index import read_counters, read_cursor
from outrider.journal.prune import used
from outrider.store import Store


class Stats(msgspec.Struct):
    """Counts, and sizes in bytes.

    `store_size` is what the database takes on disk, `content` about what its present content needs. `waiting` is
    what the indexer has still to read; `spool_size` everything in the spool, with the segments that are kept for
    `outrider journal verify`. `oldest` and `newest` are the first and last hour with runs, in nanoseconds since the
    epoch, 0 when there are none.
    """

    runs: int
    records: int
    bodies: int
    keys: int
    newest_seq: int
    pruned_seq: int
    store_size: int
    content: int
    spool_size: int
    waiting: int
    slots: int
    oldest: int
    newest: int


def stats(spool_root: Path, store: Store) -> Stats:
    """Counts the journal. Reads indexes only, no bodies."""
    counters = read_counters(store.query)
    runs = store.query("SELECT sum(c.runs) FROM run_counts c JOIN names n ON n.id = c.name WHERE n.field = 'project'")
    hours = store.query("SELECT min(hour), max(hour) FROM run_hours")[0]
    slots = spool.list_slots(spool_root)
    return Stats(
        runs=int(runs[0][0] or 0),
        records=int(store.query("SELECT coalesce(sum(count), 0) FROM records")[0][0]),
        bodies=int(store.query("SELECT count(*) FROM blobs")[0][0]),
        keys=int(store.query("SELECT count(*) FROM keys")[0][0]),
        newest_seq=counters["seq"] - 1,
        pruned_seq=counters["pruned_seq"],
        store_size=store.size(),
        content=used(store.query),
        spool_size=sum(spool.size_of(path) for slot in slots for path in slot.iterdir()),
        waiting=sum(_waiting(store, slot) for slot in slots),
        slots=len(slots),
        oldest=(hours[0] or 0) * 3_600_000_000_000,
        newest=(hours[1] or 0) * 3_600_000_000_000,
    )


def backlog(spool_root: Path, store: Store) -> int:
    """Bytes of records that the indexer has still to read."""
    return sum(_waiting(store, slot) for slot in spool.list_slots(spool_root))


def _waiting(store: Store, slot: Path) -> int:
    cursor = read_cursor(store.query, slot)
    total = 0
    for number in spool.list_segments(slot, (".seg",)):
        start = spool.SEG_HEADER
        if cursor is not None and number <= cursor.segment:
            start = cursor.position if number == cursor.segment else 1 << 62
        total += max(0, spool.size_of(spool.segment_path(slot, number)) - start)
    return total
