"""Questions to the Casebook over HTTP: in the record, and written by a route where one is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from outrider.base.errors import UpstreamError
from outrider.casebook.book import Casebook
from outrider.limits.keys import Identity
from tests.api.conftest import ApiWorld
from tests.casebook import few


@pytest.fixture
def book(world: ApiWorld, tmp_path: Path, request: pytest.FixtureRequest) -> Casebook:
    url = f"sqlite:///{tmp_path / 'few' / 'outrider.sqlite3'}"
    return few.casebook(url, tmp_path / "few-home", request.addfinalizer, world.record_with)


class Written:
    def __init__(self, who: Identity, route: str, tag: str) -> None:
        assert tag == "casebook"
        self.who, self.route, self.cost = who, route, 0

    def ask(self, prompt: str, *, max_tokens: int = 256) -> str:
        if self.route == "away":
            raise UpstreamError("the route is away")
        assert self.who.key
        self.cost += 900
        return "Harbour Mutual reports a deflection of 60 % [1]. It also saved 99 million USD [1]."


def test_a_question_is_a_run_with_a_retrieval(world: ApiWorld, book: Casebook) -> None:
    client = world.api(casebook=lambda: book)
    refused = client.post("/api/casebook/ask", json={"question": "Who plays the violin on Mars?"}).json()
    assert (refused["abstained"], refused["written"]) == (True, "refusal")
    run = client.get(f"/api/runs/{refused['run']}").json()
    assert (run["name"], run["source"]) == ("casebook.ask", "api")
    (step,) = client.get(f"/api/runs/{refused['run']}/steps").json()["steps"]
    assert (step["kind"], step["name"], step["attrs"]["mode"]) == ("retrieval", "casebook", "refusal")
    assert "found" not in refused


def test_a_route_writes_and_is_held_to_the_passages(world: ApiWorld, book: Casebook) -> None:
    client = world.api(casebook=lambda: book, writer=Written)
    asked = {"question": "What deflection does Harbour Mutual report?", "model": "large"}
    made = client.post("/api/casebook/ask", json=asked).json()
    assert made["written"] == "abstractive", made
    assert made["cost"] == 900
    right, invented = made["sentences"]
    assert right["citations"]
    assert invented["flaws"]
    step = client.get(f"/api/runs/{made['run']}/steps").json()["steps"][0]
    assert (step["attrs"]["route"], step["attrs"]["writing_cost"]) == ("large", 900)


def test_who_cannot_be_asked_is_told(world: ApiWorld, book: Casebook) -> None:
    client = world.api(casebook=lambda: book, writer=Written)
    asked = {"question": "What deflection does Harbour Mutual report?", "model": "away"}
    answer = client.post("/api/casebook/ask", json=asked)
    assert (answer.status_code, answer.json()["error"]["param"]) == (502, "model")
    nobody = world.api(casebook=lambda: book).post("/api/casebook/ask", json=asked)
    assert (nobody.status_code, nobody.json()["error"]["param"]) == (503, "model")
    assert world.api().post("/api/casebook/ask", json={"question": "x"}).json()["error"]["code"] == "no_casebook"


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    """What a stream says: (name, data) of each event."""
    found = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.strip().split("\n\n")]
    return [(one["event"], json.loads(one["data"])) for one in found]


@pytest.mark.parametrize("model", ["", "large"])
def test_sentences_come_with_what_they_rest_on_then_the_whole(world: ApiWorld, book: Casebook, model: str) -> None:
    client = world.api(casebook=lambda: book, writer=Written)
    asked = {"question": "What deflection does Harbour Mutual report?", "model": model}
    streamed = client.post("/api/casebook/ask", json=asked | {"stream": True})
    assert streamed.headers["content-type"].startswith("text/event-stream")
    *sentences, (last, whole) = events(streamed.text)
    assert last == "answer"
    assert {name for name, _ in sentences} == {"sentence"}
    assert [said for _, said in sentences] == whole["sentences"]
    assert any("60 %" in c["quote"] for _, said in sentences for c in said["citations"])
    once = client.post("/api/casebook/ask", json=asked).json()
    for made in (whole, once):
        assert client.get(f"/api/runs/{made.pop('run')}").json()["name"] == "casebook.ask"
        made.pop("seconds")
    assert whole == once


def test_a_stream_that_cannot_begin_is_refused_with_its_status(world: ApiWorld, book: Casebook) -> None:
    client = world.api(casebook=lambda: book, writer=Written)
    for asked, status in (({"question": "x" * 20_000}, 400), ({"question": "Harbour Mutual?", "model": "away"}, 502)):
        refused = client.post("/api/casebook/ask", json={**asked, "stream": True})
        assert (refused.status_code, refused.headers["content-type"]) == (status, "application/json")
    refusal = client.post("/api/casebook/ask", json={"question": "Who plays the violin on Mars?", "stream": True})
    (_, sentence), (_, whole) = events(refusal.text)
    assert (sentence["citations"], whole["abstained"]) == ([], True)
