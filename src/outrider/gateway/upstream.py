"""The HTTP client towards providers: one pool of HTTP/1.1 connections per origin, as a `Transport`.

httptools parses, asyncio carries. Kept small because the client decides what a request costs (docs/concepts/speed.md).
It does TLS, HTTP proxies (CONNECT), keep-alive with reuse of the freshest connection, one silent retry when a reused
connection turns out to be closed, flow control, and cancellation that closes the connection at once. Deadlines are
the caller's: cancelling `send`, `read` or `pass_to` aborts the exchange.
"""

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import httptools

from outrider.base import clock
from outrider.base.errors import UpstreamError
from outrider.base.ports import WireRequest

IDLE_NS = 20_000_000_000  # providers close idle connections after 30 s or more: leave first
HIGH_WATER = 1 << 20  # unread bytes of one answer at which reading pauses


Sink = Callable[[bytes], bool]


class Origin:
    """Scheme, host and port of a base URL, with the proxy to reach it through (None: direct)."""

    def __init__(self, url: str, proxy: str | None = None) -> None:
        parts = urlsplit(url)
        self.tls = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if self.tls else 80)
        self.prefix = parts.path.rstrip("/")
        self.authority = parts.netloc.rpartition("@")[2]
        self.proxy = urlsplit(proxy) if proxy else None


class Response:
    """An answer being received. Implements `base.ports.WireResponse`."""

    __slots__ = ("_arrived", "_buffered", "_connection", "_parts", "_sink", "complete", "error", "head", "headers", "status")  # fmt: skip

    def __init__(self, connection: "_Connection", head: "asyncio.Future[Response]") -> None:
        self._connection, self.head = connection, head
        self.status = 0
        self.headers: Sequence[tuple[bytes, bytes]] = []
        self.complete = False
        self.error: UpstreamError | None = None
        self._parts: list[bytes] = []
        self._buffered = 0
        self._sink: Sink | None = None
        self._arrived: asyncio.Future[None] | None = None

    def feed(self, part: bytes) -> None:
        self._parts.append(part)
        self._buffered += len(part)
        if self._buffered > HIGH_WATER:
            self._connection.pause()

    def wake(self) -> None:
        """Something arrived, or the end did."""
        if self._sink is not None:
            self._feed_sink()
            if self._sink is not None and not self.complete and self.error is None:
                return
        if self._arrived is not None:
            arrived, self._arrived = self._arrived, None
            if not arrived.done():
                arrived.set_result(None)

    def fail(self, error: UpstreamError) -> None:
        self.error = self.error or error
        if not self.head.done():
            self.head.set_exception(error)
        self.wake()

    async def _more(self) -> None:
        self._arrived = self._connection.loop.create_future()
        try:
            await self._arrived
        except asyncio.CancelledError:
            self.abort()
            raise

    async def read(self, limit: int) -> bytes:
        """The whole body. Raises UpstreamError if it is cut, or larger than `limit` bytes."""
        while not self.complete:
            if self.error is not None:
                raise self.error
            if self._buffered > limit:
                self.abort()
                raise UpstreamError(
                    f"the provider's answer is larger than {limit} bytes",
                    code="upstream_answer_too_large",
                    retryable=False,
                )
            self._connection.resume()
            await self._more()
        parts = self._parts
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def pass_to(self, sink: Sink) -> None:
        """Give the body to `sink` as it arrives, straight from the socket's callback; returns at the end.

        What arrived in one read of the socket comes as one piece. No task is woken per piece.
        """
        self._sink = sink
        try:
            self._feed_sink()
            while self._sink is not None and not self.complete and self.error is None:
                await self._more()
        finally:
            self._sink = None
        if self.error is not None:
            raise self.error

    def _feed_sink(self) -> None:
        """Hand over what has arrived; forget the sink once it wants no more or fails."""
        if not self._parts or self._sink is None:
            return
        parts, self._parts, self._buffered = self._parts, [], 0
        try:
            if not self._sink(parts[0] if len(parts) == 1 else b"".join(parts)):
                self._sink = None
        except UpstreamError as error:
            self._sink = None
            self.error = error
            self._connection.close()

    def pause(self) -> None:
        self._connection.pause()

    def resume(self) -> None:
        self._connection.resume()

    def abort(self) -> None:
        """End the exchange now. Harmless when it is over."""
        if not self.complete:
            self._connection.close()


