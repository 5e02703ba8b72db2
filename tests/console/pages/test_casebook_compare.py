import pytest

from outrider.casebook.book import Casebook
from outrider.console.pages import casebook_compare
from tests.console.conftest import World


def test_two_cases_stand_side_by_side_with_what_they_share(world: World, book: Casebook) -> None:
    client = world.client()
    page = client.get("/casebook/compare.json?id=harbour-claims&id=quay-routing").json()
    assert [case["id"] for case in page["cases"]] == ["harbour-claims", "quay-routing"]
    [row] = [row for row in page["rows"] if row["title"] == "Technique"]
    assert {cell["text"] for cell in row["cells"][0] if cell["shared"]} == {"Input/output guardrails"}
    assert client.get("/casebook/compare.json?ids=harbour-claims,quay-routing").json() == page
    html = client.get("/casebook/compare?id=harbour-claims&id=quay-routing").text
    assert "31\u00a0% → 58\u00a0%" in html
    assert "/casebook/harbour-claims#p-" in html
    assert page["without"][0] == "/casebook/compare?id=quay-routing"


def test_one_case_waits_for_another(world: World, book: Casebook) -> None:
    page = world.client().get("/casebook/compare?id=harbour-claims").text
    assert "Add a second case" in page
    assert 'value="harbour-claims"' in page


def test_more_than_four_are_cut_and_unknown_ones_told(
    world: World, book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = world.client()
    assert client.get("/casebook/compare?id=nothing&id=quay-routing").status_code == 404
    assert "Begin to write" in client.get("/casebook/compare").text
    ids = [line["id"] for line in client.get("/casebook.json").json()["lines"]]
    monkeypatch.setattr(casebook_compare, "MOST", 2)
    page = client.get("/casebook/compare.json", params={"ids": ",".join(ids[:3])}).json()
    assert [case["id"] for case in page["cases"]] == ids[:2]
    assert page["problem"].startswith("At most 2 cases")
    assert page["rows"], "they are compared"
