"""`/api/approvals`: who may see, who may decide, and that nothing else decides."""

import threading
import time
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from outrider.api.approvals import signature
from outrider.base import clock
from tests.api.conftest import ApiWorld
from tests.console.agents import SECRET, asks, pays, who


@pytest.fixture
def judge(world: ApiWorld) -> TestClient:
    """A client whose key may decide."""
    return world.api(world.new_key("default", "olga", "approvals")[0])


def body(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_call_is_shown_whole_and_decided_once(world: ApiWorld, judge: TestClient) -> None:
    one = asks(world.office)
    listed = body(judge.get("/api/approvals?state=pending"))
    assert [each["id"] for each in listed["approvals"]] == [one.id]
    case = body(judge.get(f"/api/approvals/{one.id}"))
    assert case["arguments"] == {"to": "Eve", "amount": 900, "note": ""}
    assert case["check"] == ["Eve", "900"]
    assert {v["path"]: v["origin"] for v in case["values"]} == {"to": "untrusted", "amount": "untrusted", "note": ""}
    assert case["approval"]["opened_at"]
    assert case["approval"]["reasons"]
    decided = body(judge.post(f"/api/approvals/{one.id}", json={"approve": True, "note": "rang Eve"}))
    assert [(d["state"], d["decided_by"], d["note"]) for d in decided["decided"]] == [("approved", "olga", "rang Eve")]
    again = body(judge.post(f"/api/approvals/{one.id}", json={"approve": False}), 409)
    assert again["error"]["code"] == "not_pending"
    assert pays(world.office, who()).verdict == "allow"
    assert body(judge.get(f"/api/approvals/{one.id}"))["approval"]["state"] == "used"
    assert pays(world.office, who()).verdict == "ask"


def test_deciding_takes_the_right_and_another_key(world: ApiWorld, judge: TestClient) -> None:
    one = asks(world.office)
    refused = body(world.api().post(f"/api/approvals/{one.id}", json={"approve": True}), 403)
    assert refused["error"]["code"] == "not_allowed"
    key, public = world.new_key("default", "robot", "approvals")
    other = asks(world.office, who("other", key=public))
    refused = body(world.api(key).post(f"/api/approvals/{other.id}", json={"approve": True}), 403)
    assert "this very key" in refused["error"]["message"]
    assert not body(world.api(key).get(f"/api/approvals/{other.id}"))["approval"]["opened_at"]
    uma = world.api(world.new_key("default", "Uma", "approvals")[0])
    refused = body(uma.post(f"/api/approvals/{other.id}", json={"approve": True}), 403)
    assert "own user" in refused["error"]["message"]
    theirs = world.api(world.new_key("other", "x", "approvals")[0])
    assert (
        body(theirs.post(f"/api/approvals/{one.id}", json={"approve": True}), 404)["error"]["code"]
        == "unknown_approval"
    )
    assert body(theirs.get("/api/approvals"))["approvals"] == []
    assert body(world.api("").get("/api/approvals"), 401)
    assert world.office.approvals.get("default", one.id).state == "pending"


def test_no_get_decides(world: ApiWorld, judge: TestClient) -> None:
    one = asks(world.office)
    for path in (f"/api/approvals/{one.id}?approve=true", f"/api/approvals/{one.id}/answer"):
        assert judge.get(path).status_code in (400, 405)
    assert judge.head(f"/api/approvals/{one.id}").status_code == 200
    assert world.office.approvals.get("default", one.id).state == "pending"


def test_a_plan_is_decided_whole_or_in_part(world: ApiWorld, judge: TestClient) -> None:
    first, second, third = (asks(world.office, to=f"Eve{n}", plan="trip") for n in range(3))
    assert body(judge.get(f"/api/approvals/{first.id}"))["plan"] == [first.id, second.id, third.id]
    part = body(judge.post(f"/api/approvals/{first.id}", json={"approve": False, "only": [second.id]}))
    assert [one["id"] for one in part["decided"]] == [second.id]
    rest = body(judge.post(f"/api/approvals/{first.id}", json={"approve": True, "plan": True}))
    assert [one["id"] for one in rest["decided"]] == [first.id, third.id]
    wrong = body(judge.post(f"/api/approvals/{first.id}", json={"approve": True, "plans": True}), 400)
    assert wrong["error"]["code"] == "invalid_body"


def test_what_is_unknown_expired_or_mistyped_says_so(world: ApiWorld, judge: TestClient) -> None:
    assert body(judge.get("/api/approvals/appr_none"), 404)["error"]["code"] == "unknown_approval"
    assert body(judge.post("/api/approvals/appr_none", json={"approve": True}), 404)
    assert body(judge.get("/api/approvals?state=waiting"), 400)["error"]["param"] == "state"
    assert body(judge.get("/api/approvals?wait=900"), 400)["error"]["param"] == "wait"
    one = asks(world.office)
    with pytest.MonkeyPatch.context() as patch:
        later = clock.now_ns() + 3_700 * 1_000_000_000
        patch.setattr(clock, "now_ns", lambda: later)
        assert (
            "expired" in body(judge.post(f"/api/approvals/{one.id}", json={"approve": True}), 409)["error"]["message"]
        )
        assert body(judge.get("/api/approvals?state=expired"))["approvals"][0]["id"] == one.id
        assert body(judge.get("/api/approvals?state=pending"))["approvals"] == []


def test_lists_are_filtered_and_paged(world: ApiWorld, judge: TestClient) -> None:
    first, second = asks(world.office), asks(world.office, who("other", agent="planner"))
    assert [one["id"] for one in body(judge.get("/api/approvals?agent=planner"))["approvals"]] == [second.id]
    assert [one["id"] for one in body(judge.get("/api/approvals?session=trip"))["approvals"]] == [first.id]
    page = body(judge.get("/api/approvals?limit=1"))
    assert [one["id"] for one in page["approvals"]] == [second.id]
    assert [one["id"] for one in body(judge.get(f"/api/approvals?before={page['next']}"))["approvals"]] == [first.id]
    assert len(body(judge.get(f"/api/approvals?before={'9' * 19}"))["approvals"]) == 2, "later than any time there is"


def test_who_waits_is_answered_when_something_changes(world: ApiWorld, judge: TestClient) -> None:
    mark = body(judge.get("/api/approvals"))["mark"]
    got: list[Any] = []
    waiting = threading.Thread(target=lambda: got.append(body(judge.get(f"/api/approvals?wait=30&after={mark}"))))
    began = time.monotonic()
    waiting.start()
    one = asks(world.office)
    waiting.join(20)
    assert time.monotonic() - began < 20
    assert [each["id"] for each in got[0]["approvals"]] == [one.id]


def answer(client: TestClient, id_: str, said: object, *, secret: str = SECRET, age: int = 0, sign_as: str = "") -> Any:
    raw = msgspec.json.encode(said)
    moment = str(clock.now_ns() // 1_000_000_000 - age)
    sign = f"t={moment},v1={signature(secret, moment, sign_as or id_, raw)}"
    headers = {"x-outrider-signature": sign, "content-type": "application/json"}
    return client.post(f"/api/approvals/{id_}/answer", content=raw, headers=headers)


def test_a_signed_answer_needs_no_key(world: ApiWorld) -> None:
    nobody = world.api("")
    one, two = asks(world.office), asks(world.office, to="Evelyn")
    said = {"approve": True, "by": "olga in #ops"}
    for wrong in (
        answer(nobody, one.id, said, secret="another-secret-here"),
        answer(nobody, one.id, said, age=400),
        answer(nobody, one.id, said, sign_as=two.id),
        nobody.post(f"/api/approvals/{one.id}/answer", json=said),
    ):
        assert body(wrong, 401)["error"]["code"] == "not_signed"
    assert body(answer(nobody, one.id, {"approve": True, "by": "uma"}), 403)["error"]["code"] == "same_person"
    assert body(answer(nobody, one.id, {"approve": True, "by": " "}), 400)["error"]["param"] == "by"
    decided = body(answer(nobody, one.id, said))["decided"][0]
    assert (decided["state"], decided["decided_by"]) == ("approved", "olga in #ops")
    assert body(answer(nobody, one.id, said), 409)
    assert world.office.approvals.get("default", two.id).state == "pending"


def test_friction_has_intervals(world: ApiWorld, judge: TestClient) -> None:
    one = asks(world.office)
    body(judge.post(f"/api/approvals/{one.id}", json={"approve": True}))
    found = body(judge.get("/api/approvals/friction?since=24h"))
    assert (found["whole"]["asked"], found["whole"]["blind"]["estimate"]) == (1, 1.0)
    assert found["agents"]["helper"]["sessions_without"]["n"] == 1
    assert "aimed-by-others" in found["rules"]
    assert len(found["days"]) == 1


def test_hostile_values_are_spelled_out(world: ApiWorld, judge: TestClient) -> None:
    one = asks(world.office, to="Bоb\u202e", note="<script>alert(1)</script>")
    case = body(judge.get(f"/api/approvals/{one.id}"))
    to = next(v for v in case["values"] if v["path"] == "to")
    assert "⟨U+202E right-to-left override⟩" in to["text"]
    assert len(to["warnings"]) == 2
    assert case["arguments"]["to"] == "Bоb\u202e", "what is decided about is not changed"


def test_without_an_office_nothing_is_served(world: ApiWorld) -> None:
    world.office = None  # type: ignore[assignment]
    assert body(world.api().get("/api/approvals"), 503)["error"]["code"] == "not_served"
