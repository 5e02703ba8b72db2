"""`/api/reviews` of a whole Outrider: from runs that a rule keeps to cases with what people said."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running

CONFIG = """
embedded: {{enabled: false}}
providers:
  scripted: {{base_url: "{url}", models: [scripted-chat], prices: {{scripted-chat: {{input: 1, output: 2}}}}}}
"""
RUBRIC = "right: yes/no | Is it right?\nbetter: text"
Ask = Callable[[str], str]


@pytest.fixture
def outrider(tmp_path: Path) -> Iterator[Running]:
    with scripted_thread(ScriptedProvider()) as url, running(CONFIG.format(url=url), tmp_path / "home") as made:
        yield made


@pytest.fixture
def client(outrider: Running) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {outrider.key}"}
    with httpx.Client(base_url=outrider.url, headers=headers, timeout=30) as made:
        yield made


@pytest.fixture
def asked(outrider: Running, client: httpx.Client) -> Ask:
    def ask(text: str) -> str:
        fields = {"model": "scripted/scripted-chat", "messages": [{"role": "user", "content": text}]}
        run = client.post("/v1/chat/completions", json=fields).headers["x-request-id"]
        outrider.store()  # what was recorded can be read
        return str(run)

    return ask


def _change_rights(outrider: Running, may: str) -> None:
    store = outrider.store()
    with store.write([1]) as tx:
        tx.execute("UPDATE keys SET may = ?", (may,))


def test_from_runs_to_cases_by_three_people(outrider: Running, client: httpx.Client, asked: Ask) -> None:
    runs = [asked(f"scripted:text=Monday {n}. When, parcel {n} of {n * 7}?") for n in range(2)]
    new = {"name": "parcels", "source": {"where": "model=scripted/scripted-chat"}, "rubric": RUBRIC, "reviewers": 2}
    made = client.post("/api/reviews", json=new)
    assert (made.status_code, made.json()["items"]) == (201, {"waiting": 2, "disputed": 0, "settled": 0})
    assert client.post("/api/reviews", json=new).status_code == 409
    first = client.post("/api/reviews/parcels/next", json={"who": "ann"}).json()
    assert first["answers"][0]["text"].startswith("Monday ")
    assert not any(run in str(first) for run in runs), "blind: not even the run is told"
    at = f"/api/reviews/parcels/items/{first['item']}"
    assert client.post(at, json={"who": "ann", "answers": {"right": "perhaps"}}).json()["error"]["param"] == "right"
    said = client.post(at, json={"who": "ann", "answers": {"right": "yes"}})
    assert said.json() == {"item": first["item"], "status": "waiting"}
    assert client.post("/api/reviews/parcels/next", json={"who": "ben"}).json()["item"] == first["item"]
    assert client.post(at, json={"who": "ben", "answers": {"right": False}}).json()["status"] == "disputed"
    taken = client.post("/api/reviews/parcels/undo", json={"who": "ben"}).json()
    assert taken == {"item": first["item"], "answers": {"right": "no"}}
    assert client.post(at, json={"who": "ben", "answers": {"right": False}}).json()["status"] == "disputed"
    assert client.post("/api/reviews/parcels/next", json={"who": "ben", "role": "adjudicate"}).json()["item"] is None
    own = client.post("/api/reviews/parcels/next", json={"role": "adjudicate"})
    assert (own.status_code, own.json()["error"]["code"]) == (403, "own_review"), "its people gave both"
    _change_rights(outrider, "reviews")
    third = client.post("/api/reviews/parcels/next", json={"role": "adjudicate"}).json()
    assert (third["differ"], [one["who"] for one in third["said"]]) == (["right"], ["reviewer 1", "reviewer 2"])
    assert client.post(at, json={"answers": {"right": "no", "better": "On Friday."}}).json()["status"] == "settled"
    found = client.get("/api/reviews/parcels").json()
    assert found["review"]["items"] == {"waiting": 1, "disputed": 0, "settled": 1}
    assert (found["figures"]["doubly"], len(found["figures"]["paces"])) == (1, 3)
    (settled,) = client.get("/api/reviews/parcels/items", params={"status": "settled"}).json()["results"]
    assert (settled["answers"], settled["differ"]) == ({"right": "no", "better": "On Friday."}, ["right"])
    into = {"dataset": "golden", "expected": "better", "accept": "right"}
    assert client.post("/api/reviews/parcels/cases", json=into).json()["made"] == 1
    (case,) = client.get("/api/datasets/golden/cases").json()["cases"]
    assert (case["expected"], case["labelled"]) == ("On Friday.", "person")
    assert [one["role"] for one in case["recorded"]["review"]["by"]] == ["review", "review", "adjudicate"]


def test_what_cannot_be_is_named(client: httpx.Client, asked: Ask) -> None:
    run = asked("scripted:text=Yes. Is it?")
    for new, why in (
        ({"name": "q", "source": {}}, "say one"),
        ({"name": "q", "source": {"where": "odd~1"}}, "odd~1"),
        ({"name": "q", "source": {"runs": ["x"]}}, "is not a run's id"),
        ({"name": "q", "source": {"runs": [run]}, "rubric": "x"}, "is no field"),
        ({"name": "q", "source": {"runs": [run], "odd": 1}}, "odd"),
    ):
        answer = client.post("/api/reviews", json=new)
        assert (answer.status_code, why in answer.json()["error"]["message"]) == (400, True), answer.text
    client.post("/api/reviews", json={"name": "q", "source": {"runs": [run]}})
    assert [one["name"] for one in client.get("/api/reviews").json()["reviews"]] == ["q"]
    task = client.post("/api/reviews/q/next", json={}).json()
    at = f"/api/reviews/q/items/{task['item']}"
    assert client.post(at, json={"skip": True, "answers": {"right": "yes"}}).status_code == 400
    assert client.post(at, json={"skip": True}).json()["status"] == "waiting"
    assert client.post("/api/reviews/q/next", json={}).json()["item"] is None
    assert client.post(at, json={"answers": {"right": "yes"}}).status_code == 409
    assert client.post("/api/reviews/q/items/x", json={"answers": {}}).json()["error"]["param"] == "item"
    assert client.post("/api/reviews/q/close").json()["state"] == "closed"
    assert client.post("/api/reviews/q/next", json={}).json()["error"]["code"] == "queue_closed"
    assert client.post("/api/reviews/q/open").json()["state"] == "open"
    assert client.get("/api/reviews/odd").status_code == 404
