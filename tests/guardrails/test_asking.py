"""A real database is asked about many queries at once, at both URLs: others go on, who leaves takes theirs along."""

import asyncio
import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from outrider.base import clock, ids
from outrider.guardrails.way.asking import AT_ONCE, Waiter, asked
from outrider.testing.running import running
from outrider.testing.speaking import SpeakingProvider, speaking_thread
from outrider.testing.speaking.words import Ask, Call, Reply, Text
from tests.databases import Databases

FINE = "select id from orders where id = 5"
SLOW = "select a.id from orders a, orders b, orders c, orders d"
"""A billion rows to count."""
CODE = """
import outrider

@outrider.tool(trust="trusted", privacy="public", does="none", steers={})
def run_sql(query: str) -> str:
    return "ran " + query

@outrider.tool(trust="trusted", privacy="public", does="none", steers={})
def add(a: int) -> int:
    return a + 1
"""
TOOLS = [{"type": "function", "function": {"name": "run_sql", "parameters": {"type": "object"}}}]
MODERN = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2026-07-28"}


class Shop:
    """Outrider with both URLs, and the database that it asks: how many questions it is at (`busy`)."""

    def __init__(self, url: str, key: str, busy: Callable[[], int]) -> None:
        self.url, self.busy = url, busy
        self._headers = {"authorization": f"Bearer {key}"}

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, headers=self._headers, timeout=60)


async def until(done: Callable[[], bool]) -> None:
    """Less than all questions of one answer may take together: what ends later ended by itself."""
    async with asyncio.timeout(25):
        while not await asyncio.to_thread(done):  # noqa: ASYNC110 (threads and databases are at the other end)
            await asyncio.sleep(0.02)


def watched() -> int:
    return sum(thread.name == "guardrails-end" for thread in threading.enumerate())


def filled(kind: str, request: pytest.FixtureRequest, place: Path, open_: contextlib.ExitStack) -> tuple[str, Any]:
    if kind == "sqlite":
        with contextlib.closing(sqlite3.connect(place)) as made, made:
            made.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY)")
            made.executemany("INSERT INTO orders VALUES (?)", [(n,) for n in range(200)])
        return f"sqlite:///{place}", watched
    databases: Databases = request.getfixturevalue("databases")
    name = databases.make()
    open_.callback(databases.drop, name)
    looking = open_.enter_context(psycopg.connect(databases.url(name), autocommit=True))
    looking.execute("CREATE TABLE orders AS SELECT generate_series(1, 200) AS id")
    looking.execute("ANALYZE orders")
    active = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND state = 'active' AND backend_type = 'client backend' AND query LIKE '%orders d%'"
    )

    def busy() -> int:
        row = looking.execute(active).fetchone()
        assert row is not None
        return int(row[0])

    return databases.url(name), busy


def play(_: str, ask: Ask) -> Reply:
    said = str(ask)
    if "talk" in said:
        return Reply((Text("Here."),))
    query = SLOW if "slow" in said else FINE
    return Reply((Call(f"call_{ids.token(12)}", "run_sql", {"query": query}),), "tool_calls")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    home, provider = tmp_path_factory.mktemp("home"), SpeakingProvider()
    provider.scenes["play"] = play
    (home / "our_tools.py").write_text(CODE)
    with contextlib.ExitStack() as open_:
        url, busy = filled(request.param, request, home / "shop.db", open_)
        root = open_.enter_context(speaking_thread(provider))
        options = {"database": url, "expected": {"rows": "1.."}, "seconds": 60}
        rule = {"check": "sql", "tools": ["run_sql"], "at": ["tool_args"], "do": "block", "options": options}
        config = {
            "embedded": {"enabled": False},
            "providers": {"p": {"preset": "openai", "base_url": f"{root}/v1", "models": ["m"], "api_key": "${env:K}"}},
            "tools": {"servers": {"ours": {"python": str(home / "our_tools.py")}}},
            "guardrails": {"rules": {"q": rule}},
        }
        outrider = open_.enter_context(running(json.dumps(config), home, environment={"K": "k"}))
        yield Shop(outrider.url, outrider.key, busy)


