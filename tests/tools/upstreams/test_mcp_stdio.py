"""Programs as tool servers: started when needed, again after they died, and gone with Outrider."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from outrider.base.errors import UpstreamError
from outrider.limits.keys import Identity
from outrider.policy.identity import Who
from outrider.tools.ports import Caller, Mount, Own, Tool
from outrider.tools.upstreams import mcp_stdio
from outrider.tools.upstreams.mcp_stdio import KEPT, Tail

EVERYTHING = str(Path(__file__).parents[1] / "everything.py")
CALLER = Caller(identity=Identity("p", "k"), who=Who("p", "s"))


def mount(*command: str, **env: str) -> Mount:
    return Mount(name="it", kind="mcp_stdio", options={"command": [sys.executable, *command], "env": env})


async def test_it_is_started_when_it_is_needed_and_gone_afterwards(tmp_path: Path) -> None:
    upstream = mcp_stdio.open(mount(EVERYTHING), Own(tmp_path))
    assert upstream.health().state == "idle"
    tools = {tool.own: tool for tool in await upstream.list()}
    assert "echo" in tools
    result = await upstream.call(tools["echo"], {"text": "hi"}, CALLER)
    assert result.content == [{"type": "text", "text": "hi"}]
    health = upstream.health()
    assert (health.state, health.server) == ("up", "everything 1.0.0")
    assert "everything is up" in health.said
    children = [int(pid) for pid in _children()]
    assert children
    await upstream.close()
    async with asyncio.timeout(10):
        while any(os.path.exists(f"/proc/{pid}") for pid in children):  # noqa: ASYNC110, ASYNC240 -- the kernel's word
            await asyncio.sleep(0.02)


async def test_one_that_dies_is_started_again(tmp_path: Path) -> None:
    upstream = mcp_stdio.open(mount(EVERYTHING), Own(tmp_path))
    with pytest.raises(UpstreamError):
        await upstream.call(Tool(name="flaky", own="flaky"), {}, CALLER)
    result = await upstream.call(Tool(name="echo", own="echo"), {"text": "again"}, CALLER)
    assert result.content[0]["text"] == "again"
    await upstream.close()


async def test_one_that_cannot_start_is_not_tried_all_the_time(tmp_path: Path) -> None:
    upstream = mcp_stdio.open(mount("-c", "import sys; sys.exit('no such luck')"), Own(tmp_path))
    with pytest.raises(UpstreamError):
        await upstream.list()
    with pytest.raises(UpstreamError, match="tried again in"):
        await upstream.list()
    assert upstream.health().state == "down"
    assert "no such luck" in upstream.health().said


async def test_it_gets_its_own_environment_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTRIDER_SECRET_OF_OURS", "hidden")
    said = "import os, sys; sys.stderr.write(repr(dict(os.environ))); sys.stderr.flush(); sys.exit(0)"
    upstream = mcp_stdio.open(mount("-c", said, GIVEN="this"), Own(tmp_path))
    with pytest.raises(UpstreamError):
        await upstream.list()
    async with asyncio.timeout(5):
        while "GIVEN" not in upstream.health().said:  # noqa: ASYNC110 -- another process writes
            await asyncio.sleep(0.01)
    assert "'GIVEN': 'this'" in upstream.health().said
    assert "hidden" not in upstream.health().said


def test_only_the_end_of_what_it_writes_is_kept() -> None:
    tail = Tail()
    for _ in range(100):
        tail.add(b"x" * 1000)
    tail.add(b"end")
    assert len(str(tail)) == KEPT
    assert str(tail).endswith("end")


def _children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split()
