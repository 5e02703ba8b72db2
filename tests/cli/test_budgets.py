"""`outrider budgets`: what is set holds and is told; every change has who and why."""

import http.client
import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from outrider.app.main import Installation
from outrider.base import clock, ids
from outrider.cli import _budget_words
from outrider.journal import read
from outrider.journal.events import BudgetSet, Charge, LeasesReleased
from outrider.limits import windows
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import running
from tests.cli.conftest import Run, Said, a_run

HOUR = 3_600_000_000_000


def good(said: Said) -> str:
    assert said.code == 0, said.err
    return said.out


def spend(*charges: tuple[str, str, int, str], window: str = "month") -> None:
    """Record a run for each charge: (budget, value, amount, holder)."""
    journal, now = Installation().open_journal(), clock.now_ns()
    for budget, value, amount, holder in charges:
        charge = Charge(budget, value, windows.start(window, "UTC", now), windows.bucket(window, now), amount)
        journal.append_now(a_run(id=ids.new_id(), charges=[charge], holder=holder))
    journal.close()


def listed(cli: Run) -> dict[str, Any]:
    return {one["row"]["budget"]["id"]: one for one in json.loads(good(cli("budgets", "list", "--json")))}


def test_a_budget_is_set_changed_in_part_and_removed(cli: Run) -> None:
    words = good(
        cli("budgets", "set", "team", "--usd", "50", "--timezone", "Europe/Berlin", "--match", "tag=batch", "--match",
            "tag=nightly", "--per", "user", "--fit", "--owner", "ops", "--slope", "10", "--why", "pilot")
    )  # fmt: skip
    assert "team: $50 per month (Europe/Berlin) for each user" in words
    assert "tag batch or nightly" in words
    good(cli("budgets", "set", "team", "--usd", "80", "--alarm", "90%", "--why", "it grew"))
    budget = listed(cli)["team"]["row"]["budget"]
    assert budget == {
        "id": "team", "measure": "money", "limit": 80_000_000_000, "window": "month", "zone": "Europe/Berlin",
        "match": {"tag": ["batch", "nightly"]}, "per": "user", "fit": True, "owner": "ops", "alarms": [0.9],
        "slope": 10.0,
    }  # fmt: skip
    good(cli("budgets", "set", "team", "--usd", "9", "--match", "all", "--per", "none", "--no-fit", "--why", "x"))
    budget = listed(cli)["team"]["row"]["budget"]
    assert (budget["measure"], budget["match"], budget["per"], budget["fit"]) == ("money", {}, None, False)
    good(cli("budgets", "remove", "team", "--why", "over"))
    assert listed(cli) == {}
    told = good(cli("budgets", "history", "team")).splitlines()
    assert [line.rpartition(": ")[2] for line in told] == ["over", "x", "it grew", "pilot"]
    assert all("cli" in line for line in told)


def test_what_is_used_and_left_is_told(cli: Run) -> None:
    good(cli("budgets", "set", "all", "--usd", "10", "--why", "pilot"))
    good(cli("budgets", "set", "each", "--calls", "4", "--per", "user", "--why", "pilot"))
    good(cli("budgets", "set", "unused", "--tokens", "1M", "--window", "24h", "--per", "key", "--why", "pilot"))
    spend(("all", "", 5_800_000_000, "h1"), ("each", "anna", 3, "h1"), ("each", "bob", 1, "h1"))
    with_leases = Installation().open_leases()
    with with_leases.write() as tx:
        tx.execute(
            "INSERT INTO budget_leases (budget, value, starts, holder, granted, used, recall, answered, at, closed)"
            " VALUES ('all', '', ?, 'h1', 6800000000, 0, 0, 0, 5, 0)",
            (windows.start("month", "UTC", clock.now_ns()),),
        )
    with_leases.close()
    lines = {line.split("\t")[0]: line.split("\t") for line in good(cli("budgets", "list")).splitlines()}
    assert lines["all"][:6] == ["all", "everybody", "$5.8", "$1", "$10", "███████▒▒···  58%"]
    assert lines["each"][1:5] == ["anna (+1)", "3 calls", "0 calls", "4 calls"]
    assert lines["unused"][1:3] == ["by key, none yet", "0 tokens"]
    assert lines["unused"][6:] == ["1d", "little by little"]
    shown = good(cli("budgets", "show", "each", "--most", "1"))
    assert "anna\t3 calls" in shown
    assert "bob" not in shown


