"""A judge in a test: what the Outrider that is asked knows of it is said beside its scores."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from outrider.app.evals import EvalsHandle
from outrider.app.settings import parse as settings
from outrider.evals import planning
from outrider.evals.experiments import Done
from outrider.evals.records import Case, Outcome, Score
from outrider.evals.suite import parse
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running

CONFIG = """
embedded: {{enabled: false}}
casebook: {{enabled: false}}
providers:
  scripted: {{base_url: "{url}", models: [scripted-chat]}}
"""
SUITE = """
dataset: cases.jsonl
variants: {now: {python: "mine:old"}}
evaluators: [{judge: {model: scripted/scripted-chat, rubric: It is even.}}]
gates: ['judge >= 0']
"""
TEST = """
def test_judged(outrider_eval):
    report = outrider_eval("judged.yaml", url="URL", inconclusive=True)
    assert "NOTE" in report.measured[0].note
    assert "NOTE" in report.gates[0].reason
"""


def held(outrider: Running, folder: Path) -> None:
    """People who say the contrary of the same judge, in the store of the server."""
    with closing(EvalsHandle(settings("", "test", {}), outrider.home, outrider.store_url)) as evals:
        evals.datasets.save("default", "d", [Case(f"c{n}", f"number {n}") for n in range(30)])
        suite = parse(SUITE.replace("cases.jsonl", "d").replace('{python: "mine:old"}', "x/claude-1"), "s", folder)
        begun = planning.begin(suite, evals.datasets, evals.experiments, "default")
        for item in evals.experiments.waiting(begun.id):
            said = Score(float(item.place % 2), "so", "pass" if item.place % 2 else "fail", 0, {"judge": "x"})
            done = Done(item, Outcome(text=f"answer {item.place}"), {"judge": said})
            evals.experiments.record(begun.id, [done])
            evals.labels.add("default", begun.id, "judge", done, "ann", float(item.place % 2 == 0))


def run(folder: Path, outrider: Running, note: str) -> str:
    (folder / "test_judged.py").write_text(TEST.replace("URL", outrider.url).replace("NOTE", note))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "OUTRIDER_KEY": outrider.key, "PYTHONPATH": str(folder)},
        check=False,
    )
    return done.stdout


@pytest.mark.slow
def test_what_is_known_of_a_judge_is_said_in_tests(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "cases.jsonl").write_text("\n".join(f'{{"id": "c{n}", "input": "question {n}"}}' for n in range(3)))
    (folder / "judged.yaml").write_text(SUITE)
    (folder / "conftest.py").write_text('pytest_plugins = ["outrider.testing.evals"]\n')
    (folder / "mine.py").write_text("def old(case):\n    return 'yes'\n")
    with scripted_thread(ScriptedProvider()) as url, running(CONFIG.format(url=url), tmp_path / "home") as outrider:
        assert "1 passed" in run(folder, outrider, "never held against people")
        held(outrider, folder)
        assert "1 passed" in run(folder, outrider, "BELOW its bar")
