import re

from starlette.testclient import TestClient

from outrider.casebook.book import Casebook
from tests.console.conftest import World


def csrf(client: TestClient) -> str:
    found = re.search(r'name="csrf" content="([0-9a-f]+)"', client.get("/casebook").text)
    assert found
    return found[1]


def test_a_search_is_saved_followed_and_forgotten(world: World, book: Casebook) -> None:
    client = world.client()
    data = {"csrf": csrf(client), "q": "RAG in insurance", "name": "Our <field>"}
    assert client.post("/casebook/saved", data=data).status_code == 303
    [line] = client.get("/casebook/saved.json").json()["lines"]
    assert line["search"]["query"] == "industry:insurance technique:rag"
    assert (line["total"], line["news"]) == (1, 0)
    assert line["feed"].endswith(".xml")
    assert "Our &lt;field&gt;" in client.get("/casebook/saved").text
    assert "Our &lt;field&gt;" in client.get("/casebook").text
    client.post("/casebook/saved/forget", data={"csrf": data["csrf"], "id": line["search"]["id"]})
    assert "Nothing is saved yet" in client.get("/casebook/saved").text


def test_a_mistake_is_told_and_other_projects_searches_are_out_of_sight(world: World, book: Casebook) -> None:
    client = world.client()
    page = client.post("/casebook/saved", data={"csrf": csrf(client), "q": "technqiue:rag"}).text
    assert "did you mean" in page
    assert 'value="technqiue:rag"' in page
    client.post("/casebook/saved", data={"csrf": csrf(client), "q": "claims"})
    assert world.client(anonymous="other").get("/casebook/saved.json").json()["lines"] == []
