import pytest

from outrider.base import clock
from tests.console.conftest import World


def test_an_empty_period_says_so(world: World) -> None:
    assert "Nothing was called in this period" in world.client().get("/costs").text


@pytest.mark.parametrize("by", ["route", "model", "deployment", "key"])
def test_sums_by_dimension(world: World, by: str) -> None:
    for _ in range(3):
        world.run(cost=2_000_000_000)
    world.run(project="other", cost=7_000_000_000)
    found = world.client().get(f"/costs.json?by={by}").json()
    assert [(row["calls"], row["cost"]) for row in found["rows"]] == [(3, 6_000_000_000)]
    assert found["total"]["cost"] == 6_000_000_000
    page = world.client().get(f"/costs?by={by}").text
    assert "$6.00" in page
    assert "other" not in page.split("<tbody>")[1]


def test_the_chart_has_a_point_for_every_hour_or_day(world: World) -> None:
    world.run(cost=1_500_000_000)
    day = world.client().get("/costs.json?since=24h").json()["series"]
    assert day["step"] == "hour"
    assert len(day["at"]) == 25
    assert {b - a for a, b in zip(day["at"], day["at"][1:], strict=False)} == {3600}
    month = world.client().get("/costs.json?since=30d").json()["series"]
    assert month["step"] == "day"
    assert sum(month["cost"]) == 1.5


def test_a_period_by_dates(world: World) -> None:
    today = clock.iso(clock.now_ns())[:10]
    world.run()
    assert world.client().get(f"/costs.json?since={today}").json()["total"]["calls"] == 1
    assert world.client().get("/costs.json?since=2020-01-01&until=2020-02-01").json()["total"]["calls"] == 0


@pytest.mark.parametrize("query", ["by=mood", "since=soon", "since=2026-01-02&until=2026-01-01", "since=1970-01-01"])
def test_a_wrong_question_is_explained(world: World, query: str) -> None:
    assert world.client().get(f"/costs.json?{query}").status_code == 400
