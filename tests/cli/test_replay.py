"""`outrider replay`, against a whole Outrider with the scripted provider behind it."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    nobody = cli("replay", run, "--url", "http://127.0.0.1:9")
    assert nobody.code == 1
    assert "outrider up" in nobody.err
    refused = cli("replay", run, "--url", house.url, "--set", "temperature=9")
    assert refused.code == 1
    assert "temperature" in refused.err
