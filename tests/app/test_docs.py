"""The generated reference is up to date and complete."""

import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from outrider.cli.root import command_names
from outrider.journal.events import Event

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every page, by the command that people use.

    In a process of its own: CPython 3.11 raises "AST constructor recursion depth mismatch" when another thread parses
    at the same time (python/cpython#106905).
    """
    folder = tmp_path_factory.mktemp("reference")
    subprocess.run([sys.executable, "-m", "outrider.app.docs", str(folder)], check=True, capture_output=True)
    return {page.name: page.read_text("utf-8") for page in folder.iterdir()}


@pytest.mark.parametrize("name", ["config.md", "cli.md", "errors.md", "events.md", "outrider.schema.json"])
def test_page_is_fresh(made: dict[str, str], name: str) -> None:
    assert (REFERENCE / name).read_text("utf-8") == made[name], "stale: run `make docs`"


def test_everything_is_there(made: dict[str, str]) -> None:
    assert all(f"## `outrider {name}`" in made["cli.md"] for name in command_names())
    assert all(f"## `{kind.__struct_config__.tag}`" in made["events.md"] for kind in get_args(Event))
    assert "`model_not_found`" in made["errors.md"]
    assert "`routes.NAME.cache`" in made["config.md"]
