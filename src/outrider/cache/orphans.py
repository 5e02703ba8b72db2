"""Claims whose executor is gone: the journal decides whether there is an answer to give, or the key is free again."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from outrider.base.errors import JournalCorrupt
from outrider.cache.claims import CLAIMED, Kept, Place, Row
from outrider.journal import read, spool
from outrider.journal.index import read_cursor
from outrider.journal.tail import SlotTail
from outrider.store import Store

PLAIN_HEAD = b"content-type: application/json\r\n"
STREAM_HEAD = b"content-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"


def head_of(stream: bool, chunks: Sequence[bytes]) -> bytes:
    """Header lines of an answer that is given again. A stream may also be one JSON array that grows: Gemini's callers
    know that form, and no event begins so."""
    begins = next((chunk for chunk in chunks if chunk), b"")  # the first may be empty
    return STREAM_HEAD if stream and not begins.startswith(b"[") else PLAIN_HEAD


Verdict = Kept | Literal["wait", "free"]


class _End(NamedTuple):
    segment: int
    size: int


class Orphans:
    """Judges the claims of others. Blocks; use it in threads, one call at a time for a run.

    `store` gives the journal's store, `alive` says whether the process of that name still runs on this machine.
    """

    def __init__(self, spool_dir: Path, store: Callable[[], Store], alive: Callable[[str], bool]) -> None:
        self._spool, self._store, self._alive = spool_dir, store, alive
        self._ends: dict[bytes, _End | None] = {}

    def here(self, place: Place) -> Place:
        """A process of this machine, with its slot named as no other machine names one."""
        return Place(place.holder, spool.slot_name(self._spool / place.slot))

    def judge(self, row: Row, now: int) -> Verdict:
        """What becomes of a claim: `wait` while its executor may answer, its answer if the journal has one, or `free`.

        A process that died has recorded its runs in its slot of the spool: only when all of that is indexed, the
        absence of a run means something. Of another machine only the time limit is known.
        """
        assert row.state == CLAIMED
        here = row.slot.startswith(f"{spool.identity(self._spool)}/")
        if now < row.until and (not here or self._alive(row.holder)):
            return "wait"
        if here and not self._indexed(row):
            return "wait"
        self._ends.pop(row.run, None)
        return self.answer(row.run) or "free"

    def answer(self, run_id: bytes) -> Kept | None:
        """The answer that the journal has of a run, if it was a good one. Pieces of a stream are its events."""
        store = self._store()
        run = read.get_run(store, run_id)
        if run is None or run.status != "ok" or run.http_status != 200 or run.response is None:
            return None
        body = read.get_body(store, run.project, run.response.sha256)
        if body is None:
            return None
        if not run.stream:
            return Kept(200, PLAIN_HEAD, (body,), False, run.id, cost=run.cost)
        return Kept(200, head_of(True, (body,)), events(body), True, run.id, cost=run.cost)

    def _indexed(self, row: Row) -> bool:
        """Whether all that the slot held when this was first asked is in the store."""
        slot = self._spool / row.slot.rpartition("/")[2]
        if row.run not in self._ends:
            self._ends[row.run] = _end(slot)
        end = self._ends[row.run]
        if end is None:
            return True
        cursor = read_cursor(self._store().query, slot)
        if cursor is not None and (cursor.segment, cursor.position) >= end:
            return True
        try:
            return SlotTail(slot, cursor).read(1) is None  # nothing, or a torn frame, is left
        except (JournalCorrupt, FileNotFoundError):
            return False


def _end(slot: Path) -> _End | None:
    """The newest segment and its size; None if nothing was ever written."""
    try:
        segments = spool.list_segments(slot)
    except FileNotFoundError:
        return None
    return _End(segments[-1], spool.size_of(spool.segment_path(slot, segments[-1]))) if segments else None


def events(body: bytes) -> tuple[bytes, ...]:
    """A stream's body cut after each event."""
    end = b"\r\n\r\n" if b"\r\n\r\n" in body else b"\n\n"
    return tuple(part + end for part in body.removesuffix(end).split(end)) if body.endswith(end) else (body,)
