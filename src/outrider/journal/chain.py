"""Verifying the journal: the chain of every slot, and the store against it. Reads only, works beside a live server."""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path

import msgspec
import zstandard

from outrider.base.errors import JournalCorrupt
from outrider.journal import spool
from outrider.journal.bodies import key_of, load, references
from outrider.journal.events import BodiesDropped, Event
from outrider.journal.index import SLOT, read_counters, read_cursor
from outrider.journal.names import clean
from outrider.journal.records import payloads_of
from outrider.journal.tail import BodyKey, Cursor
from outrider.journal.upcast import decode
from outrider.store import Store

_ASK = 400
_MOST_PROBLEMS = 100

OnSegment = Callable[[str, int], None]


class Report(msgspec.Struct):
    """What was found. `problems` are sentences; none means that everything verifies.

    `torn` is bytes of incomplete writes at the ends of slots (a crash, or a write under way), which is no problem.
    `indexed` of `records` are in the store; `dropped` bodies are missing with a record that says so.
    """

    slots: int = 0
    segments: int = 0
    records: int = 0
    indexed: int = 0
    bodies: int = 0
    dropped: int = 0
    torn: int = 0
    problems: list[str] = []

    @property
    def ok(self) -> bool:
        return not self.problems

    def problem(self, text: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(text)


def verify(spool_root: Path, store: Store | None = None, on_segment: OnSegment | None = None) -> Report:
    """Walk every segment of the spool; with a store, compare what it has with what the segments say.

    `on_segment(slot, number)` is called before each segment, for progress.
    """
    report = Report()
    dropped = _dropped(spool_root, store)
    for slot in spool.list_slots(spool_root):
        report.slots += 1
        cursor = read_cursor(store.query, slot) if store is not None else None
        lengths: dict[int, int] = {}
        for number, payloads in _walk(slot, report, on_segment):
            lengths[number] = len(payloads)
            _can_be_read(report, slot, number, payloads, cursor)
            if store is not None:
                _against_store(store, report, slot, number, payloads, cursor, (slot.name, number) in dropped)
        if store is not None and cursor is not None:
            _check_ends(store, report, slot, lengths, cursor)
    if store is not None:
        _check_slots(store, report, spool_root)
    return report


def _can_be_read(report: Report, slot: Path, number: int, payloads: list[bytes], cursor: Cursor | None) -> None:
    """What is not in the store yet must be readable, or it would never get there, nor what follows it."""
    if cursor is not None and number < cursor.segment:
        return
    first = cursor.ordinal if cursor is not None and number == cursor.segment else 0
    for ordinal, payload in enumerate(payloads[first:], first):
        try:
            decode(payload)
        except JournalCorrupt as error:
            return report.problem(
                f"record {ordinal} of segment {number} of slot {slot.name} cannot be read, and what follows it does not"
                f" reach the store: {error.message}"
            )


def _check_ends(store: Store, report: Report, slot: Path, lengths: dict[int, int], cursor: Cursor) -> None:
    """A chain says nothing of what was cut off at its ends; the store knows how far it reached."""
    numbers = spool.list_segments(slot)
    if numbers[-1:] < [cursor.segment] or lengths.get(cursor.segment, cursor.ordinal) < cursor.ordinal:
        report.problem(
            f"slot {slot.name} ends before record {cursor.ordinal} of segment {cursor.segment}, which the store has"
            " seen: its end was cut off"
        )
    if numbers and numbers[0] > 1:
        kept = store.query(
            f"SELECT 1 FROM records WHERE slot = {SLOT} AND segment < ? AND (kind = 0 OR seq > ?) LIMIT 1",
            (spool.slot_name(slot), numbers[0], read_counters(store.query)["pruned_seq"]),
        )
        if kept:
            report.problem(
                f"slot {slot.name} begins with segment {numbers[0]}; earlier ones with kept records are missing"
            )


def _check_slots(store: Store, report: Report, spool_root: Path) -> None:
    """Slots of this spool that the store knows and the spool has lost."""
    here = {spool.slot_name(slot) for slot in spool.list_slots(spool_root)}
    own = {name.partition("/")[0] for name in here}
    sql = "SELECT n.value FROM spool_cursors c JOIN names n ON n.id = c.slot WHERE n.project = 0 AND n.field = 'slot'"
    for (name,) in store.query(sql):
        spool_id, _, slot = name.partition("/")
        if spool_id in own and name not in here:
            report.problem(f"slot {slot} is missing from the spool; the store has records of it")


def _walk(slot: Path, report: Report, on_segment: OnSegment | None) -> Iterator[tuple[int, list[bytes]]]:
    """Each segment's payloads as far as they verify, noting what does not."""
    digest: bytes | None = None
    numbers = spool.list_segments(slot)
    for number in numbers:
        if on_segment is not None:
            on_segment(slot.name, number)
        report.segments += 1
        where = f"segment {number} of slot {slot.name}"
        try:
            header, frames = _read(slot, number)
        except (JournalCorrupt, OSError) as error:
            report.problem(f"{where} cannot be read: {error}")
            digest = None
            continue
        if header is None:
            if number != numbers[-1]:
                report.problem(f"{where} has no complete header")
            continue
        if (digest is not None and header != digest) or (number == 1 and header != spool.GENESIS):
            report.problem(f"{where} does not follow on the one before it: a segment is missing or was changed")
        if frames.stop == "bad" or (frames.stop == "torn" and number != numbers[-1]):
            report.problem(f"{where} does not verify from byte {frames.offset} on (record {len(frames.payloads)})")
        elif frames.stop == "torn":
            report.torn += spool.size_of(spool.segment_path(slot, number)) - frames.offset
        digest = frames.digests[-1] if frames.digests else header
        report.records += len(frames.payloads)
        yield number, frames.payloads


def _read(slot: Path, number: int) -> tuple[bytes | None, spool.Frames]:
    """A segment's header and frames; looks again if the indexer compressed it just now."""
    for suffix in (".seg", ".seg.zst", ".seg"):
        path = spool.segment_path(slot, number, suffix)
        try:
            header = spool.read_header(path)
            return header, spool.read_frames(path, spool.SEG_HEADER, header or b"")
        except FileNotFoundError:
            continue
    raise FileNotFoundError(f"{spool.segment_path(slot, number)} is gone")


def _against_store(
    store: Store,
    report: Report,
    slot: Path,
    number: int,
    payloads: list[bytes],
    cursor: Cursor | None,
    dropped: bool,
) -> None:
    if cursor is None or number > cursor.segment:
        return
    due = len(payloads) if number < cursor.segment else min(cursor.ordinal, len(payloads))
    where = f"segment {number} of slot {slot.name}"
    pruned = read_counters(store.query)["pruned_seq"]
    sql = f"SELECT seq, count, ordinal, body FROM records WHERE slot = {SLOT} AND segment = ? ORDER BY ordinal, seq"
    expected, last_seq = 0, 0
    present: list[Event] = []
    for seq, count, ordinal, body in store.query(sql, (spool.slot_name(slot), number)):
        if ordinal < expected:
            report.problem(f"{where}: record {ordinal} is in the store twice")
        elif ordinal > expected and last_seq >= pruned:
            report.problem(f"{where}: records {expected} to {ordinal - 1} are not in the store")
        if ordinal + count > len(payloads):
            expected = ordinal + count
            continue  # written since the segment was read, or cut off there
        if not _same(body, payloads[ordinal : ordinal + count]):
            report.problem(f"{where}: the store differs from the spool at record {ordinal} (seq {seq})")
        else:
            present += _decoded(report, where, payloads[ordinal : ordinal + count])
        expected, last_seq = ordinal + count, seq + count - 1
        report.indexed += count
    if expected < due and last_seq >= pruned:
        report.problem(f"{where}: records {expected} to {due - 1} are not in the store")
    _check_bodies(store, report, where, present, dropped)


def _same(body: bytes, payloads: list[bytes]) -> bool:
    try:
        return payloads_of(body) == payloads
    except (zstandard.ZstdError, msgspec.DecodeError):
        return False


def _decoded(report: Report, where: str, payloads: list[bytes]) -> list[Event]:
    try:
        return [decode(payload) for payload in payloads]
    except JournalCorrupt as error:
        report.problem(f"{where}: {error.message}")
        return []


def _check_bodies(store: Store, report: Report, where: str, events: Iterable[Event], dropped: bool) -> None:
    wanted: set[BodyKey] = set()
    for event in events:
        for ref, _ in references(event):
            wanted.add((clean(event.project), ref.sha256))  # type: ignore[union-attr]
    keys = sorted(wanted)
    missing = changed = 0
    for at in range(0, len(keys), _ASK):
        part = keys[at : at + _ASK]
        marks = ",".join("?" * len(part))
        rows = store.query(
            "SELECT n.value, b.sha256 FROM blobs b JOIN names n ON n.id = b.project LEFT JOIN blobs k ON k.id = b.base"
            f" WHERE b.key IN ({marks}) AND (b.base IS NULL OR k.id IS NOT NULL)",
            [key_of(sha) for _, sha in part],
        )
        found = set(part) & {(project, sha) for project, sha in rows}
        missing += len(part) - len(found)
        changed += sum(not _intact(store, *key) for key in found)
    report.bodies += len(keys) - missing
    if changed:
        report.problem(f"{where}: {changed} stored bodies are not what was recorded")
    if missing and dropped:
        report.dropped += missing
    elif missing:
        report.problem(f"{where}: {missing} bodies are neither in the store nor recorded as dropped")


def _intact(store: Store, project: str, sha: bytes) -> bool:
    """Whether a body that is in the store still has its hash."""
    try:
        body = load(store, project, sha)
    except ValueError:
        return False
    return body is None or sha256(body).digest() == sha  # None: retention took it just now


def _dropped(spool_root: Path, store: Store | None) -> set[tuple[str, int]]:
    """Slots and segments whose bodies were given up, from the spool and from the store's kept records."""
    found: set[tuple[str, int]] = set()
    for slot in spool.list_slots(spool_root):
        for _, payloads in _walk(slot, Report(), None):
            for payload in payloads:
                if b"bodies.dropped" in payload:
                    _note(found, payload)
    if store is not None:
        for slot in spool.list_slots(spool_root):
            sql = f"SELECT body FROM records WHERE kind = 1 AND slot = {SLOT}"
            for (body,) in store.query(sql, (spool.slot_name(slot),)):
                for payload in payloads_of(body):
                    _note(found, payload)
    return found


def _note(found: set[tuple[str, int]], payload: bytes) -> None:
    try:
        event = decode(payload)
    except JournalCorrupt:
        return
    if isinstance(event, BodiesDropped):
        found.add((event.slot, event.segment))
