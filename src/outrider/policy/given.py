"""What was given over the API, as it was at a moment: from the journal, which has every change."""

from collections.abc import Iterator

import msgspec

from outrider.journal.events import GrantGiven, GrantWithdrawn, PermissionRemoved, PermissionSet
from outrider.journal.records import KEPT, read_block
from outrider.policy.grants import Grant
from outrider.policy.permissions import Kind, Stored, Subject
from outrider.store import Store

_BLOCKS = 50
Change = PermissionSet | PermissionRemoved | GrantGiven | GrantWithdrawn
Sessions = dict[tuple[str, str], tuple[Grant, ...]]
"""Grants by project and session."""


def given_by(store: Store, moment: int) -> dict[str, tuple[Stored, ...]]:
    """Permissions by project that held at a moment (ns)."""
    found: dict[tuple[str, Kind, str], Stored] = {}
    for event in _changes(store, moment):
        if not isinstance(event, PermissionSet | PermissionRemoved):
            continue
        key = event.project, event.of, event.name
        found.pop(key, None)
        if isinstance(event, PermissionSet):
            what = Subject(tuple(event.roles), tuple(event.tools))
            found[key] = Stored(event.of, event.name, what, event.at, event.by, event.why)
    made: dict[str, tuple[Stored, ...]] = {}
    for (project, _, _), one in found.items():
        made[project] = (*made.get(project, ()), one)
    return made


def granted_by(store: Store, moment: int) -> Sessions:
    """What sessions were granted at a moment (ns) and had not used: whole, and without the end that they had, for a
    replay comes later."""
    found: dict[tuple[str, str], dict[int, Grant]] = {}
    for event in _changes(store, moment):
        if isinstance(event, GrantGiven):
            grant = msgspec.json.decode(event.grant, type=Grant)
            if not grant.until or grant.until > moment:
                of_session = found.setdefault((event.project, event.session), {})
                of_session[event.number] = msgspec.structs.replace(grant, until=0)
        elif isinstance(event, GrantWithdrawn):
            found.get((event.project, event.session), {}).pop(event.number, None)
    return {session: tuple(grants.values()) for session, grants in found.items() if grants}


def _changes(store: Store, moment: int) -> Iterator[Change]:
    seq = 0
    while blocks := store.query(
        "SELECT seq, body FROM records WHERE kind = ? AND seq > ? ORDER BY seq LIMIT ?", (KEPT, seq, _BLOCKS)
    ):
        for first, body in blocks:
            for _, event in read_block(first, body):
                if isinstance(event, Change) and event.at <= moment:
                    yield event
        seq = blocks[-1][0]
