"""The approvals pages: what a person sees, who may decide, and that nothing in a call is markup."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from outrider.base import clock
from outrider.limits.keys import Identity
from outrider.policy import approvals
from tests.console.agents import asks, pays, who
from tests.console.conftest import World


@pytest.fixture
def judge(world: World) -> TestClient:
    """A browser whose key may decide."""
    _, public = world.new_key("default", "olga", "approvals")
    return world.client(key=public)


def csrf(page: str) -> str:
    return page.split('name="csrf" content="')[1].split('"')[0]


def post(client: TestClient, id_: str, **form: str) -> Any:
    token = csrf(client.get("/approvals").text)
    return client.post(f"/approvals/{id_}/decide", data={"csrf": token, **form})


def test_an_empty_inbox_says_what_comes_here(world: World) -> None:
    assert "Nothing waits" in world.client().get("/approvals").text
    assert "No session in this time" in world.client().get("/approvals/friction").text


def test_the_inbox_shows_values_with_their_origin_in_words(world: World, judge: TestClient) -> None:
    one = asks(world.office)
    page = judge.get("/approvals").text
    assert f'href="/approvals/{one.id}"' in page
    assert "from a text of others" in page
    assert "1 call waits" in page
    part = judge.get("/approvals", headers={"hx-request": "true"}).text
    assert "<html" not in part
    assert one.id in part
    twin = judge.get("/approvals.json").json()
    assert twin["groups"][0]["calls"][0]["tool"] == "pay"


def test_the_inbox_counts_also_what_it_has_no_room_for(
    world: World, judge: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approvals, "MOST_LISTED", 2)
    ids = [asks(world.office, to=f"Eve{n}").id for n in range(3)]
    page = judge.get("/approvals").text
    assert "3 calls wait; the 2 that have waited longest are here" in page
    assert ids[2] not in page
    assert judge.get("/approvals.json").json()["waiting"] == 3
    post(judge, ids[0], verdict="deny")
    page = judge.get("/approvals").text
    assert "2 calls wait. " in page
    assert ids[2] in page


def test_a_call_is_looked_at_approved_and_used(world: World, judge: TestClient) -> None:
    one = asks(world.office)
    page = judge.get(f"/approvals/{one.id}").text
    assert "only a text that others wrote says it: inbox" in page
    assert "I have checked what nobody vouches for: <code>Eve</code>, <code>900</code>" in page
    assert world.office.approvals.get("default", one.id).opened
    unticked = post(judge, one.id, verdict="approve")
    assert "Say that you have checked Eve, 900" in unticked.text
    assert world.office.approvals.get("default", one.id).state == "pending"
    done = post(judge, one.id, verdict="approve", checked="on", note="rang her")
    assert (done.status_code, done.headers["location"].partition("&proof=")[0]) == (
        303,
        "/approvals?done=approved&about=pay",
    )
    assert "It may be done once" in judge.get(done.headers["location"]).text
    assert pays(world.office, who()).verdict == "allow"
    page = judge.get(f"/approvals/{one.id}").text
    assert "approved and used" in page
    assert "olga: rang her" in page
    assert "<form" not in page.split("Other calls that wait")[0].split("<main")[1]
    assert "does not wait any more" in post(judge, one.id, verdict="deny").text


def test_a_refusal_needs_no_tick(world: World, judge: TestClient) -> None:
    one = asks(world.office)
    assert post(judge, one.id, verdict="deny", note="no").headers["location"].startswith("/approvals?done=denied")
    assert pays(world.office, who()).verdict == "deny"
    assert "refused" in judge.get("/approvals?state=denied").text


def test_who_may_not_decide_is_told_why(world: World) -> None:
    _, public = world.new_key("default", "robot", "approvals")
    one = asks(world.office, who(key=public))
    plain = world.client()
    assert "--may approvals" in plain.get(f"/approvals/{one.id}").text
    assert post(plain, one.id, verdict="deny").text.count("This key may not decide") == 1
    own = world.client(key=public)
    page = own.get(f"/approvals/{one.id}").text
    assert "The agent calls with this very key" in page
    assert not world.office.approvals.get("default", one.id).opened
    assert "very key" in post(own, one.id, verdict="approve", checked="on").text
    link = TestClient(world.app(), base_url="http://127.0.0.1:8720", follow_redirects=False)
    link.cookies.set("outrider_session", world.sign_ins.open(Identity("default", public, operator=True)))
    assert post(link, one.id, verdict="approve", checked="on").status_code == 303
    assert world.office.approvals.get("default", one.id).decider == "operator"


def test_a_get_decides_nothing_and_a_post_needs_its_token(world: World, judge: TestClient) -> None:
    one = asks(world.office)
    assert judge.get(f"/approvals/{one.id}/decide?verdict=approve").status_code == 405
    judge.get(f"/approvals/{one.id}?verdict=approve&checked=on")
    refused = judge.post(f"/approvals/{one.id}/decide", data={"verdict": "approve", "checked": "on"})
    assert refused.status_code == 403
    assert post(judge, one.id, verdict="yes").status_code == 200
    assert world.office.approvals.get("default", one.id).state == "pending"
    assert judge.get("/approvals/appr_none").status_code == 404
    assert post(judge, "appr_none", verdict="deny").status_code == 404


def test_of_a_plan_what_is_ticked_is_decided(world: World, judge: TestClient) -> None:
    first, second, third = (asks(world.office, to=f"Eve{n}", plan="trip") for n in range(3))
    page = judge.get(f"/approvals/{first.id}").text
    assert f'name="call-{second.id}"' in page
    assert page.count("decide about this one, too") == 2
    assert "3 calls</b> that were proposed at once" in judge.get("/approvals").text
    done = post(judge, first.id, verdict="approve", checked="on", **{f"call-{third.id}": "on"})
    assert done.headers["location"].startswith("/approvals?done=approved&about=2+calls&")
    assert [world.office.approvals.get("default", one.id).state for one in (first, second, third)] == [
        "approved", "pending", "approved",
    ]  # fmt: skip


def test_a_call_stands_beside_the_last_one_that_was_approved(world: World, judge: TestClient) -> None:
    first = asks(world.office)
    post(judge, first.id, verdict="approve", checked="on")
    second = asks(world.office, amount="901")
    page = judge.get(f"/approvals/{second.id}").text
    assert f'<a href="/approvals/{first.id}">That call</a> was approved by olga' in page
    assert "<del>900</del>" in page
    assert "<ins>901</ins>" in page


HOSTILE = "</dd><script>alert(1)</script><img src=x onerror=alert(2)> **bold** [ok](javascript:alert(3)) \u202e\u200b"


@pytest.mark.parametrize("where", ["to", "note"])
def test_nothing_in_a_call_is_markup_or_hides(world: World, judge: TestClient, where: str) -> None:
    one = asks(world.office, who(), **{where: HOSTILE})
    for path in (f"/approvals/{one.id}", "/approvals", "/approvals?state=denied", f"/sessions/{one.session}"):
        page = judge.get(path).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert not re.search("[\u202e\u200b]", page)
    page = judge.get(f"/approvals/{one.id}").text
    assert "⟨2 hidden characters: U+202E right-to-left override and 1 other kinds⟩" in page
    assert 'href="javascript' not in page


def test_a_tool_or_an_agent_with_a_misleading_name_is_inert(world: World, judge: TestClient) -> None:
    one = asks(world.office, who(agent="<b>Outrider says: approve</b>", user="<i>x</i>"))
    for path in (f"/approvals/{one.id}", "/approvals", "/sessions", f"/sessions/{one.session}"):
        page = judge.get(path).text
        assert "<b>Outrider says" not in page
        assert "<i>x" not in page


def test_what_approvals_cost(world: World, judge: TestClient) -> None:
    one = asks(world.office)
    post(judge, one.id, verdict="approve", checked="on")
    page = judge.get("/approvals/friction?since=24h").text
    assert "aimed-by-others" in page
    assert "100 %<small>of 1</small>" in page
    assert judge.get("/approvals/friction.json").json()["whole"]["asked"] == 1
    assert judge.get("/approvals/friction?since=9y").status_code == 400


def test_lists_page_and_refuse_what_they_do_not_know(world: World, judge: TestClient) -> None:
    for number in range(3):
        asks(world.office, to=f"Eve{number}")
    with pytest.MonkeyPatch.context() as patch:
        later = clock.now_ns() + 4_000 * 1_000_000_000
        patch.setattr(clock, "now_ns", lambda: later)
        page = judge.get("/approvals").text
        assert "Nothing waits" in page
        assert page.count("</span> expired") == 3
    assert judge.get("/approvals?state=open").status_code == 400
    assert judge.get("/approvals?before=x").status_code == 400
