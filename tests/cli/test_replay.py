"""`outrider replay`, against a whole Outrider with the scripted provider behind it."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.base import ids
from outrider.journal.read import get_run
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running
from tests.cli.conftest import Run

CONFIG = """
embedded: {{enabled: false}}
providers: {{scripted: {{base_url: "{url}", models: [scripted-chat, other]}}}}
"""


@pytest.fixture
def house(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    with scripted_thread(ScriptedProvider()) as url, running(CONFIG.format(url=url), home) as outrider:
        monkeypatch.setenv("OUTRIDER_KEY", outrider.key)
        yield outrider


def ask(house: Running, text: str, **fields: object) -> str:
    body = {"model": "scripted-chat", "messages": [{"role": "user", "content": text}], **fields}
    headers = {"authorization": f"Bearer {house.key}", "content-type": "application/json"}
    request = urllib.request.Request(f"{house.url}/v1/chat/completions", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        answer.read()
        run: str = answer.headers["x-request-id"]
    house.store()
    return run


@pytest.mark.parametrize("stream", [False, True])
def test_an_unchanged_run_gives_the_same_answer(cli: Run, house: Running, stream: bool) -> None:
    run = ask(house, "scripted:text=always this", stream=stream)
    said = cli("replay", run, "--url", house.url, "--json")
    shown = json.loads(said.out)
    assert (said.code, shown["same"], shown["after"]) == (0, True, "always this")
    assert shown["replay"] != run


def test_a_change_is_sent_and_the_difference_shown(cli: Run, house: Running) -> None:
    run = ask(house, "scripted:text=once")
    changed = json.dumps([{"role": "user", "content": "scripted:text=twice"}])
    said = cli("replay", run, "--url", house.url, "--set", f"messages={changed}", "--set", "model=other")
    assert said.code == 0
    assert "- once" in said.out
    assert "+ twice" in said.out


def test_mistakes_are_one_line(cli: Run, house: Running) -> None:
    run = ask(house, "scripted:text=x")
    assert cli("replay", "no-such-run", "--url", house.url).code == 2
    assert cli("replay", run, "--url", house.url, "--set", "temperature").code == 2
    assert "--set asks for something else" in cli("replay", run, "--verify", "--set", "temperature=1").err
    assert "expected dollars" in cli("replay", "--where", "status=ok", "--budget", "-1").err
    assert "feedback=bad" in cli("replay", "--where", "feedback=good").err
    nobody = cli("replay", run, "--url", "http://127.0.0.1:9")
    assert nobody.code == 1
    assert "outrider up" in nobody.err
    refused = cli("replay", run, "--url", house.url, "--set", "temperature=9")
    assert refused.code == 1
    assert "temperature" in refused.err


def test_a_replay_is_booked_apart(cli: Run, house: Running) -> None:
    run = ask(house, "scripted:text=x")
    said = json.loads(cli("replay", run, "--url", house.url, "--json").out)
    assert said["id"].startswith("replay:")
    house.store()
    assert [row["calls"] for row in json.loads(cli("costs", "--json").out)["rows"]] == [1]
    assert [row["calls"] for row in json.loads(cli("costs", "--json", "--replays").out)["rows"]] == [1]


def test_verify_is_0_when_it_is_the_same_and_1_when_not(cli: Run, house: Running) -> None:
    run = ask(house, "scripted:text=always this", stream=True)
    same = cli("replay", run, "--verify", "--url", house.url)
    assert same.code == 0
    assert "the same, byte for byte" in same.out
    assert json.loads(cli("replay", run, "--verify", "--live", "none", "--json").out)["identical"]
    found = get_run(house.store(), ids.parse(run))
    assert found is not None
    assert found.response is not None
    with house.store().write() as tx:
        tx.execute("DELETE FROM blobs WHERE sha256 = ?", (found.response.sha256,))
    gone = cli("replay", run, "--verify", "--live", "none")
    assert (gone.code, "stored OTHERWISE" in gone.out) == (1, True)
    now = cli("replay", ask(house, "scripted:text=x"), "--verify", "--url", "http://127.0.0.1:9")
    assert (now.code, "outrider up" in now.err) == (1, True)


def test_a_call_without_a_result_holds_until_there_is_a_stand_in(cli: Run, house: Running, tmp_path: Path) -> None:
    run = ask(house, "scripted:text=x")
    calls = json.dumps([{"role": "user", "content": "scripted:tool=weather"}])
    held = cli("replay", run, "--url", house.url, "--set", f"messages={calls}")
    assert held.code == 1
    assert "HOLD at step 2: weather({}) was not called in the recording" in held.err
    (tmp_path / "s.yaml").write_text("weather: sun\n")
    helped = cli(
        "replay", run, "--url", house.url, "--set", f"messages={calls}", "--stand-ins", str(tmp_path / "s.yaml")
    )
    assert helped.code == 0
    assert "+ The tool said: sun" in helped.out


def test_vectors_are_asked_for_again(cli: Run, house: Running) -> None:
    body = json.dumps({"model": "scripted-chat", "input": "a text"}).encode()
    headers = {"authorization": f"Bearer {house.key}", "content-type": "application/json"}
    request = urllib.request.Request(f"{house.url}/v1/embeddings", body, headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        run = answer.headers["x-request-id"]
    house.store()
    assert json.loads(cli("replay", run, "--url", house.url, "--json").out)["same"]
    assert "differ" in cli("replay", run, "--url", house.url, "--set", "input=other").out


def test_as_of_a_moment_says_what_is_of_then(cli: Run, house: Running) -> None:
    run = ask(house, "scripted:text=always this")
    house.store()
    shown = json.loads(cli("replay", run, "--as-of", "0s", "--url", house.url, "--json").out)
    assert shown["same"]
    assert [line.partition(":")[0] for line in shown["as_of"]][:2] == ["documents", "prompts"]
    said = cli("replay", run, "--as-of", "30d", "--url", house.url)
    assert "documents: as they were at" in said.err
    assert "today's" in said.err
    assert cli("replay", run, "--as-of", "2999-01-01", "--url", house.url).code == 2
    assert cli("replay", run, "--as-of", "soon", "--url", house.url).code == 2
    assert cli("replay", run, "--as-of", "1d", "--verify", "--url", house.url).code == 2
