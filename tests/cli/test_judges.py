"""`outrider judges`: labels by a person at the terminal, and what they say of the judge."""

import io
import json
from pathlib import Path

import pytest

from outrider.app.main import Installation
from outrider.evals import planning
from outrider.evals.experiments import Done
from outrider.evals.records import Outcome, Score
from outrider.evals.suite import parse
from tests.cli.conftest import Run

SUITE = """
name: weekly
dataset: cases.jsonl
variants: {now: x/claude-1}
evaluators: [exact, {judge: {model: x/gpt-5, rubric: It is even.}}]
gates: ['judge >= 0']
"""


@pytest.fixture
def judged(home: Path, tmp_path: Path) -> str:
    """An experiment of six answers; the judge says `pass` to even ones, and to the last."""
    lines = [{"id": f"c{n}", "input": f"number {n}"} for n in range(6)]
    (tmp_path / "cases.jsonl").write_text("\n".join(json.dumps(one) for one in lines))
    suite = parse(SUITE, "weekly.yaml", tmp_path)
    with Installation(None, None).evals() as evals:
        begun = planning.begin(suite, evals.datasets, evals.experiments, "default")
        done = []
        for item in evals.experiments.waiting(begun.id):
            word = "pass" if item.place in (0, 2, 4, 5) else "fail"
            score = Score(float(word == "pass"), "so \x1b[2Jit is", word, 0, {"judge": "x/gpt-5"})
            done.append(Done(item, Outcome(text=f"\x1b[2Janswer {item.place}"), {"judge": score, "exact": Score(None)}))
        evals.experiments.record(begun.id, done)
    return begun.id


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_a_person_labels_blind_and_the_judge_is_measured(
    cli: Run, judged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "pass", "maybe", "1", "q")
    said = cli("judges", "label", "weekly", "--who", "ann")
    assert said.code == 0
    assert "It is even." in said.out
    assert "the judge" not in said.out
    assert "\x1b" not in said.out
    assert "'maybe' is none of them" in said.err
    listed = json.loads(cli("judges", "labels", "--json").out)
    assert sorted((one["who"], one["value"], one["blind"]) for one in listed) == [
        ("ann", 0.0, True),
        ("ann", 1.0, True),
    ]
    typed(monkeypatch, "2", "2", "2", "2")
    seen = cli("judges", "label", judged, "--who", "ann", "--seen")
    assert seen.out.count("[the judge: ") == 4
    assert "\x1b" not in seen.out
    assert "labelled every answer" in cli("judges", "label", judged, "--who", "ann").err
    found = json.loads(cli("judges", "measure", judged, "--json").out)
    assert (found["labels"], found["judge"], found["standing"]["agreement"]["raw"]["n"]) == (6, "judge", 6)
    assert "people and judge" in cli("judges", "measure", judged).out
    assert "yes" in cli("judges", "labels").out


def test_its_scores_are_marked_wherever_they_are_shown(cli: Run, judged: str) -> None:
    shown = cli("eval", "show", judged)
    assert "judge: this judge was never held against people" in shown.err
    assert "never held against people" in shown.out, "beside the gate, too"
    report = json.loads(cli("eval", "show", judged, "--json").out)
    assert [bool(one["note"]) for one in report["measured"]] == [False, True]


def test_mistakes_are_one_line(cli: Run, judged: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("USER", raising=False)
    for wrong, said in (
        (("measure", "nothing"), "there is no experiment 'nothing'"),
        (("measure", judged, "--judge", "exact"), "has no judge 'exact'; there are: judge"),
        (("label", judged), "say who labels: --who NAME"),
        (("labels", "--project", "other"), "there is no project 'other'"),
    ):
        found = cli("judges", *wrong)
        assert (found.code, said in found.err) == (2, True), found.err


def test_a_file_of_labels_says_how_far_its_raters_agree(cli: Run, tmp_path: Path) -> None:
    table = ((13, 0, 0), (0, 20, 7), (0, 4, 56))  # two abstractors, Gwet 2014
    both = [(one, two) for one, row in enumerate(table) for two, often in enumerate(row) for _ in range(often)]
    path = tmp_path / "labels.csv"
    path.write_text("id,ann,bob\n" + "".join(f"{at},{one},{two}\n" for at, (one, two) in enumerate(both)))
    said = cli("judges", "agreement", str(path))
    assert said.code == 0
    assert "0.8900 [" in said.out
    assert "0.7964 [" in said.out
    assert "0.8493 [" in said.out
    found = json.loads(cli("judges", "agreement", str(path), "--json").out)
    assert found["agreement"]["ac1"]["estimate"] == pytest.approx(0.8493305, abs=1e-7)
    assert found["confusion"] == [list(row) for row in table]
    scores = tmp_path / "scores.csv"
    lines = [f"{at % 2 if at < 60 else ''},{at % 2}\n" for at in range(200)]
    scores.write_text("people,judge\n" + "".join(lines))
    said = cli("judges", "agreement", str(scores), "--people", "people", "--judge", "judge")
    assert said.code == 0
    assert "as good as so many times the labels" in said.out
    wrong = cli("judges", "agreement", str(path), "--rater", "ann", "--rater", "eve")
    assert wrong.code != 0
    assert "there is no column 'eve'" in wrong.err
