"""The deployments page: what needs attention first, in words; breakers by a form of a key that may."""

import pytest

from outrider.console.pages.deployments import span
from outrider.journal import read
from outrider.journal.events import BreakerForced
from outrider.limits.keys import Identity
from tests.console.conftest import World
from tests.limits import wards


def test_an_empty_board_says_what_to_do(world: World) -> None:
    assert "No deployment yet" in world.client().get("/deployments").text


def test_conditions_in_words(world: World) -> None:
    wards.fill(world.vitals)
    text = world.client().get("/deployments").text
    assert text.index("b/down") < text.index("c/resting") < text.index("a/well")
    assert "left alone for 0 s (failures in a row); tried again in" in text
    assert "its provider has no room for another 20 s" in text
    assert "upstream_error <b>5</b>" in text
    assert "<b>2,500</b> of 10,000 tokens left" in text
    assert "<button" not in text[text.index("wards") : text.index("To open or close breakers")]


def test_the_piece_for_a_live_page_and_the_twin(world: World) -> None:
    wards.fill(world.vitals)
    client = world.client()
    piece = client.get("/deployments", headers={"hx-request": "true"}).text
    assert "b/down" in piece
    assert "<html" not in piece
    twin = client.get("/deployments.json").json()
    assert [card["health"] for card in twin["cards"]] == ["down", "resting", "ok", "unused"]
    assert (twin["well"], twin["troubled"], twin["in_flight"]) == (2, 2, 1)


def test_an_operator_leaves_alone_and_takes_back(world: World) -> None:
    wards.fill(world.vitals)
    _, public = world.new_key("default", "operator", "deployments")
    client = world.client()
    client.cookies.set("outrider_session", world.sign_ins.open(Identity("default", public)))
    page = client.get("/deployments").text
    csrf = page.split('name="csrf" content="')[1].split('"')[0]
    form = {"csrf": csrf, "name": "a/well", "why": " it answers nonsense "}
    assert 'name="why"' in page
    assert client.post("/deployments/open", data={"name": "a/well"}).status_code == 403
    answer = client.post("/deployments/open", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/deployments?done=open")
    assert world.vitals.begin(wards.deployment("a/well")) is None
    page = client.get("/deployments?done=open").text
    assert "held open by an operator for 0 s" in page
    assert "No call goes there until" in page
    assert client.post("/deployments/close", data=form | {"why": "a\nb"}).status_code == 400
    assert client.post("/deployments/close", data=form | {"why": ""}).status_code == 303
    world.indexer.drain()
    kept = [e for _, e in read.export_records(world.store) if isinstance(e, BreakerForced)]
    assert [(one.deployment, one.open, one.by, one.why) for one in kept] == [
        ("a/well", True, f"key {public}", "it answers nonsense"),
        ("a/well", False, f"key {public}", ""),
    ]
    assert world.vitals.begin(wards.deployment("a/well")) is not None


def test_who_signed_in_by_a_link_may(world: World) -> None:
    wards.fill(world.vitals)
    client = world.client(operator=True)
    page = client.get("/deployments").text
    assert "--may deployments" not in page
    csrf = page.split('name="csrf" content="')[1].split('"')[0]
    assert client.post("/deployments/open", data={"csrf": csrf, "name": "a/well"}).status_code == 303


def test_other_keys_are_refused(world: World) -> None:
    wards.fill(world.vitals)
    client = world.client()
    csrf = client.get("/deployments").text.split('name="csrf" content="')[1].split('"')[0]
    assert client.post("/deployments/open", data={"csrf": csrf, "name": "a/well"}).status_code == 403


@pytest.mark.parametrize(
    ("seconds", "words"), [(-1, "0 s"), (8.2, "8 s"), (119, "119 s"), (180, "3 min"), (9000, "2 h")]
)
def test_spans(seconds: float, words: str) -> None:
    assert span(int(seconds * 1e9)) == words
