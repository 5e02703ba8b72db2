"""Who reviews where nobody signs in, and what is left in a form that could not be sent."""

from collections.abc import Iterator

import pytest

from outrider.evals.review.queues import Source
from outrider.evals.review.rubric import parse
from tests.console.conftest import World
from tests.console.pages.experimenting import Lab
from tests.console.pages.test_reviews import RUBRIC, csrf


@pytest.fixture
def lab(world: World) -> Iterator[Lab]:
    lab = Lab(world)
    yield lab
    lab.store.close()


def test_without_a_key_people_say_who_they_are(world: World, lab: Lab) -> None:
    world.run()
    lab.review.create("default", "q", Source(where="route=support"), parse(RUBRIC), blind=False)
    client = world.client(signed_in=False, anonymous="default")
    assert "Who are you?" in client.get("/reviews/q/next").text
    page = client.get("/reviews/q/next?who=ann").text
    assert "openai/gpt-4o-mini" in page, "not blind"
    sent = {"csrf": csrf(client), "who": "ann", "item": "0", "f-right": "yes"}
    assert client.post("/reviews/q/next", data=sent).headers["location"] == "/reviews/q/next?who=ann"
    assert [one["who"] for one in client.get("/reviews/q.json").json()["paces"]] == ["ann"]


def test_what_was_typed_is_not_lost(world: World, lab: Lab) -> None:
    world.run()
    lab.review.create("default", "q", Source(where="route=support"), parse(RUBRIC))
    client = world.client()
    item = client.get("/reviews/q/next.json").json()["place"]
    sent = {"csrf": csrf(client), "item": str(item), "f-better": "Not <so>."}
    page = client.post("/reviews/q/next", data=sent).text
    assert "`right` is not answered" in page
    assert ">Not &lt;so&gt;.</textarea>" in page
    assert "Nothing to take back" in client.post("/reviews/q/next", data=sent | {"act": "undo"}).text.replace(
        "There is n", "N"
    )
    stale = client.post("/reviews/q/next", data=sent | {"item": "7", "f-right": "yes"})
    assert "has no item 7" in stale.text
    assert client.post("/reviews/q/next", data={**sent, "csrf": "x"}).status_code == 403
