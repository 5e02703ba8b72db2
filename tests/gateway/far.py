"""A server that says what a test tells it, and a pool that must leave nothing behind."""

import asyncio
import contextlib
import ssl
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from outrider.base.errors import UpstreamError
from outrider.base.ports import WireRequest
from outrider.gateway.upstream import HttpPool, Origin

Speak = Callable[[Reader, Writer], Awaitable[None]]
LIMIT = 1 << 20


def get(body: bytes = b"") -> WireRequest:
    return WireRequest("POST", "/v1/x", [(b"x-a", b"b")], body)


async def request(reader: Reader) -> tuple[bytes, bytes]:
    """Head and body of the next request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head, await reader.readexactly(length)


def plain(body: bytes = b"ok", *headers: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 200 OK", *headers, b"content-length: %d" % len(body), b"", body])


class Provider:
    """A server that speaks as told. `connections` counts; `gone` is set when a connection's other side has left."""

    def __init__(self, speak: Speak) -> None:
        self._speak = speak
        self.connections = 0
        self.gone = asyncio.Event()
        self.heads: list[bytes] = []
        self.url = ""
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: Reader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            await self._speak(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.gone.set()
        except asyncio.CancelledError:
            """The test is over."""
        finally:
            self._tasks.discard(task)
            writer.close()

    async def over(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def provider(speak: Speak, tls: ssl.SSLContext | None = None) -> AsyncIterator[Provider]:
    serving = Provider(speak)
    server = await asyncio.start_server(serving.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    serving.url = f"{'https' if tls else 'http'}://localhost:{port}" if tls else f"http://127.0.0.1:{port}"
    try:
        yield serving
    finally:
        server.close()
        await serving.over()


@contextlib.asynccontextmanager
async def pool(
    url: str, proxy: str | None = None, *, tls: ssl.SSLContext | None = None, connect_timeout: float = 10.0
) -> AsyncIterator[HttpPool]:
    """A pool that must leave no socket and no task behind."""
    before = asyncio.all_tasks()
    pool = HttpPool(Origin(url, proxy), tls=tls, connect_timeout=connect_timeout)
    try:
        yield pool
    finally:
        await pool.close()
        for _ in range(3):
            await asyncio.sleep(0)
        far = ("Provider.", "Proxy.")
        mine = [
            t for t in asyncio.all_tasks() - before if not getattr(t.get_coro(), "__qualname__", "").startswith(far)
        ]
        assert not mine, f"tasks left: {mine}"


async def echo_bodies(reader: Reader, writer: Writer) -> None:
    while True:
        _, body = await request(reader)
        writer.write(plain(body))


def once(answer: bytes, *, close: bool = False) -> Speak:
    """Give `answer` to every request as it is."""

    async def speak(reader: Reader, writer: Writer) -> None:
        while True:
            await request(reader)
            writer.write(answer)
            if close:
                return

    return speak


async def ask(pool: HttpPool, body: bytes = b"") -> bytes:
    return await (await pool.send(get(body))).read(LIMIT)


async def code_of(asking: Awaitable[object]) -> str:
    with pytest.raises(UpstreamError) as caught:
        await asking
    return caught.value.code
