"""`outrider eval diagnose`, after an experiment on a route with knowledge."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running
from tests.cli.conftest import Run
from tests.gateway.test_grounding import put

MODEL = "scripted:text=Acme needs 45 minutes per claim."
CONFIG = """
embedded: {{enabled: false}}
providers:
  scripted: {{base_url: "{url}", models: ["{model}"]}}
routes:
  support: {{deployments: ["scripted/{model}"], knowledge: docs}}
"""
SUITE = """
dataset: cases.jsonl
variants: {now: support}
evaluators: [seconds, contains]
"""
CASES = [
    {"id": "one", "input": "What is the handling time per claim at Acme?", "expected": "12 minutes"},
    {"id": "two", "input": "What is the handling time at Acme?", "context": {"relevant": ["gone.md"]}, "expected": "9"},
    {"id": "three", "input": "Which time per claim does Acme need?", "expected": "45 minutes"},
]


@pytest.fixture
def house(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    with scripted_thread(ScriptedProvider()) as url:
        text = CONFIG.format(url=url, model=MODEL)
        Path("outrider.yaml").write_text(text)
        with running(text, home) as outrider:
            put(outrider, "claims.md", "# Claims at Acme\n\nHandling time per claim at Acme fell to 12 minutes.")
            monkeypatch.setenv("OUTRIDER_KEY", outrider.key)
            yield outrider


def test_each_wrong_answer_has_its_stage(cli: Run, house: Running, tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, CASES)))
    (tmp_path / "weekly.yaml").write_text(SUITE)
    assert cli("eval", "run", str(tmp_path / "weekly.yaml"), "--url", house.url).code == 0
    said = cli("eval", "diagnose", "weekly", "--json")
    found = json.loads(said.out)
    assert (found["score"], found["stages"]) == ("contains", {"now": {"right": 1, "not indexed": 1, "contradicted": 1}})
    assert [one["stage"] for one in found["answers"]] == ["contradicted", "not indexed", "right"]
    said = cli("eval", "diagnose", "weekly", "--limit", "1")
    assert "contradicted\t1" in said.out
    assert "no passage says '45 minutes'" in said.out
    assert "1 answer more: --limit 2" in said.err


def test_names_that_are_unknown_are_named(cli: Run, house: Running, tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text(json.dumps(CASES[0]))
    (tmp_path / "weekly.yaml").write_text(SUITE)
    cli("eval", "run", str(tmp_path / "weekly.yaml"), "--url", house.url)
    said = cli("eval", "diagnose", "weekly", "--score", "seconds")
    assert (said.code, "'seconds' does not say which answers are right; these do: contains" in said.err) == (2, True)
    said = cli("eval", "diagnose", "weekly", "--variant", "next")
    assert (said.code, "there is no variant 'next'; there are: now" in said.err) == (2, True)
    assert cli("eval", "diagnose", "monthly").code == 2
