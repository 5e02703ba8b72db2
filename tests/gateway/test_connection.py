"""One connection to a provider: good answers, bad ones, streams, and what cancelling does."""

import asyncio
import contextlib
import os
import socket
import struct
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer

import pytest

from outrider.base.errors import UpstreamError
from tests.gateway.far import LIMIT, ask, code_of, echo_bodies, get, once, plain, pool, provider, request

# -- what comes back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "early", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n"]
)
async def test_early_answers_are_not_the_answer(early: bytes) -> None:
    async with provider(once(early + early + plain(b"ok", b"x-real: 1"))) as far, pool(far.url) as near:
        for _ in range(2):
            response = await near.send(get())
            assert (response.status, dict(response.headers)[b"x-real"]) == (200, b"1")
            assert await response.read(LIMIT) == b"ok"
        assert far.connections == 1


async def test_a_body_may_end_with_the_connection() -> None:
    answer = b"HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\n" + b"x" * 100_000
    async with provider(once(answer, close=True)) as far, pool(far.url) as near:
        assert await ask(near) == b"x" * 100_000
        assert await ask(near) == b"x" * 100_000
        assert far.connections == 2


@pytest.mark.parametrize("framing", [b"content-length: 10", b"transfer-encoding: chunked"])
async def test_a_body_that_is_cut_is_an_error(framing: bytes) -> None:
    answer = b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n" + b"5\r\nhello"
    async with provider(once(answer, close=True)) as far, pool(far.url) as near:
        assert await code_of(ask(near)) == "upstream_disconnected"


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>no HTTP at all</html>",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_said_so(answer: bytes) -> None:
    async with provider(once(answer)) as far, pool(far.url) as near:
        assert await code_of(ask(near)) == "upstream_invalid_http"
        await far.gone.wait()


@pytest.mark.parametrize("surplus", [plain(b"smuggled"), b"XX", b"HTTP/1.1 200 OK\r\n"])
async def test_what_follows_an_answer_belongs_to_nobody(surplus: bytes) -> None:
    async with provider(once(plain(b"ok") + surplus)) as far, pool(far.url) as near:
        for _ in range(3):
            assert await ask(near) == b"ok"
            await asyncio.sleep(0)
        assert far.connections == 3


async def test_large_heads_have_an_end() -> None:
    fields = b"".join(b"x-%d: %b\r\n" % (i, b"y" * 1000) for i in range(100))
    answer = b"HTTP/1.1 200 OK\r\n" + fields + b"content-length: 2\r\n\r\nok"
    async with provider(once(answer)) as far, pool(far.url) as near:
        assert await ask(near) == b"ok"

    async def speak(reader: Reader, writer: Writer) -> None:
        await request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nx-endless: ")
        while True:
            writer.write(b"y" * 65536)
            await writer.drain()

    async with provider(speak) as far, pool(far.url) as near:
        assert await code_of(ask(near)) == "upstream_invalid_http"
        await far.gone.wait()


async def test_an_answer_may_be_larger_than_the_water_mark_but_not_than_the_limit() -> None:
    async with provider(once(plain(b"x" * 3_000_000))) as far, pool(far.url) as near:
        assert len(await (await near.send(get())).read(4_000_000)) == 3_000_000

        async def small() -> None:
            await (await near.send(get())).read(2_000_000)

        with pytest.raises(UpstreamError) as caught:
            await small()
        assert (caught.value.code, caught.value.retryable) == ("upstream_answer_too_large", False)


# -- streams ----------------------------------------------------------------------------------------------------------


async def test_pieces_are_passed_on_as_they_come() -> None:
    step = asyncio.Event()

    async def speak(reader: Reader, writer: Writer) -> None:
        await request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        for piece in (b"one", b"two", b"three"):
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await step.wait()
            step.clear()
        writer.write(b"0\r\n\r\n")
        await reader.read()

    async with provider(speak) as far, pool(far.url) as near:
        pieces: list[bytes] = []

        def sink(piece: bytes) -> bool:
            pieces.append(piece)
            step.set()
            return True

        response = await near.send(get())
        await response.pass_to(sink)
        assert pieces == [b"one", b"two", b"three"]
        assert response.complete


