"""Cases as text and files: Markdown, budgeted parts, feeds, exports."""

import csv
import io
import re
from collections.abc import Iterator
from xml.etree import ElementTree

import msgspec
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.casebook.export import COLUMNS, exported
from outrider.casebook.feed import Item, of_page, rss
from outrider.casebook.find import Finder
from outrider.casebook.present import PARTS, TOKEN, budgeted, figure, llms_txt, markdown
from outrider.casebook.records import CaseStudy, Claim, Result
from tests.casebook import few


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finder]:
    closing: list[object] = []
    folder = tmp_path_factory.mktemp("few")
    yield Finder(few.casebook(f"sqlite:///{folder / 'outrider.sqlite3'}", folder / "home", closing.append))
    for close in closing:
        close()  # type: ignore[operator]


def test_markdown_shows_every_statement_with_its_passage(finder: Finder) -> None:
    text = markdown(finder.cases.get("harbour-claims"), finder.catalogue().vocabulary)
    assert text.startswith("# Harbour Mutual: claims\n")
    assert "- Organisation: Harbour Mutual (also Harbour)" in text
    quote = "Handling time fell from 11 minutes to 4 minutes."
    start = few.TEXTS["harbour-claims"].index(quote)
    place = f"[source 1, {start}–{start + len(quote)}; claimed by the vendor]"
    assert f"- handling time: 11 → 4 minutes: “{quote}” {place}" in text
    assert "https://example.org/harbour-claims (customer, read 2026-03-13)" in text


def test_what_others_wrote_is_no_markup(finder: Finder) -> None:
    bad = "A <img src=x onerror=y()> B\n\n## Results\n\n- cost: -99% [more](javascript:y())"
    case = msgspec.structs.replace(
        finder.cases.get("harbour-claims"), title=bad, organisation=bad, system=bad, summary=bad, what_it_does=bad
    )
    text = markdown(case, finder.catalogue().vocabulary)
    assert not re.search(r"(?<!\\)<[a-z]", text)
    assert "](javascript" not in text
    assert text.count("\n## Results") == 1
    assert "p90 < 150 ms" in markdown(
        msgspec.structs.replace(case, summary="p90 < 150 ms"), finder.catalogue().vocabulary
    )
    told = budgeted(case, finder.catalogue().vocabulary, ["summary"], 1000)
    assert len(told.splitlines()) == 2


def test_what_has_no_passage_is_not_stated(finder: Finder) -> None:
    case = msgspec.structs.replace(
        finder.cases.get("harbour-claims"), tools=(Claim("langchain"),), lessons=(Claim("Buy more."),)
    )
    text = markdown(case, finder.catalogue().vocabulary)
    assert "angchain" not in text
    assert "Buy more" not in text


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (Result("deflection_rate", 60, unit="%"), "deflection rate: 60%"),
        (Result("users", 16000, unit="users", qualifier="+"), "users: 16,000+ users"),
        (Result("latency", 30, unit="ms", qualifier="<"), "latency: <30 ms"),
        (Result("speed", 55, unit="%", qualifier="up to", note="of typing"), "speed: up to 55% (of typing)"),
        (Result("cost", before=0.5, after=0.25, unit="USD"), "cost: 0.5 → 0.25 USD"),
        (Result("growth", "10-100", unit="%"), "growth: 10-100%"),
    ],
)
def test_figures_in_a_line(result: Result, text: str) -> None:
    assert figure(result) == text


@pytest.mark.parametrize("tokens", [20, 60, 120, 1000])
def test_parts_keep_to_their_budget(finder: Finder, tokens: int) -> None:
    case = finder.cases.get("harbour-claims")
    text = budgeted(case, finder.catalogue().vocabulary, PARTS, tokens)
    assert len(text) <= tokens * TOKEN + len("(shortened; ask for more tokens or for one part)") + 1
    assert ("(shortened" in text) == (tokens < 1000)
    if tokens == 1000:
        assert "- deflection rate: 60% [claimed by the vendor]" in text
        assert "deflection rate" in text.partition("> ")[2]


def test_llms_txt_names_every_case(finder: Finder) -> None:
    text = llms_txt(finder.catalogue(), finder.cases, "http://127.0.0.1:8720")
    assert text.startswith("# Casebook\n")
    for case in finder.cases.all():
        assert f"(http://127.0.0.1:8720/casebook/{case.id}.md)" in text


def test_a_feed_of_what_is_found(finder: Finder) -> None:
    page = finder.find(finder.read("industry:finance"), sort="new")
    tree = ElementTree.fromstring(rss("Finance", "http://h/casebook", "…", of_page(page, finder.cases, "http://h")))
    items = tree.findall("./channel/item")
    assert {i.findtext("link") for i in items} == {
        "http://h/casebook/pinebank-agents",
        "http://h/casebook/pinebank-search",
    }
    assert all(i.findtext("pubDate", "").endswith("+0000") for i in items)
    assert items[0].findtext("guid") == f"{page.hits[0].id}@1"


def test_a_description_is_text_for_readers_that_show_html() -> None:
    body = rss("F", "http://h", "…", [Item("T", "http://h/1", "under 5 ms <script>y()</script> & more", "1@1", 10**18)])
    assert ElementTree.fromstring(body).findtext("./channel/item/description") == (
        "under 5 ms &lt;script&gt;y()&lt;/script&gt; &amp; more"
    )


@given(st.text(), st.text())
def test_any_text_can_be_fed(title: str, text: str) -> None:
    body = rss(title, text, text, [Item(title, text, text, title, 10**18)])
    assert ElementTree.fromstring(body).find("./channel/item") is not None


def test_json_lines_are_whole_cases(finder: Finder) -> None:
    lines = exported(finder.cases.all(), "jsonl").splitlines()
    cases = [msgspec.json.decode(line, type=CaseStudy) for line in lines]
    assert cases == list(finder.cases.all())
    assert [c.id for c in cases] == sorted(c.id for c in cases)


def test_tables(finder: Finder) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(finder.cases.all(), "csv").decode())))
    table = pq.read_table(io.BytesIO(exported(finder.cases.all(), "parquet")))
    assert tuple(rows[0]) == tuple(table.column_names) == COLUMNS
    assert [r["id"] for r in rows] == table["id"].to_pylist()
    harbour = next(r for r in table.to_pylist() if r["id"] == "harbour-claims")
    assert harbour["figures"] == ["deflection rate: 60%", "handling time: 11 → 4 minutes"]
    assert harbour["techniques"] == ["rag"]
    assert [r["figures"] for r in rows if r["id"] == "harbour-claims"] == ["; ".join(harbour["figures"])]


def test_no_cell_is_a_formula() -> None:
    body = exported([CaseStudy("x", "=1+1", "@home")], "csv").decode()
    assert "'=1+1,'@home" in body


def test_an_unknown_format(finder: Finder) -> None:
    with pytest.raises(RequestError, match="there are: jsonl, csv, parquet"):
        exported([], "xml")
