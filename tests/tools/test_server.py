"""What clients see: lists, resources, prompts, logs, changes; in the present revision and in older ones."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError

from outrider.tools import server as module
from tests.tools.gateways import everything, gateway

NONE = {"trust": "trusted", "privacy": "public", "does": "none", "steers": {}}
UNTRUSTED = {**NONE, "trust": "untrusted"}
MODES = ("legacy", "auto")


@pytest.mark.parametrize("mode", MODES)
async def test_lists_are_stable_and_come_in_pages(tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        everything() as (url, _),
        gateway(tmp_path, {"servers": {"all": {"url": url}}}) as gate,
        Client(gate.url, mode=mode, cache=None) as client,
    ):
        whole = [tool.name for tool in (await client.list_tools()).tools]
        assert whole == [tool.name for tool in (await client.list_tools()).tools]
        monkeypatch.setattr(module, "PAGE", 5)
        found, cursor = [], None
        while True:
            page = await client.list_tools(cursor=cursor)
            found += [tool.name for tool in page.tools]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert found == whole
        with pytest.raises(MCPError):
            await client.list_tools(cursor="5.nonsense")


@pytest.mark.parametrize("mode", MODES)
async def test_resources_and_prompts_are_passed_on_and_labelled(tmp_path: Path, mode: str) -> None:
    labels = {"resources_read": UNTRUSTED, "prompts_get": UNTRUSTED}
    async with (
        everything() as (url, _),
        gateway(tmp_path, {"labels": labels, "servers": {"all": {"url": url}}}) as gate,
    ):
        async with Client(gate.url, mode=mode, cache=None) as client:
            read = await client.read_resource("test://static-text", meta={"outrider/session": "r"})
            assert read.contents[0].text.startswith("This is the content")  # type: ignore[union-attr]
            templated = await client.read_resource("test://template/7/data")
            assert '"id": "7"' in templated.contents[0].text  # type: ignore[union-attr]
            got = await client.get_prompt("test_prompt_with_arguments", {"arg1": "a", "arg2": "b"})
            assert "arg1='a'" in got.messages[0].content.text  # type: ignore[union-attr]
            with pytest.raises(MCPError):
                await client.get_prompt("no such prompt")
        state = gate.worker.policy.sessions.get("default", "r").state
        assert state.taint is not None
        assert [run.model for run in gate.runs()][:2] == ["resources_read", "resources_read"]


@pytest.mark.parametrize("mode", MODES)
async def test_a_changed_list_is_told(tmp_path: Path, mode: str) -> None:
    told = asyncio.Event()

    async def heard(message: Any) -> None:
        if getattr(message, "method", "") == "notifications/tools/list_changed":
            told.set()

    async with (
        everything() as (url, served),
        gateway(tmp_path, {"labels": {"*": NONE}, "servers": {"all": {"url": url}}}) as gate,
        Client(gate.url, mode=mode, message_handler=heard, cache=None) as client,
    ):
        await client.list_tools()
        served.more.append("one_more")
        if mode == "auto":
            async with client.listen(tools_list_changed=True) as changes:
                gate.worker.tools.catalog.stale("all")
                async with asyncio.timeout(10):
                    await anext(aiter(changes))
        else:
            await asyncio.sleep(0.3)  # its stream of changes is opened beside
            gate.worker.tools.catalog.stale("all")
            async with asyncio.timeout(10):
                await told.wait()
        assert "one_more" in [tool.name for tool in (await client.list_tools()).tools]


@pytest.mark.parametrize("mode", MODES)
async def test_logs_are_given_to_who_asked_for_them(tmp_path: Path, mode: str) -> None:
    logs: list[Any] = []

    async def logged(params: Any) -> None:
        logs.append(params.data)

    async with (
        everything() as (url, _),
        gateway(tmp_path, {"labels": {"*": NONE}, "servers": {"all": {"url": url}}}) as gate,
        Client(gate.url, mode=mode, logging_callback=logged, log_level="info") as client,
    ):
        await client.call_tool("test_tool_with_logging", {})
        assert logs == ["Tool execution started", "Tool processing data", "Tool execution completed"]
