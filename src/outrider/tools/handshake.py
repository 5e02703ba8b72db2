"""Clients of older MCP revisions (2025-11-25 and before), which begin with a handshake and then name a connection.

The name says what was agreed on (`seal`), so any worker goes on with any connection, also after a restart. The SDK's
transport serves it there, for as long as requests come. What belongs to a request that another worker answers (the
client's answer to a question, a cancellation) is handed over through the lease store (`mail`).
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

import msgspec
from mcp.server.connection import Connection
from mcp.server.lowlevel import NotificationOptions, Server
from mcp.server.runner import serve_connection
from mcp.server.streamable_http import StreamableHTTPServerTransport
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp.shared.message import SessionMessage
from mcp_types import ClientCapabilities, Implementation, InitializeRequestParams, JSONRPCRequest
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_HANDSHAKE_VERSION
from starlette.types import Message, Receive, Scope, Send

from outrider.base import clock, ids
from outrider.base.errors import OutriderError, RequestError, StoreUnavailable
from outrider.limits.keys import Identity
from outrider.tools.mail import Mail
from outrider.tools.seal import Agreed, Seal, known_capabilities

NAME = b"mcp-session-id"
IDLE = 300.0
"""Seconds without a request after which a worker forgets a connection. The client does not notice."""
MOST = 10_000
LOOK = 0.25
"""Seconds between looks into the mail, while something is under way."""
LOOKED_NS = 2_000_000_000
"""For how long a connection that was not ended counts as such without asking the store again."""
REPLY, CANCEL = "reply:", "cancel:"
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode

log = logging.getLogger("outrider.tools")


class Live:
    """A connection in this worker. `waiting`: questions to the client that were not answered yet, by the number that
    the client knows, with that of the SDK. `under_way`: the client's requests that run here."""

    def __init__(self, name: str, agreed: Agreed) -> None:
        self.name, self.agreed = name, agreed
        self.transport = StreamableHTTPServerTransport(mcp_session_id=name, idle_timeout=IDLE)
        self.connection: Connection | None = None
        self.task: asyncio.Task[None] | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting: dict[str, str | int] = {}
        self.under_way: set[str] = set()
        self.scope: Scope = {}
        self.looked = 0


class _Numbered:
    """Around the SDK's write stream: questions to the client get numbers that no other worker gives."""

    def __init__(self, inner: Any, waiting: dict[str, str | int], prefix: str) -> None:
        self._inner, self._waiting, self._prefix, self._next = inner, waiting, prefix, 0

    async def send(self, item: SessionMessage, /) -> None:
        if isinstance(item.message, JSONRPCRequest):
            self._next += 1
            number = f"{self._prefix}{self._next}"
            self._waiting[number] = item.message.id
            item = SessionMessage(item.message.model_copy(update={"id": number}), item.metadata)
        await self._inner.send(item)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def __aenter__(self) -> "_Numbered":
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> bool | None:
        ended: bool | None = await self._inner.__aexit__(*error)
        return ended


