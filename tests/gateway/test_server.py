"""The protocol in front: deadlines and limits on what is read, order of what is answered, and clients that leave."""

import asyncio
import contextlib
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from outrider.gateway.front import Front, Handler
from outrider.gateway.server import MAX_HEAD, MAX_HEADERS, Exchange, protocol_class

LIMIT = 1_000_000


class Server:
    """Hot `POST /hot` answers with its body once `go` is set for it; all other paths are an ASGI application's."""

    def __init__(self) -> None:
        self.port = 0
        self.seen: list[bytes] = []
        self.gone: list[bytes] = []
        self.changed = asyncio.Event()
        self.waits: dict[bytes, asyncio.Event] = {}
        self.state = ServerState()
        self.broken = False

    async def hot(self, exchange: Exchange) -> None:
        body = bytes(exchange.body)
        self.seen.append(body)
        exchange.on_gone = lambda: self._left(body)
        self._change()
        if body in self.waits:
            await self.waits[body].wait()
        if self.broken:
            raise RuntimeError("broken on purpose")
        exchange.reply(200, b"content-type: text/plain\r\n", body)

    async def streamed(self, exchange: Exchange) -> None:
        exchange.start(200, b"content-type: text/plain\r\n")
        exchange.write(b"one")
        exchange.write(b"")
        exchange.end(b"two")

    async def endless(self, exchange: Exchange) -> None:
        """Writes until the client does not read, then until it does again."""
        exchange.start(200, b"content-type: text/plain\r\n")
        writable = asyncio.Event()
        exchange.on_writable = writable.set
        written = 0
        while not exchange.congested:
            exchange.write(b"z" * 65536)
            written += 1
            await asyncio.sleep(0)
        self.seen.append(b"congested")
        self._change()
        await writable.wait()
        exchange.end(b"%d" % written)

    async def application(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while (part := await receive())["type"] == "http.request":
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        else:
            self._left(scope["path"].encode())
            return
        self.seen.append(body)
        self._change()
        if body in self.waits:
            waiting = asyncio.create_task(self.waits[body].wait())
            leaving = asyncio.create_task(receive())
            await asyncio.wait((waiting, leaving), return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                self._left(body)
            for task in (waiting, leaving):
                task.cancel()
        answer = b"app:" + body
        headers = [(b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def _left(self, body: bytes) -> None:
        self.gone.append(body)
        self._change()

    def _change(self) -> None:
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()

    async def until(self, what: bytes, where: list[bytes]) -> None:
        async with asyncio.timeout(3):
            while what not in where:
                await self.changed.wait()


@contextlib.asynccontextmanager
async def serving(read_timeout: float = 20.0) -> AsyncIterator[Server]:
    server = Server()
    handlers: dict[tuple[bytes, bytes], Handler] = {
        (b"POST", b"/hot"): server.hot,
        (b"POST", b"/stream"): server.streamed,
        (b"GET", b"/endless"): server.endless,
    }
    front = Front(handlers, max_body=LIMIT, read_timeout=read_timeout)
    config = uvicorn.Config(
        server.application, http=protocol_class(front), lifespan="off", log_config=None, interface="asgi3"
    )
    config.load()
    protocol: Any = config.http_protocol_class
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: protocol(config=config, server_state=server.state, app_state={}), "127.0.0.1", 0
    )
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for connection in list(server.state.connections):
            connection.transport.abort()
        for task in list(server.state.tasks):
            task.cancel()
        await asyncio.gather(*server.state.tasks, return_exceptions=True)
        await asyncio.sleep(0.01)
        assert not server.state.connections


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as server:
        yield server


class Wire:
    def __init__(self, reader: Reader, writer: Writer) -> None:
        self.reader, self.writer = reader, writer

    def send(self, *parts: bytes) -> None:
        self.writer.write(b"".join(parts))

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        async with asyncio.timeout(3):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines)
            if first.split()[1] == "100":
                return 100, headers, b""
            if "content-length" in headers:
                body = await self.reader.readexactly(int(headers["content-length"]))
            elif "transfer-encoding" in headers:
                body = b""
                while size := int(await self.reader.readline(), 16):
                    body += (await self.reader.readexactly(size + 2))[:-2]
                await self.reader.readline()
            else:
                body = await self.reader.read()
            return int(first.split()[1]), headers, body

    async def ended(self) -> bytes:
        async with asyncio.timeout(3):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""


@contextlib.asynccontextmanager
async def connected(server: Server) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


@pytest.fixture
async def wire(server: Server) -> AsyncIterator[Wire]:
    async with connected(server) as wire:
        yield wire


def post(body: bytes, path: str = "/hot", *headers: str, version: str = "1.1") -> bytes:
    lines = [f"POST {path} HTTP/{version}", "host: x", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


# -- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/hot", "/app"])
async def test_many_requests_on_one_connection(server: Server, wire: Wire, path: str) -> None:
    for body in (b"a", b"b" * 300_000, b""):
        wire.send(post(body, path))
        status, headers, got = await wire.answer()
        assert (status, got.removeprefix(b"app:")) == (200, body)
        assert "connection" not in headers


async def test_a_streamed_answer_is_chunked_or_ends_with_the_connection(server: Server, wire: Wire) -> None:
    wire.send(post(b"", "/stream"))
    status, headers, body = await wire.answer()
    assert (status, headers["transfer-encoding"], body) == (200, "chunked", b"onetwo")
    wire.send(post(b"", "/stream", version="1.0"))
    status, headers, body = await wire.answer()
    assert (status, body) == (200, b"onetwo")
    assert "transfer-encoding" not in headers


@pytest.mark.parametrize("path", ["/hot", "/app"])
@pytest.mark.parametrize("how", ["1.0", "connection: close"])
async def test_the_last_request_ends_the_connection(wire: Wire, path: str, how: str) -> None:
    wire.send(post(b"a", path, version="1.0") if how == "1.0" else post(b"a", path, how))
    status, headers, _ = await wire.answer()
    assert (status, headers["connection"]) == (200, "close")
    assert await wire.ended() == b""


@pytest.mark.parametrize("path", ["/hot", "/app"])
async def test_an_offer_of_another_protocol_is_declined(wire: Wire, path: str) -> None:
    """Clients that would rather speak HTTP/2 (`curl --http2`, Java) are answered, and do not wait in vain."""
    offer = ("connection: Upgrade, HTTP2-Settings", "upgrade: h2c", "http2-settings: AAMAAABkAAQ")
    wire.send(post(b"hello", path, *offer))
    wire.send(post(b"again", path))
    for expected in (b"hello", b"again"):
        status, _, body = await wire.answer()
        assert (status, body.removeprefix(b"app:")) == (200, expected)


async def test_an_offer_in_a_request_that_comes_in_pieces(wire: Wire) -> None:
    for byte in post(b"hello", "/hot", "connection: upgrade, close", "upgrade: h2c"):
        wire.send(bytes([byte]))
        await asyncio.sleep(0)
    status, headers, body = await wire.answer()
    assert (status, headers["connection"], body) == (200, "close", b"hello")


async def test_connect_is_refused(wire: Wire) -> None:
    wire.send(b"CONNECT example.org:443 HTTP/1.1\r\nhost: example.org:443\r\n\r\n")
    assert (await wire.answer())[0] == 400


@pytest.mark.parametrize("path", ["/hot", "/app"])
async def test_expect_continue(wire: Wire, path: str) -> None:
    wire.send(post(b"", path, "expect: 100-continue").replace(b"content-length: 0", b"content-length: 5"))
    assert (await wire.answer())[0] == 100
    wire.send(b"hello")
    assert (await wire.answer())[2].removeprefix(b"app:") == b"hello"


async def test_an_error_in_a_handler_is_an_answer(server: Server, wire: Wire) -> None:
    server.broken = True
    wire.send(post(b"a"))
    status, headers, body = await wire.answer()
    assert (status, headers["connection"]) == (503, "close")
    assert b"internal_error" in body
    assert b"on purpose" not in body


async def test_a_client_that_does_not_read_stops_the_writing(server: Server) -> None:
    async with connected(server) as wire:
        wire.send(b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n")
        await server.until(b"congested", server.seen)
        _, _, body = await wire.answer()
        assert len(body) > 65536
        assert int(body.rpartition(b"z")[2]) * 65536 == body.rindex(b"z") + 1


# -- order ------------------------------------------------------------------------------------------------------------


async def test_requests_sent_at_once_are_answered_in_order(wire: Wire) -> None:
    paths = ["/hot", "/app", "/hot", "/hot", "/app", "/app", "/hot"]
    wire.send(*(post(b"%d" % i, path) for i, path in enumerate(paths)))
    got = [(await wire.answer())[2] for _ in paths]
    assert got == [(b"app:" if path == "/app" else b"") + b"%d" % i for i, path in enumerate(paths)]


@pytest.mark.parametrize("second", ["/hot", "/app"])
@pytest.mark.parametrize("first", ["/hot", "/app"])
async def test_a_second_request_may_still_be_arriving(server: Server, wire: Wire, first: str, second: str) -> None:
    server.waits[b"slow"] = asyncio.Event()
    late = post(b"x" * 200_000, second)
    wire.send(post(b"slow", first), late[:70])
    await server.until(b"slow", server.seen)
    wire.send(late[70:150_000])
    server.waits[b"slow"].set()
    assert (await wire.answer())[2].removeprefix(b"app:") == b"slow"
    wire.send(late[150_000:], post(b"third", first))
    assert (await wire.answer())[2].removeprefix(b"app:") == b"x" * 200_000
    assert (await wire.answer())[2].removeprefix(b"app:") == b"third"


async def test_waiting_behind_a_slow_answer_is_not_the_clients_fault() -> None:
    async with serving(read_timeout=0.05) as server, connected(server) as wire:
        server.waits[b"slow"] = asyncio.Event()
        late = post(b"x" * 1000)
        wire.send(post(b"slow"), late[:100])
        await server.until(b"slow", server.seen)
        await asyncio.sleep(0.2)  # four times as long as a request may take
        server.waits[b"slow"].set()
        wire.send(late[100:])
        assert (await wire.answer())[2] == b"slow"
        assert (await wire.answer())[2] == b"x" * 1000


@pytest.mark.parametrize("path", ["/hot", "/app"])
@pytest.mark.parametrize(
    ("bad", "status"),
    [
        (b"GARBAGE\r\n\r\n", 400),
        (b"POST /hot HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n", 413),
        (b"POST /hot HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n", 400),
        (b"POST /app HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n", 400),
        (b"POST /hot HTTP/1.1\r\nx: " + b"y" * 100_000 + b"\r\n\r\n", 431),
    ],
)
async def test_a_refusal_waits_for_its_turn(server: Server, wire: Wire, path: str, bad: bytes, status: int) -> None:
    server.waits[b"slow"] = asyncio.Event()
    wire.send(post(b"slow", path), post(b"quick"))
    await server.until(b"slow", server.seen)
    wire.send(bad)
    await asyncio.sleep(0.01)
    server.waits[b"slow"].set()
    assert (await wire.answer())[2].removeprefix(b"app:") == b"slow"
    assert (await wire.answer())[2] == b"quick"
    refused, headers, _ = await wire.answer()
    assert (refused, headers["connection"]) == (status, "close")
    assert await wire.ended() == b""


# -- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "begun",
    [
        b"POST /h",
        b"POST /hot HTTP/1.1\r\nhost: x\r\nx-slow",
        post(b"hello")[:-1],
        post(b"hello", "/app")[:-1],
        b"POST /hot HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
    ],
)
async def test_a_slow_request_is_a_408(begun: bytes) -> None:
    async with serving(read_timeout=0.1) as server, connected(server) as wire:
        wire.send(begun)
        status, headers, body = await wire.answer()
        assert (status, headers["connection"]) == (408, "close")
        assert b'"request_timeout"' in body
        assert await wire.ended() == b""
        assert server.seen == []


async def test_a_connection_that_says_nothing_is_closed() -> None:
    async with serving(read_timeout=0.05) as server, connected(server) as wire:
        assert await wire.ended() == b""


async def test_an_answer_may_take_longer_than_the_request() -> None:
    async with serving(read_timeout=0.05) as server, connected(server) as wire:
        server.waits[b"slow"] = asyncio.Event()
        wire.send(post(b"slow"))
        await asyncio.sleep(0.15)
        server.waits[b"slow"].set()
        assert (await wire.answer())[0] == 200


def _fields(size: int, each: int = 900) -> list[str]:
    return [f"x-{i}: " + "y" * each for i in range(size // each)]


async def test_heads_have_a_limit(wire: Wire) -> None:
    wire.send(post(b"fits", "/hot", *_fields(50_000)), post(b"too", "/hot", *_fields(120_000)))
    assert (await wire.answer())[2] == b"fits"
    status, _, body = await wire.answer()
    assert status == 431
    assert b'"headers_too_large"' in body


@pytest.mark.parametrize("path", ["/hot", "/slow"])
@pytest.mark.parametrize("size", [66_000, 100_000])
@pytest.mark.parametrize("pieces", [1, 2])
async def test_an_address_has_a_limit(wire: Wire, path: str, size: int, pieces: int) -> None:
    """One that no parser takes was no answer at all, and a fault in the log."""
    whole = f"GET {path}?q={'a' * size} HTTP/1.1\r\nhost: x\r\n\r\n".encode()
    for at in range(0, len(whole), len(whole) // pieces + 1):
        wire.send(whole[at : at + len(whole) // pieces + 1])
        await asyncio.sleep(0.02)
    status, _, body = await wire.answer()
    assert status == 431
    assert b'"headers_too_large"' in body


async def test_the_number_of_fields_has_a_limit(wire: Wire) -> None:
    wire.send(post(b"", "/hot", *(f"x-{i}: y" for i in range(MAX_HEADERS))))
    assert (await wire.answer())[0] == 431


@pytest.mark.parametrize("behind", [False, True])
async def test_an_endless_head_ends(server: Server, wire: Wire, behind: bool) -> None:
    """Also behind a request that is being answered."""
    server.waits[b"slow"] = asyncio.Event()
    if behind:
        wire.send(post(b"slow"))
        await server.until(b"slow", server.seen)
    wire.send(b"POST /hot HTTP/1.1\r\nx-endless: ")
    for _ in range(2):
        await asyncio.sleep(0.02)
        wire.send(b"y" * (MAX_HEAD // 2 + 1))
    server.waits[b"slow"].set()
    if behind:
        assert (await wire.answer())[2] == b"slow"
    assert (await wire.answer())[0] == 431


async def test_a_large_body_before_a_head_does_not_count_as_one(wire: Wire) -> None:
    second = post(b"second")
    wire.send(post(b"x" * 100_000), second[:20])
    assert len((await wire.answer())[2]) == 100_000
    wire.send(second[20:])
    assert (await wire.answer())[2] == b"second"


@pytest.mark.parametrize("path", ["/hot", "/app"])
async def test_bodies_have_a_limit(server: Server, path: str) -> None:
    async with connected(server) as wire:
        wire.send(post(b"", path).replace(b"content-length: 0", b"content-length: %d" % (LIMIT + 1)))
        assert (await wire.answer())[0] == 413
    async with connected(server) as wire:
        wire.send(post(b"x" * LIMIT, path))
        assert (await wire.answer())[0] == 200
    async with connected(server) as wire:
        wire.send(f"POST {path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        with contextlib.suppress(ConnectionError):
            for _ in range(LIMIT // 65536 + 1):
                wire.send(b"10000\r\n", b"x" * 65536, b"\r\n")
                await wire.writer.drain()
        assert (await wire.answer())[0] == 413


# -- leaving ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("waiting", [0, 2])
@pytest.mark.parametrize("path", ["/hot", "/app"])
async def test_a_handler_learns_that_its_client_left(server: Server, path: str, waiting: int) -> None:
    server.waits[b"slow"] = asyncio.Event()
    async with connected(server) as wire:
        wire.send(post(b"slow", path), *(post(b"later", "/hot") for _ in range(waiting)))
        await server.until(b"slow", server.seen)
        if waiting:  # reading stands still while requests wait: the server sees the end when it is reset
            for connection in list(server.state.connections):
                connection.transport.abort()
    await server.until(b"slow", server.gone)
    server.waits[b"slow"].set()
    assert b"later" not in server.seen


async def test_a_client_that_leaves_in_the_middle_of_its_request_is_forgotten(server: Server) -> None:
    for begun in (b"POST /hot HT", post(b"hello")[:-1]):
        async with connected(server) as wire:
            wire.send(begun)
            await asyncio.sleep(0.01)
    async with connected(server) as wire:
        wire.send(post(b"after"))
        assert (await wire.answer())[2] == b"after"
    assert server.seen == [b"after"]


async def test_a_large_body_over_a_thin_line_may_take_its_time() -> None:
    async with serving(read_timeout=0.2) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"POST /hot HTTP/1.1\r\nhost: x\r\ncontent-length: 400000\r\n\r\n")
        for _ in range(20):
            writer.write(b"a" * 20_000)
            await asyncio.sleep(0.03)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        writer.close()
