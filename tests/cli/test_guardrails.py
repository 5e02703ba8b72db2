import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

CONFIG = "guardrails: {rules: {keys: {check: secrets, do: block}}}\n"


def test_guardrails_are_listed_and_tried(cli: Run) -> None:
    listed = json.loads(cli("guardrails", "list", "--json").out)
    assert "pii" in [one["name"] for one in listed]
    said = cli("guardrails", "check", "mail bob@example.com", "--check", "pii", "--json")
    assert said.code == 0
    assert json.loads(said.out)["text"] == "mail [EMAIL]"
    assert "nothing found" in cli("guardrails", "check", "mail nobody", "--check", "pii").out
    assert cli("guardrails", "check", "x", "--check", "moon").code != 0
    assert cli("guardrails", "check", "x", "--at", "moon").code != 0


def test_rules_of_the_configuration_refuse(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "guarded.yaml"
    path.write_text(CONFIG)
    monkeypatch.setenv("OUTRIDER_CONFIG", str(path))
    key = "sk-ant-api03-" + "abcdefghijklmnopqrstuvwxyz0123"
    said = cli("guardrails", "check", f"use {key}")
    assert said.code == 1
    assert "anthropic_key" in said.out
    assert "keys" in cli("guardrails", "list").out
