import pytest

from outrider.console.pages.knowledge_document import pieces
from tests.console.conftest import Shelves, World, parsed
from tests.console.pages.test_knowledge import csrf


@pytest.fixture
def tea(shelves: Shelves) -> str:
    library = shelves.library()
    found = library.create("default", "handbook")
    library.put(found, "tea.md", parsed("# Tea\n\nIt is at <three>."))
    return library.put(found, "tea.md", parsed("# Tea\n\nIt is at four.")).document.id


def test_a_document_has_its_text_and_its_versions(world: World, tea: str) -> None:
    client = world.client()
    page = client.get(f"/knowledge/handbook/documents/{tea}").text
    assert "at four" in page
    before = client.get(f"/knowledge/handbook/documents/{tea}?version=1").text
    assert "&lt;three&gt;" in before
    assert "This version held until" in before
    assert client.get(f"/knowledge/handbook/documents/{tea}/text?version=1").text == "# Tea\n\nIt is at <three>."
    assert client.get(f"/knowledge/handbook/documents/{tea}?version=9").status_code == 404
    assert client.get("/knowledge/handbook/documents/nothing").status_code == 404


def test_a_passage_is_marked_in_the_text(world: World, tea: str) -> None:
    page = world.client().get(f"/knowledge/handbook/documents/{tea}?at=7-9").text
    assert '<mark id="here">It</mark>' in page
    assert pieces("abc", "2-1") == [("abc", False)]
    assert pieces("abc", "1-9") == [("abc", False)]


def test_labels_are_changed_and_a_document_is_removed(world: World, shelves: Shelves, tea: str) -> None:
    client = world.client(operator=True)
    data = {"csrf": csrf(client), "document": tea, "trust": "quarantined", "readers": "*"}
    assert client.post("/knowledge/handbook/label", data=data).status_code == 303
    library = shelves.library()
    collection = library.collection("default", "handbook")
    assert library.document(collection, tea).trust == "quarantined"
    assert client.post("/knowledge/handbook/label", data=data | {"trust": "loved"}).status_code == 400
    client.post("/knowledge/handbook/remove", data=data | {"erase": "on"})
    assert library.versions(collection, tea) == []


def test_nobody_changes_what_they_may_not_read(world: World, shelves: Shelves, tea: str) -> None:
    library = shelves.library()
    collection = library.collection("default", "handbook")
    library.label(collection, tea, readers=("key:boss",))
    client = world.client(operator=True)
    data = {"csrf": csrf(client), "document": tea, "trust": "trusted", "readers": "*"}
    assert client.get(f"/knowledge/handbook/documents/{tea}").status_code == 404
    assert client.post("/knowledge/handbook/label", data=data).status_code == 404
    assert client.post("/knowledge/handbook/remove", data=data).status_code == 404