def test_refused_calls_are_told(cli: Run) -> None:
    good(cli("budgets", "set", "each", "--calls", "5", "--per", "user", "--why", "x"))
    assert "in this window" not in good(cli("budgets", "show", "each"))
    spend(("each", "anna", 3, "h"), ("each", "anna", 0, ""), ("each", "anna", 0, ""), ("each", "bob", 0, ""))
    shown = good(cli("budgets", "show", "each"))
    assert "alarms at 50%, 80%, 100%, and when a call is refused" in shown
    assert "3 calls refused in this window" in shown
    rows = [line.split("\t") for line in shown.splitlines() if "\t" in line]
    assert [(row[0], row[1], row[-1]) for row in rows[-2:]] == [("anna", "3 calls", "2"), ("bob", "0 calls", "1")]
    assert (listed(cli)["each"]["calls"], listed(cli)["each"]["refused"]) == (1, 3)


def test_a_raise_holds_for_a_time_and_can_be_ended(cli: Run) -> None:
    Path("outrider.yaml").write_text("budgets: {all: {usd: 1}}")
    good(cli("budgets", "set", "team", "--usd", "50", "--per", "user", "--why", "pilot"))
    good(cli("budgets", "raise", "team", "--amount", "10", "--for", "7d", "--why", "launch"))
    told = good(
        cli("budgets", "raise", "team", "--amount", "5", "--until", "2030-01-01", "--value", "anna", "--why", "x")
    )
    assert "raised by $10 until" in told
    assert "raised by $5 for anna until 2030-01-01" in told
    assert listed(cli)["team"]["limit"] == 60_000_000_000
    good(cli("budgets", "raise", "team", "--end", "--why", "over"))
    assert listed(cli)["team"]["limit"] == 50_000_000_000
    assert "raises ended" in good(cli("budgets", "history"))


def test_a_budget_of_the_configuration_is_raised_but_not_changed_here(cli: Run) -> None:
    budget = listed_config(cli)
    for command in (["set", "all", "--usd", "5"], ["remove", "all"]):
        said = cli("budgets", *command, "--why", "x")
        assert said.code == 2
        assert "outrider.yaml" in said.err
    good(cli("budgets", "raise", "all", "--amount", "5", "--why", "launch"))
    assert listed(cli)["all"]["limit"] == budget.budget.limit + 5_000_000_000
    assert "set by outrider.yaml" in good(cli("budgets", "show", "all"))


def listed_config(cli: Run) -> BudgetSet:
    from outrider.base.budget import Budget
    from outrider.limits.changes import from_config

    [event] = from_config([], {"all": Budget("all", "money", 10**9)})
    assert isinstance(event, BudgetSet)
    journal = Installation().open_journal()
    journal.append_now(event)
    journal.close()
    return event


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("set", "x", "--why", "y"), "exactly one of usd"),
        (("set", "x", "--usd", "5", "--calls", "5", "--why", "y"), "exactly one of usd"),
        (("set", "x", "--usd", "5", "--window", "fortnight", "--why", "y"), "window"),
        (("set", "x", "--usd", "5", "--match", "batch", "--why", "y"), "SCOPE=VALUE"),
        (("set", "x", "--usd", "5", "--match", "project=nope", "--why", "y"), "no project 'nope'"),
        (("set", "x", "--usd", "5", "--match", "projct=default", "--why", "y"), "no such scope"),
        (("set", "a b", "--usd", "5", "--why", "y"), "letters, digits"),
        (("set", "x", "--usd", "5"), "say why"),
        (("raise", "team", "--why", "y"), "--amount, or --end"),
        (("raise", "team", "--amount", "much", "--why", "y"), "--amount"),
        (("raise", "team", "--amount", "0", "--why", "y"), "adds nothing"),
        (("raise", "team", "--amount", "1", "--until", "2020-01-01", "--why", "y"), "still to come"),
        (("raise", "team", "--amount", "1", "--value", "anna", "--why", "y"), "one account for all"),
        (("raise", "nope", "--amount", "1", "--why", "y"), "there are: team"),
        (("remove", "team"), "say why"),
        (("release", "nobody"), "no open holder"),
    ],
)
def test_what_cannot_be_done_is_said(cli: Run, words: tuple[str, ...], said: str) -> None:
    good(cli("budgets", "set", "team", "--usd", "50", "--why", "pilot"))
    answer = cli("budgets", *words)
    assert answer.code == 2
    assert said in answer.err


def test_at_a_terminal_the_reason_is_asked_for(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "because")
    good(cli("budgets", "set", "team", "--usd", "50"))
    assert "because" in good(cli("budgets", "history"))


