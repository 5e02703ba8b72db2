"""`outrider casebook`: six cases in a real home; MCP over the process's own streams with the official client."""

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from outrider.app.main import Installation
from tests.casebook import few
from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def cases(home: Path) -> None:
    closing: list[object] = []
    home.mkdir()
    few.casebook(Installation().database_url, home, closing.append)
    for close in closing:
        close()  # type: ignore[operator]


def test_search(cli: Run) -> None:
    said = cli("casebook", "search", "RAG in insurance with measured deflection above 50 %")
    assert said.code == 0
    rows = list(csv.DictReader(io.StringIO(said.out), delimiter="\t"))
    assert [(r["id"], r["figures"]) for r in rows] == [
        ("harbour-claims", "deflection rate: 60%; handling time: 11 → 4 minutes")
    ]
    assert "Understood as: industry:insurance result:deflection>50% technique:rag" in said.err
    assert "1 case found." in said.err
    page = json.loads(cli("casebook", "search", "--json", "--sort", "org", "--limit", "2").out)
    assert (page["total"], [h["id"] for h in page["hits"]]) == (6, ["unknown-tutor", "harbour-claims"])


def test_a_wrong_query_is_wrong_usage(cli: Run) -> None:
    said = cli("casebook", "search", "industri:x")
    assert said.code == 2
    assert "did you mean `industry:`" in said.err


def test_show(cli: Run) -> None:
    said = cli("casebook", "show", "harbour-claims")
    assert said.out.startswith("# Harbour Mutual: claims")
    assert json.loads(cli("casebook", "show", "harbour-claims", "--json").out)["organisation"] == "Harbour Mutual"
    missing = cli("casebook", "show", "harbour-claim")
    assert missing.code == 2
    assert "the nearest are harbour-claims" in missing.err


def test_ask(cli: Run) -> None:
    said = cli("casebook", "ask", "Who plays the violin on Mars?")
    assert said.code == 1
    assert "do not answer this" in said.out


def test_compare(cli: Run) -> None:
    said = cli("casebook", "compare", "harbour-claims", "lumen-code-review")
    assert said.out.splitlines()[0] == "\tHarbour Mutual\tLumen Labs"
    assert "technique\tRetrieval-augmented generation\tRetrieval-augmented generation" in said.out
    assert cli("casebook", "compare", "harbour-claims").code == 2


def test_trends(cli: Run) -> None:
    said = cli("casebook", "trends", "--value", "rag")
    assert said.out.splitlines()[0] == "technique\tcases\t2023 (n=1)\t2024 (n=2)\t2025 (n=2)"
    assert "50% [9%–91%]" in said.out
    table = cli("casebook", "trends", "--csv", "--field", "industry", "-q", "year:2025").out
    assert {r["industry"] for r in csv.DictReader(io.StringIO(table))} == {"finance", "developer-tools"}


def test_export(cli: Run, tmp_path: Path) -> None:
    said = cli("casebook", "export", "-q", "industry:finance")
    assert [json.loads(line)["id"] for line in said.out.splitlines()] == ["pinebank-agents", "pinebank-search"]
    path = tmp_path / "cases.csv"
    assert cli("casebook", "export", "-f", "csv", "-o", str(path)).code == 0
    assert len(list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))) == 6


async def test_mcp_over_the_process(home: Path) -> None:
    from mcp import Client, StdioServerParameters, stdio_client

    program = StdioServerParameters(
        command=sys.executable, args=["-m", "outrider.app.main", "--home", str(home), "casebook", "mcp"]
    )
    async with Client(stdio_client(program)) as session:
        assert len((await session.list_tools()).tools) == 5
        found = await session.call_tool("search", {"query": "org:pinebank"})
        assert "[pinebank-agents]" in found.content[0].text


def test_an_empty_casebook_gets_the_bundled_cases(cli: Run, tmp_path: Path) -> None:
    said = cli("--home", str(tmp_path / "fresh"), "casebook", "search", "--json", "industry:insurance")
    assert json.loads(said.out)["total"] > 3
