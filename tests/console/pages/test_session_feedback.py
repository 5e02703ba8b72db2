"""Feedback on a session and on its steps, from the session's page."""

import re

from outrider.base import ids
from outrider.journal.feedback_query import feedback_on
from tests.console.agents import asks
from tests.console.conftest import World


def token_of(text: str) -> str:
    found = re.search(r'name="csrf" content="([0-9a-f]+)"', text)
    assert found
    return found[1]


def test_a_session_and_its_steps_get_feedback(world: World) -> None:
    asks(world.office)
    run, other = world.run(session="trip"), world.run(session="else")
    client = world.client()
    page = client.get("/sessions/trip").text
    assert page.count('class="thumbs"') == 1
    csrf, at = token_of(page), "/sessions/trip/feedback"
    sent = client.post(at, data={"csrf": csrf, "thumb": "down", "comment": "It <paid> twice.", "outcome": "refund"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/sessions/trip?done=feedback#feedback")
    page = client.get("/sessions/trip?done=feedback").text
    assert "Written down" in page
    assert "It &lt;paid&gt; twice." in page
    assert client.get("/sessions/trip.json").json()["said"][0]["by"] == f"key:{world.public}"
    assert client.post(at, data={"csrf": csrf, "thumb": "up", "run": ids.text(run.id)}).status_code == 303
    (step,) = feedback_on(world.open(), "default", run=run.id)
    assert (step.event.thumb, step.event.session) == ("up", "")
    for wrong in (ids.text(other.id), ids.text(ids.new_id()), "odd"):
        answer = client.post(at, data={"csrf": csrf, "thumb": "up", "run": wrong})
        assert "he session has no run" in answer.text
    nothing = client.post(at, data={"csrf": csrf, "comment": " "})
    assert "eedback says something" in nothing.text
    assert client.post(at, data={"thumb": "up"}).status_code == 403
    assert client.post("/sessions/none/feedback", data={"csrf": csrf, "thumb": "up"}).status_code == 404