async def called(client: httpx.AsyncClient, tool: str, **arguments: Any) -> str:
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    params = {"name": tool, "arguments": arguments, "_meta": meta}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {**MODERN, "mcp-method": "tools/call", "mcp-name": tool}
    return (await client.post("/mcp", json=body, headers=headers)).text


async def proposed(client: httpx.AsyncClient, say: str, *, stream: bool = False) -> str:
    messages = [{"role": "user", "content": f"scene:play {say} {ids.token(4)}"}]
    body = {"model": "p/m", "messages": messages, "tools": TOOLS, "stream": stream}
    return (await client.post("/v1/chat/completions", json=body)).text


async def asking(client: httpx.AsyncClient, way: str, *, slow: bool) -> str:
    if way == "mcp":
        return await called(client, "run_sql", query=SLOW if slow else FINE)
    return await proposed(client, "slow" if slow else "fine", stream=way == "stream")


@pytest.mark.parametrize("way", ["mcp", "v1", "stream"])
async def test_others_go_on_and_who_leaves_takes_the_question_along(shop: Shop, way: str) -> None:
    async with contextlib.AsyncExitStack() as open_:
        clients = [await open_.enter_async_context(shop.client()) for _ in range(3 * AT_ONCE)]
        leaving = [asyncio.create_task(asking(one, way, slow=True)) for one in clients]
        await until(lambda: shop.busy() == AT_ONCE)
        async with shop.client() as other:  # neither the threads for all, nor anything else is held up
            assert ["42" in await called(other, "add", a=41) for _ in range(5)] == [True] * 5
            assert "Here." in await proposed(other, "talk")
            assert shop.busy() == AT_ONCE
            for one in leaving:
                one.cancel()
            await asyncio.gather(*leaving, return_exceptions=True)
            await until(lambda: shop.busy() == 0)
            for again in ("mcp", "v1", "stream"):
                assert FINE in await asking(other, again, slow=False)


async def test_what_waited_too_long_for_a_thread_is_not_asked() -> None:
    left: list[float] = []
    await asked(lambda waiter: left.append(waiter.left(5.0)), clock.mono_ns() - 1)
    assert left == [0.0]
    await asked(lambda waiter: left.append(waiter.left(5.0)), clock.mono_ns() + 10**12)
    assert left == [0.0, 5.0]


def test_a_question_is_ended_roughly_where_it_does_not_end() -> None:
    waiter, ended, told = Waiter(), threading.Event(), list[bool]()

    def end(rough: bool) -> None:
        told.append(rough)
        if rough:
            ended.set()

    with waiter.asking(60, end):
        waiter.leave()
        assert ended.wait(30)
    assert told[:2] == [False, True]
    assert waiter.left(5.0) == 0.0


async def test_a_server_that_lets_nobody_in_is_left(tmp_path: Path) -> None:
    """It takes the connection and says nothing."""
    from outrider.guardrails._sql_database import Unasked, reading

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        await reader.read()
        writer.close()

    def ask(waiter: Waiter) -> None:
        try:
            with reading(url, 60, waiter) as run:
                run("select 1")
        except Unasked:
            ended.set()

    reached, ended = asyncio.Event(), threading.Event()
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    url = f"postgresql://u@127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
    async with server:
        task = asyncio.create_task(asked(ask))
        async with asyncio.timeout(25):
            await reached.wait()
        task.cancel()
        await until(ended.is_set)


def test_an_end_that_fails_is_tried_again_more_roughly(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("outrider.guardrails.way.asking._AGAIN", 0.01)
    waiter, done = Waiter(), threading.Event()

    def end(rough: bool) -> None:
        if not rough:
            raise OSError("the line is broken")
        done.set()

    with waiter.asking(30.0, end):
        waiter.leave()
        assert done.wait(30)
    assert "a question to others could not be ended: " in caplog.text
