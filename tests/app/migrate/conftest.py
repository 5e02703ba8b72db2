"""Migrated files are read again by the settings themselves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from outrider.app.migrate.sources import Migrated, migrate
from outrider.app.settings import Settings, parse

Read = Callable[[object], tuple[Migrated, Settings]]


def settings_of(found: Migrated) -> Settings:
    """The settings in the written text, with every variable that it says it needs. Raises ConfigError."""
    return parse(found.text, "outrider.yaml", dict.fromkeys(found.variables, "https://set.example.com"))


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Migrates a configuration (text, or what is to be written as YAML) and reads the result."""

    def write_and_read(content: object) -> tuple[Migrated, Settings]:
        path = tmp_path / "config.yaml"
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
        found = migrate(path)
        return found, settings_of(found)

    return write_and_read


def model(name: str, **params: object) -> dict[str, Any]:
    return {"model_name": name, "litellm_params": {"model": "openai/gpt-4o", "api_key": "os.environ/K", **params}}


def said(read: Read, content: object) -> dict[str, str]:
    """Notes by path."""
    return {note.path: note.text for note in read(content)[0].notes}
