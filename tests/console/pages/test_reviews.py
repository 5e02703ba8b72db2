"""Review queues as pages, without any script: begun, reviewed blind, decided, and made into cases."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from outrider.evals.review.queues import Source
from outrider.evals.review.rubric import parse
from tests.console.conftest import World
from tests.console.pages.experimenting import Lab

RUBRIC = "right: yes/no | Is it <right>?\nbetter: text"


@pytest.fixture
def lab(world: World) -> Iterator[Lab]:
    lab = Lab(world)
    yield lab
    lab.store.close()


def csrf(client: TestClient) -> str:
    found = re.search(r'name="csrf" content="([0-9a-f]+)"', client.get("/reviews").text)
    assert found
    return found[1]


def give(client: TestClient, queue: str, act: str = "give", role: str = "review", **said: str) -> str:
    """Answer the item that the page shows; where the page then is."""
    page = client.get(f"/reviews/{queue}/next", params={"role": role} if role != "review" else {}).text
    item = re.search(r'name="item" value="(\d+)"', page)
    fields = {f"f-{name}": value for name, value in said.items()}
    sent = {"csrf": csrf(client), "act": act, "role": role, "item": item[1] if item else "", **fields}
    answer = client.post(f"/reviews/{queue}/next", data=sent)
    return answer.headers.get("location", answer.text)


def test_a_queue_is_begun_from_a_rule_and_mistakes_lose_nothing(world: World, lab: Lab) -> None:
    world.run()
    client = world.client()
    assert "No queue yet" in client.get("/reviews").text
    form = {"csrf": csrf(client), "name": "parcels", "where": "route=support", "rubric": "right", "reviewers": "2"}
    refused = client.post("/reviews", data=form).text
    assert "is no field" in refused
    assert 'value="route=support"' in refused
    assert client.post("/reviews", data=form | {"csrf": "x"}).status_code == 403
    assert "`share` is" in client.post("/reviews", data=form | {"share": "many"}).text
    made = client.post("/reviews", data=form | {"rubric": RUBRIC})
    assert (made.status_code, made.headers["location"]) == (303, "/reviews/parcels")
    page = client.get("/reviews/parcels").text
    assert "Is it &lt;right&gt;?" in page
    assert "No item has two reviewers yet" in page
    (card,) = client.get("/reviews.json").json()["cards"]
    assert (card["name"], card["total"], card["source"]) == ("parcels", 1, "runs: route=support")
    shown = client.get("/reviews/parcels/next").text
    assert "Is it open on &lt;Sunday&gt;?" in shown
    assert "Yes &amp; no." in shown
    assert "gpt-4o" not in shown, "blind"
    assert client.get("/reviews/odd").status_code == 404


def test_two_review_and_a_third_decides(world: World, lab: Lab) -> None:
    for number in range(2):
        world.run(b'{"model":"s","messages":[{"role":"user","content":"Parcel %d?"}]}' % number)
    lab.review.create("default", "q", Source(where="route=support"), parse(RUBRIC), reviewers=2)
    ann, ben, cem = (world.client(key=world.new_key("default", name)[1]) for name in ("ann", "ben", "cem"))
    assert give(ann, "q").count("`right` is not answered") == 1
    assert give(ann, "q", right="yes", better="") == "/reviews/q/next"
    assert give(ben, "q", right="no", better="Not so.") == "/reviews/q/next"
    assert give(ben, "q", act="undo") == "/reviews/q/next"
    assert "Not so." in ben.get("/reviews/q/next").text, "what was said is still in the form"
    assert "What others said" not in ben.get("/reviews/q/next").text
    assert "&#34;yes&#34;" not in ben.get("/reviews/q").text
    assert '"yes"' not in ben.get("/reviews/q.json").text, "nor in its JSON"
    assert give(ben, "q", right="no", better="Not so.") == "/reviews/q/next"
    assert "somebody else has to decide" in ben.get("/reviews/q/next?role=adjudicate").text
    deciding = cem.get("/reviews/q/next?role=adjudicate").text
    assert "they disagree" in deciding
    assert "reviewer 2" in deciding
    assert "ben" not in re.sub(r"<head>.*</head>", "", deciding, flags=re.DOTALL)
    assert give(cem, "q", role="adjudicate", right="no", better="") == "/reviews/q/next?role=adjudicate"
    page = cem.get("/reviews/q").text
    assert "ann" in page
    assert "apart on right" in page
    assert give(ann, "q", act="undo").count("Others went on from it") == 1
    assert give(ann, "q", act="skip") == "/reviews/q/next"
    assert "Nothing waits for you" in ann.get("/reviews/q/next").text
    made = cem.post("/reviews/q/cases", data={"csrf": csrf(cem), "dataset": "golden", "expected": "better"})
    assert "1 reviewed cases are in golden" in cem.get(made.headers["location"]).text
    (case,) = lab.desk.datasets.cases("default", "golden")
    assert case.recorded["review"]["answers"] == {"right": "no"}
    assert "no field" in cem.post("/reviews/q/cases", data={"csrf": csrf(cem), "dataset": "g", "expected": "x"}).text
    cem.post("/reviews/q/state", data={"csrf": csrf(cem), "state": "closed"})
    assert "is closed" in cem.get("/reviews/q/next").text
    assert "Open again" in cem.get("/reviews/q").text


def test_a_link_puts_no_words_into_the_page(world: World, lab: Lab) -> None:
    world.run()
    lab.review.create("default", "q", Source(where="route=support"), parse(RUBRIC))
    client = world.client()
    for query in ("done=Call+0800+now", "done=cases&about=Call+0800+now", "done=cases&about=Call+0800+now&proof=0"):
        assert "0800" not in client.get(f"/reviews/q?{query}").text


def test_what_a_process_does_not_serve_is_said(world: World, lab: Lab) -> None:
    lab.desk.review = None
    assert world.client().get("/reviews").status_code == 503
