"""Queries that a model proposes on `/v1` are put to a real database before the caller has them."""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from outrider.base import ids
from outrider.testing.speaking.words import Ask, Call, Reply, Text
from tests.databases import Databases
from tests.gateway.control.clients import Agent
from tests.gateway.control.conftest import MODELS, House, opened

FINE = "select id, amount from orders where id = 5"
ROWS = [(n, n * 10) for n in range(1000)]
REFUSED = {
    "select a.id from orders a, orders b, orders c": "cost",
    "select id, amount from orders where id < 0": "result",
    "select id, amount from nothing": "unasked",
    "delete from orders": "write",
}
NAMES = ("run_sql", "read_mail")
TOOLS: list[Any] = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}
    for name in NAMES
]


def filled(url: str) -> str:
    """A database with a thousand orders."""
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE orders (id int PRIMARY KEY, amount int)")
        connection.cursor().executemany("INSERT INTO orders VALUES (%s, %s)", ROWS)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE orders")
    return url


def lite(place: Path) -> str:
    with contextlib.closing(sqlite3.connect(place)) as made, made:
        made.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, amount INTEGER)")
        made.executemany("INSERT INTO orders VALUES (?, ?)", ROWS)
    return f"sqlite:///{place}"


def rule(database: str, do: str = "block", **more: Any) -> dict[str, Any]:
    expected = {"rows": "1..1000", "mean": {"amount": "0..5000"}}
    options = {"database": database, "most_cost": 100_000, "expected": expected, "arguments": ["query"], "seconds": 20}
    return {"check": "sql", "tools": ["run_sql"], "at": ["tool_args"], "do": do, "options": {**options, **more}}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("home")
    with contextlib.ExitStack() as open_:
        if request.param == "sqlite":
            url = lite(tmp_path_factory.mktemp("shop") / "shop.db")
        else:
            databases: Databases = request.getfixturevalue("databases")
            name = databases.make()
            open_.callback(databases.drop, name)
            url = filled(databases.url(name))
        manager = contextlib.contextmanager(opened)
        yield open_.enter_context(manager(home, {"q": rule(url)}, proposed_calls="off"))


def proposing(house: House, *queries: str) -> None:
    """The model proposes these, after a word."""
    calls = [Call(f"call_{ids.token(12)}", "run_sql", {"query": query}) for query in queries]
    house.plays(lambda _: Reply((Text("I look."), *calls), "tool_calls"))


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("client", "at"), [("chat", "chat"), ("anthropic", "anthropic"), ("responses", "gemini")])
def test_a_query_that_the_database_has_nothing_against_goes_on(
    asked: House, client: str, at: str, stream: bool
) -> None:
    proposing(asked, FINE, "select count(*) as amount from orders")
    agent = Agent(client, asked.url, asked.key, MODELS[at])
    said = agent.ask(f"scene:play How much? {ids.token(4)}", stream=stream, tools=NAMES)
    assert [one["query"] for _, one in said.calls] == [FINE, "select count(*) as amount from orders"]
    assert "I look." in said.text
    agent.close()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("query", "kind"), REFUSED.items())
def test_what_it_has_something_against_is_refused(asked: House, query: str, kind: str, stream: bool) -> None:
    proposing(asked, FINE, query)
    messages = [{"role": "user", "content": f"scene:play How much? {ids.token(4)}"}]
    answer = asked.post({"model": MODELS["chat"], "messages": messages, "tools": TOOLS, "stream": stream})
    assert "guardrail_blocked" in answer.text
    assert f"sql: {kind} (rule q)" in answer.text
    assert query not in answer.text
    (step,) = [step for step in asked.run(answer).steps if step.kind == "guardrail"]
    assert (step.attrs["result"], list(step.attrs["counts"])) == ("block", [f"sql.{kind}"])


def shelved(path: Path, do: str, **policy: Any) -> Any:
    url = lite(path / "shop.db")
    return contextlib.contextmanager(opened)(path / "home", {"q": rule(url, do)}, **policy)