def test_what_a_lost_machine_holds_is_released(cli: Run) -> None:
    now, starts = clock.now_ns(), windows.start("month", "UTC", clock.now_ns())
    good(cli("budgets", "set", "all", "--calls", "10", "--why", "pilot"))
    spend(("all", "", 2, "lost"))
    leases = Installation().open_leases()
    with leases.write() as tx:
        for holder, at in (("lost", 5), ("alive", now)):
            tx.execute(
                "INSERT INTO budget_leases (budget, value, starts, holder, granted, used, recall, answered, at, closed)"
                " VALUES ('all', '', ?, ?, 5, 0, 0, 0, ?, 0)",
                (starts, holder, at),
            )
    leases.close()
    assert listed(cli)["all"]["accounts"][0]["reserved"] == 8
    assert {h["holder"] for h in json.loads(good(cli("budgets", "release", "--json")))} == {"lost", "alive"}
    assert "lost" in good(cli("budgets", "release"))
    assert "say why" in cli("budgets", "release", "lost").err
    assert listed(cli)["all"]["accounts"][0]["reserved"] == 8
    good(cli("budgets", "release", "lost", "--why", "it burnt"))
    assert listed(cli)["all"]["accounts"][0]["reserved"] == 5
    assert "--force" in cli("budgets", "release", "alive").err
    good(cli("budgets", "release", "alive", "--force", "--why", "it never answers"))
    assert json.loads(good(cli("budgets", "release", "--json"))) == []
    store = Installation().open_store()
    recorded = [e for _, e in read.export_records(store) if isinstance(e, LeasesReleased)]
    store.close()
    assert [(e.holder, e.accounts, e.why) for e in recorded] == [
        ("lost", 1, "it burnt"),
        ("alive", 1, "it never answers"),
    ]
    assert all(e.by.startswith("cli") for e in recorded)


def test_keys_have_a_team_and_rights(cli: Run) -> None:
    made = json.loads(good(cli("keys", "create", "--team", "search", "--may", "budgets", "--json")))
    assert (made["team"], made["may"]) == ("search", ["budgets"])
    [row] = json.loads(good(cli("keys", "list", "--json")))
    assert (row["team"], row["may"]) == ("search", ["budgets"])
    assert "budgets" in cli("keys", "create", "--may", "fly").err
    assert "team" in cli("keys", "create", "--team", "a\nb").err


@pytest.mark.parametrize(
    ("used", "reserved", "limit", "bar"),
    [
        (0, 0, 10, "············   0%"),
        (5, 1, 10, "██████▒▒····  50%"),
        (15, 5, 10, "████████████ 150%"),
        (0, 1, 10**9, "▒···········   0%"),
        (3, 0, 0, "████████████   –"),
    ],
)
def test_bars(used: int, reserved: int, limit: int, bar: str) -> None:
    assert _budget_words.place(used, reserved, limit) == bar


def test_who_holds_what_is_reserved_is_told(cli: Run, home: Path) -> None:
    provider = ScriptedProvider()
    config = (
        "embedded: {{enabled: off}}\nproviders: {{a: {{base_url: '{url}', models: [m], prices: {{m: {{input: 1, "
        "output: 10}}}}}}}}\nroutes: {{shop: {{deployments: [a/m]}}}}\n"
    )
    good(cli("budgets", "set", "all", "--usd", "10", "--why", "pilot"))
    good(cli("budgets", "set", "calls", "--calls", "100", "--per", "user", "--why", "pilot"))
    with scripted_thread(provider) as url, running(config.format(url=url), home) as there:
        text = {"role": "user", "content": "scripted:delay=600"}
        body = json.dumps({"model": "shop", "max_tokens": 60, "messages": [text]})
        headers = {"authorization": f"Bearer {there.key}", "x-outrider-user": "anna"}
        asking = http.client.HTTPConnection(there.url.removeprefix("http://"))
        asking.request("POST", "/v1/chat/completions", body, {**headers, "content-type": "application/json"})
        urllib.request.urlopen(f"{url.removesuffix('/v1')}/scripted/seen?requests=1", timeout=30).close()
        shown = json.loads(good(cli("budgets", "show", "all", "--json")))["reserved"]
        call = shown[0]
        assert (call["kind"], call["project"], call["route"], call["deployment"]) == ("call", "default", "shop", "a/m")
        assert (call["user"], call["key"]) == ("anna", there.key.split("-")[2])
        assert 60 * 10_000 < call["amount"] < 1_000_000
        assert clock.now_ns() - HOUR < call["since"] < clock.now_ns()
        assert {one["kind"] for one in shown[1:]} <= {"ahead"}
        words = good(cli("budgets", "show", "calls"))
        assert f"run {call['run']}\t1 call\tanna\tdefault" in words
        with urllib.request.urlopen(urllib.request.Request(f"{there.url}/api/budgets/all", headers=headers)) as answer:
            told = json.load(answer)
        assert told["reserved_count"] == len(told["reserved"])
        assert {**told["reserved"][0], "since": 0} == {**call, "since": 0}
        asking.close()


def test_where_nobody_holds_anything_nothing_is_told(cli: Run) -> None:
    good(cli("budgets", "set", "all", "--usd", "10", "--why", "pilot"))
    assert "Reserved" not in good(cli("budgets", "show", "all"))
    assert json.loads(good(cli("budgets", "show", "all", "--json")))["reserved"] == []
