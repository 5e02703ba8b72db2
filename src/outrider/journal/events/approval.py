"""Approvals: calls that waited for a person, and what became of them. Never the arguments, only their digest.

Each of the four is written once for an approval; after a crash one may be there twice, word for word.
"""

from typing import Literal

import msgspec


class ApprovalAsked(msgspec.Struct, tag_field="kind", tag="approval.asked", omit_defaults=True):
    """A call waits until `expires`. `digest` (32 bytes) binds it to session, tool and arguments; `rules` asked for it;
    `key` is the public part of the key that the agent calls with. Times are nanoseconds since the epoch."""

    id: str
    project: str
    session: str
    at: int
    expires: int
    digest: bytes
    tool: str
    agent: str = ""
    user: str = ""
    key: str = ""
    effect: str = ""
    rules: list[str] = []
    plan: str = ""
    v: int = 1


class ApprovalDecided(msgspec.Struct, tag_field="kind", tag="approval.decided", omit_defaults=True):
    """A person decided. `by` is who, `opened` when somebody first looked at it (0: nobody did), `through` the place:
    `console`, `api`, `cli`. `note` is theirs."""

    id: str
    project: str
    at: int
    verdict: Literal["approved", "denied"]
    by: str
    note: str = ""
    opened: int = 0
    through: str = ""
    v: int = 1


class ApprovalUsed(msgspec.Struct, tag_field="kind", tag="approval.used", omit_defaults=True):
    """The approval was taken for its one call."""

    id: str
    project: str
    at: int
    v: int = 1


class ApprovalExpired(msgspec.Struct, tag_field="kind", tag="approval.expired", omit_defaults=True):
    """Nobody decided in time, or (`was` approved) nobody made the call."""

    id: str
    project: str
    at: int
    was: Literal["pending", "approved"]
    v: int = 1