def test_a_person_can_be_asked_about_a_dear_query(tmp_path: Path) -> None:
    with shelved(tmp_path, "ask") as house:
        for stream in (False, True):
            proposing(house, "select a.id from orders a, orders b, orders c")
            agent = Agent("chat", house.url, house.key, MODELS["chat"])
            first = agent.ask(f"scene:play How much? {ids.token(4)}", stream=stream, tools=NAMES)
            assert first.calls == []
            assert "`run_sql` waits for a person's approval" in first.text
            waiting = first.text.partition("(")[2].partition(")")[0]
            found = house.policy.approvals.get("default", waiting)
            assert any("sql: cost" in reason for reason in found.about.reasons)
            agent.close()


def test_nobody_else_waits_for_a_slow_database(tmp_path: Path) -> None:
    with shelved(tmp_path, "block", proposed_calls="off") as house:
        said: list[Any] = []

        def play(ask: Ask) -> Reply:
            query = Call(f"call_{ids.token(12)}", "run_sql", {"query": FINE})
            return Reply((query,), "tool_calls") if "slow" in str(ask) else Reply((Text("Here."),))

        house.plays(play)

        def slow(stream: bool) -> None:
            messages = [{"role": "user", "content": f"scene:play slow {ids.token(4)}"}]
            said.append(house.post({"model": MODELS["chat"], "messages": messages, "tools": TOOLS, "stream": stream}))

        with contextlib.closing(sqlite3.connect(tmp_path / "shop.db", isolation_level=None)) as holder:
            holder.execute("BEGIN EXCLUSIVE")
            waiting = [threading.Thread(target=slow, args=[stream]) for stream in (False, True) for _ in range(3)]
            for one in waiting:
                one.start()
            for number in range(20):
                messages = [{"role": "user", "content": f"scene:play quick {number}"}]
                assert "Here." in house.post({"model": MODELS["chat"], "messages": messages}).text
            assert said == []
            holder.execute("COMMIT")
        for one in waiting:
            one.join()
        assert [FINE in answer.text for answer in said] == [True] * 6, "more than are asked about at a time"


def test_text_goes_on_while_the_database_is_asked_though_all_came_in_one_piece(tmp_path: Path) -> None:
    with shelved(tmp_path, "block", proposed_calls="off") as house:
        proposing(house, FINE)
        messages = [{"role": "user", "content": f"scene:play How much? {ids.token(4)}"}]
        body = {"model": MODELS["chat"], "messages": messages, "tools": TOOLS, "stream": True}
        with contextlib.closing(sqlite3.connect(tmp_path / "shop.db", isolation_level=None)) as holder:
            holder.execute("BEGIN EXCLUSIVE")
            headers = {"authorization": f"Bearer {house.key}"}
            with httpx.stream("POST", f"{house.url}/v1/chat/completions", json=body, headers=headers, timeout=60) as on:
                lines = on.iter_lines()
                assert any("look" in line for line in lines)
                holder.execute("COMMIT")
                assert any(FINE in line for line in lines)


def chunk(delta: dict[str, Any], reason: str | None = None) -> bytes:
    said = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return b"data: " + json.dumps({**said, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}).encode()


def call_of(query: str) -> dict[str, Any]:
    function = {"name": "run_sql", "arguments": json.dumps({"query": query})}
    return {"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": function}]}


@pytest.mark.parametrize(("query", "passes"), [(FINE, True), ("select id, amount from nothing", False)])
def test_a_stream_without_its_end_mark(asked: House, query: str, passes: bool) -> None:
    end = b"\n\n"
    asked.says(chunk({"role": "assistant", "content": "I look."}) + end, chunk(call_of(query), "tool_calls") + end)
    body = {"model": "raw/m", "messages": [{"role": "user", "content": "How much?"}], "tools": TOOLS, "stream": True}
    said = asked.post(body).text
    assert "I look." in said
    assert (query in said) == passes
    assert ("guardrail_blocked" in said) != passes


def test_of_a_stream_that_breaks_off_no_call_goes_on_that_nobody_was_asked_about(asked: House) -> None:
    asked.says(chunk({"role": "assistant", "content": "I look."}) + b"\n\n", chunk(call_of(FINE)) + b"\n\n", cut=True)
    body = {"model": "raw/m", "messages": [{"role": "user", "content": "How much?"}], "tools": TOOLS, "stream": True}
    said = asked.post(body).text
    assert "I look." in said
    assert "select" not in said
    assert "error" in said
