"""Counters of tool calls, over all workers."""

from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest

from outrider.tools.metrics import MOST_SERIES, ToolMetrics


def text(metrics: ToolMetrics) -> str:
    registry = CollectorRegistry()
    registry.register(metrics)  # type: ignore[arg-type]
    return generate_latest(registry).decode()


def test_workers_are_added_up(tmp_path: Path) -> None:
    one, two = ToolMetrics(tmp_path, "1"), ToolMetrics(tmp_path, "2")
    one.observe("mail", "ok", 20_000_000)
    two.observe("mail", "ok", 40_000_000)
    two.observe("mail", "tool_timeout", 200_000_000_000)
    two.leave_snapshot()
    two.leave_snapshot()
    said = text(one)
    assert 'outrider_tool_calls_total{outcome="ok",tool="mail"} 2.0' in said
    assert 'outrider_tool_calls_total{outcome="tool_timeout",tool="mail"} 1.0' in said
    assert 'outrider_tool_seconds_bucket{le="0.025",outcome="ok",tool="mail"} 1.0' in said
    assert 'outrider_tool_seconds_sum{outcome="ok",tool="mail"} 0.06' in said


def test_names_that_somebody_makes_up_share_a_series(tmp_path: Path) -> None:
    metrics = ToolMetrics(tmp_path, "1")
    for n in range(MOST_SERIES + 50):
        metrics.observe(f"t{n}", "ok", 1)
    assert len(metrics.series) == MOST_SERIES + 1
    assert metrics.series["(other)", "(other)"].calls == 50
