"""From a run's page to feedback and to a case, without any script."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from outrider.base import ids
from tests.console.conftest import World
from tests.console.pages.experimenting import Lab


@pytest.fixture
def lab(world: World) -> Iterator[Lab]:
    lab = Lab(world)
    yield lab
    lab.store.close()


def csrf(client: TestClient) -> str:
    found = re.search(r'name="csrf" content="([0-9a-f]+)"', client.get("/runs").text)
    assert found
    return found[1]


def test_feedback_is_given_and_shown(world: World, lab: Lab) -> None:
    at, client = f"/runs/{ids.text(world.run().id)}", world.client()
    form = {
        "csrf": csrf(client),
        "thumb": "down",
        "edit": "Only <until> noon.\r\nSorry.",
        "comment": "",
        "outcome": "refund",
    }
    sent = client.post(f"{at}/feedback", data=form)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{at}?done=feedback#feedback")
    page = client.get(f"{at}?done=feedback").text
    assert "Written down" in page
    assert "thumbs down; refund; should be: Only &lt;until&gt; noon. Sorry." in page
    (said,) = client.get(f"{at}.json").json()["said"]
    assert said["by"] == f"key:{world.public}"
    refused = client.post(f"{at}/feedback", data={"csrf": csrf(client), "outcome": "x" * 300})
    assert "at most 256" in refused.text
    assert "feedback says something" in client.post(f"{at}/feedback", data={"csrf": csrf(client)}).text.lower()
    assert client.post(f"{at}/feedback", data={"thumb": "up"}).status_code == 403
    made = client.post(f"{at}/case", data={"csrf": csrf(client), "dataset": "bad ones"})
    assert made.headers["location"] == "/datasets/bad%20ones"
    (case,) = lab.desk.datasets.cases("default", "bad ones")
    assert (case.expected, case.labelled) == ("Only <until> noon.\nSorry.", "outcome")
    assert case.recorded["answer"]["text"] == "Yes & no."
    assert lab.desk.proposals is not None
    assert [one.dataset for one in lab.desk.proposals.list("default", "taken")] == ["bad ones"]
    assert '<option value="bad ones">' in client.get(at).text


def test_a_run_becomes_a_test_with_what_is_said_to_be_right(world: World, lab: Lab) -> None:
    at, client = f"/runs/{ids.text(world.run().id)}", world.client()
    token = csrf(client)
    both = client.post(f"{at}/case", data={"csrf": token, "dataset": "d", "expected": "Yes.", "accept": "yes"})
    assert "say one" in both.text
    assert ">Yes.</textarea>" in both.text, "nothing is lost"
    assert "Say which dataset" in client.post(f"{at}/case", data={"csrf": token, "dataset": " "}).text
    client.post(f"{at}/case", data={"csrf": token, "dataset": "d", "expected": "Yes."})
    (case,) = lab.desk.datasets.cases("default", "d")
    assert (case.expected, case.labelled) == ("Yes.", "person")
    other = f"/runs/{ids.text(world.run().id)}"
    alike = client.post(f"{other}/case", data={"csrf": token, "dataset": "d"})
    assert "asks nearly the same" in alike.text
    client.post(f"{other}/case", data={"csrf": token, "dataset": "d", "alike": "yes", "accept": "yes"})
    assert [one.labelled for one in lab.desk.datasets.cases("default", "d")] == ["person", "model"]
    step = client.post(f"{other}/case", data={"csrf": token, "dataset": "e", "step": "2"})
    assert "asks nothing that was recorded" in step.text
    assert client.post(f"/runs/{ids.text(ids.new_id())}/case", data={"csrf": token, "dataset": "d"}).status_code == 404
    theirs = world.run(project="other")
    assert client.post(f"/runs/{ids.text(theirs.id)}/feedback", data={"csrf": token, "thumb": "up"}).status_code == 404


def test_where_neither_is_served_nothing_is_offered(world: World) -> None:
    run = world.run()
    page = world.client().get(f"/runs/{ids.text(run.id)}").text
    assert "Make this a test" not in page