class _Connection(asyncio.Protocol):
    """One keep-alive connection; carries one exchange at a time."""

    def __init__(self, pool: "HttpPool") -> None:
        self.pool, self.loop = pool, pool.loop
        self.transport: asyncio.Transport | None = None
        self.response: Response | None = None
        self.reused = False
        self.idle_since = 0
        self._paused = False
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[tuple[bytes, bytes]] = []

    # -- asyncio ------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, received: bytes) -> None:
        response = self.response
        if response is None:  # a provider that speaks out of turn
            return self.close()
        try:
            self._parser.feed_data(received)
        except httptools.HttpParserError as error:
            response.fail(
                UpstreamError(f"the provider's answer is not valid HTTP: {error}", code="upstream_invalid_http")
            )
            return self.close()
        except httptools.HttpParserUpgrade:
            response.fail(UpstreamError("the provider switched protocols", code="upstream_invalid_http"))
            return self.close()
        response.wake()
        if response.complete:
            self._finish(response)

    def connection_lost(self, exc: Exception | None) -> None:
        self.pool.forget(self)
        response, self.response = self.response, None
        if response is None or response.complete:
            return
        if response.status and not self._length_known and exc is None:  # a body that ends with the connection
            response.complete = True
            response.wake()
            return
        why = f": {exc}" if exc else ""
        stale = self.reused and response.status == 0
        response.fail(
            UpstreamError(
                f"the connection to {self.pool.name} closed before the answer was complete{why}",
                code="upstream_stale" if stale else "upstream_disconnected",
            )
        )

    def pause(self) -> None:
        if not self._paused and self.transport is not None:
            self._paused = True
            self.transport.pause_reading()

    def resume(self) -> None:
        if self._paused and self.transport is not None and not self.transport.is_closing():
            self._paused = False
            self.transport.resume_reading()

    def close(self) -> None:
        self.pool.forget(self)
        if self.transport is not None:
            self.transport.abort()

    # -- httptools ----------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._headers = []
        self._length_known = False

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name in (b"content-length", b"transfer-encoding"):
            self._length_known = True
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        status, response = self._parser.get_status_code(), self.response
        if response is None or status < 200:  # 100 Continue, 103 Early Hints: the answer is still to come
            return
        response.status, response.headers = status, self._headers
        if not response.head.done():
            response.head.set_result(response)

    def on_body(self, body: bytes) -> None:
        if self.response is not None:
            self.response.feed(body)

    def on_message_complete(self) -> None:
        if self.response is not None and self.response.status:
            self.response.complete = True
            self._keep = self._parser.should_keep_alive()

    # -- exchanges ----------------------------------------------------------------------------------------------

    _length_known = False
    _keep = False  # asked while the message's end is being parsed: afterwards the parser has forgotten

    def begin(self, wire: bytes) -> Response:
        response = self.response = Response(self, self.loop.create_future())
        self.transport.write(wire)  # type: ignore[union-attr]
        return response

    def _finish(self, response: Response) -> None:
        self.response = None
        self.resume()
        if self._keep and self.transport is not None and not self.transport.is_closing():
            self.pool.give_back(self)
        else:
            self.close()


