"""Grants that the user's words speak for, from the session's page."""

import dataclasses
import re
from typing import Any

from outrider.base.errors import UpstreamError
from outrider.policy.events import Offered
from outrider.policy.grants import Grant
from tests.console.agents import who
from tests.console.conftest import World
from tests.console.pages.test_session_feedback import token_of

PAGE = Grant(("pay",), ("Bob", "<Bob>"), calls=1, until=2**62, note="a model's reading of the user's words")


class Reader:
    """Reads `PAGE` out of any words."""

    def __init__(self, world: World) -> None:
        self.world, self.asked = world, list[tuple[str, str]]()

    async def read(self, project: str, session: str, model: str, *, key: str = "") -> Offered:
        if model == "down":
            raise UpstreamError("the route 'down' does not read: HTTP 500")
        self.asked.append((model, key))
        found = Offered((PAGE,), ("pay, recipients Eve: the user did not say it",), 1, model)
        self.world.office.control.see(who(session), found)
        return found


def begun(world: World) -> tuple[Any, Any, str]:
    reader = Reader(world)
    assert world.office.desk is not None
    desk = dataclasses.replace(world.office.desk, reader=lambda: reader)
    world.office = dataclasses.replace(world.office, desk=desk)
    world.office.control.heard(who("trip"), "Pay Bob 50")
    _, key = world.new_key("default", "olga", "policy")
    client = world.client(key=key)
    return reader, client, token_of(client.get("/sessions/trip").text)


def test_a_model_is_asked_and_a_proposal_given(world: World) -> None:
    reader, client, csrf = begun(world)
    at = "/sessions/trip/proposals"
    sent = client.post(at, data={"csrf": csrf, "model": " small "})
    assert (sent.status_code, sent.headers["location"]) == (303, "/sessions/trip#proposals")
    assert [one[0] for one in reader.asked] == ["small"]
    page = client.get("/sessions/trip").text
    assert "small read them, and nothing else. Dropped: pay, recipients Eve" in page
    assert "recipients: Bob, &lt;Bob&gt;" in page
    digests = re.findall(r'name="grant" value="(\w+)"', page)
    assert len(digests) == 2, "the rules' and the model's"
    assert client.post(at, data={"csrf": csrf, "grant": digests[1]}).status_code == 303
    ((given, _),) = world.office.control.sessions.get("default", "trip").grants
    assert (given.recipients, given.by, given.read) == (("Bob", "<Bob>"), "olga", 0)
    world.office.control.heard(who("trip"), "No, wait")
    late = client.post(at, data={"csrf": csrf, "grant": digests[1]})
    assert "The user has said more since" in late.text
    assert "The route &#39;down&#39; does not read" in client.post(at, data={"csrf": csrf, "model": "down"}).text


def test_not_without_the_right_or_a_token(world: World) -> None:
    reader, client, csrf = begun(world)
    at = "/sessions/trip/proposals"
    assert client.post(at, data={"model": "small"}).status_code == 403
    assert client.post("/sessions/none/proposals", data={"csrf": csrf, "model": "small"}).status_code == 404
    plain = world.client()
    token = token_of(plain.get("/sessions/trip").text)
    assert plain.post(at, data={"csrf": token, "model": "small"}).status_code == 403
    assert plain.post(at, data={"csrf": token, "grant": "x"}).status_code == 403
    assert reader.asked == []
