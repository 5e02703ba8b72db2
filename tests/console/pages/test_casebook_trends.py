from outrider.casebook.book import Casebook
from tests.console.conftest import World


def test_shares_come_with_their_number_and_interval(world: World, book: Casebook) -> None:
    client = world.client()
    page = client.get("/casebook/trends.json").json()
    [rag] = [line for line in page["drawn"] if line["value"] == "rag"]
    assert [(p["year"], p["count"], p["n"]) for p in rag["points"]] == [(2024, 0, 1), (2025, 1, 2)]
    html = client.get("/casebook/trends").text
    assert "n = 2, few" in html
    assert "cannot be told" in html


def test_what_is_counted_can_be_narrowed_and_downloaded(world: World, book: Casebook) -> None:
    client = world.client()
    page = client.get("/casebook/trends.json?field=industry&q=year:2025").json()
    assert page["trends"]["n"] == [2]
    table = client.get(page["csv"])
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.splitlines()[:2] == [
        "industry,label,year,count,n,share,low,high",
        "insurance,Insurance,2025,2,2,1.0,0.3424,1.0",
    ]


def test_only_chosen_values_are_drawn(world: World, book: Casebook) -> None:
    page = world.client().get("/casebook/trends.json?value=rag&value=guardrails").json()
    assert {line["value"] for line in page["drawn"]} == {"rag", "guardrails"}


def test_an_unknown_field_is_told(world: World, book: Casebook) -> None:
    assert "technique" in world.client().get("/casebook/trends?field=colour").text
