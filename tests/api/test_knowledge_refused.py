"""What `/api/knowledge` refuses with the name of the field, and what it notes of documents that come in."""

import pytest

from tests.api.conftest import ApiWorld
from tests.api.test_knowledge import URL, House, filled


@pytest.fixture
def house(world: ApiWorld) -> House:
    return House(world)


@pytest.mark.parametrize("text", ["We close in May.", "We close the office in May and tell nobody of it. " * 8])
def test_a_note_names_no_document_that_its_readers_may_not_see(house: House, text: str) -> None:
    house.client.post(URL, json={"name": "docs"})
    for name, readers in (("layoffs.md", '["group:board"]'), ("memo.md", ""), ("b.md", '["group:board", "user:ann"]')):
        data = {"readers": readers} if readers else {}
        house.client.post(f"{URL}/docs/files", files=[("file", (name, text.encode(), "text/markdown"))], data=data)
        house.work()
    everybody = house.client.get(f"{URL}/docs/documents").json()["documents"]
    assert [(d["source"], "as another document" in d["notes"]["near_duplicate"]) for d in everybody] == [
        ("memo.md", True)
    ]
    assert "layoffs" not in str(everybody)
    seen = house.client.get(f"{URL}/docs/documents", params={"user": "ann"}).json()["documents"]
    notes = {d["source"]: d["notes"]["near_duplicate"] for d in seen}
    assert "layoffs" not in notes["b.md"], "ann may not read that one"


@pytest.mark.parametrize(
    ("embeddings", "param"),
    [
        ({"default": {"model": ""}}, "embeddings.default.model"),
        ({"default": {"of": " "}}, "embeddings.default.of"),
        ({"default": {}, "": {}}, "embeddings"),
        ({"default": {}, "x" * 64: {}}, "embeddings"),
    ],
)
def test_embeddings_that_cannot_be_are_refused(house: House, embeddings: dict[str, object], param: str) -> None:
    filled(house)
    for told in (
        house.client.patch(f"{URL}/docs", json={"embeddings": embeddings}),
        house.client.post(URL, json={"name": "other", "embeddings": embeddings}),
    ):
        assert (told.status_code, told.json()["error"]["param"]) == (400, param), told.text
    assert house.client.get(f"{URL}/docs").json()["vectors"] == {"default": 0}, "nothing of it was done"


def test_short_documents_that_say_the_same_are_noted(house: House) -> None:
    house.client.post(URL, json={"name": "docs"})
    for name, text in (
        ("a.md", "Trains leave at noon."),
        ("b.md", "# Trains leave\n\n at NOON"),
        ("c.md", "Trains leave"),
    ):
        house.client.post(f"{URL}/docs/files", files=[("file", (name, text.encode(), "text/markdown"))])
        house.work()
    house.client.post(f"{URL}/docs/files", files=[("file", ("a.md", b"Trains leave at noon!", "text/markdown"))])
    house.work()
    notes = {d["source"]: d["notes"] for d in house.client.get(f"{URL}/docs/documents").json()["documents"]}
    assert notes["b.md"]["near_duplicate"] == "It says the same as a.md."
    assert "near_duplicate" not in notes["c.md"]
    assert notes["a.md"]["near_duplicate"] == "It says the same as b.md.", "never as itself"


def test_a_password_in_a_url_is_refused_before_it_is_kept(house: House) -> None:
    house.client.post(URL, json={"name": "docs"})
    told = house.client.post(f"{URL}/docs/sources", json={"sources": ["https://ann:hunter2@example.org/x"]})
    assert (told.status_code, told.json()["error"]["param"]) == (400, "sources")
    assert "hunter2" not in told.text
    assert house.client.get(f"{URL}/docs/jobs").json()["jobs"] == []


def test_options_that_a_strategy_has_not_are_told(house: House) -> None:
    filled(house)

    def told(options: dict[str, object], strategy: str = "") -> dict[str, str]:
        asked = {"query": "trains", "strategy": strategy, "options": options}
        answer = house.reader.post(f"{URL}/docs/search", json=asked)
        assert answer.status_code == 400, answer.text
        fault: dict[str, str] = answer.json()["error"]
        return fault

    for strategy in ("hybrid", "graph", "multihop", "rerank", "rewrite"):
        fault = told({"wieght": 0.3}, strategy)
        assert (fault["param"], fault["code"]) == ("options.wieght", "unknown_parameter")
        assert fault["message"] == f"the strategy {strategy!r} has no option 'wieght'; there are: weight"
    assert told({"x": 1}, "agentic")["message"].endswith("there are: calls, read, weight")
    assert told({"weight": 0.3})["message"] == "the strategy 'keyword' has no option 'weight'; it has none"
    assert told({"weight": True}, "hybrid")["param"] == "options.weight"
