"""`outrider alarms`: tried before it matters, and seen afterwards."""

import json
from pathlib import Path

import pytest

from outrider.app.main import Installation
from outrider.base import clock, ids
from outrider.journal.events import AlarmRaised, AlarmSent
from outrider.limits import notices

from ..limits.sinks import webhook
from .conftest import Run


def test_a_test_message_arrives(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as sink:
        monkeypatch.setenv("HOOK", sink.url)
        Path("outrider.yaml").write_text('alarms: {notify: ["${env:HOOK}"]}')
        said = cli("alarms", "test")
        assert (said.code, said.out) == (0, "taken by 1 place\n")
        assert [m["title"] for m in sink.got] == ["Outrider: test"]


def test_a_place_that_does_not_take_it_is_named(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "PAUSES", (0.0, 0.0))
    monkeypatch.setenv("HOOK", "json://127.0.0.1:1/secret")
    Path("outrider.yaml").write_text('alarms: {notify: ["${env:HOOK}"]}')
    said = cli("alarms", "test")
    assert said.code == 1
    assert "not taken by 1 (json)" in said.err
    assert "secret" not in said.out + said.err
    told = json.loads(cli("alarms", "test", "--json").out)
    assert told == {"places": ["1 (json)"], "delivered": 0, "failed": 1, "error": "not taken by 1 (json)"}


def test_without_places_it_says_what_to_write(cli: Run) -> None:
    said = cli("alarms", "test")
    assert said.code == 2
    assert "alarms: {notify:" in said.err


def test_alarms_are_listed(cli: Run) -> None:
    assert "No alarm was raised" in cli("alarms", "list").err
    first = AlarmRaised(ids.new_id(), "fraction", "team", clock.now_ns(), "anna", 0, 800, 10**10, 8 * 10**9)
    second = AlarmRaised(ids.new_id(), "provider", "openai/gpt", clock.now_ns())
    journal = Installation().open_journal()
    for event in (first, second, AlarmSent(first.id, clock.now_ns(), 1, 1, "not taken by 2 (slack)")):
        journal.append_now(event)
    journal.close()
    said = cli("alarms", "list")
    assert "budget 'team' for 'anna' has used 80 % of its limit: $8 of $10" in said.out
    assert "taken by 1; not taken by 2 (slack)" in said.out
    assert "openai/gpt is down" in said.out
    assert "not sent yet" in said.out
    (only,) = json.loads(cli("alarms", "list", "--about", "team", "--json").out)
    assert (only["event"]["subject"], only["delivered"]) == ("team", 1)
