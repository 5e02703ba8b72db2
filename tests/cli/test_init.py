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


CONFIG = """
model_list:
  - {model_name: m, litellm_params: {model: groq/llama, api_key: gsk-plain}}
general_settings: {master_key: sk-1234}
"""


def test_it_writes_another_gateways_file_anew_and_tells_what_does_not_come_over(
    cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("config.yaml").write_text(CONFIG)
    said = cli("init", "--from", "config.yaml")
    assert said.code == 0
    assert "from LiteLLM: 1 route, 1 provider" in said.err
    assert "export it as GROQ_API_KEY" in said.err
    assert "general_settings.master_key: make keys" in said.err
    text = Path("outrider.yaml").read_text()
    assert "general_settings.master_key: make keys" in text
    assert "gsk-plain" not in text + said.err
    assert cli("config", "check").code == 1
    monkeypatch.setenv("GROQ_API_KEY", "gsk-exported")
    assert cli("config", "check").code == 0


def test_a_migration_can_be_looked_at_first_and_replaces_nothing(cli: Run) -> None:
    Path("config.yaml").write_text(CONFIG)
    assert "groq/llama" in cli("init", "--from", "config.yaml", "--print").out
    assert not Path("outrider.yaml").exists()
    Path("outrider.yaml").write_text("auth: on")
    assert cli("init", "--from", "config.yaml").code == 2
    assert cli("init", "--from", "gone.yaml", "--force").code == 2
    assert Path("outrider.yaml").read_text() == "auth: on"
