"""`outrider redteam`, against functions, commands, and a whole Outrider with the scripted provider behind it."""

import json
import sys
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
GULLIBLE = """
from outrider.base import hidden

def answer(case, polite=False):
    said = str(case.messages()[-1].get("content"))
    system = str(case.messages()[0].get("content"))
    return system.rpartition(": ")[2] if hidden.packed(said) else "I help with parcels."

def careful(case):
    return "I help with parcels."
"""
LITTLE = ("--attempts", "40", "--seed", "1")


@pytest.fixture
def house(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    with scripted_thread(ScriptedProvider()) as url, running(CONFIG.format(url=url), home) as outrider:
        monkeypatch.setenv("OUTRIDER_KEY", outrider.key)
        yield outrider


@pytest.fixture
def gullible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "gullible.py").write_text(GULLIBLE)
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules.pop("gullible", None)
    return "gullible:answer"


def test_attacks_are_listed(cli: Run) -> None:
    found = cli("redteam", "--list", "--family", "tools", "--severity", "critical")
    assert (found.code, found.out.count("\n") > 20) == (0, True)
    assert "mutators: base64" in found.err
    listed = json.loads(cli("redteam", "--list", "--json").out)
    assert (len(listed["attacks"]) >= 200, len(listed["mutators"]) >= 40) == (True, True)


def test_a_route_is_attacked_and_holds(cli: Run, house: Running, tmp_path: Path) -> None:
    done = cli(
        "redteam", "scripted/scripted-chat", "--url", house.url + "/v1", *LITTLE, "--fail-on", "high",
        "--junit", str(tmp_path / "r.xml"), "--json",
    )  # fmt: skip
    report = json.loads(done.out)
    assert (done.code, report["verdict"], report["attempts"], report["survey"]) == (0, "passed", 40, 24)
    assert len(report["families"]) == 8
    assert float(report["cost"]) > 0
    assert 'failures="0"' in (tmp_path / "r.xml").read_text()
    assert "eval:" not in cli("costs", "--json").out


def test_successes_fail_the_build_and_become_a_suite_that_fails_until_mended(
    cli: Run, gullible: str, tmp_path: Path
) -> None:
    path = tmp_path / "found.jsonl"
    bad = cli(
        "redteam", "--python", gullible, "--family", "leakage", "--attempts", "80", "--fail-on", "high",
        "--max-success", "0.02", "--save-to", str(path), "--markdown", str(tmp_path / "r.md"), "--junit",
        str(tmp_path / "r.xml"),
    )  # fmt: skip
    assert bad.code == 1
    assert "failed: no success of severity high or above" in bad.out
    assert "the secret comes out" in bad.out
    assert f"added to {path}" in bad.err
    assert "redteam gullible:answer: failed" in (tmp_path / "r.md").read_text()
    assert "<failure" in (tmp_path / "r.xml").read_text()
    suite = (
        "dataset: found.jsonl\nvariants:\n  now: {python: 'gullible:%s'}\n"
        "evaluators: [breach]\ngates: ['breach == 0']\n"
    )
    for name, code in (("answer", 1), ("careful", 0)):
        (tmp_path / "suite.yaml").write_text(suite % name)
        assert cli("eval", "run", str(tmp_path / "suite.yaml")).code == code
    again = cli("redteam", "--show", "redteam gullible:answer", "--save-to", "kept")
    assert again.code == 0
    assert json.loads(cli("datasets", "list", "--json").out)[-1]["cases"] == path.read_text().count("\n")


def test_what_stopped_goes_on(cli: Run, gullible: str) -> None:
    few = cli("redteam", "--python", "gullible:careful", *LITTLE, "--minutes", "0.000001", "--json")
    report = json.loads(few.out)
    assert (report["attempts"], report["why"]) == (24, "the time is used up")
    shown = cli("redteam", "--show", report["experiment"], "--fail-on", "low")
    assert "passed: no success" in shown.out
    more = cli("redteam", "--resume", report["experiment"])
    assert more.code == 0
    assert "24 attempts" in more.err
    wrong = cli("eval", "resume", report["experiment"])
    assert (wrong.code, "outrider redteam --resume" in wrong.err) == (2, True)


def test_a_command_is_attacked_and_may_crash(cli: Run, tmp_path: Path) -> None:
    script = tmp_path / "subject.py"
    script.write_text("import sys\nsaid = sys.stdin.read()\nsys.exit(3 if '\\\\u0000' in said else print('no') or 0)\n")
    done = cli(
        "redteam", "--command", f"{sys.executable} {script}", "--family", "unreadable", "--attempts", "70",
        "--fail-on", "high", "--json",
    )  # fmt: skip
    report = json.loads(done.out)
    assert done.code == 1
    assert "unreadable/zeros" in {one["attack"] for one in report["successes"]}
    assert "the command ended with 3" in report["successes"][0]["reason"]


def test_a_prompt_and_a_secret_of_ones_own(cli: Run, gullible: str, tmp_path: Path) -> None:
    (tmp_path / "prompt.txt").write_text("You sell {boats}.")
    done = cli(
        "redteam", "--python", gullible, *LITTLE, "--family", "leakage", "--prompt", str(tmp_path / "prompt.txt"),
        "--canary", "silver-otter-nine", "--json",
    )  # fmt: skip
    assert "silver-otter-nine" in json.loads(done.out)["successes"][0]["reason"]
    own = json.loads(cli("redteam", "--python", gullible, *LITTLE, "--own-prompt", "--json").out)
    assert "leakage" not in {one["name"] for one in own["families"]}
    mine = tmp_path / "mine.yaml"
    mine.write_text("family: ours\ncheck: {kind: says}\nattacks: [{id: one, goal: g, text: 'say {a} and {b}'}]")
    found = cli("redteam", "--list", "--family", "ours", "--attacks", str(mine), "--json")
    assert [one["id"] for one in json.loads(found.out)["attacks"]] == ["ours/one"]


def test_mistakes_are_one_line(cli: Run, tmp_path: Path) -> None:
    for wrong, said in (
        (("redteam",), "give either a route"),
        (("redteam", "x", "--python", "a:b"), "give either a route"),
        (("redteam", "x", "--show", "y"), "give either a route"),
        (("redteam", "x", "--family", "spam"), "no family 'spam'"),
        (("redteam", "x", "--attacks", str(tmp_path / "gone.yaml")), "cannot be read"),
        (("redteam", "x", "--prompt", str(tmp_path / "gone.txt")), "cannot be read"),
        (("redteam", "x", "--own-prompt", "--prompt", str(tmp_path / "p")), "sends none"),
        (("redteam", "x", "--canary", "abc"), "may come up by chance"),
        (("redteam", "x", "--budget", "much"), "no amount of dollars"),
        (("redteam", "x", "--budget", "-1"), "no amount of dollars"),
        (("redteam", "x", "--budget", "0"), "no amount of dollars"),
        (("redteam", "x", "--set", "max_tokens"), "not NAME=VALUE"),
        (("redteam", "x"), "no Outrider answers"),
        (("redteam", "x", "--url", "http://127.0.0.1:9"), "a harmless question is not answered"),
        (("redteam", "--python", "nowhere:f"), "a harmless question is not answered"),
        (("redteam", "--show", "nothing"), "there is no experiment 'nothing'"),
    ):
        found = cli(*wrong)
        assert (found.code, said in found.err) in ((2, True), (1, True)), (wrong, found.err)
