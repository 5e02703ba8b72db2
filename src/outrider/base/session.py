"""What a signed-in browser is, so that gateway, API and console agree on it without importing one another."""

from typing import Protocol

import msgspec

COOKIE = "outrider_session"
CSRF_HEADER = "x-outrider-csrf"


class Session(msgspec.Struct, frozen=True):
    """A browser that has signed in with a key: it sees and may do what that key may.

    `key` is the public part of the key ("" with auth off). `csrf` must come back in the `x-outrider-csrf` header
    (or the form field `csrf`) of every request that changes something. `expires` is seconds since the epoch.
    `operator`: it signed in by a link, which only who runs Outrider can make, and so has all rights (`limits.rights`).
    """

    project: str
    key: str
    csrf: str
    expires: int
    operator: bool = False


class Sessions(Protocol):
    """Reads the cookie `outrider_session`; `anonymous` is everybody's session in `project` when auth is off.

    `verify` gives None for a token that is forged, damaged or expired.
    """

    def verify(self, token: str) -> Session | None: ...
    def anonymous(self, project: str) -> Session: ...
