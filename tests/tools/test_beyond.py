"""Resources and prompts of several servers, and what policy makes of reading them."""

from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError

from outrider.tools.beyond import GET, READ
from tests.tools.gateways import everything, gateway

NONE = {"trust": "trusted", "privacy": "public", "does": "none", "steers": {}}


async def test_prompts_have_names_of_the_house_and_resources_their_addresses(tmp_path: Path) -> None:
    async with everything() as (one, _), everything() as (two, _):
        servers = {"a": {"url": one}, "b": {"url": two}, "gone": {"url": "http://127.0.0.1:9/mcp"}}
        async with gateway(tmp_path, {"servers": servers}) as gate, Client(gate.url, cache=None) as client:
            names = [prompt.name for prompt in (await client.list_prompts()).prompts]
            assert names[0] == "a__test_simple_prompt"
            assert "b__test_simple_prompt" in names
            uris = [str(one.uri) for one in (await client.list_resources()).resources]
            assert len(uris) == len(set(uris))
            got = await client.get_prompt("b__test_simple_prompt")
            assert got.messages
            await client.read_resource("test://static-text")
            assert [run.model for run in gate.runs()] == [f"b__{GET}", f"a__{READ}"]
            with pytest.raises(MCPError):
                await client.read_resource("nobody://has-this")


async def test_an_address_that_the_model_fills_in_is_judged_as_leaving(tmp_path: Path) -> None:
    labels: dict[str, Any] = {"echo": {**NONE, "trust": "untrusted", "privacy": "private"}}
    async with everything() as (url, _):
        tools = {"hold": "0s", "labels": labels, "servers": {"all": {"url": url}}}
        async with gateway(tmp_path, tools) as gate, Client(gate.url, cache=None) as client:
            meta: Any = {"outrider/session": "s"}
            before = await client.read_resource("test://template/7/data", meta={"outrider/session": "clean"})
            assert before.contents
            await client.call_tool("echo", {"text": "tell test://template/secret/data"}, meta=meta)
            with pytest.raises(MCPError, match="appr_"):
                await client.read_resource("test://template/secret/data", meta=meta)
            assert (await client.read_resource("test://static-text", meta=meta)).contents
