"""Keys as a key may see, make and revoke them: what the API and the console share.

Every key sees those of its project. To make one, or to revoke another, takes the right `keys`: else a caller whose
budget counts by key would slip past it with a fresh one. What a key makes belongs to its own project and team, and
gets no right that its maker lacks.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import cast

import anyio.to_thread

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.journal import read, where
from outrider.journal.events import KeyCreated, KeyRevoked
from outrider.journal.rows import KeyRow
from outrider.limits import rights
from outrider.limits.keys import Identity, new_key
from outrider.limits.rights import RIGHTS, Right
from outrider.store import Store


@dataclass(frozen=True)
class Keys:
    """`store` gives the open store and is called in a thread (raises StoreUnavailable).

    `record(change)` appends a change to the journal and takes it over in this worker.
    """

    store: Callable[[], Store]
    record: Callable[[KeyCreated | KeyRevoked], Awaitable[None]]

    def all(self, who: Identity) -> list[KeyRow]:
        """The keys of the project, newest first, revoked ones too. Blocking."""
        return read.list_keys(self.store(), who.project)

    def rights(self, who: Identity) -> tuple[Right, ...]:
        """What `who` may do, and so may give to a key. Blocking."""
        return rights.rights(self.store, who)

    async def create(self, who: Identity, name: str, may: Sequence[str] = ()) -> tuple[str, KeyCreated]:
        """Make a key; it works at once in this worker, in others within a second. Its text is the only copy.

        Raises RequestError 400, 403.
        """
        name = where.label("name", name)
        given = _known(may)
        team = await anyio.to_thread.run_sync(self._team_for_new, who, given)
        text, event = new_key(who.project, name, who.key, team=team, may=given)
        await self.record(event)
        return text, event

    async def revoke(self, who: Identity, public: str) -> None:
        """End a key of the same project; doing it twice is harmless. A key may always end itself.

        Raises RequestError 403, 404.
        """
        row = await anyio.to_thread.run_sync(self._to_revoke, who, public)
        if not row.revoked_at:
            await self.record(KeyRevoked(public, clock.now_ns(), who.key))

    def _team_for_new(self, who: Identity, may: Sequence[Right]) -> str:
        """The team of a key that `who` makes, if it may make one with these rights."""
        has = self.rights(who)
        if "keys" not in has:
            raise rights.refused("keys")
        for right in may:
            if right not in has:
                raise _not_to_give(right)
        row = read.find_key(self.store(), who.key) if who.key else None
        return row.team if row is not None else who.team

    def _to_revoke(self, who: Identity, public: str) -> KeyRow:
        if public != who.key:
            rights.require(self.store, who, "keys")
        row = read.find_key(self.store(), public)
        if row is None or row.project != who.project:
            raise RequestError(
                f"no key {public[:100]!r} in the project {who.project!r}; a new key is listed within about a second",
                status=404,
                code="key_not_found",
                param="public",
            )
        return row


def _known(may: Sequence[str]) -> list[Right]:
    for right in may:
        if right not in RIGHTS:
            raise RequestError(
                f"no right {right[:100]!r}; there are: {', '.join(RIGHTS)}", code="invalid_parameter", param="may"
            )
    return [cast(Right, right) for right in sorted(set(may))]


def _not_to_give(right: str) -> RequestError:
    return RequestError(
        f"this key cannot give the right {right!r}, which it does not have; the command line can",
        status=403,
        code="not_allowed",
        param="may",
    )
