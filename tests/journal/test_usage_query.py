"""Sums and quantiles of the costs page."""

import random
from collections.abc import Callable

import pytest

from outrider.base import ids
from outrider.base.usage import Usage
from outrider.journal.events import RunRecorded, Step, StepsRecorded
from outrider.journal.projections import rebuild
from outrider.journal.usage_query import spans, usage_report

from .conftest import Bench

Make = Callable[..., RunRecorded]
HOUR = 3_600_000_000_000
DAY = 24 * HOUR
T = 20_000 * DAY


def test_sums_by_each_dimension(bench: Bench, run: Make) -> None:
    bench.put(
        run(at=T, model="a", cost=5, status="error", duration=0, ttft=0),
        run(at=T + HOUR, model="b", cost=7, cache="hit", usage=None),
        run(at=T + 30 * HOUR, model="a", cost=11, project="q", route="r", key="k2", deployment="d"),
    )

    def report(by: str, **more: object) -> list[tuple[object, ...]]:
        rows = usage_report(bench.store, by, **({"since": T, "until": T + 2 * DAY} | more))  # type: ignore[arg-type]
        return [(r.label, r.calls, r.errors, r.cached, r.input, r.cost) for r in rows]

    assert report("model") == [("a", 2, 1, 0, 200, 16), ("b", 1, 0, 1, 0, 7)]
    assert report("model", project="q") == [("a", 1, 0, 0, 100, 11)]
    assert report("model", project="nobody") == []
    assert [r[0] for r in report("project")] == ["default", "q"]
    assert [r[0] for r in report("route")] == ["small", "r"]
    assert [r[0] for r in report("key")] == ["k1", "k2"]
    assert [r[0] for r in report("deployment")] == ["openai/small", "d"]
    assert [(r[0], r[5]) for r in report("day")] == [("2024-10-04", 12), ("2024-10-05", 11)]
    assert [r[0] for r in report("hour")] == ["2024-10-04T00:00Z", "2024-10-04T01:00Z", "2024-10-05T06:00Z"]
    assert report("model", until=T + 1) == [("a", 1, 1, 0, 100, 5)]
    assert report("model", since=T + HOUR, until=T + HOUR) == []


def test_replays_and_experiments_stand_apart(bench: Bench, run: Make) -> None:
    bench.put(
        run(at=T, model="a", cost=5),
        run(at=T, model="a", cost=70, tags=["replay:rp_1"]),
        run(at=T + 30 * HOUR, model="b", cost=900, tags=["team", "eval:exp_1"]),
    )
    when = {"since": T, "until": T + 2 * DAY}

    def report(by: str, apart: bool) -> list[tuple[object, ...]]:
        rows = usage_report(bench.store, by, apart=apart, **when)  # type: ignore[arg-type]
        return [(row.label, row.calls, row.cost) for row in rows]

    for _ in range(2):
        assert report("model", False) == [("a", 1, 5)]
        assert report("model", True) == [("b", 1, 900), ("a", 1, 70)]
        assert report("day", False) == [("2024-10-04", 1, 5)]
        assert report("day", True) == [("2024-10-04", 1, 70), ("2024-10-05", 1, 900)]
        rebuild(bench.store)


def test_quantiles_are_within_two_percent(bench: Bench, run: Make) -> None:
    rng = random.Random(1)
    values = sorted(int(rng.lognormvariate(20, 1.5)) for _ in range(400))
    bench.put(*(run(at=T + (i % 40) * HOUR, duration=v, ttft=v // 3) for i, v in enumerate(values)))
    row = usage_report(bench.store, "model", since=T, until=T + 3 * DAY)[0]
    assert row.p50 == pytest.approx(values[199], rel=0.02)
    assert row.p95 == pytest.approx(values[379], rel=0.02)
    assert row.ttft_p50 == pytest.approx(values[199] / 3, rel=0.021)


def test_steps_outside_a_run_cost_but_are_no_calls(bench: Bench) -> None:
    steps = [Step(1, "model", "m", usage=Usage(9, 1), cost=4, attrs={"model": "m"}), Step(2, "tool", "t")]
    bench.put(StepsRecorded(ids.new_id(), "p", T, steps))
    rows = usage_report(bench.store, "model", since=T, until=T + 1)
    assert [(r.label, r.calls, r.input, r.cost, r.p50) for r in rows] == [("m", 0, 9, 4, 0)]


@pytest.mark.parametrize(
    ("first", "end", "expected"),
    [
        (5, 5, []),
        (5, 20, [(1, 5, 20)]),
        (5, 48, [(1, 5, 24), (24, 24, 48)]),
        (24, 48, [(24, 24, 48)]),
        (5, 100, [(1, 5, 24), (24, 24, 96), (1, 96, 100)]),
    ],
)
def test_a_period_is_days_where_they_fit(first: int, end: int, expected: list[object]) -> None:
    assert list(spans(first, end)) == expected
