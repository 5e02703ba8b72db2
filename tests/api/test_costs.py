import pytest

from tests.api.conftest import ApiWorld


@pytest.mark.parametrize("by", ["model", "route", "key", "deployment", "day", "hour"])
def test_sums_of_the_own_project(world: ApiWorld, by: str) -> None:
    world.run(cost=5)
    world.run(cost=7)
    world.run(project="other", cost=100)
    found = world.api().get(f"/api/costs?by={by}").json()
    assert found["by"] == by
    assert [(row["calls"], row["cost_nano_usd"], row["input_tokens"]) for row in found["rows"]] == [(2, 12, 80)]


@pytest.mark.parametrize(
    ("query", "param"),
    [("by=mood", "by"), ("by=project", "by"), ("since=x", "since"), ("since=2026-01-02&until=2026-01-01", "since")],
)
def test_bad_questions(world: ApiWorld, query: str, param: str) -> None:
    answer = world.api().get(f"/api/costs?{query}")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
