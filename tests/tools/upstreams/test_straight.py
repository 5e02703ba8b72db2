"""Requests over kept connections: what a server may answer, and how a link goes on where it answers otherwise."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from mcp import MCPError
from starlette.types import Receive, Scope, Send

from outrider.base.errors import UpstreamError
from outrider.gateway.upstream import HttpPool, Origin
from outrider.limits.keys import Identity
from outrider.policy.identity import Who
from outrider.tools.ports import Caller, Mount, Own, Silent, Tool
from outrider.tools.upstreams import mcp_http
from outrider.tools.upstreams._mcp import McpUpstream
from outrider.tools.upstreams._straight import Straight
from tests.tools.everything import Everything
from tests.tools.serving import Serving

ECHO = Tool(name="echo", own="echo")
RESULT = {"jsonrpc": "2.0", "id": 1, "result": {"ok": True}}


class Says:
    """A server that answers every request in one way. `seen` are its requests: headers and message."""

    def __init__(self, status: int, kind: str, *parts: bytes, head: Mapping[str, str] | None = None) -> None:
        self.status, self.kind, self.parts, self.head = status, kind, parts, head or {}
        self.seen: list[tuple[dict[bytes, bytes], Any]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        self.seen.append((dict(scope["headers"]), json.loads(message["body"])))
        headers = [(b"content-type", self.kind.encode()), *((k.encode(), v.encode()) for k, v in self.head.items())]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        for part in self.parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def asked(server: Says, opts: Any = None, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    async with Serving(server) as url:
        straight = Straight(HttpPool(Origin(url)), "/mcp", headers or {})
        try:
            return await straight.send_raw_request("tools/call", {"name": "echo"}, opts)
        finally:
            await straight.close()


def event(message: Any) -> bytes:
    return b"event: message\r\ndata: " + json.dumps(message).encode() + b"\r\n\r\n"


async def test_a_result_in_json() -> None:
    server = Says(200, "application/json", json.dumps(RESULT).encode())
    found = await asked(server, {"headers": {"Mcp-Method": "tools/call"}}, {"X-User": "ann"})
    assert found == {"ok": True}
    ((headers, message),) = server.seen
    assert (headers[b"x-user"], headers[b"mcp-method"]) == (b"ann", b"tools/call")
    assert message == {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "echo"}}


async def test_a_stream_says_how_far_it_is() -> None:
    told: list[Any] = []

    async def progress(*said: Any) -> None:
        told.append(said)

    mine = {"progressToken": 1, "progress": 0.5, "total": 1, "message": "half"}
    server = Says(
        200,
        "text/event-stream",
        b": ping\r\n\r\n",
        event({"jsonrpc": "2.0", "method": "notifications/progress", "params": mine}),
        event({"jsonrpc": "2.0", "method": "notifications/progress", "params": {**mine, "progressToken": 9}}),
        event(RESULT),
    )
    assert await asked(server, {"on_progress": progress}) == {"ok": True}
    assert told == [(0.5, 1, "half")]
    assert server.seen[0][1]["params"]["_meta"]["progressToken"] == 1


async def test_a_server_that_talks_on_waits_for_whoever_hears_it() -> None:
    heard, sent = 0, asyncio.Event()
    words = event({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": 1, "progress": 1}})
    many = [words * 1000] * 200

    class Talks(Says):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await super().__call__(scope, receive, send)
            sent.set()

    async def progress(*_: Any) -> None:
        nonlocal heard
        heard += 1
        if heard == 1:  # long enough for all of it, had it a place to go to
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(sent.wait(), 2)

    assert await asked(Talks(200, "text/event-stream", *many, event(RESULT)), {"on_progress": progress}) == {"ok": True}
    assert heard == 200_000


async def test_an_answer_that_came_at_once_leaves_its_connection_in_order() -> None:
    """Whoever hears it is slower than the server, which has nothing more to say: nobody has to wait."""
    words = event({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": 1, "progress": 1}})

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in (1, 2):
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(one for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            body = words * 20 + event({**RESULT, "id": number})
            head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: %d\r\n\r\n" % len(body)
            writer.write(head + body)
        writer.close()

    async def progress(*_: Any) -> None:
        await asyncio.sleep(0)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        straight = Straight(HttpPool(Origin(f"http://127.0.0.1:{port}")), "/mcp", {})
        async with asyncio.timeout(10):
            for _ in range(2):
                found = await straight.send_raw_request("tools/call", {"name": "echo"}, {"on_progress": progress})
                assert found == {"ok": True}
        await straight.close()


@pytest.mark.parametrize(
    ("server", "code"),
    [
        (Says(400, "application/json", b'{"id": null, "error": {"code": -32602, "message": "no"}}'), -32602),
        (Says(200, "application/json", b'{"id": 1, "error": {"code": -32001, "message": "no"}}'), -32001),
        (Says(404, "text/html", b"nothing"), -32601),
        (Says(500, "text/html", b"broken"), -32603),
        (Says(202, "text/plain"), -32600),
        (Says(200, "text/html", b"<p>"), -32600),
        (Says(200, "text/event-stream", b": nothing\n\n"), -32000),
    ],
)
async def test_what_is_no_result(server: Says, code: int) -> None:
    with pytest.raises(MCPError) as refused:
        await asked(server)
    assert refused.value.error.code == code


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"result": 3}', b"\xff", b'{"id": 2, "result": {}}', b'{"id": 1, "method": "ping"}']
)
async def test_what_is_no_json_rpc(body: bytes) -> None:
    with pytest.raises(UpstreamError) as refused:
        await asked(Says(200, "application/json", body))
    assert (refused.value.code, refused.value.retryable) == ("tool_server_invalid_answer", False)


async def test_a_header_stays_in_its_line() -> None:
    for headers in ({"x-token": "a\r\nx-user: eve"}, {"x user": "a"}, {"x\n": "a"}):
        with pytest.raises(UpstreamError, match="line"):
            await asked(Says(200, "application/json"), headers=headers)


async def test_nobody_there_counts_as_gone() -> None:
    straight = Straight(HttpPool(Origin("http://127.0.0.1:9")), "/mcp", {})
    with pytest.raises(MCPError) as refused:
        await straight.send_raw_request("tools/call", {})
    assert refused.value.error.code == -32000
    await straight.close()


# -- a whole upstream ------------------------------------------------------------------------------------------------


def opened(url: str, tmp_path: Path) -> McpUpstream:
    own = Own(tmp_path, connect=lambda where: HttpPool(Origin(where), again=False))
    return mcp_http.open(Mount(name="it", kind="mcp_http", options={"url": f"{url}/mcp"}), own)


def caller(back: Any = None, **meta: Any) -> Caller:
    return Caller(identity=Identity("p", "k"), who=Who("p", "s"), back=back or Silent(), meta=meta)


class Hearing(Silent):
    def __init__(self) -> None:
        self.told: list[Any] = []

    async def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        self.told.append(progress)


async def test_calls_go_the_straight_way(tmp_path: Path) -> None:
    app, agents = Everything().server.streamable_http_app(), []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        agents.append(b"user-agent" in dict(scope["headers"]))
        await app(scope, receive, send)

    async with app.router.lifespan_context(app), Serving(watched) as url:
        upstream = opened(url, tmp_path)
        assert any(tool.name == "echo" for tool in await upstream.list())
        results = await asyncio.gather(*(upstream.call(ECHO, {"text": f"n{n}"}, caller()) for n in range(20)))
        assert [one.content[0]["text"] for one in results] == [f"n{n}" for n in range(20)]
        hearing = Hearing()
        slow = Tool(name="test_tool_with_progress", own="test_tool_with_progress")
        assert not (await upstream.call(slow, {}, caller(hearing, progressToken="t"))).is_error
        assert hearing.told
        assert agents.count(False) >= 22  # the SDK's own transport says who it is
        await upstream.close()


async def test_a_call_that_is_given_up_ends_there_too(tmp_path: Path) -> None:
    app, left = Everything().server.streamable_http_app(), asyncio.Event()
    held = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if dict(scope["headers"]).get(b"mcp-name") != b"echo":
            return await app(scope, receive, send)
        await receive()
        held.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        left.set()

    async with app.router.lifespan_context(app), Serving(slow) as url:
        upstream = opened(url, tmp_path)
        call = asyncio.create_task(upstream.call(ECHO, {"text": "x"}, caller()))
        await held.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        async with asyncio.timeout(10):
            await left.wait()
        await upstream.close()


async def test_a_server_that_moved_is_followed_by_the_sdk(tmp_path: Path) -> None:
    app, moved = Everything().server.streamable_http_app(), []

    async def elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/mcp":
            moved.append(1)
            headers = [(b"location", b"/there"), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 307, "headers": headers})
            return await send({"type": "http.response.body", "body": b""})
        await app({**scope, "path": "/mcp", "raw_path": b"/mcp"}, receive, send)

    async with app.router.lifespan_context(app), Serving(elsewhere) as url:
        upstream = opened(url, tmp_path)
        for _ in range(2):
            assert (await upstream.call(ECHO, {"text": "x"}, caller())).content[0]["text"] == "x"
        await upstream.close()


async def test_a_server_that_ended_is_opened_again(tmp_path: Path) -> None:
    app = Everything().server.streamable_http_app()
    async with app.router.lifespan_context(app):
        async with Serving(app) as url:
            upstream = opened(url, tmp_path)
            await upstream.call(ECHO, {"text": "x"}, caller())
        with pytest.raises(UpstreamError) as gone:
            await upstream.call(ECHO, {"text": "x"}, caller())
        assert gone.value.retryable
        assert "provider" not in gone.value.message
        assert upstream.health().state != "up"
        await upstream.close()


async def test_a_call_that_a_server_took_and_did_not_answer_is_not_made_again(tmp_path: Path) -> None:
    """Over a connection that was used before, too: it may have done what it was asked."""
    taken: list[bytes] = []

    async def drops(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = b'{"jsonrpc": "2.0", "id": 1, "result": {}}'
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
            taken.append(await reader.readexactly(size))
            if len(taken) > 1:
                writer.close()
                return await writer.wait_closed()
            said = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
            writer.write(said % (len(answer), answer))

    server = await asyncio.start_server(drops, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        straight = Straight(HttpPool(Origin(url), again=False), "/mcp", {})
        assert await straight.send_raw_request("tools/call", {}) == {}
        with pytest.raises(MCPError) as gone:
            await straight.send_raw_request("tools/call", {})
        assert gone.value.error.code == -32000
        await straight.close()
    assert len(taken) == 2
