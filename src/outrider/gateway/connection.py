"""One HTTP/1.1 connection to a provider, and the answer that it is receiving.

httptools parses, asyncio carries; no I/O loop of its own. Which connection is used, and when it is opened or given up,
is `gateway.upstream`'s concern.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import httptools

from outrider.base.errors import UpstreamError

HIGH_WATER = 1 << 20  # unread bytes of one answer at which reading pauses
LARGEST_HEAD = 256 << 10  # bytes of an answer's status line and header fields, early hints included

Sink = Callable[[bytes], bool]


class Keeper(Protocol):
    """Who owns connections: takes them back after an exchange, and forgets those that closed."""

    loop: asyncio.AbstractEventLoop

    def give_back(self, connection: "Connection") -> None: ...
    def forget(self, connection: "Connection") -> None: ...


class Response:
    """An answer being received. Implements `base.ports.WireResponse`."""

    __slots__ = (
        "_arrived", "_connection", "_sink",
        "buffered", "complete", "error", "head", "headers", "parts", "status",
    )  # fmt: skip

    def __init__(self, connection: "Connection", head: "asyncio.Future[None]") -> None:
        self._connection, self.head = connection, head  # `head` resolves once status and headers are here
        self.status = 0
        self.headers: Sequence[tuple[bytes, bytes]] = []
        self.complete = False
        self.error: UpstreamError | None = None
        self.parts: list[bytes] = []  # of the body, as they came and nobody took them yet
        self.buffered = 0  # their bytes
        self._sink: Sink | None = None
        self._arrived: asyncio.Future[None] | None = None

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
                raise self._failure()
            if self.buffered > limit:
                self.abort()
                raise UpstreamError(
                    f"the provider's answer is larger than {limit} bytes",
                    code="upstream_answer_too_large",
                    retryable=False,
                )
            self._connection.resume()
            await self._more()
        parts, self.parts = self.parts, []
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _failure(self) -> UpstreamError:
        """The error, no longer kept here: it knows the frames that it passed, and they know this answer."""
        error, self.error = self.error, None
        assert error is not None
        return error

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
            raise self._failure()

    def _feed_sink(self) -> None:
        """Hand over what has arrived; forget the sink once it wants no more or fails."""
        parts = self.parts
        if not parts or self._sink is None:
            return
        self.parts, self.buffered = [], 0
        try:
            if not self._sink(parts[0] if len(parts) == 1 else b"".join(parts)):
                self._sink = None
        except UpstreamError as error:
            self._sink = None
            self.error = error
            self.abort()  # not `close`: an answer that is complete has given its connection to somebody else

    def pause(self) -> None:
        """Read no more for now. Once all has come, the connection is somebody else's."""
        if not self.complete:
            self._connection.pause()

    def resume(self) -> None:
        if not self.complete:
            self._connection.resume()

    def abort(self) -> None:
        """End the exchange now. Harmless when it is over."""
        if not self.complete:
            self._connection.close()


class Connection(asyncio.Protocol):
    """One keep-alive connection; carries one exchange at a time."""

    def __init__(self, pool: Keeper) -> None:
        self.pool, self.loop = pool, pool.loop
        self.transport: asyncio.Transport | None = None
        self.response: Response | None = None
        self.reused = self.rested = False
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
            return self._refuse(response, f"the provider's answer is not valid HTTP: {error}")
        except httptools.HttpParserUpgrade:
            return self._refuse(response, "the provider switched protocols")
        if not response.status:
            self._head_bytes += len(received)
            if self._head_bytes > LARGEST_HEAD:
                return self._refuse(response, f"the head of the provider's answer is larger than {LARGEST_HEAD} bytes")
        response.wake()
        if response.complete:
            self._finish(response)

    def _refuse(self, response: Response, message: str) -> None:
        """What came is not an answer. If one was complete before it, that one stands."""
        if response.complete:
            self.response = None
            response.wake()
        else:
            response.fail(UpstreamError(message, code="upstream_invalid_http"))
        self.close()

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
        # A reset soon after the last answer is no idle connection that timed out: the request may have been read.
        stale = self.reused and not self._heard and (exc is None or self.rested)
        response.fail(
            UpstreamError(
                f"the provider closed the connection before the answer was complete{why}",
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
        if self._ended:  # a second answer to one request: it belongs to nobody, and nothing behind it can be trusted
            self._keep = False
            return
        self._heard = True
        self._headers = []
        self._length_known = False

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name in (b"content-length", b"transfer-encoding"):
            self._length_known = True
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        status, response = self._parser.get_status_code(), self.response
        if (
            response is None or status < 200 or self._ended
        ):  # 100 Continue, 103 Early Hints: the answer is still to come
            return
        response.status, response.headers = status, self._headers
        if not response.head.done():
            response.head.set_result(None)

    def on_body(self, body: bytes) -> None:
        response = self.response
        if response is not None and not self._ended:
            response.parts.append(body)
            response.buffered += len(body)
            if response.buffered > HIGH_WATER:
                self.pause()

    def on_message_complete(self) -> None:
        if self.response is not None and self.response.status and not self._ended:
            self.response.complete = self._ended = True
            self._keep = self._parser.should_keep_alive()

    # -- exchanges ----------------------------------------------------------------------------------------------

    _length_known = False
    _heard = False  # the first byte of the present answer is here
    _ended = False  # and its last one
    _head_bytes = 0
    _keep = False  # asked while the message's end is being parsed: afterwards the parser has forgotten

    def begin(self, wire: bytes) -> Response:
        self._heard = self._ended = False
        self._head_bytes = 0
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
