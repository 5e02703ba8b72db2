"""`/api/budgets`: how budgets stand, changes by keys that may, and nothing of other projects."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from outrider.api import shapes_budgets
from outrider.base.budget import Budget, Raise
from outrider.journal.events import BudgetRaised, BudgetRemoved, BudgetSet
from outrider.limits.keys import Identity
from tests.api.conftest import ApiWorld

TEAM = Budget("team", "money", 50_000_000_000, match={"project": ("default",)}, per="user")
ALL = Budget("all", "calls", 100, per="user")
THEIRS = Budget("theirs", "calls", 5, match={"project": ("other",)})


def may_change(world: ApiWorld, project: str = "default") -> TestClient:
    return world.api(world.new_key(project, "operator", "budgets")[0])


def listed(client: TestClient) -> dict[str, Any]:
    return {one["name"]: one for one in client.get("/api/budgets").json()["budgets"]}


def test_how_a_budget_stands(world: ApiWorld) -> None:
    world.set_budget(TEAM)
    world.spend(TEAM, "anna", 20_000_000_000)
    world.spend(TEAM, "bob", 5_000_000_000)
    world.spend(TEAM, "bob", 0)
    team = listed(world.api())["team"]
    assert (team["used"], team["limit"], team["calls"], team["account_count"]) == (25 * 10**9, 50 * 10**9, 2, 2)
    assert [(a["value"], a["used"], a["refused"]) for a in team["accounts"]] == [
        ("anna", 20 * 10**9, 0),
        ("bob", 5 * 10**9, 1),
    ]
    assert team["refused"] == 1
    assert team["terms"]["usd"] == "50"
    assert team["terms"]["match"] == {"project": ["default"]}
    assert team["starts"] < team["set_at"] < team["resets_at"]
    assert team["may_change"] is False


def test_a_budget_is_made_replaced_raised_and_removed(world: ApiWorld) -> None:
    client = may_change(world)
    made = client.put("/api/budgets/pilot", json={"usd": 5, "per": "user", "fit": True, "why": "pilot"})
    assert made.status_code == 200, made.text
    assert made.json()["name"] == "pilot"
    pilot = listed(client)["pilot"]
    assert pilot["terms"]["match"] == {"project": ["default"]}
    assert pilot["may_change"] is True
    body = {"amount": "2.5", "for": "2h", "value": "anna", "why": "demo"}
    assert client.post("/api/budgets/pilot/raise", json=body).json()["change"]["raise"]["amount"] == 2_500_000_000
    assert [r["value"] for r in listed(client)["pilot"]["raises"]] == ["anna"]
    body = {"amount": 1, "until": "2029-01-01", "why": "demo"}
    assert client.post("/api/budgets/pilot/raise", json=body).status_code == 200
    assert listed(client)["pilot"]["limit"] == 6_000_000_000
    client.post("/api/budgets/pilot/raise", json={"amount": 0, "why": "over"})
    assert listed(client)["pilot"]["raises"] == []
    assert client.put("/api/budgets/pilot", json={"usd": "7", "why": "more"}).status_code == 200
    refused = client.put("/api/budgets/pilot", json={"calls": "1k", "why": "calls now"})
    assert (refused.status_code, "another name" in refused.text) == (400, True)
    assert client.delete("/api/budgets/pilot", params={"why": "over"}).json()["change"]["kind"] == "removed"
    assert listed(client) == {}


def test_the_history_says_who_and_why(world: ApiWorld) -> None:
    key, public = world.new_key("default", "operator", "budgets")
    client = world.api(key)
    client.put("/api/budgets/pilot", json={"usd": "5", "why": "pilot"})
    client.post("/api/budgets/pilot/raise", json={"amount": 1, "why": "launch"})
    answer = client.get("/api/budgets/pilot").json()
    assert [(c["kind"], c["by"], c["why"]) for c in answer["history"]] == [
        ("raised", f"key:{public}", "launch"),
        ("set", f"key:{public}", "pilot"),
    ]
    assert answer["history"][1]["terms"]["usd"] == "5"


def test_a_key_without_the_right_changes_nothing(world: ApiWorld) -> None:
    world.set_budget(TEAM)
    client = world.api()
    for answer in (
        client.put("/api/budgets/team", json={"usd": 500, "why": "more"}),
        client.put("/api/budgets/new", json={"usd": 500, "why": "more"}),
        client.post("/api/budgets/team/raise", json={"amount": 500, "why": "more"}),
        client.delete("/api/budgets/team", params={"why": "away"}),
    ):
        assert answer.status_code == 403
        assert "--may budgets" in answer.json()["error"]["message"]
    assert listed(client)["team"]["limit"] == TEAM.limit


def test_other_projects_are_out_of_sight(world: ApiWorld) -> None:
    for budget in (TEAM, ALL, THEIRS):
        world.set_budget(budget)
    world.spend(ALL, "their-user", 30, project="other")
    client = may_change(world)
    seen = listed(client)
    assert set(seen) == {"team", "all"}
    assert seen["all"]["accounts"] == []
    assert "their-user" not in client.get("/api/budgets/all").text
    assert client.get("/api/budgets/theirs").status_code == 404
    assert client.delete("/api/budgets/theirs", params={"why": "x"}).status_code == 404
    assert client.put("/api/budgets/theirs", json={"usd": 1, "why": "x"}).json()["error"]["code"] == "budget_exists"
    shared = {"usd": 1, "match": {"project": ["default", "other"]}, "why": "x"}
    for answer in (
        client.put("/api/budgets/both", json=shared),
        client.put("/api/budgets/alien", json=shared | {"match": {"project": "other"}}),
        client.post("/api/budgets/all/raise", json={"amount": 1, "why": "x"}),
        client.delete("/api/budgets/all", params={"why": "x"}),
    ):
        assert answer.status_code == 403, answer.text


def test_where_there_is_one_project_all_budgets_are_its_own(world: ApiWorld) -> None:
    world.projects = ["default"]
    world.set_budget(ALL)
    world.spend(ALL, "anna", 30)
    client = may_change(world)
    assert listed(client)["all"]["accounts"][0]["value"] == "anna"
    client.put("/api/budgets/new", json={"usd": 5, "why": "pilot"})
    assert listed(client)["new"]["terms"]["match"] == {}
    assert client.delete("/api/budgets/all", params={"why": "over"}).status_code == 200


def test_the_configurations_budgets_can_be_raised_only(world: ApiWorld) -> None:
    world.set_budget(TEAM, origin="config")
    client = may_change(world)
    answer = client.put("/api/budgets/team", json={"usd": 500, "why": "more"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "budget_in_config")
    assert client.delete("/api/budgets/team", params={"why": "x"}).status_code == 409
    assert client.post("/api/budgets/team/raise", json={"amount": 5, "why": "launch"}).status_code == 200


def test_a_browser_that_signed_in_by_a_link_may(world: ApiWorld) -> None:
    client = world.api("")
    for operator, status in ((False, 403), (True, 200)):
        token = world.sign_ins.open(Identity("default", world.public, operator=operator))
        session = world.sign_ins.verify(token)
        assert session is not None
        client.cookies.set("outrider_session", token)
        headers = {"x-outrider-csrf": session.csrf}
        answer = client.put("/api/budgets/pilot", json={"usd": 5, "why": "pilot"}, headers=headers)
        assert answer.status_code == status, answer.text


def test_with_auth_off_this_machine_may(world: ApiWorld) -> None:
    client = world.api("", anonymous="default")
    assert client.put("/api/budgets/pilot", json={"usd": 5, "why": "pilot"}).status_code == 200
    assert client.get("/api/budgets/pilot").json()["history"][0]["by"] == "anybody (auth: off)"


@pytest.mark.parametrize(
    ("method", "path", "body", "param"),
    [
        ("PUT", "/api/budgets/x", {"usd": 5}, None),
        ("PUT", "/api/budgets/x", {"usd": 5, "why": ""}, "why"),
        ("PUT", "/api/budgets/x", {"why": "y"}, "usd"),
        ("PUT", "/api/budgets/x", {"usd": 5, "window": "fortnight", "why": "y"}, "window"),
        ("PUT", "/api/budgets/x", {"usd": 5, "match": {"user": 7}, "why": "y"}, None),
        ("PUT", "/api/budgets/x", {"usd": 5, "usdd": 7, "why": "y"}, None),
        ("PUT", "/api/budgets/a%20b", {"usd": 5, "why": "y"}, "name"),
        ("DELETE", "/api/budgets/team", None, "why"),
        ("POST", "/api/budgets/team/raise", {"amount": "much", "why": "y"}, "amount"),
        ("POST", "/api/budgets/team/raise", {"amount": 5, "for": "soon", "why": "y"}, "for"),
        ("POST", "/api/budgets/team/raise", {"amount": 5, "until": "2020-01-01", "why": "y"}, "until"),
        ("POST", "/api/budgets/team/raise", {"amount": 5}, None),
    ],
)
def test_what_is_wrong_is_named(world: ApiWorld, method: str, path: str, body: object, param: str | None) -> None:
    world.set_budget(TEAM)
    answer = may_change(world).request(method, path, json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["param"] == param


def test_every_kind_of_change_is_told() -> None:
    events = [
        BudgetSet(TEAM, 1, "a", "b"),
        BudgetRaised(Raise("team", 5, 9, "u", "a", "b"), 1),
        BudgetRemoved("team", 1),
    ]
    told = [shapes_budgets.made(event) for event in events]
    assert [(one.name, one.change.kind) for one in told] == [("team", "set"), ("team", "raised"), ("team", "removed")]
