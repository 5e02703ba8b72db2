"""`/api/sessions`: what agents did, with labels and decisions."""

from tests.api.conftest import ApiWorld
from tests.console.agents import asks, pays, who


def test_a_session_is_read_with_all_that_belongs_to_it(world: ApiWorld) -> None:
    one = asks(world.office)
    pays(world.office, who(), "Bob", 50)
    run = world.run(session="trip")
    client = world.api()
    (listed,) = client.get("/api/sessions").json()["sessions"]
    assert (listed["id"], listed["tainted"], listed["private"], listed["user"]) == ("trip", True, True, "uma")
    whole = client.get("/api/sessions/trip").json()
    assert [event["arises"] for event in whole["events"] if event["arises"]] == [["untrusted", "private"]]
    assert [event["verdict"] for event in whole["events"] if event["verdict"]] == ["ask", "allow"]
    assert [each["id"] for each in whole["approvals"]] == [one.id]
    assert len(whole["runs"]) == 1
    assert run.session == "trip"
    part = client.get("/api/sessions/trip?limit=2").json()
    rest = client.get(f"/api/sessions/trip?after={part['next']}").json()
    assert [event["seq"] for event in part["events"] + rest["events"]] == [event["seq"] for event in whole["events"]]


def test_ids_may_hold_anything(world: ApiWorld) -> None:
    asks(world.office, who("a/b ü"))
    assert world.api().get("/api/sessions/a%2Fb%20%C3%BC").json()["session"]["id"] == "a/b ü"


def test_filters_and_pages(world: ApiWorld) -> None:
    asks(world.office)
    world.office.control.heard(who("clean", user="", agent="planner"), "hello")
    client = world.api()

    def ids(query: str) -> list[str]:
        return [one["id"] for one in client.get(f"/api/sessions?{query}").json()["sessions"]]

    assert ids("") == ["clean", "trip"]
    assert ids("tainted=true") == ids("user=uma") == ["trip"]
    assert ids("tainted=false") == ids("agent=planner") == ["clean"]
    after = client.get("/api/sessions?limit=1").json()["next"]
    assert ids(f"before={after}") == ["trip"]
    assert client.get("/api/sessions?tainted=yes").status_code == 400
    assert client.get("/api/sessions/none").status_code == 404
    other = world.api(world.other_key)
    assert other.get("/api/sessions").json()["sessions"] == []
    assert other.get("/api/sessions/trip").status_code == 404
