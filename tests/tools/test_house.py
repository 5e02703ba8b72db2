"""Outrider's own tools, through a whole worker and the official client: search, large results, composite tools,
instructions beside results, masks, changed tools."""

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from outrider.policy.identity import Who
from outrider.testing.running import Running, running

CODE = '''
from typing import Any
import outrider

PLAIN = {"trust": "trusted", "privacy": "public", "does": "none", "steers": {}}

@outrider.tool(instructions="Write invoices to INVOICES@corp.", **PLAIN)
def list_invoices(year: int = 2024) -> dict[str, Any]:
    """Lists the invoices of a year."""
    return {"items": [{"id": "inv-7", "amount": 12}, {"id": "inv-8", "amount": 99}]}

@outrider.tool(trust="trusted", privacy="public", does="internal", steers={"invoice": "id"})
def mark_paid(invoice: str, note: str = "") -> dict[str, Any]:
    """Marks an invoice as paid."""
    MARKED.append((invoice, note))
    if FAIL:
        raise ValueError("the ledger is closed")
    return {"marked": invoice, "times": len(MARKED)}

@outrider.tool(trust="untrusted", privacy="public", does="none", steers={})
def read_page(size: int = 10) -> str:
    """Reads a page that others wrote."""
    return "evil text " * size

@outrider.tool(trust="trusted", privacy="public", does="none", steers={})
def log(size: int) -> dict[str, Any]:
    """Reads our own log."""
    return {"lines": [f"line {n} of our log" for n in range(size)]}

MARKED, FAIL = [], []
'''
CONFIG = """
embedded: {{enabled: false}}
providers: {{}}
tools:
  largest: 2kB
  asks: retry
  servers:
    mine: {{python: {path}}}
{more}
"""
COMPOSITE = """
  composites:
    settle_first:
      description: Marks the first invoice of a year as paid.
      arguments: {year: {type: integer}, note: {type: string}}
      optional: [note]
      steps:
        - {tool: list_invoices, name: found, arguments: {year: $input.year}}
        - {tool: mark_paid, arguments: {invoice: $found.items.0.id, note: $input.note}}
"""


@contextlib.contextmanager
def outrider(tmp_path: Path, more: str = "", *, free: bool = False) -> Any:
    """A worker with these tools; `free`: nobody is asked before anything."""
    path = tmp_path / "house_tools.py"
    path.write_text(CODE)
    (tmp_path / "free.cedar").write_text("permit (principal, action, resource);")
    rules = f"policy: {{rules: {tmp_path / 'free.cedar'}}}\n" if free else ""
    with running(rules + CONFIG.format(path=path, more=more), tmp_path / "home") as one:
        yield one


@contextlib.asynccontextmanager
async def client(one: Running, view: str = "", session: str = "s1", **headers: str) -> AsyncIterator[Client]:
    given = {"authorization": f"Bearer {one.key}", "x-outrider-session": session, **headers}
    async with (
        httpx2.AsyncClient(headers=given, timeout=30) as web,
        Client(streamable_http_client(f"{one.url}/mcp{view}", http_client=web)) as made,
    ):
        yield made


async def listed(made: Client) -> list[str]:
    return [tool.name for tool in (await made.list_tools()).tools]


def texts(result: Any) -> list[str]:
    return [block.text for block in result.content]


def module() -> Any:
    import sys

    return next(m for n, m in reversed(sys.modules.items()) if n.startswith("outrider_tools_") and hasattr(m, "MARKED"))


async def test_everything_is_listed_and_called(tmp_path: Path) -> None:
    with outrider(tmp_path) as one:
        async with client(one) as made:
            assert await listed(made) == ["list_invoices", "mark_paid", "read_page", "log", "read_more"]
            found = await made.call_tool("list_invoices", {})
            assert found.structured_content["items"][0]["id"] == "inv-7"


