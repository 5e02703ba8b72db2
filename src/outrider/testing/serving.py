"""The scripted provider behind HTTP/1.1: sends what a plan says, byte by byte and mistake by mistake.

`GET /scripted/seen` shows the counts; with `?cancelled=1` it waits until that count is reached.
"""

import asyncio
import concurrent.futures
import contextlib
import json
import socket
import struct
import threading
from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qsl, urlsplit

import httptools

from outrider.testing.plans import Plan
from outrider.testing.provider import ScriptedProvider

PATIENCE = 20.0  # seconds that a waiting look at the counts may last


class _Connection(asyncio.Protocol):
    """One HTTP/1.1 connection; a request is answered by a task that ends with the connection."""

    transport: asyncio.Transport

    def __init__(self, provider: ScriptedProvider, open_: "set[_Connection]") -> None:
        self._provider, self._open = provider, open_
        self._parser = httptools.HttpRequestParser(self)
        self._task: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.discard(self)
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, received: bytes) -> None:
        try:
            self._parser.feed_data(received)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.transport.abort()

    # httptools calls these

    def on_message_begin(self) -> None:
        self._url, self._headers, self._body = b"", list[tuple[bytes, bytes]](), bytearray()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode()
        answering = self._answer(method, self._url.decode("latin-1"), self._headers, bytes(self._body))
        self._task = asyncio.get_running_loop().create_task(answering)
        self._task.add_done_callback(self._answered)

    # answering

    def _answered(self, task: asyncio.Task[None]) -> None:
        """Tell why it broke, if it did: whose fault it was is not hidden."""
        if self._task is task:
            self._task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            told = {"message": "a scripted provider broke", "exception": error}
            asyncio.get_running_loop().call_exception_handler(told)

    async def _answer(self, method: str, path: str, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        counted, over = not path.startswith("/scripted/"), False
        try:
            plan = self._provider.plan(method, path, headers, body) if counted else await self._about(path)
            await self._send(plan)
            over = True
            if counted and plan.ending == "clean":
                self._provider.count("completed")
        finally:
            if counted and not over:
                self._provider.count("cancelled")
            if not over:  # a provider that broke: who asked must not wait for it
                self.transport.abort()

    async def _about(self, path: str) -> Plan:
        """`/scripted/seen` shows the counts, once those in the query are reached; `/scripted/forget` starts
        anew.
        """
        parts = urlsplit(path)
        if parts.path == "/scripted/forget":
            self._provider.forget()
        awaited = {name: int(number) for name, number in parse_qsl(parts.query) if number.isdigit()}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._provider.until(**awaited)
        seen = json.dumps(self._provider.seen()).encode()
        return Plan(200, [(b"content-type", b"application/json")], [(0.0, seen)], len(seen))

    async def _send(self, plan: Plan) -> None:
        await asyncio.sleep(plan.delay)
        if plan.ending == "reset":
            return self._reset()
        self.transport.write(b"HTTP/1.1 %d Scripted\r\n" % plan.status)
        await asyncio.sleep(plan.slow_head)
        chunked = plan.length is None
        framing = b"transfer-encoding: chunked" if chunked else b"content-length: %d" % (plan.length or 0)
        lines = b"".join([b"%b: %b\r\n" % header for header in plan.headers])
        self.transport.write(b"%b%b\r\n\r\n" % (lines, framing))
        for pause, piece in plan.pieces:
            if pause:
                await asyncio.sleep(pause)
            await self._writable.wait()
            self.transport.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            await asyncio.sleep(0)
        if plan.ending == "cut":
            return self.transport.close()
        if chunked:
            self.transport.write(b"0\r\n\r\n")
        if not self._parser.should_keep_alive():
            self.transport.close()
        return None

    def _reset(self) -> None:
        """Close with RST instead of FIN."""
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


@contextlib.asynccontextmanager
async def scripted_server(provider: ScriptedProvider | None = None, port: int = 0) -> AsyncIterator[str]:
    """Serve `provider` on a loopback port (0: a free one) and give its base URL (`http://127.0.0.1:PORT/v1`)."""
    served = provider or ScriptedProvider()
    open_: set[_Connection] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(served, open_), "127.0.0.1", port)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()
        for connection in list(open_):
            connection.transport.abort()
        await asyncio.sleep(0)  # their tasks end now and not in another test


@contextlib.contextmanager
def scripted_thread(provider: ScriptedProvider | None = None, port: int = 0) -> Iterator[str]:
    """As `scripted_server`, on a thread of its own, for callers that block."""
    started: concurrent.futures.Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = (
        concurrent.futures.Future()
    )

    async def serve() -> None:
        async with scripted_server(provider, port) as url:
            stop = asyncio.Event()
            started.set_result((url, asyncio.get_running_loop(), stop))
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="scripted-provider")
    thread.start()
    url, loop, stop = started.result(10)
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
