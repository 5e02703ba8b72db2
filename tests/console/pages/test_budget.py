import dataclasses

from outrider.base import clock, ids
from outrider.base.budget import Budget
from outrider.console.budget_words import form_of
from outrider.journal import read
from outrider.journal.events import BudgetSet, Charge
from outrider.limits import windows
from outrider.limits.held import Held, Note
from outrider.limits.holds import HoldFile
from tests.console.conftest import World
from tests.console.pages.test_budgets import csrf, operator

HOUR = 3_600_000_000_000
ALL = Budget("all", "money", 10_000_000_000, match={"project": ("default",)}, owner="ops@example.com")
EACH = Budget("each", "calls", 5, window="lifetime", match={"project": ("default",), "tag": ("x",)}, per="user")


def test_one_budget_with_everything(world: World) -> None:
    world.set_budget(ALL, at=clock.now_ns() - HOUR)
    world.spend(ALL, "", 2_500_000_000)
    client = world.client()
    page = client.get("/budgets/all").text
    assert "$2.50" in page
    assert "25 % of the limit" in page
    assert "ops@example.com can raise it" in page
    assert "By key" in page
    found = client.get("/budgets/all.json").json()
    assert found["used"] == 2_500_000_000
    assert found["lines"][0]["by_end"] >= 2_500_000_000
    assert found["history"][0]["why"] == "pilot"
    assert (found["keys"][0]["name"], found["exact"]) == ("first", True)


def test_accounts_of_a_divided_budget(world: World) -> None:
    world.set_budget(EACH, at=clock.now_ns() - HOUR)
    for value, amount in (("anna", 4), ("bob", 5)):
        world.spend(EACH, value, amount)
    client = world.client()
    page = client.get("/budgets/each", headers={"hx-request": "true"}).text
    assert page.index("bob") < page.index("anna")
    assert "no room left" in page
    assert "also those that this budget does not cover" in page
    assert [line["state"] for line in client.get("/budgets/each.json").json()["lines"]] == ["full", "near"]


def test_refused_calls_are_counted(world: World) -> None:
    world.set_budget(EACH)
    world.spend(EACH, "anna", 4)
    page = world.client().get("/budgets/each").text
    assert "Refused</dt>" not in page
    for value in ("anna", "anna", "bob"):
        world.spend(EACH, value, 0)
    client = world.client()
    found = client.get("/budgets/each.json").json()
    assert [(line["value"], line["used"], line["calls"], line["refused"]) for line in found["lines"]] == [
        ("anna", 4, 1, 2),
        ("bob", 0, 0, 1),
    ]
    assert (found["used"], found["card"]["refused"]) == (4, 3)
    page = client.get("/budgets/each").text
    assert '<dt>Refused</dt><dd><b class="bad-num">3</b>' in page
    assert "refused calls" in page
    assert "3 refused" in client.get("/budgets").text


def test_raises_are_given_and_ended(world: World) -> None:
    world.set_budget(EACH)
    client = operator(world)
    form = {"csrf": csrf(client), "amount": "3", "for": "7d", "value": "anna", "why": "demo"}
    answer = client.post("/budgets/each/raise", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/budgets/each?done=raised")
    assert "is raised" in client.get(answer.headers["location"]).text
    [raised] = read.list_raises(world.store, clock.now_ns())
    assert (raised.amount, raised.value, raised.why) == (3, "anna", "demo")
    for wrong in ({"amount": "lots"}, {"amount": "0"}, {"why": ""}, {"for": "soon"}):
        assert 'role="alert"' in client.post("/budgets/each/raise", data=form | wrong).text
    client.post("/budgets/each/raise", data={"csrf": csrf(client), "end": "on", "why": "over"})
    assert read.list_raises(world.store, clock.now_ns()) == []


def test_a_budget_is_changed_and_removed(world: World) -> None:
    world.set_budget(EACH)
    client = operator(world)
    form = form_of(EACH) | {"csrf": csrf(client), "limit": "7", "why": "it grew"}
    assert client.post("/budgets/each/set", data=form).headers["location"] == "/budgets/each?done=set"
    row = read.find_budget(world.store, "each")
    assert row is not None
    assert (row.budget.limit, row.budget.match, row.why) == (7, EACH.match, "it grew")
    assert 'role="alert"' in client.post("/budgets/each/set", data=form | {"window": "fortnight"}).text
    answer = client.post("/budgets/each/remove", data={"csrf": csrf(client), "why": "over"})
    assert answer.headers["location"].startswith("/budgets?done=removed&about=each&")
    assert read.find_budget(world.store, "each") is None
    assert client.get("/budgets/each").status_code == 404
    assert client.post("/budgets/each/raise", data={"csrf": csrf(client), "end": "on", "why": "x"}).status_code == 404


def test_a_budget_of_the_configuration_can_be_raised_only(world: World) -> None:
    world.set_budget(ALL, origin="config")
    client = operator(world)
    page = client.get("/budgets/all").text
    assert "stands in <code>outrider.yaml</code>" in page
    assert 'action="/budgets/all/set"' not in page
    assert 'action="/budgets/all/raise"' in page
    refused = client.post("/budgets/all/set", data=form_of(ALL) | {"csrf": csrf(client), "why": "x"})
    assert "outrider.yaml: change it there" in refused.text


def test_nothing_changes_without_the_right_or_the_token(world: World) -> None:
    world.set_budget(ALL)
    client = world.client()
    assert 'action="/budgets/all/raise"' not in client.get("/budgets/all").text
    form = {"csrf": csrf(client), "amount": "500", "why": "more"}
    assert "may not change budgets" in client.post("/budgets/all/raise", data=form).text
    assert client.post("/budgets/all/remove", data=form).status_code == 200
    assert operator(world).post("/budgets/all/raise", data=form | {"csrf": "0"}).status_code == 403
    assert read.list_raises(world.store, clock.now_ns()) == []
    assert read.find_budget(world.store, "all") is not None


def test_a_shared_budget_shows_its_sums_and_no_names(world: World) -> None:
    shared = Budget("shared", "calls", 5, per="user")
    world.set_budget(shared)
    world.spend(shared, "their-user", 3, project="other")
    page = world.client().get("/budgets/shared").text
    assert "their-user" not in page
    assert "belong to other projects too" in page


def test_who_holds_what_is_reserved(world: World) -> None:
    world.set_budget(ALL)
    assert "Who holds" not in world.client().get("/budgets/all").text
    file = HoldFile(world.home / "holds", world.journal.slot, cells=8)
    now = clock.now_ns()
    starts = windows.start(ALL.window, ALL.zone, now)
    for at, project, key in ((2, "default", world.public), (1, "default", ""), (3, "other", world.other_public)):
        note = Note(project, now + at, model="shop", route="shop", deployment="a/m", key=key)
        file.put(Held(ids.new_id(), 5, 1, 2, [Charge("all", "", starts, 0, at * 10**9)], note))
    world.budgets = dataclasses.replace(world.budgets, holds=world.home / "holds")
    page = world.client().get("/budgets/all").text
    assert page.index("<td>no key<") < page.index("<td>first<")
    assert "a/m" in page
    found = world.client().get("/budgets/all.json").json()
    assert ([one["amount"] for one in found["held"]], found["held_count"]) == ([10**9, 2 * 10**9, 3 * 10**9], 3)
    world.record(BudgetSet(Budget("all", "money", 5, match={}), clock.now_ns(), "ann", "of all projects"))
    found = world.client().get("/budgets/all.json").json()
    assert [one["project"] for one in found["held"]] == ["default", "default"], "others' calls are not told"
    file.close()
