"""An MCP server of an older revision that answers in JSON, but not to what it was asked: nobody waits in vain."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from mcp import MCPError

from outrider.base.errors import UpstreamError
from outrider.limits.keys import Identity
from outrider.policy.identity import Who
from outrider.tools.ports import Caller, Mount, Own, Tool, ToolResult
from outrider.tools.upstreams import mcp_http
from outrider.tools.upstreams._answers import answers, read
from tests.tools.serving import Serving

TOOL = Tool(name="echo", own="echo")
RESULT = {"content": [{"type": "text", "text": "done"}]}


class Old:
    """A server of 2025-06-18 without streams. `gives` is what it answers to a call, given the call's id."""

    def __init__(self, gives: Any) -> None:
        self._gives = gives

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        asked = read(body)
        method, number = asked.get("method"), asked.get("id")
        answer: Any = {"jsonrpc": "2.0", "id": number}
        if scope["method"] != "POST" or number is None:
            return await self._send(send, 405 if scope["method"] != "POST" else 202, b"")
        if method == "initialize":
            about = {"serverInfo": {"name": "old", "version": "1"}, "capabilities": {"tools": {}}}
            answer["result"] = {"protocolVersion": "2025-06-18", **about}
        elif method == "tools/list":
            answer["result"] = {"tools": [{"name": "echo", "inputSchema": {"type": "object"}}]}
        elif method == "tools/call":
            answer = self._gives(number)
        else:
            answer["error"] = {"code": -32601, "message": "Method not found"}
        await self._send(send, 200, answer if isinstance(answer, bytes) else msgspec.json.encode(answer))

    async def _send(self, send: Any, status: int, body: bytes) -> None:
        headers = [(b"content-type", b"application/json")] if body else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def called(gives: Any, tmp_path: Path) -> ToolResult:
    async with Serving(Old(gives)) as url:
        upstream = mcp_http.open(Mount(name="it", kind="mcp_http", options={"url": f"{url}/mcp"}), Own(tmp_path))
        try:
            async with asyncio.timeout(10):
                assert [one.own for one in await upstream.list()] == ["echo"]
                caller = Caller(identity=Identity("p", "k"), who=Who("p", "s", user="ann"))
                return await upstream.call(TOOL, {}, caller)
        finally:
            await upstream.close()


@pytest.mark.parametrize(
    "gives",
    [
        lambda number: {"jsonrpc": "2.0", "id": number + 1000, "result": RESULT},
        lambda number: {"jsonrpc": "2.0", "id": "another", "result": RESULT},
        lambda number: {"jsonrpc": "2.0", "id": number + 1000, "error": {"code": -32000, "message": "no"}},
        lambda number: {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "x"}},
        lambda number: {"jsonrpc": "2.0", "id": number, "method": "ping"},
    ],
)
async def test_an_answer_to_something_else_ends_the_call_and_says_so(gives: Any, tmp_path: Path) -> None:
    with pytest.raises(UpstreamError, match="'it' gave an answer to something else") as refused:
        await called(gives, tmp_path)
    assert (refused.value.code, refused.value.retryable) == ("tool_server_invalid_answer", False)


async def test_an_answer_that_has_the_id_in_another_form_is_taken(tmp_path: Path) -> None:
    found = await called(lambda number: {"jsonrpc": "2.0", "id": str(number), "result": RESULT}, tmp_path)
    assert found.content == RESULT["content"]


async def test_an_error_without_an_id_is_the_answer(tmp_path: Path) -> None:
    error = {"jsonrpc": "2.0", "id": None, "error": {"code": -32602, "message": "no such colour"}}
    with pytest.raises(MCPError, match="no such colour"):
        await called(lambda _: error, tmp_path)


async def test_an_answer_is_held_up_to_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_http, "LARGEST", 1000)
    large = {"content": [{"type": "text", "text": "x" * 2000}]}
    with pytest.raises(UpstreamError, match="'it' gave more than 1000 bytes"):
        await called(lambda number: {"jsonrpc": "2.0", "id": number, "result": large}, tmp_path)


def test_what_answers_a_request() -> None:
    assert all(answers(one, 1) for one in ({}, {"id": 1}, {"id": "1"}, {"id": None, "error": {}}, {"result": {}}))
    assert not any(answers(one, 1) for one in ({"id": 2}, {"id": True}, {"id": "1.0"}, {"id": 1, "method": "ping"}))
    assert read(b"[1]") == read(b"") == read(b"{") == {}
