"""`outrider chat`, against a server that speaks the same language (the scripted provider)."""

import json
import sys
from collections.abc import Iterator
from io import StringIO

import pytest

from outrider.testing import ScriptedProvider, scripted_thread
from tests.cli.conftest import Run


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, ScriptedProvider]]:
    provider = ScriptedProvider()
    with scripted_thread(provider) as url:
        yield url, provider


@pytest.fixture(autouse=True)
def key(home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTRIDER_KEY", "sk-or-a-b")


def test_once_streams_the_answer(cli: Run, server: tuple[str, ScriptedProvider]) -> None:
    said = cli("chat", "--url", server[0], "--once", "scripted:text=hello there")
    assert (said.code, said.out.strip()) == (0, "hello there")


def test_once_as_json_has_usage(cli: Run, server: tuple[str, ScriptedProvider]) -> None:
    said = cli("chat", "some-model", "--url", server[0], "--once", "scripted:text=hi", "--json")
    shown = json.loads(said.out)
    assert (shown["text"], shown["model"]) == ("hi", "some-model")
    assert shown["usage"]["completion_tokens"] > 0


@pytest.mark.parametrize("command", ["status=429", "status=500", "reset", "html", "malformed", "cut=1"])
def test_failures_are_one_line_and_1(cli: Run, server: tuple[str, ScriptedProvider], command: str) -> None:
    said = cli("chat", "--url", server[0], "--once", f"scripted:{command}")
    assert said.code == 1
    assert said.err.startswith("error: ")
    assert len(said.err.splitlines()) == 1


def test_nobody_there_says_how_to_start(cli: Run) -> None:
    said = cli("chat", "--url", "http://127.0.0.1:9", "--once", "hi")
    assert said.code == 1
    assert "outrider up" in said.err


def test_without_a_key_it_says_so(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUTRIDER_KEY")
    monkeypatch.setattr(sys, "stdin", StringIO(""))
    said = cli("chat", "--once", "hi")
    assert said.code == 2
    assert "OUTRIDER_KEY" in said.err


def test_without_a_name_it_talks_to_what_can_talk(cli: Run) -> None:
    provider = ScriptedProvider(models=("all-minilm-l6-v2", "alpha", "default"))
    with scripted_thread(provider) as url:
        said = cli("chat", "--url", url, "--once", "hi", "--json")
    assert json.loads(said.out)["model"] == "default"


def test_json_needs_once(cli: Run, server: tuple[str, ScriptedProvider]) -> None:
    assert cli("chat", "--url", server[0], "--json").code == 2


def test_a_talk_keeps_its_history_and_obeys(
    cli: Run, server: tuple[str, ScriptedProvider], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        "scripted:text=first",
        "/help",
        "/routes",
        "/nonsense",
        "/route other",
        "scripted:echo",
        "",
        "/new",
        "/exit",
    ]
    monkeypatch.setattr(sys, "stdin", StringIO("\n".join(lines)))
    said = cli("chat", "--url", server[0])
    assert said.code == 0
    assert "first" in said.out
    assert "Now talking to other." in said.err
    assert "There is no /nonsense" in said.err
    assert "Forgotten." in said.err


def test_model_text_cannot_steer_the_terminal(cli: Run, server: tuple[str, ScriptedProvider]) -> None:
    said = cli("chat", "--url", server[0], "--once", "scripted:echo \x1b[2J\x07 and more")
    assert "\x1b" not in said.out
    assert "\x07" not in said.out
