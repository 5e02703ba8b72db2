"""Rights: what a key may do beyond calling and reading. The one place where budgets, deployments and keys ask.

A key has the rights that it was made with (`outrider keys create --may …`). A browser that signed in by a link has all
of them, since only who runs Outrider can make one; so has everybody on this machine with auth off.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple, get_args

from outrider.base.errors import RequestError
from outrider.journal import read
from outrider.limits.keys import Identity
from outrider.store import Store

Right = Literal["approvals", "budgets", "deployments", "keys", "knowledge", "policy", "reviews"]
"""`approvals`: to decide about calls of its project that wait for a person. `budgets`: to set, raise and remove budgets
of its project. `deployments`: to open and close their breakers, for all projects. `keys`: to make and revoke keys of
its project. `knowledge`: to make, fill, change and drop collections of its project. `policy`: to give grants to tasks
and permissions to users and agents of its project. `reviews`: to speak for several people who review, so that one may
decide what others disagree about."""
RIGHTS: tuple[Right, ...] = get_args(Right)

_DEEDS: dict[Right, str] = {
    "approvals": "decide about calls that wait",
    "budgets": "change budgets",
    "deployments": "open or close breakers",
    "keys": "make keys or revoke others",
    "knowledge": "change collections",
    "policy": "give grants or permissions",
    "reviews": "decide about what was reviewed with it, in whosever name",
}


def rights(store: Callable[[], Store], who: Identity) -> tuple[Right, ...]:
    """All that `who` has. Blocking; `store` is asked for keys alone. A key that is not in the store yet has none."""
    if who.operator or not who.key:
        return RIGHTS
    row = read.find_key(store(), who.key)
    given = row.may.split() if row is not None and not row.revoked_at else []
    return tuple(right for right in RIGHTS if right in given)


def has_right(store: Callable[[], Store], who: Identity, right: Right) -> bool:
    """Blocking."""
    return right in rights(store, who)


def require(store: Callable[[], Store], who: Identity, right: Right) -> None:
    """Blocking. Raises RequestError 403 `not_allowed`."""
    if not has_right(store, who, right):
        raise refused(right)


class Signature(NamedTuple):
    """Under which name somebody's decision is recorded: `name`, the public part of their `key` ("": none), other names
    they are `known_as`, and whether they run Outrider (`operator`): a browser signed in by a link, or auth is off."""

    name: str
    key: str
    known_as: tuple[str, ...]
    operator: bool


def signature(store: Callable[[], Store], who: Identity) -> Signature:
    """Blocking."""
    if who.operator:
        return Signature("operator", who.key, (), True)
    if not who.key:
        return Signature("somebody on this machine", "", (), True)
    row = read.find_key(store(), who.key)
    name = row.name.strip() if row is not None else ""
    return Signature(name or who.key, who.key, (name,) if name else (), False)


def refused(right: Right) -> RequestError:
    """The answer to who lacks the right."""
    return RequestError(
        f"this key may not {_DEEDS[right]}; one made with `outrider keys create --may {right}` may, "
        "and so does the command line",
        status=403,
        code="not_allowed",
    )
