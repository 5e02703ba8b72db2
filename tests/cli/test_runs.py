"""`outrider runs` and `outrider costs`: what was recorded is listed, shown, followed, exported and summed."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial

import pytest

from outrider.base import ids
from outrider.journal.events import RunRecorded
from tests.cli.conftest import Run

Record = Callable[..., RunRecorded]


def test_list_shows_what_the_spool_holds(cli: Run, record: Record) -> None:
    run = record()
    said = cli("runs", "list")
    assert said.code == 0
    heading, line = said.out.splitlines()
    assert heading.split("\t")[0] == "run"
    cells = line.split("\t")
    assert cells[0] == ids.text(run.id)
    assert "Where is my parcel?" in cells
    assert "$0.000027" in cells


def test_list_json_pages(cli: Run, record: Record) -> None:
    made = [ids.text(record().id) for _ in range(5)]
    first = json.loads(cli("runs", "list", "--json", "--limit", "3").out)
    second = json.loads(cli("runs", "list", "--json", "--limit", "3", "--before", str(first["next"])).out)
    assert [r["id"] for r in first["runs"] + second["runs"]] == made[::-1]
    assert second["next"] is None


@pytest.mark.parametrize(
    "args",
    [
        ["--route", "support"],
        ["--model", "support", "--since", "1h"],
        ["--deployment", "openai/gpt-4o-mini"],
        ["--status", "ok"],
        ["--text", "parcel"],
        ["--min-cost", "0.00001"],
        ["--min-duration", "1s"],
        ["--since", "2020-01-01", "--until", "2100-01-01T00:00"],
    ],
)
def test_filters_keep_what_they_say(cli: Run, record: Record, args: list[str]) -> None:
    wanted = record()
    record(route="x", model="y", deployment="z/z", status="error", preview="no", cost=1, duration=5, at=1_000_000_000)
    found = json.loads(cli("runs", "list", "--json", *args).out)["runs"]
    assert [r["id"] for r in found] == [ids.text(wanted.id)]


def test_show_prints_facts_and_the_step_tree(cli: Run, record: Record) -> None:
    run = record(why="first of the route", tags=["a", "b"], session="s1", error="", user="u\x1b[2J")
    for name in (ids.text(run.id), "last"):
        said = cli("runs", "show", name)
        assert said.code == 0
        assert "first of the route" in said.out
        assert "a, b" in said.out
        assert "\x1b" not in said.out
        lines = said.out.splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith("✓ model openai/gpt-4o-mini"))
        assert lines[at + 1].startswith("  ✗ code attempt 1")
        assert "timeout" in lines[at + 1]


def test_show_bodies_and_json(cli: Run, record: Record) -> None:
    record()
    assert "On its way." in cli("runs", "show", "last", "--bodies").out
    shown = json.loads(cli("runs", "show", "last", "--json", "--bodies").out)
    assert shown["bodies"]["request"].startswith('{"model"')
    assert [s["kind"] for s in shown["steps"]] == ["cache", "model", "code"]


def test_show_says_what_is_wrong_with_an_id(cli: Run, record: Record) -> None:
    assert "no run yet" in cli("runs", "show", "last").err
    assert "not a run's id" in cli("runs", "show", "12").err
    assert "pruned" in cli("runs", "show", ids.text(ids.new_id())).err


def test_tail_without_following(cli: Run, record: Record) -> None:
    made = [ids.text(record().id) for _ in range(3)]
    said = cli("runs", "tail", "--no-follow", "-n", "2", "--json")
    assert [json.loads(line)["id"] for line in said.out.splitlines()] == made[1:]
    assert len(cli("runs", "tail", "--no-follow").out.splitlines()) == 3


def test_tail_follows_until_interrupted(cli: Run, record: Record) -> None:
    record()
    command = [sys.executable, "-m", "outrider.app.main", "runs", "tail", "--json"]
    deliver = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a shell's background job inherits it ignored
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=deliver
    ) as tail:
        assert tail.stdout is not None
        assert tail.stderr is not None
        assert json.loads(tail.stdout.readline())["model"] == "support"
        record(model="next")
        cli("runs", "list")  # moves it into the store, as a server does all the time
        assert json.loads(tail.stdout.readline())["model"] == "next"
        tail.send_signal(signal.SIGINT)
        assert tail.wait(10) == 0
        assert "Traceback" not in tail.stderr.read()


def test_empty_journal_says_what_to_do(cli: Run) -> None:
    for args in (["runs", "list"], ["costs"]):
        said = cli(*args)
        assert said.code == 0
        assert said.err.strip()
