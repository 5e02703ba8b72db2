"""The generated reference is up to date and complete."""

from pathlib import Path
from typing import get_args

import pytest

from outrider.app.docs import pages
from outrider.app.docs.__main__ import main
from outrider.cli.root import command_names
from outrider.journal.events import Event

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    """Every page, written once: it takes a second."""
    return dict(pages())


@pytest.mark.parametrize("name", ["config.md", "cli.md", "errors.md", "events.md", "outrider.schema.json"])
def test_page_is_fresh(made: dict[str, str], name: str) -> None:
    assert (REFERENCE / name).read_text("utf-8") == made[name], "stale: run `make docs`"


def test_everything_is_there(made: dict[str, str]) -> None:
    assert all(f"## `outrider {name}`" in made["cli.md"] for name in command_names())
    assert all(f"## `{kind.__struct_config__.tag}`" in made["events.md"] for kind in get_args(Event))
    assert "`model_not_found`" in made["errors.md"]
    assert "`routes.NAME.cache`" in made["config.md"]


def test_pages_are_written(tmp_path: Path) -> None:
    main(tmp_path / "reference")
    assert {p.name for p in (tmp_path / "reference").iterdir()} == set(pages())