async def test_instructions_come_once_apart_from_the_result(tmp_path: Path) -> None:
    with outrider(tmp_path) as one:
        async with client(one) as made:
            first = await made.call_tool("list_invoices", {})
            assert texts(first)[0] == "Instructions for using this result:\nWrite invoices to INVOICES@corp."
            assert len(first.content) == 2
            assert len((await made.call_tool("list_invoices", {"year": 2023})).content) == 1
        async with client(one, session="s2") as made:
            assert len((await made.call_tool("list_invoices", {})).content) == 2


async def test_large_results_are_read_in_parts_by_their_session_alone(tmp_path: Path) -> None:
    with outrider(tmp_path) as one:
        async with client(one) as made:
            page = await made.call_tool("read_page", {"size": 1000})
            start, note = texts(page)
            assert start == ("evil text " * 1000)[:2000]
            handle = note.split("'")[1]
            whole, offset = start, 2000
            while offset is not None:
                part, said = texts(await made.call_tool("read_more", {"handle": handle, "offset": offset}))
                whole += part
                offset = int(said.rpartition("offset ")[2].rstrip(".")) if "Go on" in said else None
            assert whole == "evil text " * 1000
            found = await made.call_tool("read_more", {"handle": handle, "find": "EVIL"})
            assert "Places by their offsets" in texts(found)[-1]
        async with client(one, session="other") as made:
            refused = await made.call_tool("read_more", {"handle": handle})
            assert refused.is_error
            assert "no such result" in texts(refused)[0]
        assert one.worker is not None
        sessions = one.worker.policy.sessions
        assert sessions.get("default", "s1").state.taint is not None
        assert sessions.get("default", "other").state.taint is None


async def test_a_part_of_a_trusted_result_taints_nothing(tmp_path: Path) -> None:
    with outrider(tmp_path) as one:
        async with client(one) as made:
            log = await made.call_tool("log", {"size": 1000})
            handle = texts(log)[-1].split("'")[1]
            await made.call_tool("read_more", {"handle": handle, "offset": 100})
        assert one.worker is not None
        assert one.worker.policy.sessions.get("default", "s1").state.taint is None


async def test_many_tools_are_searched(tmp_path: Path) -> None:
    more = "  search: {above: 2, always: [log], embeddings: off}\n  masks:\n    m: {without: [mark_paid]}\n"
    with outrider(tmp_path, more) as one:
        async with client(one) as made:
            assert await listed(made) == ["log", "search_tools", "call_tool", "read_more"]
            found = json.loads(texts(await made.call_tool("search_tools", {"query": "list the invoices"}))[0])
            assert found[0]["name"] == "list_invoices"
            assert "properties" in found[0]["inputSchema"]
            everything = texts(await made.call_tool("search_tools", {"query": "invoice paid page log", "limit": 50}))[0]
            assert "mark_paid" not in everything
            for call in (
                made.call_tool("call_tool", {"name": "list_invoices", "arguments": {"year": 2024}}),
                made.call_tool("list_invoices", {}),
            ):
                assert (await call).structured_content["items"][1]["id"] == "inv-8"
            with contextlib.suppress(Exception):
                hidden = await made.call_tool("call_tool", {"name": "mark_paid", "arguments": {"invoice": "inv-7"}})
                assert hidden.is_error
            for wrong in ({"query": ""}, {"query": "x", "limit": 0}, {}):
                assert (await made.call_tool("search_tools", wrong)).is_error
        assert module().MARKED == []
        assert one.worker is not None
        state = one.worker.policy.sessions.get("default", "s1").state
        assert state.taint is None
        assert all("Lists the invoices" not in text for text in state.all_texts())


async def test_a_composite_tool_calls_its_parts(tmp_path: Path) -> None:
    more = COMPOSITE + "  masks:\n    m: {without: [mark_paid, list_invoices]}\n"
    with outrider(tmp_path, more, free=True) as one:
        async with client(one) as made:
            assert "settle_first" in await listed(made)
            assert "mark_paid" not in await listed(made)
            done = await made.call_tool("settle_first", {"year": 2024})
            assert not done.is_error, texts(done)
            assert done.structured_content == {"marked": "inv-7", "times": 1}
            assert (await made.call_tool("settle_first", {"year": "many"})).is_error
            assert (await made.call_tool("settle_first", {"year": 1, "x": 2})).is_error
        assert module().MARKED == [("inv-7", "")]


