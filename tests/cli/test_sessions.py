"""`outrider sessions`: what agents have read, and what was decided."""

import json

from outrider.app.main import Installation

from ..console.agents import asks
from .conftest import Run


def test_sessions_are_listed_and_shown(cli: Run) -> None:
    assert "No session yet" in cli("sessions", "list").err
    with Installation().office() as office:
        asks(office)
    assert "what others wrote, private" in cli("sessions", "list", "--tainted").out
    (listed,) = json.loads(cli("sessions", "list", "--json").out)
    assert (listed["id"], listed["tainted"]) == ("trip", True)
    shown = cli("sessions", "show", "trip").out
    assert "from here on: tainted" in shown
    assert "because of aimed-by-others" in shown
    whole = json.loads(cli("sessions", "show", "trip", "--json", "--limit", "2").out)
    assert (len(whole["events"]), whole["next"], len(whole["pending"])) == (2, 2, 1)
    missing = cli("sessions", "show", "none")
    assert missing.code == 2
    assert "there is no session" in missing.err