class Connections:
    """The connections of one worker. `shared`: there are other workers. `gone` is told the nonce of one that this
    worker forgets."""

    def __init__(
        self, server: Server[Any], seal: Seal, mail: Mail, *, shared: bool, gone: Callable[[str], None] = lambda _: None
    ) -> None:
        self._server, self._seal, self._mail, self._shared, self._gone = server, seal, mail, shared, gone
        self._live: dict[str, Live] = {}
        self._looking: asyncio.Task[None] | None = None
        self._options = server.create_initialization_options(NotificationOptions(True, True, True))

    # -- requests -------------------------------------------------------------------------------------------------

    async def handle(self, scope: Scope, send: Send, receive: Receive, body: bytes, who: Identity) -> None:
        """Answer one HTTP request whose body is complete. Raises RequestError."""
        if not self._seal.learnt:
            await asyncio.to_thread(self._seal.learn)
        name = dict(scope["headers"]).get(NAME, b"").decode("latin-1")
        message = _message(body) if scope["method"] == "POST" else {}
        if not name:
            if message.get("method") != "initialize":
                raise RequestError("a connection begins with `initialize`; send its Mcp-Session-Id with every request")
            live = await self._begun(self._agreed(message, who), fresh=True)
        else:
            live = await self._found(name, who)
        live.scope = scope
        scope["outrider"].connection = live.agreed.nonce
        if scope["method"] == "DELETE":
            await asyncio.to_thread(self._mail.end, live.agreed.nonce)
        await self._pass(live, message, body, scope, receive, send)
        if live.transport.is_terminated:
            await self._forget(live)

    async def _pass(
        self, live: Live, message: dict[str, Any], body: bytes, scope: Scope, receive: Receive, send: Send
    ) -> None:
        number = str(message.get("id", ""))
        if "method" not in message and "id" in message:  # the answer to a question
            if number in live.waiting:
                return await self._feed(live, _answer(live, message), scope, receive, send)
            await asyncio.to_thread(self._mail.send, live.agreed.nonce, REPLY + number, body)
            return await _accepted(send)
        if message.get("method") == "notifications/cancelled":
            number = str((message.get("params") or {}).get("requestId", ""))
            if number not in live.under_way and self._shared:
                await asyncio.to_thread(self._mail.send, live.agreed.nonce, CANCEL + number, body)
                return await _accepted(send)
        elif "id" in message:
            live.under_way.add(number)
            self._look_out()
        try:
            await self._feed(live, body, scope, receive, send)
        finally:
            if "id" in message:
                live.under_way.discard(number)

    async def _feed(self, live: Live, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        """Give a request to the SDK's transport, with its body in one piece."""
        pending = [body]

        async def whole() -> Message:
            if pending:
                return {"type": "http.request", "body": pending.pop(), "more_body": False}
            return await receive()

        await live.transport.handle_request(scope, whole, send)

    def _agreed(self, message: dict[str, Any], who: Identity) -> Agreed:
        given = message.get("params") or {}
        about = given.get("clientInfo") or {}
        asked = given.get("protocolVersion")
        return Agreed(
            ids.token(12),
            who.project,
            who.key,
            asked if asked in HANDSHAKE_PROTOCOL_VERSIONS else LATEST_HANDSHAKE_VERSION,
            str(about.get("name", ""))[:80],
            str(about.get("version", ""))[:40],
            known_capabilities(given.get("capabilities")),
            clock.now_ns() // 1_000_000_000,
        )

    async def _found(self, name: str, who: Identity) -> Live:
        agreed = self._seal.read(name)
        if agreed is None or (agreed.project, agreed.key) != (who.project, who.key):
            raise _unknown()
        live = self._live.get(name)
        now = clock.mono_ns()
        if live is None or now - live.looked > LOOKED_NS:
            try:
                ended = await asyncio.to_thread(self._mail.is_ended, agreed.nonce)
            except StoreUnavailable:
                ended = False  # it was not, as far as anybody here knows
            if ended:
                raise _unknown()
            live = self._live.get(name) or await self._begun(agreed, fresh=False, name=name)
            live.looked = now
        await asyncio.shield(live.ready)
        return live

    # -- life -----------------------------------------------------------------------------------------------------

    async def _begun(self, agreed: Agreed, *, fresh: bool, name: str = "") -> Live:
        if len(self._live) >= MOST:
            raise RequestError("too many connections are open; try again later", status=503, code="overloaded")
        live = Live(name or self._seal.name(agreed), agreed)
        self._live[live.name] = live
        live.task = asyncio.create_task(self._serve(live, fresh=fresh))
        await asyncio.shield(live.ready)
        return live

    async def _serve(self, live: Live, *, fresh: bool) -> None:
        try:
            async with live.transport.connect() as (read, write):
                numbered = _Numbered(write, live.waiting, f"{ids.token(6)}-")
                dispatcher: JSONRPCDispatcher[Any] = JSONRPCDispatcher(
                    read, numbered, inline_methods=frozenset({"initialize"})
                )
                live.connection = Connection.for_loop(dispatcher, session_id=live.name)
                if not fresh:
                    _resume(live.connection, live.agreed)
                live.ready.set_result(None)
                with live.transport.idle_scope or contextlib.nullcontext():
                    await serve_connection(
                        self._server,
                        dispatcher,
                        connection=live.connection,
                        lifespan_state={},
                        init_options=self._options,
                    )
        finally:
            if not live.ready.done():
                live.ready.cancel()
            self._live.pop(live.name, None)
            self._gone(live.agreed.nonce)
            if not live.transport.is_terminated:
                await live.transport.terminate()

    async def _forget(self, live: Live) -> None:
        self._live.pop(live.name, None)
        if live.task is not None:
            live.task.cancel()

    async def close(self) -> None:
        """End what runs here; clients go on with another worker, or after the restart."""
        tasks = [live.task for live in self._live.values() if live.task is not None]
        if self._looking is not None:
            tasks.append(self._looking)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def drain(self) -> None:
        """End the streams that nobody's request waits for, so that a stop does not have to wait for them."""
        for live in self._live.values():
            live.transport.close_standalone_sse_stream()

    async def tell(self, method: str) -> None:
        """Send a notification to every client whose connection is here."""
        for live in list(self._live.values()):
            if live.connection is not None and live.connection.initialized.is_set():
                await live.connection.notify(method, None)

    # -- mail -----------------------------------------------------------------------------------------------------

    def _look_out(self) -> None:
        if self._shared and (self._looking is None or self._looking.done()):
            self._looking = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        """While something is under way here, take what came to other workers and belongs to it."""
        while True:
            await asyncio.sleep(LOOK)
            busy = [live for live in self._live.values() if live.under_way]
            if not busy:
                return
            for live in busy:
                refs = [*(REPLY + one for one in live.waiting), *(CANCEL + one for one in live.under_way)]
                try:
                    came = await asyncio.to_thread(self._mail.take, live.agreed.nonce, refs)
                    for ref, body in came.items():
                        await self._deliver(live, ref, body)
                except OutriderError as error:
                    log.warning("what other workers hand over waits: %s", error.message)

    async def _deliver(self, live: Live, ref: str, body: bytes) -> None:
        if ref.startswith(REPLY):
            body = _answer(live, _message(body))
        scope = {**live.scope, "method": "POST"}

        async def nothing() -> Message:
            return {"type": "http.disconnect"}

        async def ignored(_: Message) -> None:
            return

        await self._feed(live, body, scope, nothing, ignored)


def _resume(connection: Connection, agreed: Agreed) -> None:
    """What the handshake left behind, at a worker that did not see it."""
    connection.client_params = InitializeRequestParams(
        protocol_version=agreed.revision,
        capabilities=ClientCapabilities.model_validate(agreed.can, by_name=False),
        client_info=Implementation(name=agreed.client, version=agreed.version),
    )
    connection.protocol_version = agreed.revision
    connection.initialized.set()


def _message(body: bytes) -> dict[str, Any]:
    """The JSON-RPC message of a body. Raises RequestError."""
    try:
        found = _decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise RequestError("the body is not JSON", code="parse_error") from None
    if not isinstance(found, dict):
        raise RequestError("the body has to be one JSON-RPC message, not a list of them")
    for part in ("params", "result"):
        if not isinstance(found.get(part, {}), dict | list | None):
            raise RequestError(f"`{part}` has to be an object", param=part)
    if isinstance(found.get("params"), list):
        raise RequestError("`params` has to be an object", param="params")
    return found


def _answer(live: Live, message: dict[str, Any]) -> bytes:
    """An answer with the number by which the SDK waits for it."""
    return _encode({**message, "id": live.waiting.pop(str(message["id"]), message["id"])})


def _unknown() -> RequestError:
    return RequestError("this connection is not known any more; begin another with `initialize`", status=404)


async def _accepted(send: Send) -> None:
    await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
