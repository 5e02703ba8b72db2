"""The sessions pages: labels where they arise, decisions with their reasons, in portions."""

from outrider.policy.declarations import Declaration
from outrider.policy.events import Granted, returned
from outrider.policy.grants import Grant
from tests.console.agents import asks, pays, who
from tests.console.conftest import World

CLOCK = Declaration(does="none", trust="trusted", privacy="public")


def test_no_session_yet(world: World) -> None:
    assert "No session yet" in world.client().get("/sessions").text
    assert world.client().get("/sessions/none").status_code == 404


def test_labels_decisions_grants_approvals_and_runs(world: World) -> None:
    one = asks(world.office)
    pays(world.office, who(), "Bob", 50)
    world.office.control.see(who(), Granted(Grant(("pay",), recipients=("Zoe",), by="olga", note="rent")))
    world.run(session="trip", name="chat.completions")
    client = world.client()
    listed = client.get("/sessions").text
    assert 'href="/sessions/trip"' in listed
    assert "others wrote it" in listed
    page = client.get("/sessions/trip").text
    assert page.count("From here on the session is") == 1
    assert "tainted: it has read what others wrote, and private" in page
    assert "Where this goes was decided by a text that others wrote" in page
    assert f'href="/approvals/{one.id}"' in page
    assert "recipients: Zoe" in page
    assert "by olga: rent" in page
    assert 'href="/runs/' in page
    twin = client.get("/sessions/trip.json").json()
    assert [m["entry"]["verdict"] for m in twin["moments"] if m["entry"]["verdict"]] == ["ask", "allow"]


def test_a_session_of_two_thousand_events_comes_in_portions(world: World) -> None:
    control, one = world.office.control, who("long")
    for _ in range(40):
        control.see(one, *[returned("clock", {"now": n}, CLOCK) for n in range(50)])
    client = world.client()
    page = client.get("/sessions/long").text
    assert page.count('class="event"') == 100
    assert "Later events" in page
    later = client.get("/sessions/long?after=1950").text
    assert "From the beginning" in later


def test_filters(world: World) -> None:
    asks(world.office)
    world.office.control.heard(who("clean", user="", agent="planner"), "hello")
    client = world.client()
    assert "clean" not in client.get("/sessions?tainted=true").text
    assert "trip" not in client.get("/sessions?agent=planner").text
    assert "No session like this" in client.get("/sessions?user=nobody").text
    assert client.get("/sessions?tainted=maybe").status_code == 400
