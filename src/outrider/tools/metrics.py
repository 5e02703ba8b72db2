"""Counters of tool calls of one worker, and the Prometheus text of all of them: as the gateway's, beside its own."""

import os
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path

import msgspec
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
BOUNDS_NS = tuple(int(bound * 1e9) for bound in BOUNDS)
MOST_SERIES = 1_000
NAMES = ["tool", "outcome"]
Labels = tuple[str, str]


class Series(msgspec.Struct):
    """Calls of one tool with one outcome; `sum` is nanoseconds."""

    calls: int = 0
    seconds: list[int] = msgspec.field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    sum: int = 0


class ToolMetrics:
    """What one worker counted since it started; each leaves a snapshot in `shared` for the others."""

    def __init__(self, shared: Path, worker: str) -> None:
        self.series: dict[Labels, Series] = {}
        self._shared, self._file = shared, shared / f"{worker}.tools"
        self._changed = False

    def observe(self, tool: str, outcome: str, took: int) -> None:
        """Count a finished call; `outcome` is `ok` or a code, `took` nanoseconds."""
        labels = (tool, outcome)
        if labels not in self.series and len(self.series) >= MOST_SERIES:
            labels = ("(other)", "(other)")
        series = self.series.setdefault(labels, Series())
        series.calls += 1
        series.sum += took
        series.seconds[bisect_left(BOUNDS_NS, took)] += 1
        self._changed = True

    def leave_snapshot(self) -> None:
        """Write what was counted for the other workers, if it changed. Blocking."""
        if self._changed:
            self._changed = False
            aside = self._file.with_suffix(".new-tools")
            aside.write_bytes(msgspec.msgpack.encode(list(self.series.items())))
            os.replace(aside, self._file)

    def collect(self) -> Iterator[Metric]:
        """The sums over all workers, as Prometheus families."""
        merged = {labels: [series] for labels, series in self.series.items()}
        for path in self._shared.glob("*.tools"):
            if path != self._file:
                for labels, series in msgspec.msgpack.decode(path.read_bytes(), type=list[tuple[Labels, Series]]):
                    merged.setdefault(labels, []).append(series)
        calls = CounterMetricFamily("outrider_tool_calls", "Tool calls by tool and what became of them.", labels=NAMES)
        times = HistogramMetricFamily("outrider_tool_seconds", "Time from a tool call to its answer.", labels=NAMES)
        for labels, parts in merged.items():
            calls.add_metric(labels, sum(part.calls for part in parts))
            counts = [sum(column) for column in zip(*(part.seconds for part in parts), strict=True)]
            times.add_metric(labels, list(_cumulative(counts)), sum(part.sum for part in parts) / 1e9)
        yield calls
        yield times


def _cumulative(counts: list[int]) -> Iterator[tuple[str, float]]:
    total = 0
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
        total += count
        yield bound, total
