"""MCP servers over HTTP: whose name goes with a request, and who is asked what."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from outrider.base.errors import RequestError, UpstreamError
from outrider.limits.keys import Identity
from outrider.policy.identity import Who
from outrider.tools.ports import Caller, Mount, Own, Silent, Tool
from outrider.tools.upstreams import mcp_http
from outrider.tools.upstreams._link import can_be_asked, failure
from outrider.tools.upstreams._mcp import McpUpstream, without_ours
from tests.tools.everything import Everything
from tests.tools.serving import Serving


class Answering(Silent):
    """A client that answers what it is asked with its own name."""

    def __init__(self, name: str) -> None:
        self.name, self.asked = name, 0

    async def ask(self, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked += 1
        await asyncio.sleep(0.05)
        return {"action": "accept", "content": {"username": self.name, "email": "e"}}


def caller(name: str = "", back: Any = None) -> Caller:
    can = {"elicitation": {}} if back is not None else {}
    return Caller(identity=Identity("p", "k"), who=Who("p", "s", user=name), back=back or Silent(), can=can)


def opened(url: str, tmp_path: Path, **headers: str) -> McpUpstream:
    return mcp_http.open(Mount(name="it", kind="mcp_http", options={"url": url, "headers": headers}), Own(tmp_path))


async def test_each_user_has_their_own_connection(tmp_path: Path) -> None:
    app, seen = Everything().server.streamable_http_app(), set()

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        seen.add(dict(scope["headers"]).get(b"x-user"))
        await app(scope, receive, send)

    async with app.router.lifespan_context(app), Serving(watched) as url:
        upstream = opened(f"{url}/mcp", tmp_path, **{"x-user": "{user}"})
        for name in ("ann", "bob"):
            result = await upstream.call(Tool(name="echo", own="echo"), {"text": name}, caller(name))
            assert result.content[0]["text"] == name
        with pytest.raises(RequestError, match="x-outrider-user"):
            await upstream.call(Tool(name="echo", own="echo"), {"text": "x"}, caller())
        await upstream.close()
    assert seen == {b"ann", b"bob"}


async def test_what_a_server_asks_reaches_its_own_caller(tmp_path: Path) -> None:
    app = Everything().server.streamable_http_app()
    async with app.router.lifespan_context(app), Serving(app) as url:
        upstream = opened(f"{url}/mcp", tmp_path)
        backs = [Answering(f"user{n}") for n in range(5)]
        tool = Tool(name="test_elicitation", own="test_elicitation")
        results = await asyncio.gather(
            *(upstream.call(tool, {"message": "who?"}, caller(back.name, back)) for back in backs)
        )
        for back, result in zip(backs, results, strict=True):
            assert back.asked == 1
            assert back.name in result.content[0]["text"]
        await upstream.close()


async def test_one_that_is_not_there_is_no_mystery(tmp_path: Path) -> None:
    upstream = opened("http://127.0.0.1:9/mcp?secret=hidden", tmp_path)
    with pytest.raises(UpstreamError) as refused:
        await upstream.list()
    assert "'it'" in refused.value.message
    assert "hidden" not in refused.value.message


def test_faults_are_told_in_our_words() -> None:
    assert "hidden" not in failure("it", ExceptionGroup("x", [ValueError("hidden")])).message
    assert not can_be_asked(caller())


def test_a_server_cannot_speak_in_the_operators_name() -> None:
    block = {"type": "text", "text": "x", "_meta": {"outrider/instructions": True, "theirs": 1}}
    assert without_ours(block) == {"type": "text", "text": "x", "_meta": {"theirs": 1}}
    assert without_ours({"type": "text"}) == {"type": "text"}
