"""What a worker counts, and that any worker tells the sum."""

import os
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from outrider.base.errors import JournalFull
from outrider.base.usage import Usage
from outrider.gateway.call import Call
from outrider.gateway.metrics import MOST_SERIES, Metrics
from outrider.journal.events import Step
from outrider.testing import ScriptedProvider
from tests.gateway.calls import call, deployment, route


def text(metrics: Metrics) -> dict[str, float]:
    """Samples of the Prometheus text, by name with labels."""
    registry = CollectorRegistry()
    registry.register(metrics)
    lines = generate_latest(registry).decode().splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def done(cost: int = 0, error: str = "", cache: str = "", steps: int = 1) -> Call:
    made = call("x", route(deployment("a", ScriptedProvider())))
    assert made.route is not None
    made.deployment = made.route.deployments[0]
    made.cost, made.error, made.cache, made.usage = cost, error, cache, Usage(10, 5)
    made.steps = [Step(id=i + 1, kind="model", name="a/m") for i in range(steps)]
    return made


OK = '{deployment="a/m",route="r",status="ok"}'


async def test_calls_tokens_and_money_add_up(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path, "1")
    metrics.observe(done(cost=1_500_000_000))
    metrics.observe(done(cost=500_000_000, steps=3))
    got = text(metrics)
    assert got[f"outrider_requests_total{OK}"] == 2
    assert got[f"outrider_attempts_total{OK}"] == 4
    assert got[f"outrider_input_tokens_total{OK}"] == 20
    assert got[f"outrider_output_tokens_total{OK}"] == 10
    assert got[f"outrider_cost_dollars_total{OK}"] == 2.0


async def test_an_error_is_counted_under_its_code(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path, "1")
    metrics.observe(done(error="upstream_timeout"))
    assert text(metrics)[f"outrider_requests_total{OK.replace('ok', 'upstream_timeout')}"] == 1


async def test_an_answer_from_the_cache_used_no_tokens(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path, "1")
    metrics.observe(done(cache="hit"))
    got = text(metrics)
    assert got[f"outrider_cache_hits_total{OK}"] == 1
    assert got[f"outrider_input_tokens_total{OK}"] == 0


async def test_a_request_that_was_refused_before_any_route_counts_too(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path, "1")
    made = call("x")
    made.error = "invalid_api_key"
    metrics.observe(made)
    assert text(metrics)['outrider_requests_total{deployment="",route="",status="invalid_api_key"}'] == 1


async def test_histograms_are_cumulative_and_complete(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path, "1")
    for _ in range(5):
        metrics.observe(done())
    got = text(metrics)
    for name in ("outrider_request_seconds", "outrider_overhead_seconds"):
        buckets = [v for k, v in got.items() if k.startswith(f"{name}_bucket")]
        assert buckets == sorted(buckets)
        assert buckets[-1] == got[f"{name}_count{OK}"] == 5
        assert got[f"{name}_sum{OK}"] > 0


async def test_any_worker_tells_the_sum_of_all(tmp_path: Path) -> None:
    one, other = Metrics(tmp_path, "1"), Metrics(tmp_path, "2")
    for metrics in (one, other, other):
        metrics.observe(done())
    other.observe(done(error="x"))
    other.unrecorded(JournalFull("full"))
    one.unrecorded_refusal("x")
    other.unrecorded_refusal("x")
    for metrics in (one, other):
        metrics.leave_snapshot()
    assert text(one) == text(other)
    assert text(one)[f"outrider_requests_total{OK}"] == 3
    assert text(one)["outrider_unrecorded"] == 1
    assert text(one)['outrider_unrecorded_refusals_total{reason="x"}'] == 2


async def test_a_snapshot_is_only_written_after_a_change(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path, "1")
    metrics.leave_snapshot()
    assert os.listdir(tmp_path) == []
    metrics.observe(done())
    metrics.leave_snapshot()
    (file,) = os.listdir(tmp_path)
    os.remove(tmp_path / file)
    metrics.leave_snapshot()
    assert os.listdir(tmp_path) == []


async def test_names_that_callers_make_up_do_not_grow_without_end(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path, "1")
    for number in range(MOST_SERIES + 50):
        made = done()
        made.route = msgspec.structs.replace(route(deployment("a", ScriptedProvider())), name=f"made-up-{number}")
        metrics.observe(made)
    assert len(metrics.series) <= MOST_SERIES + 1
    assert text(metrics)['outrider_requests_total{deployment="(other)",route="(other)",status="ok"}'] == 50
