"""A tool server's answer that cannot be read fails the call that it was for, at once, and no other."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from mcp import Client
from mcp_types import JSONRPCError, JSONRPCMessage, JSONRPCNotification, JSONRPCRequest, JSONRPCResponse

from outrider.tools.upstreams._awaited import UNREADABLE, Awaited
from tests.tools.gateways import gateway

SERVER = r"""
import json, sys

kept = []
BROKEN = {
    "cut_short": '{"jsonrpc": "2.0", "id": %d, "result": {"content": [{"type": "te',
    "no_object": '{"jsonrpc": "2.0", "id": %d, "result": ["a"]}',
    "result_first": '{"result": {"content": [oops]}, "jsonrpc": "2.0", "id": %d}',
    "no_error": '{"error": "it broke", "id": %d, "jsonrpc": "2.0"}',
    "no_version": '{"id": %d, "result": {"content": []}}',
    "half": '{"jsonrpc": "2.0", "id": %d, "result": {"content": [{"type": "text", "text": "half \\ud83d of it"}]}}',
    "slow": "",
    "own_error": "",
    "go": '{"jsonrpc": "2.0", "id": %d, "result": {"content": []}}',
}

def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()

for line in sys.stdin:
    asked = json.loads(line)
    about, number = asked.get("params") or {}, asked.get("id")

    def answer(result):
        say(json.dumps({"jsonrpc": "2.0", "id": number, "result": result}))

    if asked["method"] == "initialize":
        info = {"name": "odd", "version": "1"}
        answer({"protocolVersion": about["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": info})
    elif asked["method"] == "tools/list":
        schema = {"type": "object", "properties": {}}
        answer({"tools": [{"name": name, "inputSchema": schema} for name in BROKEN]})
    elif asked["method"] != "tools/call":
        if number is not None:
            refused = {"code": -32601, "message": "no such method"}
            say(json.dumps({"jsonrpc": "2.0", "id": number, "error": refused}))
    elif about["name"] == "own_error":
        failed = {"code": -32000, "message": "the printer is out of paper"}
        say(json.dumps({"jsonrpc": "2.0", "id": number, "error": failed}))
    elif about["name"] == "slow":
        kept.append(number)
    else:
        say('{"level": "info", "error": "a line of a log, which is no answer"}')
        say(BROKEN[about["name"]] % number)
        if about["name"] == "go":
            for number in kept:
                answer({"content": [{"type": "text", "text": "slow and whole"}]})
"""
LABELS = {"*": {"trust": "trusted", "privacy": "public", "does": "none", "steers": {}}}


async def test_a_call_whose_answer_is_broken_fails_at_once_and_alone(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(SERVER)
    odd = {"command": [sys.executable, str(tmp_path / "odd.py")], "timeout": "10m"}
    async with (
        gateway(tmp_path, {"labels": LABELS, "servers": {"odd": odd}}) as gate,
        Client(gate.url, cache=None) as client,
        Client(gate.url, cache=None) as other,
        asyncio.timeout(120),
    ):
        slow = asyncio.create_task(other.call_tool("slow", {}))
        for name in ("cut_short", "no_object", "result_first", "no_error", "no_version"):
            failed = await client.call_tool(name, {})
            assert failed.is_error, name
            assert "gave an answer that is no JSON-RPC" in failed.content[0].text  # type: ignore[union-attr]
        own = await client.call_tool("own_error", {})  # its code is also that of a connection which ended
        assert own.content[0].text == "the printer is out of paper"  # type: ignore[union-attr]
        mended = await client.call_tool("half", {})
        assert mended.content[0].text == "half \ufffd of it"  # type: ignore[union-attr]
        assert not slow.done()
        await client.call_tool("go", {})
        assert (await slow).content[0].text == "slow and whole"  # type: ignore[union-attr]
        codes = [run.error for run in gate.runs() if run.model == "no_error"]
        assert codes == ["tool_server_invalid_answer"]


def request(number: int | str) -> JSONRPCMessage:
    return JSONRPCRequest(jsonrpc="2.0", id=number, method="tools/call", params={})


@pytest.mark.parametrize(
    "line",
    [
        b'{"jsonrpc":"2.0","id":5,"method":"ping","params":[oops]}',
        b'{"method":"ping","params":[oops],"jsonrpc":"2.0","id":5}',
        b'{"jsonrpc":"2.0","id":9,"result":[]}',
        b'{"jsonrpc":"2.0","id":7,"result":{"a":{"b":1,"jsonrpc":"2.0","id":5}',
        b'{"result":{"content":[oops',
        b'{"level":"info","id":5,"msg":"a log"}',
        b"[1, 2]",
        b"\xff\xfe",
        b'{"error":"no disk","id":5e400}',
        b"{" * 2000,
        b'{"id":5,"method":"x","result":1}',
    ],
)
def test_what_is_no_answer_to_somebody_fails_nobody(line: bytes) -> None:
    awaited = Awaited()
    awaited.said(request(5))
    awaited.said(request(6))
    assert isinstance(awaited.heard(line), Exception)


def test_where_one_alone_waits_a_broken_answer_without_a_number_is_its() -> None:
    awaited = Awaited()
    awaited.said(request(5))
    awaited.said(request(6))
    awaited.said(JSONRPCNotification(jsonrpc="2.0", method="notifications/cancelled", params={"requestId": 5}))
    for line in (
        b'{"result":{"content":[oops',
        b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"what?"}}',
    ):
        found = awaited.heard(line)
        assert not isinstance(found, Exception)
        assert isinstance(found.message, JSONRPCError)
        assert found.message.id == 6
        assert isinstance(awaited.heard(b'{"result":{"content":[oops'), Exception)
        awaited.said(request(6))


def test_a_very_long_line_is_known_by_its_ends() -> None:
    awaited = Awaited()
    awaited.said(request("a-5"))
    awaited.said(request(6))
    long = b"[" * 2_000_000
    for line, number in ((b'{"jsonrpc":"2.0","id":"a-5","result":' + long, "a-5"),
                         (b'{"result":' + long + b',"jsonrpc":"2.0","id":6}', 6)):  # fmt: skip
        found = awaited.heard(line)
        assert not isinstance(found, Exception)
        assert isinstance(found.message, JSONRPCError)
        assert found.message.id == number
        assert found.message.error.data is UNREADABLE


def test_what_can_be_read_is_left_as_it_is() -> None:
    awaited = Awaited()
    awaited.said(request(5))
    found = awaited.heard(json.dumps({"jsonrpc": "2.0", "id": 5, "result": {"a": "ü"}}).encode())
    assert not isinstance(found, Exception)
    assert isinstance(found.message, JSONRPCResponse)
    assert found.message.result == {"a": "ü"}
    assert isinstance(awaited.heard(b'{"jsonrpc":"2.0","id":5,"result":[]}'), Exception)
