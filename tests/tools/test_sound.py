"""What no part of the house could write down again."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from outrider.base.errors import RequestError, UpstreamError
from outrider.tools.ports import Needs, ToolResult, text_result
from outrider.tools.sound import MOST_DEEP, check, deeper, sound
from tests.tools.gateways import gateway

TOOLS = '''
from typing import Any
import outrider

known = dict(trust="trusted", privacy="public", does="none", steers={})

@outrider.tool(**known)
def brackets() -> str:
    """Many brackets."""
    return "[" * 100_000

@outrider.tool(**known)
def halves() -> str:
    """Half of a pair."""
    return "a\\ud800b"

@outrider.tool(**known)
def endless() -> Any:
    """A list in itself."""
    made: list[Any] = []
    made.append(made)
    return made

@outrider.tool(**known)
def take(x: Any = None) -> str:
    """Takes anything."""
    return "taken"
'''


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


def test_halves_of_pairs_are_replaced_everywhere() -> None:
    found = sound(
        ToolResult(
            content=[{"type": "text", "text": "a\ud800b \ud83d\ude00"}],
            structured={"k\udc00": ["\ud800", 1, None]},
            meta={"m": "\udfff"},
            needs=Needs({"one": {"message": "\ud800"}}, "\ud800"),
        ),
        "t",
    )
    assert found.content == [{"type": "text", "text": "a\ufffdb \U0001f600"}]
    assert found.structured == {"k\ufffd": ["\ufffd", 1, None]}
    assert found.meta == {"m": "\ufffd"}
    assert found.needs == Needs({"one": {"message": "\ufffd"}}, "\ufffd")
    plain = text_result("plain")
    assert sound(plain, "t") is plain


@pytest.mark.parametrize("value", [nested(MOST_DEEP), nested(5000), {"x": "\ud800", **nested(900)}])
def test_what_cannot_be_said_again_is_refused(value: Any) -> None:
    with pytest.raises(UpstreamError) as refused:
        sound(ToolResult(structured=value), "t")
    assert refused.value.code == "tool_server_invalid_answer"
    with pytest.raises(RequestError) as wrong:
        check([value])
    assert wrong.value.code == "invalid_arguments"


def test_depth_is_levels_and_not_size() -> None:
    assert not deeper(nested(3), 3)
    assert deeper(nested(4), 3)
    wide = {"rows": [{"a": [1]}] * 1000}
    assert sound(ToolResult(structured=wide), "t").structured is wide
    check(wide)


async def test_a_call_goes_on_or_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "odd_tools.py").write_text(TOOLS)
    async with gateway(tmp_path, {"servers": {"odd": {"python": "odd_tools.py"}}}) as there:
        meta = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        head = {
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            "mcp-protocol-version": "2026-07-28",
            "mcp-method": "tools/call",
        }

        async def call(name: str, arguments: Any = None) -> dict[str, Any]:
            params = {"name": name, "arguments": arguments or {}, "_meta": meta}
            said = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
            async with httpx2.AsyncClient() as web:
                found = await web.post(there.url, content=json.dumps(said), headers=head | {"mcp-name": name})
            answered: dict[str, Any] = found.json()
            return answered

        assert (await call("brackets"))["result"]["content"][0]["text"].startswith("[[[[")
        assert (await call("halves"))["result"]["content"][0]["text"] == "a\ufffdb"
        said = (await call("endless"))["result"]
        assert said["isError"]
        assert "returned what its annotation does not allow" in said["content"][0]["text"]
        assert [run.status for run in there.runs()] == ["ok", "ok", "error"]
        for odd in ("\ud800", nested(300)):
            error = (await call("take", {"x": odd}))["error"]
            assert error["code"] == -32602
            assert error["data"] == {"code": "invalid_arguments"}
