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
    """What sessions were granted at a moment (ns): whole, and without the end that they had, for a replay comes later.
    What was strict and had ended covers nothing, and the session is strict still."""
    found: dict[tuple[str, str], dict[int, Grant]] = {}
    for event in _changes(store, moment):
        if isinstance(event, GrantGiven):
            grant = msgspec.json.decode(event.grant, type=Grant)
            ended = 0 < grant.until <= moment
            grants = found.setdefault((event.project, event.session), {})
            grants[event.number] = msgspec.structs.replace(grant.ended() if ended else grant, until=0)
        elif isinstance(event, GrantWithdrawn):
            grants = found.get((event.project, event.session), {})
            if event.number in grants:
                grants[event.number] = grants[event.number].ended()
    made = {session: tuple(g for g in grants.values() if g.tools or g.strict) for session, grants in found.items()}
    return {session: grants for session, grants in made.items() if grants}


def _changes(store: Store, moment: int) -> list[Change]:
    """By a moment, in the order in which they were made: processes write of theirs when they come to it."""
    return sorted((event for event in _all_changes(store) if event.at <= moment), key=lambda event: event.at)


def _all_changes(store: Store) -> Iterator[Change]:
    seq = 0
    while blocks := store.query(
        "SELECT seq, body FROM records WHERE kind = ? AND seq > ? ORDER BY seq LIMIT ?", (KEPT, seq, _BLOCKS)
    ):
        for first, body in blocks:
            for _, event in read_block(first, body):
                if isinstance(event, Change):
                    yield event
        seq = blocks[-1][0]
