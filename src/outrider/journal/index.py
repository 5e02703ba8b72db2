"""From the spool into the store: records, bodies, projections and the cursor in one transaction, so exactly once.

Several indexers may run beside each other (the server's own, and a command's): the one that finds another's cursor
in the store reads it anew. `python -m outrider.journal.index --spool DIR --store URL` runs one as a process.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from outrider.base import clock
from outrider.base.errors import JournalCorrupt, StoreUnavailable
from outrider.journal import bodies, projections, records, spool
from outrider.journal.batch import Batch
from outrider.journal.events import Event
from outrider.journal.names import Names
from outrider.journal.tail import Cursor, SlotTail
from outrider.journal.upcast import decode
from outrider.store import Store, Tx

_BATCH = 2000
"""Records of one transaction: the more, the fewer times the same pages of an index are written."""

_MANY = _BATCH // 2
"""Records of one round after which there is likely more: a round also ends at a number of bytes."""

_BODY_BYTES = 32 << 20
"""Bodies of one batch, in bytes before compression. They are read one after the other, and kept compressed."""

_BUSY_WAIT, _IDLE_WAIT, _MOST_BACKOFF = 0.25, 1.0, 10.0
PRESS_ON_ABOVE = 256 << 20
_HELD_UP = 1.5
"""Wall time over CPU time of a round above which others want the processor."""

SLOT = "(SELECT id FROM names WHERE project = 0 AND field = 'slot' AND value = ?)"
"""SQL for the number of a slot, by `spool.slot_name`."""

_log = logging.getLogger("outrider.index")


class _Moved(Exception):
    """Another indexer has been here since we read the cursor."""


class Indexer:
    """Moves records of one spool into one store. Not thread-safe; several Indexers are.

    `press_on_above` is the size of waiting bodies, in bytes, from which on it takes no account of others.
    """

    def __init__(self, spool_root: Path, store: Store, *, press_on_above: int = PRESS_ON_ABOVE) -> None:
        self._root, self._store, self._press_on_above = spool_root, store, press_on_above
        self._tails: dict[str, SlotTail] = {}
        self._stopped: dict[str, str] = {}
        self._names = Names()
        self._bodies = bodies.BodyWriter()
        self._counters: dict[str, int] | None = None

    @property
    def stopped(self) -> dict[str, str]:
        """Slots that cannot be read further, with the reason."""
        return dict(self._stopped)

    def run_once(self, limit: int = _BATCH) -> int:
        """Move up to `limit` records of every slot; the number moved. Raises StoreUnavailable, having moved nothing
        of the slot at hand."""
        moved = 0
        for slot in spool.list_slots(self._root):
            if slot.name in self._stopped:
                continue
            try:
                moved += self._run_slot(self._tail(slot), limit)
            except JournalCorrupt as error:
                self._stopped[slot.name] = error.message
                _log.error("slot %s of the journal stops here: %s", slot.name, error.message)
            except (_Moved, FileNotFoundError):
                self._forget()
                moved += 1  # something moves: let the caller come again at once
                break
            except BaseException:
                self._forget()
                raise
        return moved

    def run_forever(self, stop: threading.Event, each: Sequence[Callable[[], object]] = ()) -> None:
        """Run until `stop` is set, calling what is in `each` after every round (they keep their own pace).

        Waits 250 ms between rounds while records come, up to 1 s when idle; while the store is away up to 10 s.
        With more to do than one round holds, it goes on at once, unless others want its processor.
        """
        delay = _BUSY_WAIT
        while not stop.is_set():
            began, worked = clock.mono_ns(), clock.cpu_ns()
            try:
                moved = self.run_once()
                for task in each:
                    task()
                if moved >= _MANY:
                    stop.wait(self._step_back(clock.mono_ns() - began, clock.cpu_ns() - worked))
                    continue
                delay = _BUSY_WAIT if moved else min(_IDLE_WAIT, delay * 1.5)
            except StoreUnavailable as error:
                delay = min(_MOST_BACKOFF, max(0.5, delay * 2))
                _log.warning("records wait in the spool: %s", error.message)
            stop.wait(delay)

    def _step_back(self, wall: int, cpu: int) -> float:
        """Seconds to leave the processor to others after a full round that took `wall` and worked `cpu` nanoseconds.

        A round that was held up for long shared its processor with traffic. Going on would cost the traffic more than
        the work itself (every switch empties the caches), and can wait: the spool keeps the records. Low priority alone
        does not do it: where sessions are scheduled as groups, it counts only inside our own.
        """
        if wall < _HELD_UP * cpu or self._waiting_size() > self._press_on_above:
            return 0.0
        return min(1.0, 3 * wall / 1e9)

    def _waiting_size(self) -> int:
        """Bytes of bodies that are in the spool: those of sealed and indexed segments are gone."""
        slots = spool.list_slots(self._root)
        return sum(spool.size_of(path) for slot in slots for path in slot.glob("*.blobs"))

    def drain(self) -> int:
        """Move everything that is in the spool now."""
        total = 0
        while moved := self.run_once():
            total += moved
        return total

    def _forget(self) -> None:
        self._tails.clear()
        self._names.forget()
        self._bodies.forget()
        self._counters = None

    def _tail(self, slot: Path) -> SlotTail:
        tail = self._tails.get(slot.name)
        if tail is None:
            tail = self._tails[slot.name] = SlotTail(slot, read_cursor(self._store.query, slot))
        return tail

    def _run_slot(self, tail: SlotTail, limit: int) -> int:
        if not tail.has_more():
            return 0
        before = tail.cursor
        frames = tail.read(limit)
        if frames is None:
            self._put_away(tail)
            return 0
        events = _decode_good(frames.payloads)
        found = [bodies.references(event) for event in events]
        taken = bodies.most_within(found, _BODY_BYTES)
        self._store_batch(tail, before, frames, events[:taken], found)
        self._put_away(tail)
        return taken

    def _put_away(self, tail: SlotTail) -> None:
        for number in tail.finished():
            tail.put_away(number)

    def _store_batch(
        self,
        tail: SlotTail,
        before: Cursor | None,
        frames: spool.Frames,
        events: list[Event],
        references: list[list[bodies.Reference]],
    ) -> None:
        assert tail.cursor is not None
        here = tail.cursor
        if self._counters is None:
            self._counters = read_counters(self._store.query)
        counters = dict(self._counters)
        seq = counters["seq"]
        items = [(seq + i, event) for i, event in enumerate(events)]
        blocks = records.split(frames.payloads[: len(events)], events)
        needed = bodies.Needed(self._store, items, references)
        found = tail.bodies(needed.missing)
        packed = self._bodies.pack(counters["blob"], needed, found)
        cursor = tail.advanced(frames, len(events), found.offset)
        counters["seq"] += len(events)
        counters["blob"] += len(packed)
        counters["stored"] += sum(len(b.body) for b in blocks) + sum(len(p.packed.body) for p in packed)
        with self._store.write() as tx:
            if read_cursor(tx.query, tail.slot) != before or read_counters(tx.query) != self._counters:
                raise _Moved
            slot = self._names.number(tx, 0, "slot", spool.slot_name(tail.slot))
            _insert_blocks(tx, seq, slot, here, blocks)
            projections.apply_all(tx, Batch(items, self._names))
            bodies.store(tx, self._names, packed, needed)
            _write_cursor(tx, slot, cursor)
            _write_counters(tx, counters, self._counters)
        tail.cursor, self._counters = cursor, counters


def _decode_good(payloads: Sequence[bytes]) -> list[Event]:
    """Events up to the first record that cannot be decoded; raises JournalCorrupt if that is the first of all."""
    events: list[Event] = []
    for payload in payloads:
        try:
            events.append(decode(payload))
        except JournalCorrupt:
            if not events:
                raise
            break
    return events


def read_cursor(query: Callable[..., Sequence[tuple[object, ...]]], slot: Path) -> Cursor | None:
    """How far a slot is indexed, or None when nothing of it is."""
    sql = (
        "SELECT c.segment, c.position, c.bodies, c.ordinal, c.digest FROM spool_cursors c JOIN names n ON n.id = c.slot"
        " WHERE n.project = 0 AND n.field = 'slot' AND n.value = ?"
    )
    for row in query(sql, (spool.slot_name(slot),)):
        return Cursor(*row)  # type: ignore[arg-type]
    return None


def read_counters(query: Callable[..., Iterable[tuple[object, ...]]]) -> dict[str, int]:
    return {str(name): int(str(value)) for name, value in query("SELECT name, value FROM counters")}


def _insert_blocks(tx: Tx, seq: int, slot: int, here: Cursor, blocks: Sequence[records.Block]) -> None:
    now = clock.now_ns()
    tx.executemany(
        "INSERT INTO records (seq, count, kind, slot, segment, ordinal, at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(seq + b.start, b.count, b.kind, slot, here.segment, here.ordinal + b.start, now, b.body) for b in blocks],
    )


def _write_cursor(tx: Tx, slot: int, cursor: Cursor) -> None:
    tx.execute(
        "INSERT INTO spool_cursors (slot, segment, position, bodies, ordinal, digest) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (slot) DO UPDATE SET segment = excluded.segment, position = excluded.position,"
        " bodies = excluded.bodies, ordinal = excluded.ordinal, digest = excluded.digest",
        (slot, cursor.segment, cursor.position, cursor.bodies, cursor.ordinal, cursor.digest),
    )


def _write_counters(tx: Tx, counters: dict[str, int], before: dict[str, int]) -> None:
    changed = [(value, name) for name, value in counters.items() if value != before[name]]
    tx.executemany("UPDATE counters SET value = ? WHERE name = ?", changed)


if __name__ == "__main__":
    from outrider.journal.index_process import main

    raise SystemExit(main())
