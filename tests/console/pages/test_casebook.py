from outrider.casebook.book import Casebook
from tests.console.conftest import World


def test_what_is_asked_is_understood_and_can_be_taken_away(world: World, book: Casebook) -> None:
    client = world.client()
    found = client.get("/casebook.json", params={"q": "RAG in insurance"}).json()
    assert [line["id"] for line in found["lines"]] == ["harbour-claims"]
    assert found["query"] == "industry:insurance technique:rag"
    chips = {chip["label"]: chip for chip in found["chips"]}
    assert chips["Industry"]["value"] == "Insurance"
    assert chips["Industry"]["guess"]
    wider = client.get(chips["Technique"]["without"].replace("/casebook", "/casebook.json")).json()
    assert {line["id"] for line in wider["lines"]} == {"harbour-claims", "sluice-letters"}


def test_what_is_left_out_says_so(world: World, book: Casebook) -> None:
    client = world.client()
    (chip,) = client.get("/casebook.json", params={"q": "-industry:insurance"}).json()["chips"]
    assert (chip["label"], chip["value"]) == ("Not industry", "Insurance")


def test_facets_count_and_lead_on(world: World, book: Casebook) -> None:
    client = world.client()
    page = client.get("/casebook.json").json()
    facets = {facet["name"]: facet["values"] for facet in page["facets"]}
    assert (facets["industry"][0]["title"], facets["industry"][0]["count"]) == ("Insurance", 2)
    narrowed = client.get(facets["industry"][0]["href"].replace("/casebook", "/casebook.json")).json()
    assert narrowed["total"] == 2
    [chosen] = [v for f in narrowed["facets"] for v in f["values"] if v["on"]]
    assert client.get(chosen["href"].replace("/casebook", "/casebook.json")).json()["total"] == 3


def test_figures_and_tags_without_a_passage_are_not_shown(world: World, book: Casebook) -> None:
    page = world.client().get("/casebook", params={"q": "org:Harbour"}).text
    assert "31\u00a0% → 58\u00a0%" in page
    assert "99" not in page.split('id="found"')[1].split("case-harbour")[1]
    assert "vendor claim" in page


def test_words_are_marked_in_the_passage_that_was_found(world: World, book: Casebook) -> None:
    page = world.client().get("/casebook", params={"q": "weeks old"}).text
    assert "<mark>weeks</mark>" in page


def test_a_mistake_is_told_with_the_nearest_word(world: World, book: Casebook) -> None:
    page = world.client().get("/casebook", params={"q": "technqiue:rag"})
    assert page.status_code == 200
    assert "did you mean `technique:`?" in page.text
    assert 'class="case"' not in page.text


def test_nothing_found_says_what_to_leave_out(world: World, book: Casebook) -> None:
    page = world.client().get("/casebook", params={"q": "industry:finance technique:rag"}).text
    assert "No case fits all of this" in page
    assert "would be" in page


def test_a_condition_that_no_figure_can_fulfil_says_why(world: World, book: Casebook) -> None:
    page = world.client().get("/casebook", params={"q": "deflection>50"}).text
    assert 'href="/casebook?q=result%3Adeflection%3E50%25"' in page
    assert "No figure of “deflection” is a plain number" in page


def test_the_piece_for_searching_while_typing_is_no_whole_page(world: World, book: Casebook) -> None:
    piece = world.client().get("/casebook", params={"q": "claims"}, headers={"hx-request": "true"}).text
    assert "harbour-claims" in piece
    assert "<html" not in piece


def test_a_program_without_a_casebook_says_so(world: World) -> None:
    assert world.client().get("/casebook").status_code == 503
