"""The generated reference is up to date and complete; what pages show as configuration is some."""

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from outrider.app.settings import parse
from outrider.base import yaml_text
from outrider.cli.root import command_names
from outrider.journal.events import Event

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = DOCS / "reference"
PAGES = [page for page in sorted(DOCS.rglob("*.md")) if "```yaml" in page.read_text("utf-8")]


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


def _blocks(page: Path) -> list[str]:
    """The YAML that a page shows."""
    return re.findall(r"^```yaml\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_what_a_page_shows_as_yaml_is_yaml(page: Path) -> None:
    for block in _blocks(page):
        yaml_text.load(block)


@pytest.mark.parametrize("name", ["tools", "policy", "guardrails", "approvals", "proposed-calls", "safe-agent"])
def test_what_a_guide_shows_as_configuration_is_taken(name: str) -> None:
    blocks = _blocks(DOCS / "guides" / f"{name}.md")
    assert blocks
    for block in blocks:
        given = dict.fromkeys(re.findall(r"\$\{env:(\w+)", block), "https://host.example/there")
        route = "routes: {small: {deployments: [embedded/smollm2-135m]}}\n" if "{model: small," in block else ""
        parse(route + block, f"{name}.md", given)
