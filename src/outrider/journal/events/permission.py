"""Permissions and grants: given and ended, each with who and why."""

from typing import Literal

import msgspec

__all__ = ["GrantGiven", "GrantWithdrawn", "PermissionRemoved", "PermissionSet"]

PermissionKind = Literal["role", "user", "agent", "key"]


class PermissionSet(msgspec.Struct, tag_field="kind", tag="permission.set", omit_defaults=True):
    """What `name` (a role, a user, an agent or a key, by `of`) is given over the API from now on: roles, patterns of
    tools. It replaces what was given to the same one before."""

    project: str
    of: PermissionKind
    name: str
    at: int
    roles: list[str] = []
    tools: list[str] = []
    by: str = ""
    why: str = ""
    v: int = 1


class PermissionRemoved(msgspec.Struct, tag_field="kind", tag="permission.removed", omit_defaults=True):
    """What was given to this one over the API ends."""

    project: str
    of: PermissionKind
    name: str
    at: int
    by: str = ""
    why: str = ""
    v: int = 1


class GrantGiven(msgspec.Struct, tag_field="kind", tag="grant.given", omit_defaults=True):
    """A session was allowed something beforehand: its grant `number` (from 0), as JSON."""

    project: str
    session: str
    number: int
    grant: bytes
    at: int
    by: str = ""
    v: int = 1


class GrantWithdrawn(msgspec.Struct, tag_field="kind", tag="grant.withdrawn", omit_defaults=True):
    """A grant covers nothing from now on."""

    project: str
    session: str
    number: int
    at: int
    by: str = ""
    v: int = 1
