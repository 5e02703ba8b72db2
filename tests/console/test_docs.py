"""The guide names every page, filter and key there is."""

import re
from pathlib import Path

from outrider import api
from outrider.base import plugins
from outrider.console.render import HERE
from outrider.journal import where

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "console.md").read_text()


def test_every_page_is_in_the_guide() -> None:
    for name in plugins.names("outrider.console.pages"):
        address = {"run": "/runs/{id}", "login": "Sign in"}.get(name, f"/{name}")
        assert address in GUIDE, name


def test_every_filter_and_noun_of_the_api_is_in_the_guide() -> None:
    assert [name for name in where.NAMES if f"`{name}`" not in GUIDE] == []
    nouns = {"/".join(e.path.split("/")[:3]) for e in api.endpoints()}
    assert [noun for noun in nouns if noun not in GUIDE] == []


def test_every_key_of_the_keyboard_is_in_the_guide_and_in_the_help() -> None:
    script = (HERE / "static" / "keyboard.js").read_text()
    block = script[script.index("const keys = {") :]
    keys = re.findall(r'^  "?([^" :]+)"?: \(\) =>', block, re.MULTILINE)
    assert len(keys) >= 7
    page = (HERE / "templates" / "base.html").read_text()
    for key in keys:
        assert f"`{key}`" in GUIDE
        assert f"<kbd>{key}</kbd>" in page
