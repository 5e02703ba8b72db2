"""The list of experiments and its form; one experiment."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.console.conftest import World
from tests.console.pages.experimenting import SUITE, Lab


@pytest.fixture
def lab(world: World) -> Iterator[Lab]:
    lab = Lab(world)
    yield lab
    lab.store.close()


def csrf(client: TestClient) -> str:
    found = re.search(r'name="csrf" content="([0-9a-f]+)"', client.get("/experiments").text)
    assert found
    return found[1]


def test_without_any_the_pages_say_how_to_begin(world: World, lab: Lab) -> None:
    assert "No experiment yet" in world.client().get("/experiments").text
    assert "No dataset yet" in world.client().get("/datasets").text


def test_an_experiment_is_begun_from_a_suite(world: World, lab: Lab) -> None:
    lab.cases()
    client = world.client()
    assert "dataset: &#34;questions&#34;" in client.get("/experiments").text, "the example fits what is there"
    answer = client.post("/experiments", data={"csrf": csrf(client), "suite": SUITE})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/experiments/{lab.begun[0]}")
    [card] = client.get("/experiments.json").json()["cards"]
    assert (card["name"], card["state"], card["items"], card["done"]) == ("kinder", "waiting", 120, 0)
    page = client.get(answer.headers["location"]).text
    assert "nothing is scored yet" in page
    stop = re.search(r'action="(/experiments/[^"]+/stop)"', page)
    assert stop
    assert client.post(stop[1], data={"csrf": "x"}).status_code == 403
    assert client.post(stop[1], data={"csrf": csrf(client)}).status_code == 303
    assert "Go on" in client.get(answer.headers["location"]).text
    client.post(stop[1].replace("stop", "resume"), data={"csrf": csrf(client)})
    assert len(lab.begun) == 2


def test_a_mistake_in_a_suite_is_said_and_nothing_is_lost(world: World, lab: Lab) -> None:
    lab.cases()
    client = world.client()
    page = client.post("/experiments", data={"csrf": csrf(client), "suite": SUITE + "odd: <1>"}).text
    assert "unknown field `odd`" in page
    assert "odd: &lt;1&gt;" in page
    assert not lab.begun


def test_one_shows_its_gates_scores_and_who_wavers(world: World, lab: Lab) -> None:
    done = lab.experiment()
    page = world.client().get(f"/experiments/{done.id}")
    assert page.status_code == 200
    shown = world.client().get(f"/experiments/{done.id}.json").json()
    assert (shown["verdict"], shown["gates"][0]["verdict"]) == ("failed", "failed")
    exact, seconds = shown["scores"]
    now, then = exact["rows"]
    assert (now["said"], then["n"], then["way"], then["flaky"]) == ("1 [0.886, 1]", 30, "worse", ["c0"])
    assert 0 <= then["bar"]["low"] < then["bar"]["at"] < then["bar"]["high"] <= 1000
    assert seconds["unit"] == "s"
    assert f"/experiments/{done.id}/case?case=c0" in page.text
    part = world.client().get(f"/experiments/{done.id}", headers={"hx-request": "true"}).text
    assert "<html" not in part


def test_pages_of_another_project_are_404(world: World, lab: Lab) -> None:
    done = lab.experiment()
    world.client().get("/experiments")
    with lab.store.write([1]) as tx:
        tx.execute("UPDATE experiments SET project = 'other'")
    for page in ("", "/diff", "/case?case=c0"):
        assert world.client().get(f"/experiments/{done.id}{page}").status_code == 404
    assert world.client().get("/datasets/theirs").status_code == 404


def test_a_program_without_experiments_says_so(world: World) -> None:
    assert world.client().get("/experiments").status_code == 503
