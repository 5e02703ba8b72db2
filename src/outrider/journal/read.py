"""Reading the journal from the store: the functions that console, API and CLI share. Nothing here writes."""

import bisect
from typing import Literal

import msgspec

from outrider.base.usage import Usage
from outrider.journal import bodies
from outrider.journal.budget_query import budget_changes, budgets_mark, find_budget, list_budgets, list_raises
from outrider.journal.events import Event, RunRecorded, Step, StepsRecorded
from outrider.journal.names import clean
from outrider.journal.records import payloads_of, read_block
from outrider.journal.rows import BudgetChange, BudgetRow, KeyRow, RunFilter, RunPage, RunRow, UsageRow
from outrider.journal.run_query import list_runs
from outrider.journal.upcast import decode
from outrider.journal.usage_query import usage_report
from outrider.store import Store

__all__ = [
    "BudgetChange",
    "BudgetRow",
    "KeyRow",
    "RunFilter",
    "RunPage",
    "RunRow",
    "UsageRow",
    "budget_changes",
    "budgets_mark",
    "export_records",
    "facet",
    "find_budget",
    "find_key",
    "get_body",
    "get_run",
    "keys_mark",
    "list_budgets",
    "list_keys",
    "list_raises",
    "list_runs",
    "list_steps",
    "newest_seq",
    "usage_report",
]

Field = Literal["route", "model", "key", "deployment", "project"]

_MOST_FACETS = 1000
_KEY_COLUMNS = "public, project, digest, name, created_at, revoked_at, team, may"


def get_run(store: Store, run_id: bytes) -> RunRecorded | None:
    """The run by its 16-byte id, with `steps=[]` (see list_steps), or None.

    `cost`, `usage` and `duration` are those of the whole run, also of steps that were recorded apart from it. A run
    that has only recorded steps so far comes back with status `running`.
    """
    rows = store.query(
        "SELECT r.seq, r.cost, r.input, r.output, r.duration, s.value FROM runs r JOIN names s ON s.id = r.status"
        " WHERE r.id = ?",
        (run_id,),
    )
    if not rows:
        return None
    seq, cost, input_, output, duration, status = rows[0]
    event = _event_at(store, seq)
    if isinstance(event, StepsRecorded):
        event = RunRecorded(event.run, event.project, event.at, event.name, status="running")
    if not isinstance(event, RunRecorded):
        return None
    usage = event.usage
    if input_ or output:
        usage = msgspec.structs.replace(usage or Usage(), input=input_, output=output)
    return msgspec.structs.replace(event, steps=[], cost=cost, usage=usage, duration=duration, status=status)


def list_steps(store: Store, run_id: bytes, *, offset: int = 0, limit: int = 500) -> list[Step]:
    """Steps of a run in the order they were recorded, from `offset` on; `start` counts from the run's own start."""
    parts = store.query("SELECT first, count, seq, skipped FROM run_parts WHERE run = ? ORDER BY first, seq", (run_id,))
    if not parts:
        rows = store.query("SELECT seq FROM runs WHERE id = ?", (run_id,))
        return _steps_of(_event_at(store, rows[0][0]))[offset : offset + limit] if rows else []
    began = store.query("SELECT at FROM runs WHERE id = ?", (run_id,))
    found: list[Step] = []
    at = max(0, bisect.bisect_right([first for first, *_ in parts], offset) - 1)
    while at > 0 and parts[at - 1][0] + parts[at - 1][1] > offset:
        at -= 1
    for first, count, seq, skipped in parts[at:]:
        if first >= offset + limit:
            break
        if first + count <= offset:
            continue
        gone = set(msgspec.msgpack.decode(skipped))
        event = _event_at(store, seq)
        steps = [s for i, s in enumerate(_steps_of(event)) if i not in gone]
        # Records of one run may count from different instants: imported ones from what was known by then.
        shift = event.at - int(began[0][0]) if began and isinstance(event, RunRecorded | StepsRecorded) else 0
        if shift:
            steps = [msgspec.structs.replace(s, start=s.start + shift) for s in steps]
        found += steps[max(0, offset - first) : offset + limit - first]
    return found


def get_body(store: Store, project: str, sha256: bytes) -> bytes | None:
    """A payload by content in its project, or None when it is unknown, pruned or was dropped."""
    return bodies.load(store, project, sha256)


def facet(store: Store, field: Field, project: str = "") -> list[str]:
    """The values that a filter on `field` can take (in `project`), sorted; at most 1,000, those with most runs."""
    sql = (
        "SELECT n.value, sum(c.runs) FROM names n JOIN run_counts c ON c.name = n.id WHERE n.field = ?"
        + (" AND n.project = (SELECT id FROM names WHERE field = 'project' AND value = ?)" if project else "")
        + " GROUP BY n.value ORDER BY 2 DESC LIMIT ?"
    )
    params = (field, clean(project), _MOST_FACETS) if project else (field, _MOST_FACETS)
    return sorted(row[0] for row in store.query(sql, params))


def newest_seq(store: Store) -> int:
    """The newest sequence number in the store; 0 when it is empty."""
    return int(store.query("SELECT value FROM counters WHERE name = 'seq'")[0][0]) - 1


def keys_mark(store: Store) -> tuple[int, int, int]:
    """Changes whenever a key is made or revoked: for a watch that re-reads the keys only then."""
    rows = store.query("SELECT count(*), coalesce(max(created_at), 0), coalesce(max(revoked_at), 0) FROM keys")
    count, created, revoked = rows[0]
    return int(count), int(created), int(revoked)


def list_keys(store: Store, project: str = "") -> list[KeyRow]:
    """All keys (of `project`), newest first, revoked ones too."""
    where, params = (" WHERE project = ?", (project,)) if project else ("", ())
    return [KeyRow(*row) for row in store.query(f"SELECT {_KEY_COLUMNS} FROM keys{where} ORDER BY seq DESC", params)]


def find_key(store: Store, public: str) -> KeyRow | None:
    """The key with this public part, or None."""
    for row in store.query(f"SELECT {_KEY_COLUMNS} FROM keys WHERE public = ?", (public,)):
        return KeyRow(*row)
    return None


def export_records(store: Store, *, after: int = 0, limit: int = 1000) -> list[tuple[int, Event]]:
    """Up to `limit` events with `seq` > `after`, in order, each with its `seq`.

    `seq` is a cursor: nothing appears later below one that was seen. Removed records are passed over.
    """
    found: list[tuple[int, Event]] = []
    start = after + 1
    rows = store.query("SELECT coalesce(max(seq), 0) FROM records WHERE seq <= ?", (start,))
    block = int(rows[0][0])
    while len(found) < limit:
        blocks = store.query("SELECT seq, body FROM records WHERE seq >= ? ORDER BY seq LIMIT 16", (block,))
        for first, body in blocks:
            found += [(seq, event) for seq, event in read_block(first, body) if seq >= start]
            block = first + 1
            if len(found) >= limit:
                break
        if len(blocks) < 16:
            break
    return found[:limit]


def _event_at(store: Store, seq: int) -> Event | None:
    rows = store.query("SELECT seq, body FROM records WHERE seq <= ? ORDER BY seq DESC LIMIT 1", (seq,))
    if not rows:
        return None
    payloads = payloads_of(rows[0][1])
    place = seq - rows[0][0]
    return decode(payloads[place]) if place < len(payloads) else None


def _steps_of(event: Event | None) -> list[Step]:
    return event.steps if isinstance(event, RunRecorded | StepsRecorded) else []
