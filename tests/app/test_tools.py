"""The tool gateway as a worker wires it: made when it is needed, changed by a reload, quick to stop."""

import asyncio
from pathlib import Path

import httpx2
import pytest
from mcp import Client

from outrider.app.tools import ToolsHandle
from tests.tools.gateways import everything, gateway

NONE = {"trust": "trusted", "privacy": "public", "does": "none", "steers": {}}
INITIALIZE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
HEADERS = {"content-type": "application/json", "accept": "application/json, text/event-stream"}


async def test_a_reload_brings_and_takes_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outrider.app.build.WATCH_SECONDS", 0.01)
    async with everything() as (url, _), gateway(tmp_path, {"labels": {"*": NONE}}) as gate, Client(gate.url) as client:
        assert (await client.list_tools(cache_mode="bypass")).tools == []
        config = gate.worker.config
        assert config is not None
        before = config.read_text("utf-8")
        config.write_text(f"{before.partition('tools:')[0]}tools: {{servers: {{all: {{url: '{url}'}}}}}}\n")
        async with asyncio.timeout(20):
            while not (await client.list_tools(cache_mode="bypass")).tools:  # noqa: ASYNC110 -- the worker looks
                await asyncio.sleep(0.02)
        config.write_text(before)
        async with asyncio.timeout(20):
            while (await client.list_tools(cache_mode="bypass")).tools:  # noqa: ASYNC110 -- as above
                await asyncio.sleep(0.02)


async def test_a_stop_ends_streams_that_nobody_waits_for(tmp_path: Path) -> None:
    async with gateway(tmp_path, {}) as gate, httpx2.AsyncClient(timeout=20) as http:
        message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": INITIALIZE}
        begun = await http.post(gate.url, json=message, headers=HEADERS)
        name = {"mcp-session-id": begun.headers["mcp-session-id"]}
        async with http.stream("GET", gate.url, headers={"accept": "text/event-stream", **name}) as stream:
            assert stream.status_code == 200
            gate.worker.stopping = True
            async with asyncio.timeout(10):
                async for _ in stream.aiter_raw():
                    pass


async def test_a_name_behind_the_slash_is_a_server_or_a_mask(tmp_path: Path) -> None:
    masks = {"few": {"on_request": True, "only": ["echo"]}}
    async with everything() as (url, _):
        tools = {"labels": {"*": NONE}, "servers": {"all": {"url": url}}, "masks": masks}
        async with gateway(tmp_path, tools) as gate:
            for name, seen in (("all", True), ("few", False)):
                async with Client(f"{gate.url}/{name}") as client:
                    names = [tool.name for tool in (await client.list_tools()).tools]
                    assert "echo" in names
                    assert ("sleep" in names) == seen
            async with httpx2.AsyncClient() as http:
                message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": INITIALIZE}
                assert (await http.post(f"{gate.url}/typo", json=message, headers=HEADERS)).status_code == 404


def test_nothing_of_the_sdk_is_imported_before_it_is_needed() -> None:
    import subprocess
    import sys

    code = "import outrider.app.build, sys; print([m for m in sys.modules if m == 'mcp' or m.startswith('mcp.')])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
    assert ToolsHandle.__doc__
