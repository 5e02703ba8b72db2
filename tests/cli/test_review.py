"""`outrider review`: a queue from its rule to cases, at the terminal."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from outrider.journal.events import RunRecorded
from tests.cli.conftest import Run

Record = Callable[..., RunRecorded]
FIELDS = ("--field", "right: yes/no | Is it right?", "--field", "better: text")


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_a_queue_is_begun_reviewed_and_becomes_cases(cli: Run, record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        record(name="chat.completions")
    made = cli("review", "create", "parcels", "--where", "route=support", *FIELDS, "--reviewers", "2")
    assert "parcels: 4 items, 2 reviewers for each" in made.out
    assert "right: yes/no | Is it right?" in made.out
    typed(monkeypatch, "maybe", "2", "", "s", "1", "On Friday.", "u", "yes", "", "q")
    said = cli("review", "label", "parcels", "--who", "ann")
    assert "'maybe' is none of them" in said.err
    assert "[user]\nWhere is my parcel?" in said.out
    assert "gpt" not in said.out, "blind"
    assert "(On Friday.)" in said.err, "what was taken back is offered again"
    said_of: list[str] = []  # everybody has an order of their own: the one that ann answered comes among the four
    while "disputed\n" not in said_of:
        item = json.loads(cli("review", "next", "parcels", "--who", "ben", "--json").out)["item"]
        said_of.append(cli("review", "label", "parcels", "--item", str(item), "right=no", "--who", "ben").out)
    typed(monkeypatch, "1", "On Monday.")
    assert "settled" in cli("review", "label", "parcels", "--adjudicate", "--who", "cem").err
    (listed,) = json.loads(cli("review", "list", "--json").out)
    assert listed["items"]["settled"] == 1
    assert "reviewers agree on" in cli("review", "show", "parcels").out
    assert json.loads(cli("review", "show", "parcels", "--json").out)["figures"]["doubly"] == 1
    lines = [json.loads(line) for line in cli("review", "export", "parcels").out.splitlines()]
    assert [len(one["said"]) for one in lines if one["status"] == "settled"] == [3]
    exported = cli("review", "export", "parcels", "--to", "golden", "--expected", "better")
    assert "golden version 1: 1 case, 1 of them reviewed" in exported.out
    (case,) = json.loads(cli("datasets", "show", "golden", "--json").out)["cases"]
    assert (case["expected"], case["labelled"]) == ("On Monday.", "person")


def test_what_is_wrong_is_said(cli: Run, record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(name="chat.completions")
    assert "No queue is there yet" in cli("review", "list").err
    assert "say one" in cli("review", "create", "q").err
    assert "cannot be read" in cli("review", "create", "q", "--where", "", "--rubric", str(tmp_path / "none")).err
    (tmp_path / "rubric.txt").write_text("quality: 0..100\n")
    assert cli("review", "create", "q", "--where", "route=support", "--rubric", str(tmp_path / "rubric.txt")).code == 0
    assert "--item N" in cli("review", "label", "q", "quality=5", "--who", "ann").err
    assert "is not yours" in cli("review", "label", "q", "quality=5", "--item", "0", "--who", "ann").err
    assert "[assistant]" not in cli("review", "next", "q", "--who", "ann").out
    assert "from 0 to 100" in cli("review", "label", "q", "quality=500", "--item", "0", "--who", "ann").err
    assert "write FIELD=VALUE" in cli("review", "label", "q", "5", "--item", "0", "--who", "ann").err
    typed(monkeypatch, "70")
    assert "settled" in cli("review", "label", "q", "--who", "ann").err
    assert cli("review", "undo", "q", "--who", "ann").out == "item 0 is yours again\n"
    assert cli("review", "label", "q", "quality=71", "--item", "0", "--who", "ann").out == "settled\n"
    assert "nothing waits for ann" in cli("review", "next", "q", "--who", "ann").err
    assert cli("review", "close", "q").out == "closed\n"
    assert "is closed" in cli("review", "next", "q", "--who", "ben").err
    assert cli("review", "reopen", "q").out == "open\n"
    assert "no project 'odd'" in cli("review", "list", "--project", "odd").err
    monkeypatch.delenv("USER", raising=False)
    assert "say who reviews" in cli("review", "next", "q").err
