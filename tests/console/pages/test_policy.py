"""The policy page: rules with their counts, who may do what, other rules tried."""

from starlette.testclient import TestClient

from outrider.policy.permissions import Permissions, Roster
from outrider.policy.rules import default_text
from tests.console.agents import asks, pays, who
from tests.console.conftest import World


def csrf(client: TestClient) -> str:
    return client.get("/policy").text.split('name="csrf" content="')[1].split('"')[0]


def test_rules_stand_with_how_often_they_decided(world: World) -> None:
    asks(world.office)
    pays(world.office, who(), "Bob", 50)
    client = world.client()
    page = client.get("/policy").text
    assert "where this goes was decided by a text that others wrote" in page
    twin = client.get("/policy.json").json()
    counts = {line["id"]: line["tally"] for line in twin["rules"]}
    assert counts["aimed-by-others"]["ask"] == 1
    assert twin["tallies"]["verdicts"] == {"allow": 1, "ask": 1, "deny": 0}
    assert "Nobody is named" in page


def test_other_rules_are_tried_on_what_was_recorded(world: World) -> None:
    asks(world.office)
    client = world.client()
    token = csrf(client)
    everything = "permit(principal, action, resource);"
    page = client.post("/policy/backtest", data={"csrf": token, "rules": everything}).text
    assert "<b>1</b> ask → allow" in page
    assert everything in page
    page = client.post("/policy/backtest", data={"csrf": token, "rules": default_text()}).text
    assert "No verdict changes" in page


def test_what_is_no_cedar_is_said_and_kept_in_the_form(world: World) -> None:
    client = world.client()
    page = client.post("/policy/backtest", data={"csrf": csrf(client), "rules": "permit <b>everything</b>"}).text
    assert "the rules are not valid Cedar" in page
    assert "permit &lt;b&gt;everything" in page
    assert client.post("/policy/backtest", data={"csrf": csrf(client), "rules": " "}).status_code == 400
    assert client.post("/policy/backtest", data={"rules": "x"}).status_code == 403


def test_where_an_identity_provider_speaks_for_users_nobody_is_said_to_be_free(world: World) -> None:
    world.office.control.permissions = Permissions(world.office.leases, lambda: Roster(claims=True))
    page = world.client().get("/policy").text
    assert "Nobody is named" not in page
    assert "A user who has none by it or here may call nothing" in page
