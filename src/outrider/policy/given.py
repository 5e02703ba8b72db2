"""Permissions that were given over the API, as they were at a moment: from the journal, which has every change."""

from outrider.journal.events import PermissionRemoved, PermissionSet
from outrider.journal.records import KEPT, read_block
from outrider.policy.permissions import Kind, Stored, Subject
from outrider.store import Store

_BLOCKS = 50


def given_by(store: Store, moment: int) -> dict[str, tuple[Stored, ...]]:
    """By project, what held at a moment (ns)."""
    found: dict[tuple[str, Kind, str], Stored] = {}
    seq = 0
    while blocks := store.query(
        "SELECT seq, body FROM records WHERE kind = ? AND seq > ? ORDER BY seq LIMIT ?", (KEPT, seq, _BLOCKS)
    ):
        for first, body in blocks:
            for _, event in read_block(first, body):
                if not isinstance(event, PermissionSet | PermissionRemoved) or event.at > moment:
                    continue
                key = event.project, event.of, event.name
                found.pop(key, None)
                if isinstance(event, PermissionSet):
                    what = Subject(tuple(event.roles), tuple(event.tools))
                    found[key] = Stored(event.of, event.name, what, event.at, event.by, event.why)
        seq = blocks[-1][0]
    made: dict[str, tuple[Stored, ...]] = {}
    for (project, _, _), one in found.items():
        made[project] = (*made.get(project, ()), one)
    return made
