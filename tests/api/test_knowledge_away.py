"""A collection whose vectors come from a route, while that route is away or slow: words alone, and it is said."""

import threading
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from outrider.app import librarian, paths
from outrider.app.librarian import Librarian
from outrider.base import clock, ids
from outrider.journal import read
from outrider.journal.index import Indexer
from outrider.knowledge import embedders, waking
from tests.api.conftest import ApiWorld
from tests.api.test_casebook_ask import events
from tests.api.test_knowledge import URL, House, filled
from tests.knowledge.routes import Route, standing

SEARCH, ASK = f"{URL}/docs/search", f"{URL}/docs/ask"
TRAINS = {"query": "trains"}


@pytest.fixture
def route() -> Iterator[Route]:
    with standing() as made:
        yield made


@pytest.fixture
def house(world: ApiWorld, route: Route) -> House:
    """Two documents with vectors of the route."""
    house = House(world)
    house.knowledge = world.knowledge(f"embedded: {{enabled: off}}\nserver: {{port: {route.server_port}}}\n")
    key, _ = world.new_key("default", "keeper", "knowledge")
    house.client, house.reader = house.of(key), house.of(world.key)
    filled(house)
    changed = house.client.patch(f"{URL}/docs", json={"embeddings": {"default": {"model": "mine"}}})
    assert changed.status_code == 200, changed.text
    house.work()
    assert house.client.get(f"{URL}/docs").json()["vectors"] == {"default": 2}
    return house


def attrs(house: House, run: str) -> dict[str, Any]:
    Indexer(house.world.home / "spool", house.world.store).drain()
    (step,) = read.list_steps(house.world.store, ids.parse(run))
    return step.attrs


def test_words_alone_answer_and_it_is_said(house: House, route: Route) -> None:
    both = house.reader.post(SEARCH, json=TRAINS).json()
    assert (both["strategy"], both["words_only"], set(both["hits"][0]["parts"])) == (
        "hybrid",
        "",
        {"keyword", "vector"},
    )
    route.fate = "breaks"
    for strategy in ("", "hybrid", "rewrite", "rerank", "multihop", "graph"):
        told = house.reader.post(SEARCH, json=TRAINS | {"strategy": strategy})
        assert told.status_code == 200, told.text
        made = told.json()
        assert made["hits"][0]["document"]["source"] == "trips.md"
        assert "'mine' gives no embeddings: upstream is away" in made["words_only"]
        assert attrs(house, made["run"])["words_only"] == made["words_only"]
    answered = house.reader.post(ASK, json={"question": "When are salaries paid?"}).json()
    assert answered["text"] == "Salaries are paid on the last day of the month. [1]"
    assert "upstream is away" in answered["words_only"]
    assert attrs(house, answered["run"])["words_only"] == answered["words_only"]
    route.fate = "answers"
    assert house.reader.post(SEARCH, json=TRAINS).json()["words_only"] == ""


def test_a_dropped_collection_says_which_database_still_has_a_copy(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is at that address. When somebody is, whoever does jobs takes the copy away."""
    library = house.knowledge.library()
    docs = library.collection("default", "docs")
    there = msgspec.structs.replace(docs.settings, index="qdrant", index_at="http://127.0.0.1:9")
    library.configure(docs, there)
    assert "qdrant at 127.0.0.1" in house.reader.post(SEARCH, json=TRAINS).json()["words_only"]
    (space,) = library.spaces(docs)
    run = paths.run(house.knowledge.home)
    waking.rest(run, lambda: None)
    told = house.client.delete(f"{URL}/docs").json()
    assert told["ended"]
    assert told["left"].startswith("a copy of its vectors is still in qdrant at 127.0.0.1, which does not answer")
    assert waking.due(run) == 0
    monkeypatch.setattr(librarian, "LINGER", 0.0)
    Librarian(house.knowledge, run, threading.Event()).run()
    due = waking.due(run)
    assert due is not None
    assert due > clock.now_ns() + 60 * 10**9
    gone: list[str] = []
    monkeypatch.setattr(
        "outrider.knowledge.indexes.qdrant.remove", lambda at, folder, name: gone.append(f"{at} {name}")
    )
    real = clock.mono_ns  # after the moment in which it is left alone
    monkeypatch.setattr(clock, "mono_ns", lambda: real() + 10**11)
    Librarian(house.knowledge, run, threading.Event()).run()
    assert gone == [f"http://127.0.0.1:9 outrider_{space.uid}_{space.epoch}"]
    assert waking.due(run) is None


def test_what_the_request_has_wrong_is_not_passed_over(house: House, route: Route) -> None:
    route.fate = "breaks"
    assert house.reader.post(SEARCH, json=TRAINS | {"embedding": "nope"}).status_code == 400
    assert house.reader.post(SEARCH, json=TRAINS | {"options": {"weight": 7}}).status_code == 400


def test_a_route_that_hangs_is_waited_for_once(house: House, route: Route, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedders, "PATIENCE_OF_A_SEARCH", 0.2)
    monkeypatch.setattr(embedders, "SLOW", 0.1)
    route.fate, route.asked = "hangs", 0
    for _ in range(3):
        made = house.reader.post(SEARCH, json=TRAINS | {"strategy": "multihop"}).json()
        assert made["hits"][0]["document"]["source"] == "trips.md"
        assert "'mine'" in made["words_only"]
    assert route.asked == 1, "it is left alone for a while"
    streamed = house.reader.post(ASK, json={"question": "When are salaries paid?", "stream": True})
    *_, (last, whole) = events(streamed.text)
    assert (last, whole["text"]) == ("answer", "Salaries are paid on the last day of the month. [1]")
    assert "timed out" in whole["words_only"]
    assert route.asked == 1
