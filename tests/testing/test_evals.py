"""The pytest plugin, in a pytest of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = 'pytest_plugins = ["outrider.testing.evals"]\n'
SUITE = """
dataset: cases.jsonl
variants: {now: {python: "mine:old"}, next: {python: "mine:old"}}
evaluators: [exact]
gates: ['next: exact >= now - 0.2', 'next: exact >= 0.8']
"""
TESTS = """
import asyncio
import pytest
from outrider.base.errors import OutriderError

def same(case):
    return case.expected

async def worse(case):
    await asyncio.sleep(0)
    return "no"

def test_good(outrider_eval):
    report = outrider_eval("suite.yaml", next=same)
    assert report.verdict == "passed"

def test_from_a_coroutine(outrider_eval):
    async def test():
        assert outrider_eval("suite.yaml", now=same, next=same).answers == 80
    asyncio.run(test())

def test_bad(outrider_eval):
    outrider_eval("suite.yaml", next=worse)

def test_few(outrider_eval):
    outrider_eval("few.yaml", next=same)

def test_few_is_enough(outrider_eval):
    assert outrider_eval("few.yaml", next=same, inconclusive=True).verdict == "inconclusive"

def test_unknown(outrider_eval):
    with pytest.raises(OutriderError, match="it has: now, next"):
        outrider_eval("suite.yaml", other=same)
"""


@pytest.mark.slow
def test_gates_are_tests(tmp_path: Path) -> None:
    lines = [json.dumps({"id": f"c{n}", "input": f"question {n}", "expected": f"answer {n}"}) for n in range(40)]
    (tmp_path / "cases.jsonl").write_text("\n".join(lines))
    (tmp_path / "suite.yaml").write_text(SUITE)
    (tmp_path / "few.yaml").write_text((tmp_path / "suite.yaml").read_text() + "sample: 4\n")
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "mine.py").write_text("def old(case):\n    return case.expected\n")
    (tmp_path / "test_mine.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", str(tmp_path / "base")],
        cwd=tmp_path, capture_output=True, text=True, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert "2 failed, 4 passed" in done.stdout, done.stdout + done.stderr
    assert "✗ failed" in done.stdout, "the report's words"
    assert "cases would tell" in done.stdout
