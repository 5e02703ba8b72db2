import numpy as np
import pytest

from outrider.base.errors import UpstreamError
from tests.console.conftest import Shelves, World, parsed


@pytest.fixture
def handbook(shelves: Shelves) -> Shelves:
    library = shelves.library()
    found = library.create("default", "handbook")
    library.put(found, "tea.md", parsed("# Tea\n\nThe tea is served at 4 pm in the <garden>."))
    library.put(found, "pay.md", parsed("# Pay\n\nThe tea budget is secret."), readers=("key:boss",))
    return shelves


def test_strategies_stand_side_by_side_with_their_scores(world: World, handbook: Shelves) -> None:
    client = world.client()
    address = "/knowledge/handbook/search?q=tea&strategy=keyword&strategy=vector"
    keyword, vector = client.get(address.replace("?", ".json?")).json()["lanes"]
    assert [hit["title"] for hit in keyword["hits"]] == ["Tea"]
    assert keyword["hits"][0]["score"] > 0
    assert vector["problem"] or vector["hits"] == []
    page = client.get(address).text
    assert "<mark>tea</mark>" in page
    assert "&lt;garden&gt;" in page
    assert "secret" not in page


def test_a_hit_leads_to_its_place_in_the_document(world: World, handbook: Shelves) -> None:
    client = world.client()
    [lane] = client.get("/knowledge/handbook/search.json?q=garden&strategy=keyword").json()["lanes"]
    assert '<mark id="here">' in client.get(lane["hits"][0]["href"]).text


def test_every_search_is_a_run_that_shows_what_was_found(world: World, handbook: Shelves) -> None:
    client = world.client()
    [lane] = client.get("/knowledge/handbook/search.json?q=garden&strategy=keyword").json()["lanes"]
    page = client.get(lane["run"]).text
    assert "“garden”" in page
    assert "tea.md" in page
    assert lane["hits"][0]["href"].replace("&", "&amp;") in page


def test_the_past_can_be_asked(world: World, handbook: Shelves) -> None:
    [lane] = world.client().get("/knowledge/handbook/search.json?q=tea&strategy=keyword&as_of=1d").json()["lanes"]
    assert lane["hits"] == []


def test_a_search_without_its_vectors_says_so(world: World, handbook: Shelves, monkeypatch: pytest.MonkeyPatch) -> None:
    library = handbook.library()
    known = library.collection("default", "handbook")
    (space,) = library.spaces(known)
    waiting = [row[0] for row in library.waiting(known, space, 10)]
    library.add_vectors(space, waiting, np.ones((len(waiting), 2), np.float32))
    monkeypatch.setattr(library, "embedders", Away())
    client = world.client()
    [lane] = client.get("/knowledge/handbook/search.json?q=tea&strategy=hybrid").json()["lanes"]
    assert (len(lane["hits"]), lane["words_only"], lane["problem"]) == (1, "<away>", "")
    assert "By words alone: &lt;away&gt;" in client.get("/knowledge/handbook/search?q=tea&strategy=hybrid").text
    page = client.get("/knowledge/handbook/ask", params={"q": "When is the tea served?"}).text
    assert "Searched by words alone: &lt;away&gt;" in page
    [vector] = client.get("/knowledge/handbook/search.json?q=tea&strategy=vector").json()["lanes"]
    assert vector["problem"] == "<away>"


class Away:
    """The model that makes vectors does not answer."""

    def queries(self, *_: object) -> None:
        raise UpstreamError("<away>")

    documents = tokens = both = queries


def test_an_unknown_strategy_is_told(world: World, handbook: Shelves) -> None:
    answer = world.client().get("/knowledge/handbook/search?q=tea&strategy=guess")
    assert answer.status_code == 400
    assert "keyword" in answer.text


def test_an_answer_has_its_passages(world: World, handbook: Shelves) -> None:
    client = world.client()
    found = client.get("/knowledge/handbook/ask.json", params={"q": "When is the tea served?"}).json()["answer"]
    assert not found["abstained"]
    [sentence] = found["sentences"]
    assert "4 pm" in sentence["cites"][0]["quote"]
    assert '<mark id="here">' in client.get(sentence["cites"][0]["href"]).text
    stream = client.get("/knowledge/handbook/ask/stream", params={"q": "When is the tea served?"}).text
    assert stream.index("event: sentence") < stream.index("event: whole") < stream.index("event: bye")


def test_what_the_documents_do_not_say_is_not_answered(world: World, handbook: Shelves) -> None:
    page = world.client().get("/knowledge/handbook/ask", params={"q": "Who won the cup in 1966?"}).text
    assert "Not answered" in page


def test_a_citation_links_only_to_what_a_browser_opens(world: World, handbook: Shelves) -> None:
    client = world.client()
    page = client.get("/knowledge/handbook/ask", params={"q": "When is the tea served?"}).text
    assert "Rests on" in page
    assert 'href="outrider:' not in page
    assert "tea.md" in page
