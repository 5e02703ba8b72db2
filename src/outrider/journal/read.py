"""Reading the journal from the store: the functions that console, API and CLI share. Nothing here writes."""

from typing import Literal

from outrider.journal.events import Event, RunRecorded, Step
from outrider.journal.rows import KeyRow, RunFilter, RunPage, RunRow, UsageRow
from outrider.store import Store

__all__ = [
    "KeyRow",
    "RunFilter",
    "RunPage",
    "RunRow",
    "UsageRow",
    "export_records",
    "facet",
    "find_key",
    "get_body",
    "get_run",
    "list_keys",
    "list_runs",
    "list_steps",
    "newest_seq",
    "usage_report",
]

By = Literal["model", "route", "key", "deployment", "project", "day", "hour"]
Field = Literal["route", "model", "key", "deployment", "project"]


def list_runs(
    store: Store, where: RunFilter, *, before: int | None = None, after: int | None = None, limit: int = 50
) -> RunPage:
    """Runs that `where` keeps, newest first; `before` pages to older ones, `after` gives the newer ones (live)."""
    return RunPage([], None)


def get_run(store: Store, run_id: bytes) -> RunRecorded | None:
    """The run by its 16-byte id, with `steps=[]` (see list_steps), or None.

    A run that has only recorded steps so far comes back with status `running`.
    """
    return None


def list_steps(store: Store, run_id: bytes, *, offset: int = 0, limit: int = 500) -> list[Step]:
    """Steps of a run in the order they were recorded, from `offset` on."""
    return []


def get_body(store: Store, project: str, sha256: bytes) -> bytes | None:
    """A payload by content in its project, or None when it is unknown, pruned or was dropped."""
    return None


def usage_report(store: Store, by: By, *, since: int, until: int, project: str = "") -> list[UsageRow]:
    """Calls, tokens, cost and latencies in [since, until), widened to whole hours, highest cost first (time: oldest)."""
    return []


def facet(store: Store, field: Field) -> list[str]:
    """The values that a filter on `field` can take, sorted; at most 1,000, those with most runs."""
    return []


def newest_seq(store: Store) -> int:
    """The newest sequence number in the store; 0 when it is empty."""
    return 0


def list_keys(store: Store, project: str = "") -> list[KeyRow]:
    """All keys (of `project`), newest first, revoked ones too."""
    return []


def find_key(store: Store, public: str) -> KeyRow | None:
    """The key with this public part, or None."""
    return None


def export_records(store: Store, *, after: int = 0, limit: int = 1000) -> list[tuple[int, Event]]:
    """Up to `limit` events with `seq` > `after`, in order, each with its `seq`. `seq` is a cursor: nothing appears
    later below one that was seen."""
    return []
