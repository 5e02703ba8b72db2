"""`outrider deployments`: the board of the processes that run here, read and changed from outside."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.app.main import Installation
from outrider.journal import read
from outrider.journal.events import BreakerForced
from outrider.limits.board import Board
from outrider.limits.vitals import Vitals
from tests.cli.conftest import Run
from tests.limits import wards


@pytest.fixture
def vitals(home: Path) -> Iterator[Vitals]:
    board = Board(home / "run")
    made = Vitals(board)
    wards.fill(made)
    yield made
    board.close()


def test_the_list(cli: Run, vitals: Vitals) -> None:
    said = cli("deployments", "list")
    assert said.code == 0
    lines = [line.split("\t") for line in said.out.splitlines()]
    assert [line[0] for line in lines[1:]] == ["b/down", "c/resting", "a/well", "d/unused"]
    assert lines[1][1:3] == ["down", "failures in a row"]
    found = json.loads(cli("deployments", "list", "--json").out)
    assert found[2]["limits"] == [
        {"kind": "tokens", "limit": 10000, "remaining": 2500, "reset": pytest.approx(45, abs=2)}
    ]


def test_open_and_close(cli: Run, vitals: Vitals) -> None:
    assert (
        cli("deployments", "open", "a/well", "--why", "it is wrong").out == "a/well is left alone until it is closed\n"
    )
    assert vitals.begin(wards.deployment("a/well")) is None
    shown = json.loads(cli("deployments", "close", "a/well", "--json").out)
    assert shown["health"] == "ok"
    assert vitals.begin(wards.deployment("a/well")) is not None
    cli("costs")  # what reads the journal takes over what is new
    store = Installation().open_store()
    forced = [e for _, e in read.export_records(store) if isinstance(e, BreakerForced)]
    store.close()
    assert [(e.deployment, e.open, e.why) for e in forced] == [("a/well", True, "it is wrong"), ("a/well", False, "")]
    assert all(e.by.startswith("cli") for e in forced)


def test_a_name_that_is_not_there(cli: Run, vitals: Vitals) -> None:
    said = cli("deployments", "open", "x/y")
    assert said.code == 2
    assert "no deployment 'x/y'" in said.err


def test_nothing_runs_here(cli: Run, home: Path) -> None:
    assert "outrider up" in cli("deployments", "list").err
    board = Board(home / "run")
    board.close()
    said = cli("deployments", "list")
    assert (said.code, said.out) == (2, "")
    assert "no Outrider runs" in said.err
