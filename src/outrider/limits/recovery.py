"""After a process died: what it had begun becomes records, and what it had borrowed is free again.

Runs beside the indexer, after each of its rounds. For every file of holds whose lock is free, in steps of which each
can be done again: wait until all that the dead process wrote is indexed; record each hold whose run is not in the
store as an `interrupted` run, charged with what it held; wait until these are indexed too; close the holder's leases;
remove the file. So a process that is killed in the middle of this changes nothing.

Now and then it also removes what leases and sums of the past leave behind.
"""

import logging
from pathlib import Path

from outrider.base import clock
from outrider.base.errors import JournalCorrupt, JournalFull
from outrider.journal import spool
from outrider.journal.append import Journal
from outrider.journal.index import read_cursor
from outrider.limits import folding, holds, leases
from outrider.limits.held import Held
from outrider.store import Store

SWEEP_EVERY_NS = 300_000_000_000
_ASK = 500
_READ = 1 << 16
_OLD_NS = 3600 * 1_000_000_000
_log = logging.getLogger("outrider.limits")


class _Case:
    """A dead holder: its file, and how far its slot reached when it was found."""

    def __init__(self, left: holds.Left, root: Path) -> None:
        self.left = left
        self.slot = root / left.slot
        self.mark = _end(self.slot)
        self.holds = left.open_holds()
        self.recorded = False


class Recovery:
    """For one spool, its store and its lease store. Called after every round of the indexer; not thread-safe.

    `folder` is where this machine's processes keep their files of holds. Leases of another machine are left to its own
    indexer; if it never returns: `leases.close`.
    """

    def __init__(self, folder: Path, spool_root: Path, store: Store, leases_: Store) -> None:
        self._folder, self._root, self._store, self._leases = folder, spool_root, store, leases_
        self._cases: dict[str, _Case] = {}
        self._sweeper = leases.Sweeper(leases_, store)
        self._next_sweep = 0

    def __call__(self) -> None:
        """One round. Raises StoreUnavailable; the next round goes on."""
        for left in holds.left_behind(self._folder):
            self._cases[left.holder] = _Case(left, self._root)
        for holder, case in list(self._cases.items()):
            if self._step(case):
                del self._cases[holder]
        if clock.mono_ns() >= self._next_sweep:
            self._next_sweep = clock.mono_ns() + SWEEP_EVERY_NS
            self._sweeper.sweep()
            folding.fold(self._store, self._leases, clock.now_ns())
            holds.remove_drafts(self._folder, clock.now_ns() - _OLD_NS)

    def close(self) -> None:
        """Leave what is not done to the next one."""
        for case in self._cases.values():
            case.left.close()
        self._cases.clear()

    def _step(self, case: _Case) -> bool:
        """As far as it goes now; whether the holder is done with."""
        if not _is_indexed(self._store, case.slot, case.mark):
            return False
        missing = self._missing(case.holds)
        if missing:
            if not case.recorded:
                case.recorded = _record(self._root, case.left.holder, missing)
            return False
        closed = leases.close(self._leases, self._store, case.left.holder)
        case.left.remove()
        if case.holds or closed:
            _log.info("holder %s is gone: %d leases closed", case.left.holder, closed)
        return True

    def _missing(self, held: list[Held]) -> list[Held]:
        """Those whose runs are not in the store."""
        known: set[bytes] = set()
        for at in range(0, len(held), _ASK):
            part = [one.run for one in held[at : at + _ASK]]
            marks = ",".join("?" * len(part))
            # Retention removes runs, but only a run that was indexed can be, and then its record was written.
            known.update(row[0] for row in self._store.query(f"SELECT id FROM runs WHERE id IN ({marks})", part))
        return [one for one in held if one.run not in known]


def _record(root: Path, holder: str, missing: list[Held]) -> bool:
    """Append the records that the dead process owes; False if the disk has no room for them now."""
    try:
        journal = Journal(root)
        try:
            for one in missing:
                journal.append_now(one.interrupted(holder))
        finally:
            journal.close()
    except JournalFull as error:
        _log.warning("calls that ended with their process wait to be recorded: %s", error.message)
        return False
    _log.warning("%d calls ended with their process and are charged with the most they may have cost", len(missing))
    return True


Mark = tuple[int, int]
"""A segment and a size of it."""


def _end(slot: Path) -> Mark:
    """How far a slot reaches now."""
    numbers = spool.list_segments(slot) if slot.is_dir() else []
    return (numbers[-1], spool.size_of(spool.segment_path(slot, numbers[-1]))) if numbers else (0, 0)


def _is_indexed(store: Store, slot: Path, mark: Mark) -> bool:
    """Whether every whole record before `mark` is in the store. An incomplete write at the end never will be."""
    if mark == (0, 0):
        return True
    cursor = read_cursor(store.query, slot)
    if cursor is not None and (cursor.segment, cursor.position) >= mark:
        return True
    first = 0 if cursor is None else cursor.segment
    for number in spool.list_segments(slot, (".seg",)):
        if not first <= number <= mark[0]:
            continue
        path = spool.segment_path(slot, number)
        try:
            if cursor is not None and number == cursor.segment:
                position, digest = cursor.position, cursor.digest
            else:
                position, digest = spool.SEG_HEADER, spool.read_header(path) or b""
            if spool.read_frames(path, position, digest, _READ, most=1).payloads:
                return False
        except (FileNotFoundError, JournalCorrupt):
            continue  # put away, so indexed; or nobody will ever read it
    return True
