"""What a program writes, however it writes it."""

import asyncio
import sys
from pathlib import Path

import pytest

from outrider.base.errors import UpstreamError
from outrider.limits.keys import Identity
from outrider.policy.identity import Who
from outrider.tools.ports import Caller, Mount, Own, Tool
from outrider.tools.upstreams import _program, mcp_stdio

CALLER = Caller(identity=Identity("p", "k"), who=Who("p", "s"))
ODD = """
import json, sys

def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()

for line in sys.stdin:
    asked = json.loads(line)
    about, number = asked.get("params") or {}, asked.get("id")

    def answer(result):
        return json.dumps({"jsonrpc": "2.0", "id": number, "result": result})

    def text(said):
        return answer({"content": [{"type": "text", "text": said}]})

    if asked["method"] == "initialize":
        info = {"name": "odd", "version": "1"}
        given = {"protocolVersion": about["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": info}
        say(answer(given) + "\\n")
    elif asked["method"] != "tools/call":
        if number is not None:
            refused = {"code": -32601, "message": "no such method"}
            say(json.dumps({"jsonrpc": "2.0", "id": number, "error": refused}) + "\\n")
    elif about["name"] == "large":
        say(text("x" * 3_000_000) + "\\n")
    elif about["name"] == "rubbish":
        say("no JSON\\n\\n{}\\n" + text("after all") + "\\n" + text("again") + "\\n")
    elif about["name"] == "pieces":
        for sign in text("in pieces") + "\\n":
            say(sign)
    elif about["name"] == "endless":
        while True:
            say("x" * 65536)
"""


def tool(name: str) -> Tool:
    return Tool(name=name, own=name)


@pytest.fixture
def upstream(tmp_path: Path) -> mcp_stdio.McpUpstream:
    (tmp_path / "odd.py").write_text(ODD)
    return mcp_stdio.open(
        Mount(name="odd", kind="mcp_stdio", options={"command": [sys.executable, str(tmp_path / "odd.py")]}),
        Own(tmp_path),
    )


async def test_lines_are_read_whatever_stands_between_them(upstream: mcp_stdio.McpUpstream) -> None:
    said = [(await upstream.call(tool(name), {}, CALLER)).content[0]["text"] for name in ("pieces", "rubbish", "large")]
    assert said[:2] == ["in pieces", "after all"]
    assert len(said[2]) == 3_000_000
    await upstream.close()


async def test_a_line_without_an_end_ends_the_program(
    upstream: mcp_stdio.McpUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_program, "LONGEST", 1 << 20)
    async with asyncio.timeout(60):
        with pytest.raises(UpstreamError, match="it ended the connection"):
            await upstream.call(tool("endless"), {}, CALLER)
        assert "[ended: it wrote a line of more than" in upstream.health().said
        again = await upstream.call(tool("pieces"), {}, CALLER)
        assert again.content[0]["text"] == "in pieces"
        await upstream.close()
