import re

from starlette.testclient import TestClient

from tests.console.conftest import Shelves, World, parsed


def csrf(client: TestClient) -> str:
    found = re.search(r'name="csrf" content="([0-9a-f]+)"', client.get("/knowledge").text)
    assert found
    return found[1]


def test_without_a_collection_the_page_says_how_to_make_one(world: World, shelves: Shelves) -> None:
    page = world.client().get("/knowledge").text
    assert "No collection yet" in page
    assert "outrider knowledge add" in page


def test_a_collection_is_made_and_counted(world: World, shelves: Shelves) -> None:
    client = world.client(operator=True)
    sent = {"csrf": csrf(client), "name": "handbook", "about": "For <new> people"}
    answer = client.post("/knowledge", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/knowledge/handbook")
    library = shelves.library()
    library.put(library.collection("default", "handbook"), "a.md", parsed("# Tea\n\nIt is at four."))
    page = client.get("/knowledge").text
    assert "For &lt;new&gt; people" in page
    [card] = client.get("/knowledge.json").json()["cards"]
    assert (card["documents"], card["chunks"] > 0, card["waiting"] > 0) == (1, True, True)


def test_a_mistake_is_said_and_nothing_is_lost(world: World, shelves: Shelves) -> None:
    client = world.client(operator=True)
    page = client.post("/knowledge", data={"csrf": csrf(client), "name": "Hand book", "about": "x"}).text
    assert "cannot be a collection" in page
    assert 'value="Hand book"' in page


def test_collections_of_another_project_are_out_of_sight(world: World, shelves: Shelves) -> None:
    shelves.library().create("other", "theirs")
    shelves.library().create("", "shared")
    client = world.client(operator=True)
    page = client.get("/knowledge").text
    assert "theirs" not in page
    assert "for everybody" in page
    assert client.get("/knowledge/theirs").status_code == 404
    data = {"csrf": csrf(client), "url": "https://example.org"}
    assert "is not changed here" in client.post("/knowledge/shared/url", data=data).text


def test_a_program_without_knowledge_says_so(world: World) -> None:
    assert world.client().get("/knowledge").status_code == 503


def test_a_key_without_the_right_sees_no_form_and_cannot_send_one(world: World, shelves: Shelves) -> None:
    client = world.client()
    assert "--may knowledge" in client.get("/knowledge").text
    page = client.post("/knowledge", data={"csrf": csrf(client), "name": "handbook"}).text
    assert "may not change collections" in page
    assert shelves.library().collections("default") == []