async def test_a_composite_that_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    with outrider(tmp_path, COMPOSITE, free=True) as one:
        async with client(one) as made:
            await listed(made)
            module().FAIL.append(1)
            stopped = await made.call_tool("settle_first", {"year": 2024, "note": "n"})
            assert stopped.is_error
            assert "1 of 2 calls were made" in texts(stopped)[-1]
            module().FAIL.clear()
            done = await made.call_tool("settle_first", {"year": 2024, "note": "n"})
            assert done.structured_content == {"marked": "inv-7", "times": 2}
        runs = [run.route for run in _runs(one)]
        assert runs.count("list_invoices") == 1
        assert runs.count("mark_paid") == 2
        assert runs.count("settle_first") == 2


async def test_each_call_of_a_composite_passes_policy(tmp_path: Path) -> None:
    with outrider(tmp_path, COMPOSITE) as one:
        async with client(one) as made:
            for _ in range(2):
                asked = await made.call_tool("settle_first", {"year": 2024})
                assert "A person has to approve it first" in texts(asked)[0]
        assert module().MARKED == []
        assert [run.route for run in _runs(one)].count("list_invoices") == 1


def _runs(one: Running) -> list[Any]:
    from outrider.journal import read

    return read.list_runs(one.store(), read.RunFilter(project="default")).rows


async def test_masks_follow_the_session(tmp_path: Path) -> None:
    rule = "{name: pay, fixed: {note: bot}, when: {tainted: off, after: [list_*]}}"
    more = f"  masks:\n    m: {{tools: {{mark_paid: {rule}}}}}\n"
    with outrider(tmp_path, more, free=True) as one:
        async with client(one) as made:
            assert "pay" not in await listed(made)
            await made.call_tool("list_invoices", {})
            assert "pay" in await listed(made)
            assert (await made.call_tool("pay", {"invoice": "inv-7"})).structured_content["marked"] == "inv-7"
            assert (await made.call_tool("pay", {"invoice": "inv-7", "note": "mine"})).is_error
            await made.call_tool("read_page", {})
            assert "pay" not in await listed(made)
            with contextlib.suppress(Exception):
                assert (await made.call_tool("pay", {"invoice": "inv-7"})).is_error
        assert module().MARKED == [("inv-7", "bot")]


async def test_a_mask_by_its_url(tmp_path: Path) -> None:
    with outrider(tmp_path, "  masks:\n    readers: {on_request: on, only: [log]}\n") as one:
        async with client(one, "/readers") as made:
            assert await listed(made) == ["log", "read_more"]
        async with client(one) as made:
            assert len(await listed(made)) == 5


async def test_what_instructions_say_are_the_operators_words(tmp_path: Path) -> None:
    with outrider(tmp_path) as one:
        async with client(one) as made:
            await made.call_tool("list_invoices", {})
        assert one.worker is not None
        who = Who("default", "s1")
        state = one.worker.policy.sessions.get(who.project, who.session).state
        assert state.said("invoices@corp") is not None
        assert msgspec.json.encode(sorted(one.worker.policy.sessions.get("default", "s1").called))


async def test_calls_are_counted(tmp_path: Path) -> None:
    with outrider(tmp_path) as one:
        async with client(one) as made:
            await made.call_tool("list_invoices", {})
            await made.call_tool("list_invoices", {"year": "x"})
        async with httpx2.AsyncClient() as web:
            said = (await web.get(f"{one.url}/metrics")).text
        assert 'outrider_tool_calls_total{outcome="ok",tool="list_invoices"} 1.0' in said
        assert 'outrider_tool_calls_total{outcome="invalid_arguments",tool="list_invoices"} 1.0' in said
        assert "outrider_tool_seconds_bucket" in said
