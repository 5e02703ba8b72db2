"""The ledger of imports as pages: what became of each entry and why, tags without support, the report as a table."""

import csv
import io
from pathlib import Path

import pytest

from outrider.casebook import pipeline
from outrider.casebook.book import Casebook
from outrider.console.pages import casebook_imports
from tests.casebook.made import database, entry
from tests.console.conftest import World


@pytest.fixture
def imported(book: Casebook, tmp_path: Path) -> Casebook:
    poem = entry("poem", body="Roses are <b>red</b>.", summary='"A poem."')
    odd = entry("odd", tags="rag, openai, pinecone, unheard-of", year="")
    folder = database(tmp_path / "set", one=entry("one"), poem=poem, odd=odd.replace("Northwind", "Northwind 2"))
    (folder / "llmops-database" / "=broken.md").write_text(entry("x", summary="").partition("---\n\n")[0] + "---\n")
    pipeline.import_all(book, str(folder), "public + set (2)", mode="judge")
    return book


def test_each_set_says_what_became_of_its_entries(world: World, imported: Casebook) -> None:
    client = world.client()
    (found,) = client.get("/casebook/imports.json").json()["sets"]
    assert found["origin"] == "public + set (2)"
    assert sum(count for _, count, _ in found["outcomes"]) == found["entries"] == 4
    page = client.get("/casebook/imports").text
    assert "public + set (2)" in page
    assert "tool tags are named in their entry's own text" in page
    assert client.get(found["href"]).status_code == 200


def test_each_entry_says_why_and_which_tags_have_support(world: World, imported: Casebook) -> None:
    client = world.client()
    address = client.get("/casebook/imports.json").json()["sets"][0]["href"]
    made = client.get(f"{address}.json").json()
    entries = {e["entry"]: e for e in made["entries"]}
    assert entries["poem"]["outcome"] == "rejected"
    assert any("language models" in reason for reason in entries["poem"]["reasons"])
    assert (entries["odd"]["supported"], entries["odd"]["unsupported"]) == (["openai"], ["pinecone"])
    assert entries["odd"]["unknown"] == ["unheard-of"]
    assert any("year" in fault for fault in entries["odd"]["mended"])
    only = client.get(f"{address}.json", params={"outcome": "rejected"}).json()
    assert {e["outcome"] for e in only["entries"]} == {"rejected"}
    page = client.get(address).text
    assert "1 of 2 tool tags are named in its text" in page
    assert "/casebook/odd" not in page  # it waits: there is no such page yet
    assert any(f"({count})" in page for _, count, _ in made["outcomes"])


def test_the_report_is_a_table_of_every_entry(world: World, imported: Casebook) -> None:
    client = world.client()
    address = client.get("/casebook/imports.json").json()["sets"][0]["href"]
    answer = client.get(f"{address}.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="import-public---set--2-.csv"'
    table = {row["entry"]: row for row in csv.DictReader(io.StringIO(answer.text))}
    assert len(table) == 4
    assert (table["odd"]["tool_tags"], table["odd"]["tool_tags_supported"]) == ("2", "1")
    assert table["odd"]["unsupported"] == "pinecone"
    assert "'=broken" in table  # no formula


def test_a_long_ledger_comes_in_pages(world: World, imported: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(casebook_imports, "LIMIT", 3)
    client = world.client()
    address = client.get("/casebook/imports.json").json()["sets"][0]["href"]
    first = client.get(f"{address}.json").json()
    path, _, query = first["next"].partition("?")
    rest = client.get(f"{path}.json?{query}").json()
    assert (len(first["entries"]), len(rest["entries"]), rest["next"]) == (3, 1, "")


def test_what_is_not_there_is_told(world: World, book: Casebook) -> None:
    client = world.client()
    assert "Nothing was imported yet" in client.get("/casebook/imports").text
    for path in ("/casebook/imports/zenml", "/casebook/imports/zenml.json", "/casebook/imports/zenml.csv"):
        assert client.get(path).status_code == 404


def test_an_unknown_outcome_is_named(world: World, imported: Casebook) -> None:
    client = world.client()
    address = client.get("/casebook/imports.json").json()["sets"][0]["href"]
    refused = client.get(f"{address}.json", params={"outcome": "rejceted"})
    assert (refused.status_code, "there are: published" in refused.text) == (400, True)
