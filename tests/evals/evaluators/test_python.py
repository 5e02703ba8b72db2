"""Functions of the user's own."""

from pathlib import Path

import pytest

from outrider.evals.evaluators import Ports, named
from outrider.evals.evaluators.python import function
from outrider.evals.records import Case, Outcome, Score

CODE = """
from outrider.evals.records import Score

def longer(case, outcome, than=1):
    return len(outcome.text) > than

def rich(case, outcome):
    return Score(0.5, "half")

def bad(case, outcome):
    return "good"

def broken(case, outcome):
    raise KeyError("lost")
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_checks.py").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    function.cache_clear()


def score(name: str, **options: object) -> Score:
    asked = named("python", {"function": f"my_checks:{name}", "options": options})
    return asked.score(Case("q", "x"), Outcome(text="four"), Ports())


def test_what_a_function_may_give() -> None:
    assert score("longer").value == 1.0
    assert score("longer", than=9).value == 0.0
    assert score("rich") == Score(0.5, "half")


def test_its_faults_are_said_and_end_nothing() -> None:
    assert "a number, a bool" in score("bad").reason
    assert "KeyError: 'lost'" in score("broken").reason
    assert "has no attribute 'missing'" in score("missing").reason
    assert [score(name).value for name in ("bad", "broken", "missing")] == [None] * 3
