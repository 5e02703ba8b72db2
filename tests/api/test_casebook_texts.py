"""Texts for programs, and MCP with the official client over a real socket."""

import asyncio
import base64
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import uvicorn
from starlette.testclient import TestClient

from outrider.casebook.book import Casebook
from tests.api.conftest import ApiWorld
from tests.casebook import few


@pytest.fixture
def book(world: ApiWorld, tmp_path: Path, request: pytest.FixtureRequest) -> Casebook:
    url = f"sqlite:///{tmp_path / 'few' / 'outrider.sqlite3'}"
    return few.casebook(url, tmp_path / "home", request.addfinalizer, world.record_with)


@pytest.fixture
def client(world: ApiWorld, book: Casebook) -> TestClient:
    return world.api(casebook=lambda: book)


def test_texts(client: TestClient) -> None:
    whole = client.get("/llms.txt")
    assert whole.headers["content-type"] == "text/markdown; charset=utf-8"
    assert "(http://127.0.0.1:8720/casebook/harbour-claims.md)" in whole.text
    case = client.get("/casebook/harbour-claims.md")
    assert case.text.startswith("# Harbour Mutual: claims\n")
    again = client.get("/casebook/harbour-claims.md", headers={"if-none-match": case.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/casebook/nothing.md").status_code == 404


def test_feeds(client: TestClient) -> None:
    feed = client.get("/casebook/feed.xml", params={"q": "industry:finance"})
    assert feed.headers["content-type"] == "application/rss+xml; charset=utf-8"
    channel = ElementTree.fromstring(feed.content)
    assert len(channel.findall("./channel/item")) == 2
    own = channel.find("./channel/{http://www.w3.org/2005/Atom}link")
    assert own is not None
    assert client.get(own.attrib["href"]).content == feed.content
    assert (channel.findtext("./channel/link") or "").endswith("/casebook?q=industry%3Afinance")
    made = client.post("/api/casebook/searches", json={"query": "industry:finance", "name": "Banks"}).json()
    saved = ElementTree.fromstring(client.get(f"/casebook/searches/{made['id']}.xml").content)
    assert saved.findtext("./channel/title") == "Casebook: Banks"


def test_a_feed_reader_sends_its_key_as_a_password(world: ApiWorld, book: Casebook) -> None:
    client = world.api("", casebook=lambda: book)
    refused = client.get("/casebook/feed.xml")
    assert (refused.status_code, "Basic" in refused.headers["www-authenticate"]) == (401, True)
    for password, status in ((world.key, 200), ("sk-or-wrong", 401), ("", 401)):
        token = base64.b64encode(f"reader:{password}".encode()).decode()
        assert client.get("/casebook/feed.xml", headers={"authorization": f"Basic {token}"}).status_code == status
    assert client.get("/casebook/feed.xml", headers={"authorization": "Basic !!"}).status_code == 401


def test_without_a_casebook(world: ApiWorld) -> None:
    assert world.api().get("/llms.txt").status_code == 404


class Serving(uvicorn.Server):
    """An app on a free port of 127.0.0.1, in the test's own loop."""

    def __init__(self, app: Any) -> None:
        super().__init__(uvicorn.Config(app, "127.0.0.1", 0, log_level="error", lifespan="off"))
        self._up = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self._up.set()

    async def __aenter__(self) -> str:
        self._task = asyncio.create_task(self.serve())
        await self._up.wait()
        return f"http://127.0.0.1:{self.servers[0].sockets[0].getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        self.should_exit = True
        await self._task


async def test_the_official_client_uses_every_tool(client: TestClient, world: ApiWorld) -> None:
    import httpx2
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    async with Serving(client.app) as url:
        async with (
            httpx2.AsyncClient(headers={"authorization": f"Bearer {world.key}"}) as web,
            Client(streamable_http_client(f"{url}/casebook/mcp", http_client=web)) as session,
        ):
            tools = await session.list_tools()
            assert [t.name for t in tools.tools] == ["search", "get", "compare", "trends", "ask"]
            found = await session.call_tool("search", {"query": "RAG in insurance"})
            assert "[harbour-claims]" in found.content[0].text
            got = await session.call_tool("get", {"id": "harbour-claims", "parts": ["facts"]})
            assert "deflection rate: 60%" in got.content[0].text
            both = await session.call_tool("compare", {"ids": ["harbour-claims", "lumen-code-review"]})
            assert "shared: Retrieval-augmented generation" in both.content[0].text
            assert "rag" in (await session.call_tool("trends", {})).content[0].text
            asked = await session.call_tool("ask", {"question": "Who plays the violin on Mars?"})
            assert "do not answer" in asked.content[0].text
            (run,) = world.api().get("/api/runs").json()["runs"]
            assert (run["name"], run["source"], run["preview"]) == (
                "casebook.ask",
                "mcp",
                "Who plays the violin on Mars?",
            )
            assert run["key"] == world.public
            wrong = await session.call_tool("get", {"id": "nothing"})
            assert wrong.is_error
            assert "no case 'nothing'" in wrong.content[0].text
        async with httpx2.AsyncClient() as web:
            refused = await web.post(f"{url}/casebook/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "ping"})
            assert refused.status_code == 401
