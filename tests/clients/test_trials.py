"""What happens to the trials where something is missing: a run without a network, or a program that dies, says so at
once, and is not waited for a thousand times."""

import sys
from pathlib import Path

import pytest

from tests.clients import installed
from tests.clients.asking import Programs
from tests.clients.catalogue import Client

ASK = {"url": "http://127.0.0.1:9", "says": "hi", "key": "k", "model": "m"}


def npm(folder: Path, does: str) -> Path:
    """An `npm` first on the path, which writes down that it was asked; returns where."""
    asked = folder / "asked"
    (folder / "bin").mkdir()
    program = folder / "bin" / "npm"
    program.write_text(f"#!/bin/sh\necho asked >> {asked}\n{does}\n")
    program.chmod(0o755)
    return asked


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    return tmp_path


def test_an_environment_that_cannot_be_made_is_tried_once(cache: Path) -> None:
    asked = npm(cache, "echo no network >&2; exit 1")
    for _ in range(2):
        with pytest.raises(RuntimeError, match="no network"):
            installed.node()
    assert asked.read_text().split() == ["asked"]


def test_an_installation_that_does_not_end_is_given_up(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm(cache, "exec sleep 60")
    monkeypatch.setattr(installed, "PATIENCE", 0.2)
    with pytest.raises(RuntimeError, match=r"npm ci .* gave up after 0\.2 s"):
        installed.node()


def test_an_environment_is_made_once_and_its_programs_are_the_present_ones(cache: Path) -> None:
    asked = npm(cache, "exit 0")
    place = installed.node()
    untouched = (place / "loop.mjs").stat().st_mtime_ns
    (place / "ai_sdk.mjs").write_text("an older one")
    assert installed.node() == place
    assert (place / "ai_sdk.mjs").read_text() == (installed.NODE / "ai_sdk.mjs").read_text()
    assert (place / "loop.mjs").stat().st_mtime_ns == untouched  # another process may be reading it
    assert asked.read_text().split() == ["asked"]


def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> tuple[Programs, Client]:
    (tmp_path / "program.py").write_text(text)
    monkeypatch.setattr(installed, "python", lambda name: Path(sys.executable))
    return Programs(), Client("one", (), "chat", "clients", str(tmp_path / "program.py"))


def test_a_program_that_died_is_started_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, client = programs(tmp_path, monkeypatch, "raise SystemExit('no such module')")
    try:
        for _ in range(2):
            with pytest.raises(AssertionError, match="no such module"):
                made.of(client).ask("plain", **ASK)
    finally:
        made.stop()


def test_a_late_answer_is_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that kept silent too long would answer the next question with this one's answer."""
    lines = "import json, sys, time\nfor line in sys.stdin:\n    asked = json.loads(line)\n"
    lines += "    if asked['feature'] == 'slow': time.sleep(60)\n"
    lines += "    print(json.dumps({'answer': asked['feature']}), flush=True)\n"
    made, client = programs(tmp_path, monkeypatch, lines)
    try:
        assert made.of(client).ask("quick", **ASK) == "quick"
        monkeypatch.setattr("tests.clients.asking.PATIENCE", 0.2)
        with pytest.raises(AssertionError, match=r"no answer in 0\.2 s"):
            made.of(client).ask("slow", **ASK)
        monkeypatch.setattr("tests.clients.asking.PATIENCE", 60)
        assert made.of(client).ask("quick", **ASK) == "quick"
    finally:
        made.stop()