class HttpPool:
    """Connections to one origin. A `Transport`."""

    def __init__(self, origin: Origin, *, connect_timeout: float = 10.0, tls: ssl.SSLContext | None = None) -> None:
        self.origin, self.connect_timeout = origin, connect_timeout
        self.name = origin.authority
        self.loop = asyncio.get_running_loop()
        self._tls = (tls or ssl.create_default_context()) if origin.tls else None
        self._idle: deque[_Connection] = deque()
        self._all: set[_Connection] = set()
        self._sweep: asyncio.TimerHandle | None = None

    async def send(self, request: WireRequest) -> Response:
        wire = _serialise(request, self.origin.authority)
        connection = self._take()
        while True:
            if connection is None:
                connection = await self._open()
            response = connection.begin(wire)
            try:
                return await response.head
            except asyncio.CancelledError:
                connection.close()
                raise
            except UpstreamError as error:
                connection.close()
                if error.code != "upstream_stale":
                    raise
                # The provider closed the idle connection before it read our request: a fresh one is safe.
                connection = None

    def _take(self) -> _Connection | None:
        now = clock.mono_ns()
        while self._idle:
            connection = self._idle.pop()
            if now - connection.idle_since < IDLE_NS and not connection.transport.is_closing():  # type: ignore[union-attr]
                connection.reused = True
                return connection
            connection.close()
        return None

    def give_back(self, connection: _Connection) -> None:
        connection.idle_since = clock.mono_ns()
        self._idle.append(connection)
        if self._sweep is None:
            self._sweep = self.loop.call_later(IDLE_NS / 1e9, self._close_idle)

    def _close_idle(self) -> None:
        self._sweep = None
        oldest_wanted = clock.mono_ns() - IDLE_NS
        while self._idle and self._idle[0].idle_since <= oldest_wanted:
            self._idle.popleft().close()
        if self._idle:
            self._sweep = self.loop.call_later(IDLE_NS / 1e9, self._close_idle)

    def forget(self, connection: _Connection) -> None:
        self._all.discard(connection)
        if connection.response is None and connection in self._idle:
            self._idle.remove(connection)

    async def _open(self) -> _Connection:
        try:
            async with asyncio.timeout(self.connect_timeout):
                connection = await (self._open_through_proxy() if self.origin.proxy else self._open_direct())
        except TimeoutError:
            raise UpstreamError(
                f"no connection to {self.name} within {self.connect_timeout:g} s", code="upstream_connect_timeout"
            ) from None
        except ssl.SSLError as error:
            reason = error.reason or error.__class__.__name__
            raise UpstreamError(
                f"TLS with {self.name} failed: {reason}. Check the base URL and the certificate store.",
                code="upstream_tls_error",
            ) from None
        except socket.gaierror as error:
            raise UpstreamError(
                f"the host name of {self.name} does not resolve: {error.strerror}", code="upstream_dns_error"
            ) from None
        except OSError as error:
            raise UpstreamError(
                f"cannot connect to {self.name}: {error.strerror or error}", code="upstream_unreachable"
            ) from None
        self._all.add(connection)
        return connection

    async def _open_direct(self) -> _Connection:
        o = self.origin
        _, connection = await self.loop.create_connection(
            lambda: _Connection(self), o.host, o.port, ssl=self._tls, server_hostname=o.host if o.tls else None
        )
        return connection

    async def _open_through_proxy(self) -> _Connection:
        """CONNECT through an HTTP proxy, then TLS to the origin if it wants it."""
        o, proxy = self.origin, self.origin.proxy
        assert proxy is not None
        tunnel = _Tunnel(self.loop.create_future())
        transport, _ = await self.loop.create_connection(lambda: tunnel, proxy.hostname or "", proxy.port or 3128)
        target = f"{o.host}:{o.port}"
        transport.write(f"CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n\r\n".encode())
        try:
            await tunnel.ready
            connection = _Connection(self)
            transport.set_protocol(connection)
            secured: asyncio.BaseTransport | None = transport
            if self._tls is not None:
                secured = await self.loop.start_tls(transport, connection, self._tls, server_hostname=o.host)
            connection.connection_made(secured or transport)
        except BaseException:
            transport.abort()
            raise
        return connection

    async def close(self) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in list(self._all):
            connection.close()


class _Tunnel(asyncio.Protocol):
    """Waits for the proxy's answer to CONNECT."""

    def __init__(self, ready: "asyncio.Future[None]") -> None:
        self.ready, self._head = ready, b""

    def data_received(self, received: bytes) -> None:
        self._head += received
        if b"\r\n\r\n" in self._head and not self.ready.done():
            line = self._head.split(b"\r\n", 1)[0]
            if line.split(b" ")[1:2] == [b"200"]:
                self.ready.set_result(None)
            else:
                self.ready.set_exception(OSError(f"the proxy answered {line.decode('latin-1')!r}"))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(OSError("the proxy closed the connection"))


def _serialise(request: WireRequest, authority: str) -> bytes:
    lines = b"".join([b"%b: %b\r\n" % header for header in request.headers])
    return b"%b %b HTTP/1.1\r\nhost: %b\r\n%bcontent-length: %d\r\n\r\n%b" % (
        request.method.encode(),
        request.path.encode(),
        authority.encode(),
        lines,
        len(request.body),
        request.body,
    )
