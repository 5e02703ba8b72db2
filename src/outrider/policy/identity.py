"""Who wants to do something: the user, the agent that acts for them, and the session it happens in.

A session belongs to the user who began it. Whoever else names it is refused: a session's words, grants and labels are
not to be borrowed by knowing its name.
"""

from collections.abc import Sequence

import msgspec

from outrider.base.errors import RequestError


class Who(msgspec.Struct, frozen=True):
    """Three-part identity. `user` and `agent` are "" where nobody said them; `session` never is.

    `roles` are those that an identity provider's claims give the user (`claims.Verifier`), `key` is the public part of
    the key that the request came with, `parent` the session that handed the task down, whose labels are inherited.
    """

    project: str
    session: str
    user: str = ""
    agent: str = ""
    roles: tuple[str, ...] = ()
    key: str = ""
    parent: str = ""


class Party(msgspec.Struct, frozen=True):
    """Somebody who acted in a session."""

    user: str = ""
    agent: str = ""
    key: str = ""


def conflict(parties: Sequence[Party], who: Who) -> str:
    """Why `who` may not act in a session of these parties; "" if they may.

    Who names no user acts in a user's session only with a key that was there before; a user takes over a session
    without an owner only with the key that began it.
    """
    owner = next((one.user for one in parties if one.user), "")
    if owner and who.user and owner != who.user:
        return "this session belongs to another user"
    if owner and not who.user and who.key not in {one.key for one in parties}:
        return "this session belongs to a user, and this request names none"
    if parties and not owner and who.user and parties[0].key != who.key:
        return "this session was begun with another key, by nobody who was named"
    return ""


def not_yours(why: str) -> RequestError:
    """The refusal, for what is no call of a tool."""
    return RequestError(
        f"{why}: begin one of your own, with another id", status=403, code="not_your_session", param="session"
    )
