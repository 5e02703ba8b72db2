"""Databases that are asked about a query: real ones, in which nothing can be written."""

import itertools
import socket
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from outrider.base import clock
from outrider.base.errors import ConfigError
from outrider.guardrails import Context, Rule, Rules, inspect
from outrider.guardrails._sql_database import Unasked, kind_of, reading
from outrider.guardrails.sql import Options
from outrider.guardrails.way.asking import Waiter

ROWS = [(n, n * 10) for n in range(1000)]


@pytest.fixture
def database(store_url: str, tmp_path: Path) -> str:
    """With a table of a thousand orders whose amounts have the mean 4,995."""
    if kind_of(store_url) == "postgres":
        with psycopg.connect(store_url) as connection:
            connection.execute("CREATE TABLE orders (id int PRIMARY KEY, amount int)")
            connection.cursor().executemany("INSERT INTO orders VALUES (%s, %s)", ROWS)
        with psycopg.connect(store_url, autocommit=True) as connection:
            connection.execute("ANALYZE orders")
        return store_url
    with closing(sqlite3.connect(tmp_path / "shop.db")) as lite, lite:
        lite.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, amount INTEGER)")
        lite.executemany("INSERT INTO orders VALUES (?, ?)", ROWS)
    return f"sqlite:///{tmp_path / 'shop.db'}"


def kinds(database: str, query: str, *, waits: bool = True, **options: Any) -> set[str]:
    rules = Rules({"q": Rule("sql", at=("tool_args",), do="block", options={"database": database, **options})})
    context = Context("tool_args", tool="run_sql", argument="query", waiter=Waiter() if waits else None)
    return {one.finding.kind for one in inspect([query], context, rules).found}


def test_a_query_is_judged_by_its_cost_and_by_its_result(database: str) -> None:
    cross = "select a.id from orders a, orders b, orders c"
    expected = {"rows": "1..1000", "mean": {"amount": "0..5000"}}
    assert kinds(database, "select * from orders where id = 5", most_cost=2000, expected=expected) == set()
    assert kinds(database, "select * from orders", most_cost=2000, expected=expected) == set()
    assert kinds(database, cross, most_cost=100_000) == {"cost"}
    assert kinds(database, "select * from orders where id > 900", expected=expected) == {"result"}
    assert kinds(database, "select * from orders where id < 0", expected=expected) == {"result"}
    assert kinds(database, "select * from nothing", expected=expected) == {"unasked"}
    assert kinds(database, "select id from orders", expected=expected) == {"unasked"}
    assert kinds(database, "delete from orders", most_cost=1) == {"write"}
    assert kinds(database, cross, waits=False, most_cost=1) == set()


def test_nothing_can_be_written_and_nothing_takes_long(database: str) -> None:
    for query in ("DELETE FROM orders", "CREATE TABLE x (a int)"):
        with pytest.raises(Unasked), reading(database, 5) as run:
            run(query)
    many = "select count(*) from orders a, orders b, orders c, orders d"
    with pytest.raises(Unasked), reading(database, 0.05) as run:
        run(many)
    with reading(database, 5) as run:
        assert [tuple(row) for row in run("select count(*) from orders")] == [(1000,)]


def test_a_database_that_is_not_there_lets_nothing_pass(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path / 'none.db'}", "postgresql://127.0.0.1:1/none"):
        assert kinds(url, "select 1", most_cost=5) == {"unasked"}
    assert not (tmp_path / "none.db").exists()


def test_a_database_may_be_named_by_a_variable(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    named = "${env:REPORTS_URL}"
    assert kinds(named, "select * from orders", most_cost=2000) == {"unasked"}
    monkeypatch.setenv("REPORTS_URL", database)
    assert kinds(named, "select * from orders", most_cost=2000) == set()
    assert kinds(named, "select * from orders", most_cost=5) == {"cost"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"most_cost": 5}, "name it"),
        ({"database": "mysql://x", "most_cost": 5}, "a `database` that can be asked is"),
        ({"database": "postgresql://ann:pw@db/x"}, "does not belong in this file"),
        ({"database": "sqlite:///x", "expected": {"rows": "few"}}, "'few' is no range"),
        ({"database": "sqlite:///x", "expected": {"median": {}}}, "median"),
    ],
)
def test_settings_that_cannot_be_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        Rules({"q": Rule("sql", options=options)})
    with pytest.raises(msgspec.ValidationError, match=said):
        msgspec.convert(options, Options)


def test_all_questions_about_an_answer_end_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each table is counted: a query of many tables may not take so many times its seconds."""
    with closing(sqlite3.connect(tmp_path / "shop.db")) as lite:
        lite.executescript("".join(f"CREATE TABLE t{at} (a int);" for at in range(9)))
    options = {"database": f"sqlite:///{tmp_path / 'shop.db'}", "most_cost": 1e9, "seconds": 5.0}
    rules = Rules({"q": Rule("sql", at=("tool_args",), do="block", options=options)})
    query = "select t0.a from " + ", ".join(f"t{at}" for at in range(9))
    begin, calls = clock.mono_ns(), itertools.count()
    monkeypatch.setattr(clock, "mono_ns", lambda: begin + next(calls) * 1_000_000_000)  # a second each time it is seen
    for seconds, found in ((1000, set[str]()), (6, {"unasked"})):
        until = clock.mono_ns() + seconds * 1_000_000_000
        context = Context("tool_args", tool="run_sql", argument="query", waiter=Waiter(until))
        assert {one.finding.kind for one in inspect([query], context, rules).found} == found


@pytest.mark.slow
def test_a_server_that_hangs_does_not_keep_who_asks_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang() -> None:
            line, _ = server.accept()
            with line:
                asked = line.recv(4096)
                while b"user" not in asked:  # it is asked about encryption first
                    line.sendall(b"N")
                    asked = line.recv(4096)
                line.sendall(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I")  # come in; then not a word
                while line.recv(4096):
                    pass

        thread = threading.Thread(target=hang, daemon=True)
        thread.start()
        url = f"postgresql://u@127.0.0.1:{server.getsockname()[1]}/x"
        assert kinds(url, "select 1", most_cost=5, seconds=0.1) == {"unasked"}
        thread.join(30)
        assert not thread.is_alive()


def test_arguments_that_cannot_be_read_are_no_way_past_the_names_of_queries() -> None:
    rules = Rules({"q": Rule("sql", at=("tool_args",), do="block", options={"arguments": ["query"]})})
    for said in ('{"query": "delete from orders", "n": NaN}', '{"query": "delete from ord', 'ers"}'):
        context = Context("tool_args", tool="run_sql", argument="")
        assert inspect([said], context, rules).act == "block", said
    assert inspect(["a note"], Context("tool_args", tool="run_sql", argument="note"), rules).act == "allow"
