import re

from starlette.testclient import TestClient

from outrider.base.budget import Budget
from outrider.console.budget_words import form_of
from outrider.limits.keys import Identity
from tests.console.conftest import World

ALL = Budget("all", "calls", 10, match={"project": ("default",)})
EACH = Budget("each", "money", 5_000_000_000, match={"project": ("default",)}, per="user")


def operator(world: World) -> TestClient:
    """A browser that signed in with a key that may change budgets."""
    client = world.client(signed_in=False)
    _, public = world.new_key("default", "operator", "budgets")
    client.cookies.set("outrider_session", world.sign_ins.open(Identity("default", public)))
    return client


def csrf(client: TestClient) -> str:
    found = re.search(r'name="csrf" content="([0-9a-f]+)"', client.get("/keys").text)
    assert found
    return found[1]


def test_without_a_budget_the_page_says_how_to_make_one(world: World) -> None:
    page = world.client().get("/budgets").text
    assert "No budget yet" in page
    assert "outrider budgets set" in page


def test_what_is_used_and_left_is_shown(world: World) -> None:
    world.set_budget(ALL)
    world.set_budget(EACH, origin="config")
    for _ in range(2):
        world.spend(ALL, "", 4)
    world.spend(EACH, "anna <b>", 1_500_000_000)
    world.spend(EACH, "bob", 10)
    client = world.client()
    page = client.get("/budgets").text
    assert "<b>8 calls</b> of 10 calls" in page
    assert 'data-state="near"' in page
    assert "anna &lt;b&gt;, fullest of 2" in page
    cards = {card["name"]: card for card in client.get("/budgets.json").json()["cards"]}
    assert cards["all"]["line"]["bar"] == {"used": 800.0, "reserved": 0.0, "mark": -1.0}
    assert cards["each"]["origin"] == "config"


def test_the_piece_that_is_kept_up_to_date_has_no_form(world: World) -> None:
    world.set_budget(ALL)
    piece = operator(world).get("/budgets", headers={"hx-request": "true"}).text
    assert "all" in piece
    assert "<form" not in piece
    assert "<html" not in piece


def test_a_budget_is_made_by_the_form(world: World) -> None:
    client = operator(world)
    assert "New budget" in client.get("/budgets").text
    form = form_of(None) | {"csrf": csrf(client), "name": "pilot", "limit": "12.5", "match_tag": "a, b", "why": "pilot"}
    answer = client.post("/budgets", data=form | {"per": "user"})
    assert (answer.status_code, answer.headers["location"].partition("&proof=")[0]) == (
        303,
        "/budgets?done=set&about=pilot",
    )
    assert "is recorded" in client.get(answer.headers["location"]).text
    assert "is recorded" not in client.get("/budgets?done=set&about=Call+0800+now").text, "nobody else says it here"
    [card] = client.get("/budgets.json").json()["cards"]
    assert card["name"] == "pilot"
    assert card["words"] == "each user, of calls with project default and tag a or b"


def test_a_mistake_in_the_form_is_said_and_nothing_is_lost(world: World) -> None:
    client = operator(world)
    form = form_of(None) | {"csrf": csrf(client), "name": "pilot", "limit": "much", "owner": "me & you", "why": "x"}
    page = client.post("/budgets", data=form).text
    assert 'role="alert">usd: expected dollars' in page
    assert 'value="me &amp; you"' in page
    world.set_budget(Budget("pilot", "calls", 1, match={"project": ("default",)}))
    assert "already" in client.post("/budgets", data=form | {"limit": "5"}).text


def test_a_key_without_the_right_sees_no_form_and_cannot_send_one(world: World) -> None:
    client = world.client()
    assert "--may budgets" in client.get("/budgets").text
    form = form_of(None) | {"csrf": csrf(client), "name": "pilot", "limit": "5", "why": "x"}
    assert "may not change budgets" in client.post("/budgets", data=form).text
    assert client.get("/budgets.json").json()["cards"] == []
    assert operator(world).post("/budgets", data=form | {"csrf": "0" * 64}).status_code == 403


def test_other_projects_are_out_of_sight(world: World) -> None:
    world.set_budget(Budget("theirs", "calls", 1, match={"project": ("other",)}))
    assert "theirs" not in world.client().get("/budgets").text


def test_a_program_without_budgets_says_so(world: World) -> None:
    world.budgets = None  # type: ignore[assignment]
    assert world.client().get("/budgets").status_code == 503
