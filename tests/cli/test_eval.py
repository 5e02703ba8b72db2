"""`outrider eval`, against a whole Outrider with the scripted provider behind it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running
from tests.cli.conftest import Run

CONFIG = """
embedded: {{enabled: false}}
providers:
  scripted: {{base_url: "{url}", models: [scripted-chat], prices: {{scripted-chat: {{input: 1, output: 2}}}}}}
"""
SUITE = """
dataset: cases.jsonl
variants:
  now: scripted/scripted-chat
  worse: {model: scripted/scripted-chat, prompt: "Say it.", set: {max_tokens: 1}}
evaluators: [exact, dollars]
gates: [%s]
"""


@pytest.fixture
def provider() -> ScriptedProvider:
    return ScriptedProvider()


@pytest.fixture
def house(home: Path, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    with scripted_thread(provider) as url, running(CONFIG.format(url=url), home) as outrider:
        monkeypatch.setenv("OUTRIDER_KEY", outrider.key)
        yield outrider


def written(folder: Path, gate: str, count: int = 30) -> str:
    lines = [{"id": f"c{n}", "input": f"scripted:text=answer {n}", "expected": f"answer {n}"} for n in range(count)]
    (folder / "cases.jsonl").write_text("\n".join(json.dumps(one) for one in lines))
    (folder / "weekly.yaml").write_text(SUITE % gate)
    return str(folder / "weekly.yaml")


def test_a_gate_that_holds_is_0_and_one_that_fails_is_1(cli: Run, house: Running, tmp_path: Path) -> None:
    good = cli("eval", "run", written(tmp_path, "'now: exact >= 0.8'"), "--url", house.url, "--json")
    report = json.loads(good.out)
    assert (good.code, [one["verdict"] for one in report["gates"]]) == (0, ["passed"])
    bad = cli(
        "eval", "run", written(tmp_path, "'exact >= now - 0.02'"), "--url", house.url,
        "--markdown", str(tmp_path / "r.md"), "--junit", str(tmp_path / "r.xml"),
    )  # fmt: skip
    assert bad.code == 1
    assert "failed: worse: exact >= now - 0.02" in bad.out
    assert "### weekly: failed" in (tmp_path / "r.md").read_text()
    assert 'failures="1"' in (tmp_path / "r.xml").read_text()


def test_who_cannot_know_says_what_it_needs(cli: Run, house: Running, tmp_path: Path) -> None:
    few = cli("eval", "run", written(tmp_path, "'now: exact >= 0.95'", count=4), "--url", house.url)
    assert few.code == 1
    assert "inconclusive" in few.out
    assert "cases would tell" in few.out


def test_what_came_of_it_is_shown_again(cli: Run, house: Running, tmp_path: Path, provider: ScriptedProvider) -> None:
    cli("eval", "run", written(tmp_path, "'dollars <= 2 * now'"), "--url", house.url)
    asked = provider.counts["chat"]
    listed = json.loads(cli("eval", "list", "--json").out)
    assert [(one["name"], one["status"], one["done"]) for one in listed] == [("weekly", "done", 60)]
    assert "exact" in cli("eval", "show", "weekly").out
    diff = json.loads(cli("eval", "diff", "weekly", "--json", "--limit", "2").out)
    assert [one["change"] for one in diff] == ["worse", "worse"]
    assert [answer["text"] for answer in diff[0]["answers"]] == ["answer 0", "answer"]
    assert cli("eval", "resume", "weekly", "--url", house.url).code == 2, "it is done"
    again = cli("eval", "run", str(tmp_path / "weekly.yaml"), "--url", house.url, "--json")
    assert json.loads(again.out)["cached"] == 60
    assert provider.counts["chat"] == asked
    fresh = cli("eval", "run", str(tmp_path / "weekly.yaml"), "--url", house.url, "--fresh")
    assert fresh.code in (0, 1)
    assert provider.counts["chat"] == 2 * asked


def test_mistakes_are_one_line(cli: Run, tmp_path: Path) -> None:
    for wrong, said in (
        (("eval", "run", str(tmp_path / "gone.yaml")), "cannot be read"),
        (("eval", "show", "nothing"), "there is no experiment 'nothing'"),
        (("eval", "list", "--project", "other"), "there is no project 'other'"),
    ):
        found = cli(*wrong)
        assert (found.code, said in found.err) == (2, True)
    assert "exact" in json.loads(cli("eval", "evaluators", "--json").out)
