"""`/mcp` as HTTP: who asks, from where, how much, and in which revision of MCP."""

import asyncio
import contextlib
import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.types import Message, Receive, Scope, Send

from outrider.base import ids
from outrider.base.errors import OutriderError, RequestError
from outrider.limits.keys import Identity
from outrider.tools.handshake import Connections

LARGEST = 8 << 20
"""Bytes of a request's body."""
LOCAL = ("localhost", "127.0.0.1", "::1")
METADATA = "/.well-known/oauth-protected-resource"
REVISION = b"mcp-protocol-version"

Identify = Callable[[Mapping[bytes, bytes]], Awaitable[Identity]]


class Arrived(msgspec.Struct):
    """What the handlers of MCP requests need to know of the HTTP request. `run` is the id that its answer has as
    `x-request-id`; `connection` the nonce of an older revision's connection."""

    identity: Identity
    headers: Mapping[bytes, bytes]
    view: str
    origin: str
    run: bytes
    connection: str = ""


class Endpoint:
    """An ASGI application. `identify` raises RequestError 401; `open_` says whether anybody on this machine may call
    (auth off): then pages of other sites must not. `views` knows what may follow `/mcp/`. `public` is the URL under
    which Outrider is reached ("": nobody said)."""

    def __init__(
        self,
        server: Server[Any],
        connections: Connections,
        identify: Identify,
        *,
        open_: bool,
        views: Callable[[str], bool] = lambda _: False,
        public: Callable[[], str] = str,
    ) -> None:
        self._connections, self._identify, self._open, self._views = connections, identify, open_, views
        self._public = public
        self._manager = StreamableHTTPSessionManager(server, stateless=True, max_request_body_size=LARGEST)
        self._running: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[None] | None = None
        self._closing = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        run = ids.new_id()
        origin = _origin(scope, headers)

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", ids.text(run).encode())]
            await send(message)

        try:
            self._check_origin(headers)
            identity = await self._identify(headers)
            view = str(scope.get("path_params", {}).get("view", ""))
            if view and not self._views(view):
                raise RequestError(f"there is no tool server and no mask {view[:80]!r}", status=404, code="not_found")
            scope["outrider"] = Arrived(identity, headers, view, origin, run)
            await self._serve(scope, receive, marked, identity)
        except OutriderError as error:
            await _refuse(marked, error, f"{origin}{METADATA}{scope['path'].rstrip('/')}")

    async def _serve(self, scope: Scope, receive: Receive, send: Send, identity: Identity) -> None:
        revision = scope["outrider"].headers.get(REVISION, b"").decode("latin-1")
        if revision and revision not in HANDSHAKE_PROTOCOL_VERSIONS:
            await self._started()
            await self._manager.handle_request(scope, receive, send)
            return
        body = await _body(receive) if scope["method"] == "POST" else b""
        await self._connections.handle(scope, send, receive, body, identity)

    def _check_origin(self, headers: Mapping[bytes, bytes]) -> None:
        """Refuse what a browser sends for a page of somebody else, also where that page's name was bound to this
        address (DNS rebinding): a browser is answered under names that are known, and under addresses, which nobody can
        bind. Programs send no `Origin`; they may use any name."""
        host = _hostname(f"//{headers.get(b'host', b'').decode('latin-1')}")
        origin = headers.get(b"origin")
        theirs = _hostname(origin.decode("latin-1")) if origin is not None else host
        foreign = theirs not in (host, *LOCAL) or (self._open and (host not in LOCAL or theirs not in LOCAL))
        if foreign or (origin is not None and not self._is_ours(host)):
            raise RequestError(
                "this request comes from a page of another site, or under a name that is not this machine's; where"
                " browsers reach Outrider under a name, that is `tools.public_url`",
                status=403,
                code="origin_refused",
            )

    def _is_ours(self, host: str) -> bool:
        return host in LOCAL or host == _hostname(self._public()) or _is_address(host)

    # -- life -----------------------------------------------------------------------------------------------------

    async def _started(self) -> None:
        """The SDK's part for the present revision, begun when it is first needed."""
        if self._ready is None:
            self._ready = asyncio.get_running_loop().create_future()
            self._running = asyncio.create_task(self._run(self._ready))
        await asyncio.shield(self._ready)

    async def _run(self, ready: "asyncio.Future[None]") -> None:
        async with self._manager.run():
            ready.set_result(None)
            await self._closing.wait()

    async def close(self) -> None:
        self._closing.set()
        await self._connections.close()
        if self._running is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._running, 5.0)


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestError("the client left before the request was complete", status=400)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST:
            raise RequestError(f"the body is larger than {LARGEST} bytes", status=413, code="request_too_large")
        if not message.get("more_body", False):
            return b"".join(parts)


async def _refuse(send: Send, error: OutriderError, metadata_url: str) -> None:
    """An error in the shape of JSON-RPC."""
    status = error.status if isinstance(error, RequestError) else 503
    code = -32700 if error.code == "parse_error" else -32600 if status < 500 else -32603
    said = {"code": code, "message": error.message, "data": {"code": error.code}}
    body = msgspec.json.encode({"jsonrpc": "2.0", "id": None, "error": said})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", f'Bearer resource_metadata="{metadata_url}"'.encode("latin-1", "replace")))
    elif isinstance(error, RequestError):
        headers += [(key.encode(), value.encode("latin-1", "replace")) for key, value in error.headers]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _origin(scope: Scope, headers: Mapping[bytes, bytes]) -> str:
    """Scheme, host and port as the client wrote them."""
    host = headers.get(b"host", b"").decode("latin-1")
    if not host or not all(sign.isalnum() or sign in ".-:[]" for sign in host):
        return ""
    scheme = headers.get(b"x-forwarded-proto", b"").decode("latin-1")
    return f"{scheme if scheme in ('http', 'https') else scope.get('scheme', 'http')}://{host}"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _hostname(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