async def test_a_sink_that_has_enough_or_fails_ends_the_passing() -> None:
    async with provider(once(plain(b"x" * 100))) as far, pool(far.url) as near:
        await (await near.send(get())).pass_to(lambda piece: False)
        response = await near.send(get())

        def fails(piece: bytes) -> bool:
            raise UpstreamError("no", code="mine")

        assert await code_of(response.pass_to(fails)) == "mine"


async def test_a_slow_reader_pauses_the_provider() -> None:
    sent = 0
    total = 200 << 20

    async def speak(reader: Reader, writer: Writer) -> None:
        nonlocal sent
        writer.transport.set_write_buffer_limits(high=65536)
        await request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % total)
        block = b"z" * (1 << 18)
        while sent < total:
            writer.write(block)
            await writer.drain()
            sent += len(block)
        await reader.read()

    async with provider(speak) as far, pool(far.url) as near:
        received, stalled_at = 0, list[int]()

        def sink(piece: bytes) -> bool:
            nonlocal received
            received += len(piece)
            if len(stalled_at) < 3 and received > (len(stalled_at) + 1) << 24:
                response.pause()
                stalled_at.append(received)
                asyncio.get_running_loop().call_later(0.05, look)
            return True

        ahead: list[int] = []

        def look() -> None:
            ahead.append(sent - received)
            response.resume()

        response = await near.send(get())
        await response.pass_to(sink)
        assert received == total
        assert len(ahead) == 3
        assert max(ahead) < 16 << 20  # what the sockets' own buffers hold


async def test_an_unread_answer_is_held_back() -> None:
    sent, stuck = 0, asyncio.Event()

    async def speak(reader: Reader, writer: Writer) -> None:
        nonlocal sent
        await request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        with contextlib.suppress(TimeoutError):
            while True:
                writer.write(b"10000\r\n" + b"z" * 65536 + b"\r\n")
                await asyncio.wait_for(writer.drain(), 0.3)
                sent += 65536
        stuck.set()
        await reader.read()

    async with provider(speak) as far, pool(far.url) as near:
        response = await near.send(get())
        await stuck.wait()
        assert sent < 32 << 20
        response.abort()


# -- cancelling -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["head", "read", "pass"])
async def test_cancelling_closes_the_connection(moment: str) -> None:
    asked = asyncio.Event()

    async def speak(reader: Reader, writer: Writer) -> None:
        await request(reader)
        if moment != "head":
            writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
        asked.set()
        await reader.readexactly(1)

    async def whole() -> None:
        response = await near.send(get())
        if moment == "pass":
            await response.pass_to(lambda piece: True)
        else:
            await response.read(LIMIT)

    async with provider(speak) as far, pool(far.url) as near:
        task = asyncio.create_task(whole())
        await asked.wait()
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await far.gone.wait()


async def test_files_are_closed() -> None:
    async with provider(echo_bodies) as far:
        before = len(os.listdir("/proc/self/fd"))
        async with pool(far.url) as near:
            await asyncio.gather(*(ask(near) for _ in range(10)))
        await far.over()
        await asyncio.sleep(0.01)
        assert len(os.listdir("/proc/self/fd")) <= before


async def test_an_answer_that_is_refused_at_its_end_leaves_the_next_one_alone() -> None:
    """Its connection may serve somebody else by then."""
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def speak(reader: Reader, writer: Writer) -> None:
        await request(reader)
        writer.write(plain(b"bad"))
        await request(reader)
        asked.set()
        await may_answer.wait()
        writer.write(plain(b"good"))

    def refuse(_: bytes) -> bool:
        raise UpstreamError("this is no answer")

    async with provider(speak) as far, pool(far.url) as near:
        first = await near.send(get())
        second = asyncio.create_task(ask(near))
        await asked.wait()
        with pytest.raises(UpstreamError, match="this is no answer"):
            await first.pass_to(refuse)
        may_answer.set()
        assert await second == b"good"
        assert far.connections == 1


async def test_a_reset_of_a_busy_connection_is_told_and_not_asked_again_in_silence() -> None:
    """The provider may have read the request, and done the work."""

    async def speak(reader: Reader, writer: Writer) -> None:
        await request(reader)
        writer.write(plain())
        await request(reader)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with provider(speak) as far, pool(far.url) as near:
        assert await ask(near) == b"ok"
        assert await code_of(ask(near)) == "upstream_disconnected"
        assert far.connections == 1
