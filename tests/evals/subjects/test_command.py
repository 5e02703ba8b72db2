"""Commands as subjects: real processes."""

import asyncio
import sys

import pytest

from outrider.evals.records import Case, Outcome, Variant
from outrider.evals.subjects import command


def asked(code: str) -> Outcome:
    variant = Variant("v", command=(sys.executable, "-c", code))
    return asyncio.run(command.CommandSubject().ask(Case("a", "hi"), variant, ""))


def test_text_or_a_whole_outcome() -> None:
    assert asked("import json,sys; print(json.load(sys.stdin)['input'] + '!')").text == "hi!"
    found = asked('print(\'{"text": "x", "cost": 5, "calls": [{"tool": "t"}]}\')')
    assert (found.text, found.cost, found.calls[0].tool) == ("x", 5, "t")


def test_faults_are_outcomes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked("import sys; sys.stderr.write('no luck'); sys.exit(3)").error == "the command ended with 3: no luck"
    monkeypatch.setattr(command, "PATIENCE", 0.2)
    assert "took longer" in asked("import time; time.sleep(60)").error
    missing = Variant("v", command=("/no/such/program",))
    assert "cannot be started" in asyncio.run(command.CommandSubject().ask(Case("a", "x"), missing, "")).error
