"""Reading what was written: a run by its id at once after its answer, whether it is still in the spool or stored.

Every worker writes its own slot and all can read each other's, so the answer of one is found by the others on the same
machine before the indexer has been there. Blocking; nothing here writes.
"""

from pathlib import Path

from outrider.base.errors import StoreUnavailable
from outrider.journal import read, spool
from outrider.journal.events import BlobRef, RunRecorded
from outrider.journal.index import read_cursor
from outrider.journal.tail import Bodies, Cursor
from outrider.journal.upcast import decode
from outrider.store import Store

_READ = 4 << 20
_ASK = 400


class Recorded:
    """A run, and its two bodies as they were recorded (None: they were dropped or never kept)."""

    def __init__(self, run: RunRecorded, request: bytes | None, response: bytes | None) -> None:
        self.run, self.request, self.response = run, request, response


def find(store: Store | None, root: Path, run_id: bytes) -> Recorded | None:
    """The run with this 16-byte id; None: there is none. `store` None: it is away, and only what waits for it is seen.

    Raises StoreUnavailable when the run is not in the spool and the store cannot be asked.
    """
    found = _in_store(store, run_id) if store is not None else None
    found = found or _in_spool(store, root, run_id)
    if found is None and store is not None:  # it may have moved on between the two looks
        return _in_store(store, run_id)
    if found is None:
        raise StoreUnavailable("the store is away, and this run is not among those that wait for it; try again later")
    return found


def known(store: Store | None, root: Path, ids: set[bytes]) -> set[bytes]:
    """Which of these 16-byte ids are those of runs. `store` None: it is away, and only what waits for it is seen."""
    found: set[bytes] = set()
    wanted = list(ids)
    for at in range(0, len(wanted) if store is not None else 0, _ASK):
        assert store is not None
        asked = wanted[at : at + _ASK]
        found |= {bytes(row[0]) for row in store.query(f"SELECT id FROM runs WHERE id IN ({_marks(asked)})", asked)}
    return found | {id_ for id_ in ids - found if _in_spool(store, root, id_) is not None}


def _marks(values: list[bytes]) -> str:
    return ",".join("?" * len(values))


def _in_store(store: Store, run_id: bytes) -> Recorded | None:
    run = read.get_run(store, run_id)
    if run is None:
        return None
    return Recorded(run, *[_stored(store, run.project, ref) for ref in (run.request, run.response)])


def _stored(store: Store, project: str, ref: BlobRef | None) -> bytes | None:
    return read.get_body(store, project, ref.sha256) if ref is not None else None


def _in_spool(store: Store | None, root: Path, run_id: bytes) -> Recorded | None:
    """Among the records that the indexer has not moved. The newest segments first: it was asked for just now."""
    for slot in spool.list_slots(root):
        cursor = read_cursor(store.query, slot) if store is not None else None
        for number in reversed(spool.list_segments(slot, (".seg",))):
            if cursor is not None and number < cursor.segment:
                break
            found = _in_segment(store, slot, number, run_id, cursor)
            if found is not None:
                return found
    return None


def _in_segment(store: Store | None, slot: Path, number: int, run_id: bytes, cursor: Cursor | None) -> Recorded | None:
    path = spool.segment_path(slot, number)
    here = cursor if cursor is not None and cursor.segment == number else None
    try:
        digest = here.digest if here is not None else spool.read_header(path)
        position = here.position if here is not None else spool.SEG_HEADER
        while digest is not None and _mentions(path, position, run_id):
            frames = spool.read_frames(path, position, digest, _READ)
            for payload in frames.payloads:
                event = decode(payload) if run_id in payload else None
                if isinstance(event, RunRecorded) and event.id == run_id:
                    return _with_bodies(store, slot, number, event, here.bodies if here is not None else None)
            if not frames.payloads:
                break
            position, digest = frames.offset, frames.digests[-1]
    except FileNotFoundError:
        pass  # indexed and put away while we read: the store has it
    return None


def _mentions(path: Path, position: int, run_id: bytes) -> bool:
    """Whether the id stands anywhere in the rest of a segment: much quicker to see than what the records say."""
    with open(path, "rb") as file:
        file.seek(position)
        return run_id in file.read()


def _with_bodies(store: Store | None, slot: Path, number: int, run: RunRecorded, offset: int | None) -> Recorded:
    """Its bodies stand beside it, unless an earlier run had the same ones: then the store may have them by now."""
    refs = (run.request, run.response)
    wanted = {(run.project, ref.sha256) for ref in refs if ref is not None}
    path = spool.segment_path(slot, number, ".blobs")
    found = dict(Bodies(path, spool.BLOB_HEADER if offset is None else offset, set(wanted)))
    if offset is not None and len(found) < len(wanted):
        found |= dict(Bodies(path, spool.BLOB_HEADER, wanted - found.keys()))
    out = []
    for ref in refs:
        body = found.get((run.project, ref.sha256)) if ref is not None else None
        out.append(_stored(store, run.project, ref) if body is None and store is not None else body)
    return Recorded(run, *out)
