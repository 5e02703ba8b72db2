"""The guide names every page, filter and key there is."""

import re
from pathlib import Path

from outrider import api
from outrider.base import plugins
from outrider.console.render import HERE
from outrider.journal import where

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "console.md").read_text()

ADDRESSES = {
    "run": "/runs/{id}",
    "batches": "/batch/{id}",
    "login": "Sign in",
    "casebook_case": "/casebook/{id}",
    "knowledge_collection": "/knowledge/{name}",
    "knowledge_document": "/knowledge/{name}/documents/{id}",
    "knowledge_search": "/knowledge/{name}/search",
    "quality_rule": "/quality/{rule}",
    "experiment": "/experiments/{id}",
    "experiment_diagnosis": "/experiments/{id}/diagnosis",
    "run_feedback": "/runs/{id}/feedback",
    "session_feedback": "/sessions/{id}/feedback",
    "session_grants": "/sessions/{id}/proposals",
    "reviews_next": "/reviews/{name}/next",
    "experiment_diff": "/experiments/{id}/diff",
}
"""Of pages whose address is not their module's name."""


def test_every_page_is_in_the_guide() -> None:
    for name in plugins.names("outrider.console.pages"):
        address = ADDRESSES.get(name)
        address = address or "/" + name.replace("_", "/")
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
