"""Live tools: real servers behind the tool gateway, called again for a replay; their recorded runs as results."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from outrider.base import ids
from outrider.base.errors import OutriderError
from outrider.journal.events import RunRecorded
from outrider.journal.read import get_run, list_runs
from outrider.journal.rows import RunFilter
from outrider.replay.asking import Gateway
from outrider.replay.recording import read
from outrider.replay.replayer import Way, replay
from outrider.store import Store
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running
from tests.tools.gateways import everything

ECHO = {
    "type": "function",
    "function": {
        "name": "echo",
        "parameters": {"type": "object", "properties": {"text": {"type": "string", "const": "hello"}}},
    },
}


CONFIG = """
auth: off
embedded: {{enabled: false}}
providers: {{scripted: {{base_url: "{model}", models: ["scripted:tool=echo"]}}}}
tools:
  labels: {{"*": {{trust: trusted, privacy: public, does: none, steers: {{}}}}}}
  servers: {{all: {{url: "{tools}"}}}}
"""


@contextlib.asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Running]:
    """Outrider with a model that calls `echo`, and a tool server that has it."""
    with scripted_thread(ScriptedProvider()) as model:
        async with everything() as (tools, _):
            house = running(CONFIG.format(model=model, tools=tools), folder)
            made = await asyncio.to_thread(house.__enter__)
            try:
                yield made
            finally:
                await asyncio.to_thread(house.__exit__, None, None, None)


async def agent(house: Running, *, keeps: bool) -> str:
    """One question, a call of the tool over /mcp, and the answer; `keeps`: the result stands in the conversation."""
    asked: dict[str, Any] = {
        "model": "scripted/scripted:tool=echo", "tools": [ECHO], "messages": [{"role": "user", "content": "Go."}],
    }  # fmt: skip
    async with httpx2.AsyncClient(headers={"x-outrider-session": "s"}, timeout=20) as http:
        first = await http.post(f"{house.url}/v1/chat/completions", json=asked)
        assert first.status_code == 200, first.text
        message = first.json()["choices"][0]["message"]
        (call,) = message["tool_calls"]
        tools = Gateway(house.url, dict, ["test"])
        tools.session = "s"
        said = await tools.tool("echo", json.loads(call["function"]["arguments"]))
        await tools.close()
        if keeps:
            told = {"role": "tool", "tool_call_id": call["id"], "content": said}
            asked["messages"] = [*asked["messages"], message, told]
            await http.post(f"{house.url}/v1/chat/completions", json=asked)
    return str(first.headers["x-request-id"])


def tool_runs(store: Store) -> list[RunRecorded]:
    found = [get_run(store, row.id) for row in list_runs(store, RunFilter(), limit=100).rows if row.name == "tool"]
    return [run for run in found if run is not None]


@pytest.mark.parametrize("live", [{"models", "tools"}, {"tools"}, {"models"}])
async def test_tools_that_are_live_are_called(tmp_path: Path, live: set[str]) -> None:
    async with serving(tmp_path) as served:
        run = await agent(served, keeps=True)
        recording = read(served.store(), ids.parse(run))
        assert len(recording.turns) == 2
        asks = Gateway(served.url, dict, ["replay:t"])
        done = await replay(recording, Way(live=frozenset(live)), asks)
        await asks.close()
        assert (done.why, done.same, len(done.steps)) == ("", True, 3)
        assert (done.steps[1].name, done.steps[1].after) == ("echo", "hello")
        assert done.steps[1].by == ("live" if "tools" in live else "recording")
        made = [one for one in tool_runs(served.store()) if "replay:t" in one.tags]
        assert len(made) == ("tools" in live)


async def test_what_the_tool_gateway_recorded_is_a_result_too(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        run = await agent(served, keeps=False)
        results = read(served.store(), ids.parse(run)).results()
        kept = results.take("echo", {"text": "hello"})
        assert kept is not None
        assert (kept.content, results.take("echo", {"text": "hello"})) == ("hello", None)
        asks = Gateway(served.url, dict, ["replay:t"])
        with pytest.raises(OutriderError, match="no_such_tool"):
            await asks.tool("no_such_tool", {})
        await asks.close()


async def test_nobody_there_is_said(tmp_path: Path) -> None:
    asks = Gateway("http://127.0.0.1:9", dict, ["replay:t"])
    with pytest.raises(OutriderError, match="outrider up"):
        await asks.ask("/v1/chat/completions", b"{}")
    await asks.close()
