"""Functions as subjects."""

import asyncio
from pathlib import Path

import pytest

from outrider.evals.evaluators.python import function
from outrider.evals.records import Case, Outcome, Variant
from outrider.evals.subjects.python import PythonSubject

CODE = """
def plain(case, **options):
    return f"{case.input} {options.get('loud', '')}".strip()

async def waits(case):
    return case.input.upper()

def broken(case):
    raise ValueError("no")
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_agent.py").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    function.cache_clear()


def asked(name: str, **options: object) -> Outcome:
    return asyncio.run(PythonSubject().ask(Case("a", "hi"), Variant("v", set=options, python=f"my_agent:{name}"), ""))


def test_plain_and_async_functions_answer() -> None:
    assert asked("plain", loud="!").text == "hi !"
    assert asked("waits").text == "HI"


def test_faults_are_outcomes() -> None:
    assert asked("broken").error == "ValueError: no"
    assert "cannot be imported" in asked("missing").error or "no `module:function`" in asked("missing").error
