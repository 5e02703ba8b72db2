"""`outrider config`: check and show."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_no_file_is_good(cli: Run) -> None:
    assert cli("config", "check").code == 0
    assert json.loads(cli("config", "check", "--json").out) == {"config": None, "ok": True, "errors": []}


def test_mistakes_are_listed_and_1(cli: Run) -> None:
    Path("outrider.yaml").write_text("auth: perhaps\nserver: {prt: 1}")
    said = cli("config", "check")
    assert said.code == 1
    assert said.err.splitlines()[0].startswith("outrider.yaml:1: auth")
    assert "2 mistakes" in said.out
    shown = cli("config", "check", "--json")
    assert shown.code == 1
    assert len(json.loads(shown.out)["errors"]) == 2


def test_show_redacts_secrets(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-never-shown")
    for args in (["config", "show"], ["config", "show", "--json"]):
        said = cli(*args)
        assert said.code == 0
        assert "${env:OPENAI_API_KEY}" in said.out
        assert "never-shown" not in said.out + said.err
