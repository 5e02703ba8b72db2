"""Stage `identify`: from credentials and headers to project, key, user, agent, session, trace."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from outrider.base.errors import RequestError
from outrider.gateway.call import Call
from outrider.limits.keys import Identity, KeyRing

Headers = Mapping[bytes, bytes]
LOCAL = ("localhost", "127.0.0.1", "::1")
LONGEST = 256  # characters kept of an identifier that a caller chose


class Gate:
    """Checks credentials. `anonymous` is set with auth off; `session` knows console cookies (None: not signed in)."""

    def __init__(
        self,
        keys: KeyRing,
        *,
        anonymous: Identity | None = None,
        session: Callable[[Headers], Identity | None] | None = None,
    ) -> None:
        self.keys, self.anonymous, self.session = keys, anonymous, session

    def quick(self, headers: Headers) -> Identity | None:
        """The identity if it is known in memory."""
        anonymous = self.anonymous if self.anonymous is None or _from_here(headers) else None
        key = bearer(headers)
        if key is not None:
            return self.keys.check(key) or anonymous
        if self.session is not None and b"cookie" in headers:
            return self.session(headers) or anonymous
        return anonymous

    async def full(self, headers: Headers) -> Identity:
        """As `quick`, asking the store where memory does not know. Raises RequestError 401."""
        found = self.quick(headers)
        if found is not None:
            return found
        key = bearer(headers)
        if key is None:
            raise refused("No API key was given. Send it as `Authorization: Bearer sk-or-…` or `x-api-key`.")
        found = await self.keys.look_up(key)
        if found is None:
            raise refused(
                "The API key is unknown or revoked. List keys with `outrider keys list`, "
                "make one with `outrider keys create`."
            )
        return found


def _from_here(headers: Headers) -> bool:
    """Whether no browser sent this for a page of somebody else: with auth off, any site could call us through it."""
    origin = headers.get(b"origin")
    try:
        return origin is None or urlsplit(origin.decode("latin-1")).hostname in LOCAL
    except ValueError:
        return False


def bearer(headers: Headers) -> str | None:
    """The key in `authorization`, `x-api-key`, `api-key` or `x-goog-api-key`."""
    value = headers.get(b"authorization")
    if value is not None and value[:7].lower() == b"bearer ":
        return value[7:].strip().decode("latin-1")
    value = headers.get(b"x-api-key") or headers.get(b"api-key") or headers.get(b"x-goog-api-key")
    return value.decode("latin-1") if value else None


def refused(message: str) -> RequestError:
    return RequestError(
        message,
        status=401,
        code="invalid_api_key",
        kind="authentication_error",
        headers=(("www-authenticate", "Bearer"),),
    )


def identify(call: Call, gate: Gate) -> Awaitable[None] | None:
    """Fill in who calls. Returns None when memory was enough, else an awaitable that may raise RequestError 401."""
    headers = call.headers
    if b"x-outrider-session" in headers:
        call.session = name_in(headers[b"x-outrider-session"])
    if b"x-outrider-user" in headers:
        call.user = name_in(headers[b"x-outrider-user"])
    if b"x-outrider-agent" in headers:
        call.agent = name_in(headers[b"x-outrider-agent"])
    if b"x-outrider-tags" in headers:
        call.tags = tags_in(headers[b"x-outrider-tags"])
    if b"traceparent" in headers:
        call.trace, call.parent_span = trace_context(headers[b"traceparent"])
    found = call.exchange.identity or gate.quick(headers)
    if found is None:
        return _ask(call, gate)
    call.identity = found
    return None


def known_as(name: str) -> str:
    """A user, session, agent or tag as it is kept: printable, as the values that limits match are.

    Limits count by it, so the same name comes out the same of a header and of a body.
    """
    if not name.isprintable():
        name = "".join([sign for sign in name if sign.isprintable()])
    return name.strip()[:LONGEST]


def name_in(header: bytes) -> str:
    """The user, session or agent that a header names."""
    return known_as(_text(header))


def tags_in(header: bytes) -> list[str]:
    """The tags that a header names, the first ones of many."""
    return [tag for one in _text(header).split(",")[:32] if (tag := known_as(one))]


def _text(value: bytes) -> str:
    """A header in words: UTF-8, or Latin-1 from those who send that."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


async def _ask(call: Call, gate: Gate) -> None:
    call.identity = await gate.full(call.headers)


def trace_context(value: bytes) -> tuple[bytes, int]:
    """Trace id (16 bytes) and parent span id of a W3C `traceparent`; (b"", 0) if it is malformed."""
    parts = value.split(b"-")
    try:
        trace, span = bytes.fromhex(parts[1].decode()), int(parts[2], 16)
    except (IndexError, ValueError):
        return b"", 0
    if len(parts[0]) != 2 or parts[0] == b"ff" or len(trace) != 16 or not any(trace) or len(parts[2]) != 16 or not span:
        return b"", 0
    return trace, span
