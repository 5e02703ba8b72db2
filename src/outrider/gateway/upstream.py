"""The HTTP client towards providers: one pool of HTTP/1.1 connections per origin, as a `Transport`.

Kept small because the client decides what a request costs (docs/concepts/speed.md).
It does TLS, HTTP proxies (CONNECT), keep-alive with reuse of the freshest connection, one silent retry when a reused
connection turns out to be closed, flow control, and cancellation that closes the connection at once. Deadlines are
the caller's: cancelling `send`, `read` or `pass_to` aborts the exchange. One connection is `gateway.connection`.
"""

import asyncio
import base64
import os
import socket
import ssl
from collections import deque
from urllib.parse import SplitResult, unquote, urlsplit

from outrider.base import clock
from outrider.base.errors import UpstreamError
from outrider.base.ports import WireRequest
from outrider.gateway.connection import Connection, Response

RESTED_NS = 1_000_000_000  # nobody closes a connection because it was idle for less
IDLE_NS = 20_000_000_000  # providers close idle connections after 30 s or more: leave first


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


class HttpPool:
    """Connections to one origin. A `Transport`. `again`: a request that a closed connection swallowed is sent anew;
    without it never, for what must not be done twice."""

    def __init__(
        self,
        origin: Origin,
        *,
        connect_timeout: float = 10.0,
        tls: ssl.SSLContext | None = None,
        again: bool = True,
    ) -> None:
        self.origin, self.connect_timeout, self._again = origin, connect_timeout, again
        self.loop = asyncio.get_running_loop()
        self._tls = (tls or ssl.create_default_context()) if origin.tls else None
        self._idle: deque[Connection] = deque()
        self._all: set[Connection] = set()
        self._sweep: asyncio.TimerHandle | None = None

    async def send(self, request: WireRequest) -> Response:
        wire = _serialise(request, self.origin.authority)
        connection = self._take()
        while True:
            if connection is None:
                connection = await self._open()
            response = connection.begin(wire)
            request.sent = True
            try:
                await response.head
                return response
            except asyncio.CancelledError:
                connection.close()
                raise
            except UpstreamError as error:
                connection.close()
                del response  # it has the error, which has this frame: nobody would let go first
                if error.code != "upstream_stale" or not self._again:
                    raise
                # The provider closed the idle connection before it read our request: a fresh one is safe.
                connection = None

    def _take(self) -> Connection | None:
        now = clock.mono_ns()
        while self._idle:
            connection = self._idle.pop()
            if now - connection.idle_since < IDLE_NS and not connection.transport.is_closing():  # type: ignore[union-attr]
                connection.reused, connection.rested = True, now - connection.idle_since > RESTED_NS
                return connection
            connection.close()
        return None

    def give_back(self, connection: Connection) -> None:
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

    def forget(self, connection: Connection) -> None:
        self._all.discard(connection)
        if connection.response is None and connection in self._idle:
            self._idle.remove(connection)

    async def _open(self) -> Connection:
        try:
            async with asyncio.timeout(self.connect_timeout):
                connection = await (self._open_through_proxy() if self.origin.proxy else self._open_direct())
        except TimeoutError:
            raise UpstreamError(
                f"no connection to the provider within {self.connect_timeout:g} s", code="upstream_connect_timeout"
            ) from None
        except ssl.SSLError as error:
            reason = error.reason or error.__class__.__name__
            raise UpstreamError(
                f"TLS with the provider failed: {reason}. Check the base URL and the certificate store.",
                code="upstream_tls_error",
            ) from None
        except socket.gaierror as error:
            raise UpstreamError(
                f"the provider's host name does not resolve: {error.strerror}", code="upstream_dns_error"
            ) from None
        except OSError as error:
            raise UpstreamError(
                f"cannot connect to the provider: {_reason(error)}", code="upstream_unreachable"
            ) from None
        self._all.add(connection)
        return connection

    async def _open_direct(self) -> Connection:
        o = self.origin
        _, connection = await self.loop.create_connection(
            lambda: Connection(self), o.host, o.port, ssl=self._tls, server_hostname=o.host if o.tls else None
        )
        return connection

    async def _open_through_proxy(self) -> Connection:
        """CONNECT through an HTTP proxy, then TLS to the origin if it wants it."""
        o, proxy = self.origin, self.origin.proxy
        assert proxy is not None
        tunnel = _Tunnel(self.loop.create_future())
        transport, _ = await self.loop.create_connection(lambda: tunnel, proxy.hostname or "", proxy.port or 3128)
        target = f"{o.host}:{o.port}"
        transport.write(f"CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n{_authorization(proxy)}\r\n".encode())
        try:
            await tunnel.ready
            connection = Connection(self)
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


def _reason(error: OSError) -> str:
    """Why a connection failed, without the address that asyncio puts into its words: callers read this."""
    if error.errno:
        return os.strerror(error.errno)
    return "none of its addresses answers" if "Connect call failed" in str(error) else str(error)


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


def _authorization(proxy: SplitResult) -> str:
    """The header line for the credentials in a proxy's URL, if there are any."""
    if proxy.username is None:
        return ""
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return f"proxy-authorization: Basic {base64.b64encode(pair.encode()).decode()}\r\n"


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
