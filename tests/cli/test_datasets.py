"""`outrider datasets`: cases from files and runs, versions, what is alike."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from outrider.app.main import Installation
from outrider.base import ids
from outrider.journal.events import FeedbackGiven, RunRecorded
from tests.cli.conftest import Run

Record = Callable[..., RunRecorded]
CASES = [{"id": f"c{n}", "input": f"What is the price of item {n}?", "expected": str(n)} for n in range(20)]


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "prices.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in CASES))
    return str(path)


def test_a_file_becomes_a_version_and_comes_out_again(cli: Run, file: str, tmp_path: Path) -> None:
    assert "prices: version 1 with 20 cases" in cli("datasets", "add", file).out
    assert "nothing is new" in cli("datasets", "add", file).out
    (tmp_path / "more.csv").write_text("input,target\nWhat is it?,that\n")
    added = cli("datasets", "add", str(tmp_path / "more.csv"), "--name", "prices")
    assert ("more.csv is inspect" in added.err, "version 2 with 21 cases" in added.out) == (True, True)
    (listed,) = json.loads(cli("datasets", "list", "--json").out)
    assert (listed["dataset"], listed["version"], listed["cases"]) == ("prices", 2, 21)
    shown = cli("datasets", "show", "prices").out
    assert ("version 1  20 cases" in shown, "What is the price of item 3?" in shown) == (True, True)
    assert json.loads(cli("datasets", "show", "prices", "--case", "c3").out)["expected"] == "3"
    assert "added: 1" in cli("datasets", "diff", "prices").out
    out = tmp_path / "out.jsonl"
    cli("datasets", "export", "prices", "--version", "1", "-o", str(out))
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == [one["id"] for one in CASES]
    assert cli("datasets", "export", "prices").out.count("\n") == 21
    only = cli("datasets", "add", str(out), "--name", "prices", "--replace", "--json")
    assert json.loads(only.out)["version"]["cases"] == 20


def test_a_run_becomes_a_case_once(cli: Run, record: Record) -> None:
    run, other = record(name="chat.completions"), record(name="chat.completions", status="error")
    first = cli("datasets", "from-runs", "bad", ids.text(run.id))
    assert "bad: version 1 with 1 case" in first.out
    again = cli("datasets", "from-runs", "bad", "--where", "route=support", "--json")
    (merged,) = [one for one in json.loads(again.out)["merged"] if one["case"] == f"run:{ids.text(other.id)}"]
    assert (merged["other"], merged["likeness"]) == (f"run:{ids.text(run.id)}", 1.0)
    (case,) = json.loads(cli("datasets", "show", "bad", "--json").out)["cases"]
    assert (case["input"], case["recorded"]["answer"]["text"]) == ("Where is my parcel?", "On its way.")
    assert "version 2 with 2 cases" in cli("datasets", "from-runs", "bad", "last", "--keep-alike").out
    accepted = cli("datasets", "from-runs", "good", "last", "--accept")
    assert accepted.code == 0
    (case,) = json.loads(cli("datasets", "show", "good", "--json").out)["cases"]
    assert (case["expected"], case["labelled"]) == ("On its way.", "model")


def test_bad_feedback_proposes_and_a_case_takes_it(cli: Run, record: Record) -> None:
    runs = [ids.text(record(name="chat.completions").id) for _ in range(3)]
    journal = Installation().open_journal()
    for run in runs:
        journal.append_now(FeedbackGiven(ids.new_id(), "default", 1, ids.parse(run), thumb="down"))
    journal.close()
    assert cli("datasets", "from-runs", "bad", runs[0]).code == 0
    shown = cli("datasets", "proposals")
    assert (runs[0] in shown.out, runs[1] in shown.out, "thumbs down" in shown.out) == (False, True, True)
    left = json.loads(cli("datasets", "proposals", "--dismiss", runs[1], "--json").out)
    assert [one["run"] for one in left] == [runs[2]]
    cli("datasets", "from-runs", "bad", "--where", "feedback=bad", "--keep-alike")
    assert "Nothing is proposed" in cli("datasets", "proposals").err


def test_splits_and_prompts_are_checked(cli: Run, file: str, tmp_path: Path) -> None:
    cli("datasets", "add", file)
    assert "held-out" in cli("datasets", "split", "prices").out
    clean = cli("datasets", "check", "prices")
    assert (clean.code, "20 cases: none" in clean.out) == (0, True)
    (tmp_path / "prompt.txt").write_text("Q: what is the price of item 7? A: 7")
    found = cli("datasets", "check", "prices", "--prompt", str(tmp_path / "prompt.txt"))
    assert (found.code, "c7 stands in the prompt prompt.txt (100%)" in found.out) == (1, True)
    (tmp_path / "suite.yaml").write_text(
        "dataset: prices.jsonl\nevaluators: [exact]\n"
        "variants: {now: {model: m, prompt: 'As in: What is the price of item 9?'}}\n"
    )
    told = cli("datasets", "check", "prices", "--suite", str(tmp_path / "suite.yaml"), "--json")
    assert [(one["case"], one["other"]) for one in json.loads(told.out)["in_prompts"]] == [("c9", "now")]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add", "gone.jsonl"), "there is no such file"),
        (("show", "nothing"), "there is no dataset 'nothing'"),
        (("diff", "nothing"), "there is no dataset"),
        (("from-runs", "d"), "give runs, or --where"),
        (("from-runs", "d", "--where", "colour=red"), "does not understand 'colour=red'"),
        (("from-runs", "d", "--where", "route=none"), "no run is there"),
        (("from-runs", "d", "x"), "is not a run's id"),
        (("from-runs", "d", "last"), "is not a run's id"),
        (("list", "--project", "other"), "there is no project 'other'"),
    ],
)
def test_mistakes_are_one_line(cli: Run, words: tuple[str, ...], why: str) -> None:
    found = cli("datasets", *words)
    assert (found.code, why in found.err) == (2, True), found.err
    assert "promptfoo" in cli("datasets", "forms").out
