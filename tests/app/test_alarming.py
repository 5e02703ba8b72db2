"""Alarms beside the indexer: the configuration says who is told, the board says what is down."""

import json
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from outrider.app import paths
from outrider.app.alarming import Alarming, Outages
from outrider.app.config_budgets import ConfigBudgets
from outrider.app.settings import load, parse
from outrider.base import clock
from outrider.base.ports import BreakerRules
from outrider.journal import alarm_query
from outrider.journal.index import Indexer
from outrider.journal.read import list_budgets
from outrider.limits import board as boards
from outrider.limits import breakers
from outrider.limits.breakers import Breaker, Tally
from outrider.limits.standing import standing
from outrider.limits.unusual import Found
from outrider.store import open_store
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running

from ..limits.sinks import webhook

SECOND = 1_000_000_000


def of(board: boards.Board, name: str) -> Breaker:
    place = board.place(name)
    return Breaker(place.cells[place.row + boards.BREAKER :], BreakerRules(consecutive=1), board.lock)


def fail(breaker: Breaker, at: int) -> None:
    """A probe that fails opens it, again."""
    breaker.failed(breakers.UNBOUNDED if breaker.until else breakers.PLAIN, at, at, lambda: Tally(1, 1, 0))
    assert breaker.state(at) == "open"


def test_a_breaker_that_does_not_close_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outages = Outages(tmp_path)
    assert outages.look(0) == []
    board = boards.Board(tmp_path)
    now, wall = clock.mono_ns(), clock.now_ns()
    breaker = of(board, "openai/gpt")
    board.place("openai/good")

    def at(seconds: int) -> list[Found]:
        monkeypatch.setattr(clock, "mono_ns", lambda: now + seconds * SECOND)
        monkeypatch.setattr(clock, "now_ns", lambda: wall + seconds * SECOND)
        return outages.look(300 * SECOND)

    fail(breaker, now)
    assert at(0) == []
    fail(breaker, now + 200 * SECOND)
    assert at(299) == []
    hour = wall // clock.HOUR_NS * clock.HOUR_NS
    assert at(300) == at(301) == [Found("provider", "openai/gpt", period=hour)]
    breaker.close(now + 302 * SECOND)
    assert at(303) == []
    fail(breaker, now + 304 * SECOND)
    assert at(400) == []
    breaker.close(now + 401 * SECOND)
    fail(breaker, now + 402 * SECOND)
    assert at(605) == [], "it was closed between two looks"
    breaker.hold_open(now + 606 * SECOND)
    assert at(9999) == [], "an operator knows"
    board.close()


def test_who_is_told_follows_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, config = tmp_path / "home", tmp_path / "outrider.yaml"
    url = f"sqlite:///{home / 'db.sqlite3'}"
    with webhook() as sink:
        monkeypatch.setenv("HOOK", sink.url)
        config.write_text("alarms: {down: 1s}")
        board = boards.Board(paths.run(home))
        fail(of(board, "openai/gpt"), clock.mono_ns() - 5 * SECOND)
        monkeypatch.setattr("outrider.limits.alarms.EVERY_NS", 0)
        alarming = Alarming(load(config), config, home, url)
        config.write_text("alarms: {notify: [nothing], down: 1s}")
        os.utime(config, ns=(1, 1))
        alarming()  # a wrong file changes nothing
        config.write_text('alarms: {notify: ["${env:HOOK}"], down: 1s}')
        alarming._alarms._next = 0
        alarming()
        store = open_store(url)
        Indexer(paths.spool(home), store).drain()
        alarming._alarms._next = 0
        alarming()
        alarming.close()
        Indexer(paths.spool(home), store).drain()
        (row,) = alarm_query.list_alarms(store)
        assert (row.event.subject, row.delivered) == ("openai/gpt", 1)
        assert [m["title"] for m in sink.got] == ["Outrider: openai/gpt is down"]
        store.close()
        board.close()


BUDGETS = """
embedded: {{enabled: false}}
providers:
  scripted:
    base_url: "{url}"
    models: [scripted-chat]
    prices: {{scripted-chat: {{input: 1, output: 20}}}}
budgets: {{small: {{usd: 1, window: lifetime, owner: ops@example.com}}}}
"""


def ask(server: Running, most: int) -> tuple[int, Any]:
    """Status, and the error object if it is one."""
    message = {"role": "user", "content": "scripted:chunks=5"}
    asked = {"model": "scripted/scripted-chat", "max_tokens": most, "messages": [message]}
    headers = {"authorization": f"Bearer {server.key}", "content-type": "application/json"}
    request = urllib.request.Request(f"{server.url}/v1/chat/completions", json.dumps(asked).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, None
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["error"]


def test_a_budget_that_refuses_is_told_long_before_it_is_used_up(tmp_path: Path, store_url: str) -> None:
    """It has spent less than a cent of its dollar, and has no room for a call that may take two."""
    with (
        webhook() as sink,
        scripted_thread(ScriptedProvider()) as url,
        running(BUDGETS.format(url=url), tmp_path, store_url=store_url) as server,
    ):
        ConfigBudgets(server.settings, None, paths.spool(tmp_path), store_url)()
        assert ask(server, 1_000) == (200, None)
        status, error = ask(server, 100_000)
        assert (status, error and error["code"], error and error["budget"]) == (429, "budget_exceeded", "small")
        settings = parse('alarms: {notify: ["${env:HOOK}"]}', "t", {"HOOK": sink.url})
        alarming = Alarming(settings, None, tmp_path, server.store_url)
        for _ in range(3):
            ask(server, 100_000)
            server.store()  # indexed
            alarming()
            alarming._alarms._next = 0
        sink.wait()
        alarming.close()
        store = server.store()
        (row,) = alarm_query.list_alarms(store)
        (budget,) = list_budgets(store)
        stands = standing(store, None, budget, clock.now_ns())
    assert (row.event.what, row.event.subject, row.event.limit, row.delivered) == ("refusal", "small", 10**9, 1)
    assert 0 < row.event.amount == stands.used < 10**7
    assert (stands.calls, stands.refused) == (1, 4)
    (told,) = sink.got
    assert told["title"] == "Outrider: budget 'small' refuses calls"
    assert "of $1 is used; what is left is held" in told["message"]
    assert "ops@example.com can raise it" in told["message"]


def test_a_database_that_is_away_is_waited_for(tmp_path: Path) -> None:
    Alarming(parse("", "t", {}), None, tmp_path, "postgresql://127.0.0.1:9/none")()
