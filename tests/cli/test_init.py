"""`outrider init`: a commented first file."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_it_writes_a_file_that_is_good_and_has_no_key(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-never-written")
    assert cli("init").code == 0
    text = Path("outrider.yaml").read_text()
    assert "${env:OPENAI_API_KEY}" in text
    assert "never-written" not in text
    assert text.count("#") > 10
    assert cli("config", "check").code == 0


def test_it_does_not_replace_a_file_unless_forced(cli: Run) -> None:
    Path("outrider.yaml").write_text("auth: on  # mine")
    said = cli("init")
    assert said.code == 2
    assert "--force" in said.err
    assert Path("outrider.yaml").read_text() == "auth: on  # mine"
    assert cli("init", "--force").code == 0
    assert "mine" not in Path("outrider.yaml").read_text()
    assert [p.name for p in Path().iterdir()] == ["outrider.yaml"]


def test_it_writes_where_config_says(cli: Run) -> None:
    assert cli("init", "--config", "other.yaml").code == 0
    assert Path("other.yaml").is_file()
    assert cli("init", "--config", "no/such/folder/x.yaml").code == 1


def test_print_and_schema_write_nothing(cli: Run) -> None:
    assert cli("init", "--print").out.startswith("# Outrider's configuration")
    assert json.loads(cli("init", "--schema").out)["title"] == "outrider.yaml"
    assert list(Path().iterdir()) == []
