"""The seam to the HTTP server: uvicorn's protocol, with a direct way from the parser to the corridor.

uvicorn keeps connections, keep-alive, pipelining, TLS and shutdown. For the hot endpoints this module replaces its
ASGI cycle by an `Exchange`, which hands over the complete request and writes the answer in one piece; everything
else goes to the ASGI application as usual. It also adds what uvicorn leaves open: a deadline for slow heads and
bodies, and limits on the size of both.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from outrider.base.errors import RequestError
from outrider.gateway.edge import LARGE_HEAD, Refusal
from outrider.gateway.front import Front
from outrider.gateway.surface.shapes import answer_at
from outrider.limits.keys import Identity

MAX_HEAD = 64 * 1024
MAX_HEADERS = 200
SLOWEST_BODY = 16 * 1024  # bytes per second below which a body counts as not arriving
IDLE, HEAD, BODY = 0, 1, 2  # what of a request is being read

log = logging.getLogger("outrider.server")


class Exchange:
    """One request with its answer on a connection.

    The request is complete when a handler gets it: `path`, `query`, `headers` (lower-case names), `body`. Answer either
    with `reply`, or with `start`, `write`…, `end`. `gone` is True once the client has left; `on_gone` is then called
    once. `on_writable` is called when a congested client reads again. Implements what uvicorn's protocol expects of its
    own request-response cycle. `identity` and `route` (instead of the table's) are set by those who call
    from inside this process.
    """

    __slots__ = (
        "_protocol", "_waiter", "body", "chunked", "disconnected", "headers", "identity", "keep_alive", "more_body",
        "on_gone", "on_writable", "path", "query", "queued", "response_complete", "response_started", "route",
        "transport",
    )  # fmt: skip

    def __init__(self, protocol: "GatewayProtocol", path: bytes, query: bytes, keep_alive: bool) -> None:
        self._protocol, self.transport = protocol, protocol.transport
        self.path, self.query, self.headers = path, query, protocol.headers
        self.body: bytes | bytearray = b""
        self.identity: Identity | None = None
        self.route: Any = None
        self.keep_alive, self.more_body = keep_alive, True
        self.response_started = self.response_complete = self.disconnected = False
        self.on_gone: Callable[[], object] | None = None
        self.on_writable: Callable[[], None] | None = None
        self._waiter: asyncio.Future[None] | None = None
        self.chunked = protocol.parser.get_http_version() != "1.0"  # else the answer ends with the connection
        self.queued = False  # pipelined behind another request: started when that one is answered

    # -- what uvicorn's protocol calls ------------------------------------------------------------------------

    @property
    def message_event(self) -> "Exchange":
        return self

    def set(self) -> None:
        """The body is complete, or the client has left."""
        if self._waiter is not None and not self._waiter.done() and (self.disconnected or not self.more_body):
            self._waiter.set_result(None)
        if self.disconnected and self.on_gone is not None:
            on_gone, self.on_gone = self.on_gone, None
            on_gone()

    async def run_asgi(self, handler: Any) -> None:
        """Run the handler on the complete request; the HTTP edge, where nothing may escape."""
        self._protocol.running = self
        if self.more_body and not self.disconnected:  # a pipelined request whose body is still arriving
            self._waiter = self.transport_loop.create_future()
            self._protocol.flow.resume_reading()
            await self._waiter
        if self.disconnected:
            return
        if self.queued and self.turned_away():
            return
        try:
            await handler(self)
        except Exception:
            log.exception("unhandled error in a handler of %s", self.path.decode("latin-1"))
            if not self.response_started and not self.disconnected:
                self.keep_alive = False
                self.reply(503, b"content-type: application/json\r\n", answer_at(self.path, _internal())[2])
            else:
                self.abort()

    def turned_away(self) -> bool:
        """Whether there is too much to do, and the client was told so."""
        turns_away = self._protocol.front.turns_away if self.path else None  # without: the edge has refused it
        answer = turns_away(self.path, self.headers) if turns_away is not None else None
        if answer is not None:
            self.reply(*answer)
        return answer is not None

    # -- what handlers call -----------------------------------------------------------------------------------

    @property
    def transport_loop(self) -> asyncio.AbstractEventLoop:
        return self._protocol.loop

    @property
    def gone(self) -> bool:
        return self.disconnected

    def reply(self, status: int, head: bytes, body: bytes) -> None:
        """Write the whole answer at once. `head` is header lines, each ending in CRLF, without content-length."""
        if self.disconnected:
            return
        self.response_started = True
        end = b"\r\n\r\n" if self.keep_alive else b"\r\nconnection: close\r\n\r\n"
        self.transport.write(b"%b%bcontent-length: %d%b%b" % (STATUS_LINE[status], head, len(body), end, body))
        self._complete()

    def start(self, status: int, head: bytes) -> None:
        """Begin an answer of unknown length."""
        self.response_started = True
        framing = b"transfer-encoding: chunked\r\n" if self.chunked else b""
        end = b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n"
        if not self.disconnected:
            self.transport.write(b"%b%b%b%b" % (STATUS_LINE[status], head, framing, end))

    def write(self, chunk: bytes) -> None:
        """One chunk, sent as it is."""
        if chunk and not self.disconnected:
            self.transport.write(_framed(chunk) if self.chunked else chunk)

    @property
    def congested(self) -> bool:
        """The client reads more slowly than we write: stop until `on_writable` is called."""
        return self._protocol.flow.write_paused and not self.disconnected

    def end(self, last: bytes = b"") -> None:
        """The last chunk and the end of the answer."""
        if self.disconnected:
            return
        if not self.chunked:
            self.transport.write(last)
        else:
            self.transport.write(_framed(last) + b"0\r\n\r\n" if last else b"0\r\n\r\n")
        self._complete()

    def abort(self) -> None:
        """Cut the connection: the client must see that the answer is not whole."""
        if not self.disconnected:
            self.response_complete = True
            self.transport.abort()

    def _complete(self) -> None:
        self.response_complete = True
        self.body = b""  # the connection keeps this exchange until its next request
        if not self.keep_alive:
            self.transport.close()
        self._protocol.on_response_complete()


_SIZES = [b"%x\r\n" % size for size in range(1024)]  # formatting one takes longer than framing an event


def _framed(chunk: bytes) -> bytes:
    return b"".join((_SIZES[n] if (n := len(chunk)) < 1024 else b"%x\r\n" % n, chunk, b"\r\n"))


def _internal() -> RequestError:
    message = "Outrider could not handle this request; the log has the reason. Try again."
    return RequestError(message, status=503, code="internal_error", kind="server_error")


class GatewayProtocol(HttpToolsProtocol):
    """One client connection."""

    front: Front  # set by `protocol_class`

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.url, self.headers = b"", []
        self.running: Any = None  # the request that is being answered; `cycle` is the one read last
        self._reading = IDLE
        self._most = self.front.max_body
        self._received = 0  # bytes of the head after the read that it began in, then bytes of the body
        self._bulky = False  # a read was larger than a head may be
        self._refused = False
        self._slow: asyncio.TimerHandle | None = None
        self._looked = 0  # `_received` when the clock last rang
        self.timeout_keep_alive_task = self.loop.call_later(self.front.read_timeout, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        running = self.running
        if running is not None and running is not self.cycle and not running.response_complete:  # others wait behind it
            running.disconnected = True
            running.message_event.set()
        super().connection_lost(exc)
        self._unset_keepalive_if_required()

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if len(data) > MAX_HEAD:
            self._bulky = True
        self._unset_keepalive_if_required()
        self._feed(data)
        if self._reading and not self._refused:
            if self._slow is None:
                self._slow = self.loop.call_later(self.front.read_timeout, self._too_slow)
            if self._reading == HEAD:
                self._received = self._received + len(data) if self._received >= 0 else 0
                if self._received > MAX_HEAD:
                    self._refuse(431, LARGE_HEAD)
        elif self._slow is not None:
            self._stop_clock()

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._decline(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(400, "the request is not valid HTTP/1.1")

    def _decline(self, rest: bytes) -> None:
        """Another protocol (`h2c`) is offered, not demanded. The parser has skipped the body, as if we had taken the
        offer: read the request again without it.
        """
        method = self.parser.get_method()
        if method == b"CONNECT":
            return self._refuse(400, "this is no proxy; CONNECT is not served")
        line = b"%b %b HTTP/%b\r\n" % (method, self.url, self.parser.get_http_version().encode())
        fields = [b"%b: %b\r\n" % (name, value) for name, value in self.headers if name not in _OFFER]
        if any(name == b"connection" and b"close" in value.lower() for name, value in self.headers):
            fields.append(b"connection: close\r\n")
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn: answer what came before
        self._feed(b"%b%b\r\n%b" % (line, b"".join(fields), rest))

    def _stop_clock(self) -> None:
        if self._slow is not None:
            self._slow.cancel()
            self._slow = None

    def _too_slow(self) -> None:
        self._slow = None
        if self._owed() or self._body_flows():  # owed: it is us who do not read on
            self._slow = self.loop.call_later(self.front.read_timeout, self._too_slow)
        elif self._reading:
            self._refuse(
                408, f"the request did not arrive within {self.front.read_timeout:g} s; send it without pauses"
            )

    def _body_flows(self) -> bool:
        """Whether a body keeps coming: a large one over a thin line may take its time, a trickle may not."""
        came, self._looked = self._received - self._looked, self._received
        return self._reading == BODY and came >= SLOWEST_BODY * self.front.read_timeout

    def _owed(self) -> bool:
        """Whether a request before the one being read still waits for its answer."""
        cycle: Any = self.cycle
        if self._reading == BODY:
            return any(waiting is cycle for waiting, _ in self.pipeline)
        return cycle is not None and not cycle.response_complete

    def _refuse(self, status: int, message: str) -> None:
        """Answer from the server's edge, before any run exists, and close: in its turn behind earlier requests."""
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        self._stop_clock()
        method = self.parser.get_method() if self.url else b""  # before a URL came, the parser names any
        refused = Refusal(method, self.url.partition(b"?")[0], self.headers, status, message)
        status, _, body = answer_at(refused.path, refused.error())
        head = b"content-type: application/json\r\n"
        if self.front.on_refusal is not None:
            head += self.front.on_refusal(refused)
        cycle: Any = self.cycle
        refusal = Exchange(self, b"", b"", keep_alive=False)
        refusal.more_body = False

        async def in_turn(exchange: Exchange) -> None:
            exchange.reply(status, head, body)

        if self._owed():
            self.pipeline = deque((c, app) for c, app in self.pipeline if self._reading != BODY or c is not cycle)
            self.cycle = refusal  # type: ignore[assignment]
            self.pipeline.appendleft((refusal, in_turn))  # type: ignore[arg-type]  # uvicorn types its own cycle
            return
        if self._reading == BODY and cycle.response_started:  # an application that did not wait for the body
            return self.transport.close()
        refusal.reply(status, head, body)
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()

    def resume_writing(self) -> None:
        super().resume_writing()
        cycle: Any = self.cycle
        if isinstance(cycle, Exchange) and cycle.on_writable is not None:
            cycle.on_writable()

    # -- parser callbacks -------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._reading = HEAD
        self._received = -1

    def on_headers_complete(self) -> None:
        if self._refused or self.parser.should_upgrade():  # an offer of another protocol: `_decline` reads it again
            return
        path, _, query = self.url.partition(b"?")
        length = 0
        for name, value in self.headers:
            length = int(value) if name == b"content-length" and value.isdigit() else length
        if len(self.headers) > MAX_HEADERS:
            return self._refuse(431, f"more than {MAX_HEADERS} header fields")
        if len(self.url) >= MAX_HEAD or (self._bulky and sum([len(n) + len(v) for n, v in self.headers]) > MAX_HEAD):
            return self._refuse(431, LARGE_HEAD)
        self._most = self.front.larger.get(path, self.front.max_body)
        if length > self._most:
            return self._refuse(413, f"the body has {length} bytes; the limit is {self._most}")
        self._reading = BODY
        self._received = self._looked = 0
        handler = self.front.find(self.parser.get_method(), path)
        if handler is None:
            return self._to_application()
        keep_alive = self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive()
        previous, exchange = self.cycle, Exchange(self, path, query, keep_alive)
        if self.expect_100_continue:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.cycle = exchange  # type: ignore[assignment]
        if previous is not None and not previous.response_complete:
            exchange.queued = True
            self.flow.pause_reading()
            self.pipeline.appendleft((exchange, handler))  # type: ignore[arg-type]

    def _to_application(self) -> None:
        """The usual ASGI way for everything that is not hot."""
        url, headers, expect = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expect
        self.headers.extend(headers)
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self.running = cycle
        super()._start_asgi_task(cycle, app)

    def on_body(self, body: bytes) -> None:
        cycle: Any = self.cycle
        if self._refused or cycle.response_complete:
            return
        self._received += len(body)
        if self._received > self._most:
            return self._refuse(413, f"the body is larger than {self._most} bytes")
        if not isinstance(cycle, Exchange):
            return super().on_body(body)
        if not cycle.body:
            cycle.body = body  # the usual case: one piece, no copy
        elif isinstance(cycle.body, bytearray):
            cycle.body += body
        else:
            cycle.body = bytearray(cycle.body) + body

    def on_message_complete(self) -> None:
        self._reading = IDLE
        if self._refused or self.parser.should_upgrade():
            return
        cycle: Any = self.cycle
        if not isinstance(cycle, Exchange):
            return super().on_message_complete()
        cycle.more_body = False
        if not cycle.queued:
            self.running = cycle
            if cycle.turned_away():  # before anything is made for it: refusing has to be cheap
                return
            handler = self.front.find(self.parser.get_method(), cycle.path)
            task = self.loop.create_task(cycle.run_asgi(handler))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        else:
            cycle.set()


_OFFER = (b"upgrade", b"connection", b"http2-settings")


def protocol_class(front: Front) -> type[GatewayProtocol]:
    """A protocol class bound to `front`, for uvicorn's `http` option."""
    return type("BoundGatewayProtocol", (GatewayProtocol,), {"front": front})
