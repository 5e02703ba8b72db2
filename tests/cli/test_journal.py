"""`outrider journal`: verify finds damage, prune removes, rebuild changes nothing."""

import json
from collections.abc import Callable
from pathlib import Path

from outrider.journal.events import RunRecorded
from tests.cli.conftest import Run

Record = Callable[..., RunRecorded]


def test_verify_is_good_and_finds_a_changed_byte(cli: Run, record: Record, home: Path) -> None:
    record()
    record()
    cli("runs", "list")
    said = cli("journal", "verify")
    assert said.code == 0, said.out
    assert "good" in said.out
    (segment, *_) = sorted((home / "spool").rglob("*.seg"))
    data = bytearray(segment.read_bytes())
    data[60] ^= 1
    segment.write_bytes(data)
    assert cli("journal", "verify", "--no-store").code == 1
    shown = cli("journal", "verify", "--json")
    assert shown.code == 1
    assert json.loads(shown.out)["problems"]


def test_stats(cli: Run, record: Record) -> None:
    record()
    assert json.loads(cli("journal", "stats", "--json").out)["waiting"] > 0
    cli("runs", "list")
    shown = json.loads(cli("journal", "stats", "--json").out)
    assert (shown["runs"], shown["waiting"]) == (1, 0)
    assert "runs\t1" in cli("journal", "stats").out


def test_prune_asks_and_removes(cli: Run, record: Record) -> None:
    record()
    assert cli("journal", "prune").out == "nothing to remove\n"
    refused = cli("journal", "prune", "--older-than", "0")
    assert refused.code == 2
    assert "--yes" in refused.err
    (done,) = json.loads(cli("journal", "prune", "--older-than", "0", "--yes", "--json").out)
    assert (done["runs"], done["reason"]) == (1, "age")
    assert json.loads(cli("runs", "list", "--json").out)["runs"] == []
    assert cli("journal", "verify").code == 0


def test_rebuild_gives_the_same(cli: Run, record: Record) -> None:
    record()
    record(model="other")
    before = cli("runs", "list").out, cli("costs", "--since", "1d").out
    assert json.loads(cli("journal", "rebuild", "--json").out)["records"] == 2
    assert (cli("runs", "list").out, cli("costs", "--since", "1d").out) == before


def test_import_takes_in_what_others_exported(cli: Run, home: Path) -> None:
    from tests.journal.imports import exported

    Path("runs.json").write_text(json.dumps(exported.langsmith()))
    Path("odd.json").write_text('{"context": {"span_id": "\\u001b[31m"}}')
    said = cli("journal", "import", "runs.json")
    assert said.out.startswith("runs.json (langsmith): 1 run with 4 steps taken in\n")
    again = json.loads(cli("journal", "import", "runs.json", "--format", "langsmith", "--json").out)
    assert (again["files"][0]["runs"], again["files"][0]["already"]) == (0, 4)
    (run,) = json.loads(cli("runs", "list", "--json").out)["runs"]
    assert (run["session"], run["steps"]) == ("s1", 4)
    odd = cli("journal", "import", "odd.json")
    assert odd.code == 1
    assert "left out: line 1, span 1: it does not say when it began" in odd.err
    assert "there is no project 'x'" in cli("journal", "import", "runs.json", "--project", "x").err
    assert "cannot be read" in cli("journal", "import", "none.json").err
    Path("x.csv").write_text("id,name\n")
    assert "no JSON" in cli("journal", "import", "x.csv").err
