"""Connections of older revisions: any worker goes on with them."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from outrider.limits.keys import new_key
from tests.tools.gateways import Gateway, everything, gateway

TOOLS = {"labels": {"*": {"trust": "trusted", "privacy": "public", "does": "none", "steers": {}}}}
HEADERS = {"content-type": "application/json", "accept": "application/json, text/event-stream"}


class Talk:
    """A client of the revision 2025-11-25 that sends each request where it is told to."""

    def __init__(self, can: dict[str, Any] | None = None) -> None:
        self.http, self.name, self.can = httpx2.AsyncClient(timeout=20), "", can or {}
        self._number = 0

    async def post(self, url: str, message: dict[str, Any], headers: dict[str, str] | None = None) -> httpx2.Response:
        named = {"mcp-session-id": self.name} if self.name else {}
        return await self.http.post(
            url, json={"jsonrpc": "2.0", **message}, headers={**HEADERS, **named, **(headers or {})}
        )

    async def begin(self, url: str, headers: dict[str, str] | None = None) -> None:
        params = {
            "protocolVersion": "2025-06-18",
            "capabilities": self.can,
            "clientInfo": {"name": "t", "version": "1"},
        }
        found = await self.post(url, {"id": 0, "method": "initialize", "params": params}, headers)
        self.name = found.headers["mcp-session-id"]
        assert answers(found.text)[-1]["result"]["protocolVersion"] == "2025-06-18"
        await self.post(url, {"method": "notifications/initialized"}, headers)

    async def call(
        self, url: str, tool: str, headers: dict[str, str] | None = None, **arguments: Any
    ) -> httpx2.Response:
        self._number += 1
        params = {"name": tool, "arguments": arguments}
        return await self.post(url, {"id": self._number, "method": "tools/call", "params": params}, headers)


def answers(text: str) -> list[dict[str, Any]]:
    return [json.loads(line[5:]) for line in text.splitlines() if line.startswith("data:") and line[5:].strip()]


@contextlib.asynccontextmanager
async def two(home: Path, tools: dict[str, Any], more: str = "auth: off\n") -> AsyncIterator[tuple[Gateway, Gateway]]:
    """Two workers of one installation."""
    async with gateway(home, tools, more) as one, gateway(home, tools, more) as other:
        yield one, other


async def test_a_connection_goes_on_at_another_worker(tmp_path: Path) -> None:
    async with everything() as (url, _), two(tmp_path, {**TOOLS, "servers": {"all": {"url": url}}}) as (one, other):
        talk = Talk()
        await talk.begin(one.url)
        found = answers((await talk.call(other.url, "echo", text="there")).text)[-1]
        assert found["result"]["content"][0]["text"] == "there"


async def test_an_answer_reaches_the_worker_that_waits(tmp_path: Path) -> None:
    async with everything() as (url, _), two(tmp_path, {**TOOLS, "servers": {"all": {"url": url}}}) as (one, other):
        talk = Talk({"elicitation": {}})
        await talk.begin(one.url)
        params = {"name": "test_elicitation", "arguments": {"message": "who?"}}
        body = {"jsonrpc": "2.0", "id": 9, "method": "tools/call", "params": params}
        named = {**HEADERS, "mcp-session-id": talk.name}
        async with talk.http.stream("POST", one.url, json=body, headers=named) as stream:
            said, pieces = "", stream.aiter_text()
            async for piece in pieces:
                said += piece
                asked = [one for one in answers(said) if one.get("method") == "elicitation/create"]
                if asked and "answered" not in asked[0]:
                    break
            result = {"action": "accept", "content": {"username": "u", "email": "e"}}
            took = await talk.post(other.url, {"id": asked[0]["id"], "result": result})
            assert took.status_code == 202
            async for piece in pieces:
                said += piece
        assert '"username": "u"' in answers(said)[-1]["result"]["content"][0]["text"]


async def test_a_cancellation_reaches_the_worker_that_works(tmp_path: Path) -> None:
    async with (
        everything() as (url, served),
        two(tmp_path, {**TOOLS, "servers": {"all": {"url": url}}}) as (one, other),
    ):
        talk = Talk()
        await talk.begin(one.url)
        calling = asyncio.create_task(talk.call(one.url, "sleep", seconds=30))
        async with asyncio.timeout(10):
            while not served.called:  # noqa: ASYNC110 -- another server counts
                await asyncio.sleep(0.01)
        await talk.post(other.url, {"method": "notifications/cancelled", "params": {"requestId": 1}})
        async with asyncio.timeout(10):
            assert answers((await calling).text)[-1]["error"]["code"] == -32800
        assert served.cancelled == 1


async def test_what_is_ended_is_ended_everywhere(tmp_path: Path) -> None:
    async with everything() as (url, _), two(tmp_path, {**TOOLS, "servers": {"all": {"url": url}}}) as (one, other):
        talk = Talk()
        await talk.begin(one.url)
        ended = await talk.http.delete(one.url, headers={"mcp-session-id": talk.name})
        assert ended.status_code == 200
        for gate in (one, other):
            assert (await talk.call(gate.url, "echo", text="x")).status_code == 404
        again = Talk()
        await again.begin(other.url)
        assert (await again.call(one.url, "echo", text="x")).status_code == 200


async def test_a_name_is_good_for_its_own_key_alone(tmp_path: Path) -> None:
    async with everything() as (url, _), two(tmp_path, {**TOOLS, "servers": {"all": {"url": url}}}, "") as (one, _):
        talk = Talk()
        await talk.begin(one.url, one.headers)
        assert (await talk.call(one.url, "echo", one.headers, text="x")).status_code == 200
        strange, made = new_key("default")
        await one.worker.record_key(made)
        theirs = {"authorization": f"Bearer {strange}"}
        assert (await talk.call(one.url, "echo", theirs, text="x")).status_code == 404
        talk.name = talk.name[:-3] + "AAA"
        assert (await talk.call(one.url, "echo", one.headers, text="x")).status_code == 404


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"nonsense", b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[]}']
)
async def test_what_is_no_message_is_refused(tmp_path: Path, body: bytes) -> None:
    async with gateway(tmp_path, TOOLS) as gate, httpx2.AsyncClient() as http:
        found = await http.post(gate.url, content=body, headers=HEADERS)
        assert found.status_code == 400
        assert found.json()["error"]["code"] in (-32600, -32700)
