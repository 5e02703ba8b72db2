from tests.api.conftest import ApiWorld


def test_guardrails_are_listed(world: ApiWorld) -> None:
    said = world.api().get("/api/guardrails").json()
    assert "pii" in [one["name"] for one in said["guardrails"]]
    assert said["rules"] == []


def test_one_looks_at_texts(world: ApiWorld) -> None:
    ask = {"texts": ["mail bob@example.com", "fine"], "check": "pii"}
    said = world.api().post("/api/guardrails/check", json=ask).json()
    assert said["act"] == "redact"
    assert said["texts"] == ["mail [EMAIL]", "fine"]
    (found,) = said["findings"]
    assert (found["text"], found["start"], found["end"], found["kind"]) == (0, 5, 20, "email")


def test_what_is_wrong_is_named(world: ApiWorld) -> None:
    said = world.api().post("/api/guardrails/check", json={"texts": ["a"], "check": "moon"})
    assert said.status_code == 400
    assert "there are:" in said.json()["error"]["message"]
    assert world.api().post("/api/guardrails/check", json={"texts": ["a"], "at": "moon"}).status_code == 400
