"""Counters of one worker, and the Prometheus text of all of them.

The request path adds to plain dictionaries; Prometheus objects exist only while `/metrics` is answered. Each worker
leaves a snapshot in a shared folder once a second when something changed, so that any worker answers for all.
"""

import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from outrider.base import money
from outrider.gateway.call import Call

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
OVERHEAD_BOUNDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5)


MOST_SERIES = 300
BOUNDS_NS = tuple(int(bound * 1e9) for bound in BOUNDS)
OVERHEAD_BOUNDS_NS = tuple(int(bound * 1e9) for bound in OVERHEAD_BOUNDS)


class Series(msgspec.Struct):
    """Sums of one (route, deployment, status); sums of time are nanoseconds."""

    calls: int = 0
    cached: int = 0
    input: int = 0
    output: int = 0
    cost: int = 0
    attempts: int = 0
    seconds: list[int] = msgspec.field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds_sum: int = 0
    first: list[int] = msgspec.field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    first_sum: int = 0
    overhead: list[int] = msgspec.field(default_factory=lambda: [0] * (len(OVERHEAD_BOUNDS) + 1))
    overhead_sum: int = 0


Labels = tuple[str, str, str]
Decisions = dict[tuple[str, str], int]
Findings = dict[tuple[str, str, str], int]
Snapshot = tuple[
    int,
    dict[str, int],
    list[tuple[Labels, Series]],
    list[tuple[tuple[str, str], int]],
    list[tuple[tuple[str, str, str], int]],
]


class Collector(Protocol):
    """Counters of another part of the worker."""

    def leave_snapshot(self) -> None: ...
    def collect(self) -> Iterator[Metric]: ...


class Metrics:
    """What one worker counted since it started. `beside` are counters of other parts, shown with these."""

    def __init__(self, shared: Path, worker: str) -> None:
        self.series: dict[Labels, Series] = {}
        self.lost = 0
        self.refusals: dict[str, int] = {}
        self.decisions: Decisions = {}
        self.findings: Findings = {}
        self._file = shared / f"{worker}.metrics"
        self._shared = shared
        self._changed = False
        self.beside: list[Collector] = []

    def observe(self, call: Call) -> None:
        """Count a finished call."""
        labels = (
            call.route.name if call.route is not None else "",
            call.deployment.name if call.deployment is not None else "",
            call.status if not call.error else call.error,
        )
        series = self.series.get(labels)
        if series is None:
            series = self._new_series(labels)
        taken = call.since()
        overhead = max(0, taken - call.waited)
        series.calls += 1
        series.attempts += len(call.steps)
        series.cost += call.cost
        if call.cache == "hit":
            series.cached += 1
        elif call.usage is not None:
            series.input += call.usage.input
            series.output += call.usage.output
        series.seconds[bisect_left(BOUNDS_NS, taken)] += 1
        series.seconds_sum += taken
        series.overhead[bisect_left(OVERHEAD_BOUNDS_NS, overhead)] += 1
        series.overhead_sum += overhead
        if call.ttft:
            series.first[bisect_left(BOUNDS_NS, call.ttft)] += 1
            series.first_sum += call.ttft
        if call.control is not None:
            for one in call.control.counted:
                self.decisions[one] = self.decisions.get(one, 0) + 1
        if call.guarded is not None:
            for found in call.guarded.counted:
                self.findings[found] = self.findings.get(found, 0) + 1
        self._changed = True

    def _new_series(self, labels: Labels) -> Series:
        """Callers can make up names (`provider/anything`): beyond MOST_SERIES all further ones share one."""
        if len(self.series) >= MOST_SERIES:
            labels = ("(other)", "(other)", labels[2])
        return self.series.setdefault(labels, Series())

    def unrecorded(self, why: Exception) -> None:
        """An answer that could not be recorded (and was therefore not given, unless it had begun)."""
        self.lost += 1
        self._changed = True

    def unrecorded_refusal(self, code: str) -> None:
        """A refused request without a run: nobody claims it and it is one too many, or the journal is full."""
        self.refusals[code] = self.refusals.get(code, 0) + 1
        self._changed = True

    def leave_snapshot(self) -> None:
        """Write what was counted for the other workers to read, if it changed. Blocking; milliseconds."""
        for other in self.beside:
            other.leave_snapshot()
        if self._changed:
            self._changed = False
            aside = self._file.with_suffix(".new")
            kept = (list(self.series.items()), list(self.decisions.items()), list(self.findings.items()))
            aside.write_bytes(msgspec.msgpack.encode((self.lost, self.refusals, *kept)))
            os.replace(aside, self._file)

    def collect(self) -> Iterator[Metric]:
        """The sums over all workers, as Prometheus families (a collector of `prometheus_client`)."""
        merged = {labels: [series] for labels, series in self.series.items()}
        lost, refusals, decisions = self.lost, Counter(self.refusals), Counter(self.decisions)
        findings = Counter(self.findings)
        for path in self._shared.glob("*.metrics"):
            if path != self._file:
                said = msgspec.msgpack.decode(path.read_bytes(), type=Snapshot)
                other_lost, other_refusals, items, decided, met = said
                lost += other_lost
                refusals.update(other_refusals)
                decisions.update(dict(decided))
                findings.update(dict(met))
                for labels, series in items:
                    merged.setdefault(labels, []).append(series)
        yield from _counters(merged)
        yield from _histograms(merged)
        gauge = GaugeMetricFamily(
            "outrider_unrecorded", "Answers refused because the journal could not take their record."
        )
        gauge.add_metric([], lost)
        yield gauge
        unrecorded = CounterMetricFamily(
            "outrider_unrecorded_refusals",
            "Refused requests without a run: of nobody known and one too many, or the journal could not take it.",
            labels=["reason"],
        )
        for code, count in refusals.items():
            unrecorded.add_metric([code], count)
        yield unrecorded
        judged = CounterMetricFamily(
            "outrider_policy_decisions",
            "Tool calls that models proposed, by what the rules say and whether that is enforced.",
            labels=["verdict", "mode"],
        )
        for labels_, count in decisions.items():
            judged.add_metric(list(labels_), count)
        yield judged
        met_at = CounterMetricFamily(
            "outrider_guardrail_findings",
            "What guardrails found in what models were given and said, and what was done with it.",
            labels=["guardrail", "kind", "act"],
        )
        for found, count in findings.items():
            met_at.add_metric(list(found), count)
        yield met_at
        for other in self.beside:
            yield from other.collect()


NAMES = ["route", "deployment", "status"]
Merged = dict[Labels, list[Series]]


def _counters(merged: Merged) -> Iterator[Metric]:
    for name, text, value in (
        ("outrider_requests", "Requests by route, deployment that answered and status.", lambda s: s.calls),
        ("outrider_attempts", "Attempts at deployments, retries and fallbacks included.", lambda s: s.attempts),
        ("outrider_cache_hits", "Requests answered from the response cache.", lambda s: s.cached),
        ("outrider_input_tokens", "Tokens sent to models.", lambda s: s.input),
        ("outrider_output_tokens", "Tokens received from models.", lambda s: s.output),
        ("outrider_cost_dollars", "Money spent on models, in US dollars.", lambda s: float(money.usd(s.cost))),
    ):
        family = CounterMetricFamily(name, text, labels=NAMES)
        for labels, parts in merged.items():
            family.add_metric(labels, sum(value(part) for part in parts))
        yield family


def _histograms(merged: Merged) -> Iterator[Metric]:
    for name, text, bounds, field in (
        ("outrider_request_seconds", "Time from request to complete answer.", BOUNDS, "seconds"),
        ("outrider_first_token_seconds", "Time to the first byte of a streamed answer.", BOUNDS, "first"),
        ("outrider_overhead_seconds", "Time spent in Outrider itself.", OVERHEAD_BOUNDS, "overhead"),
    ):
        family = HistogramMetricFamily(name, text, labels=NAMES)
        for labels, parts in merged.items():
            counts = [sum(column) for column in zip(*(getattr(part, field) for part in parts), strict=True)]
            family.add_metric(
                labels, list(_cumulative(bounds, counts)), sum(getattr(p, f"{field}_sum") for p in parts) / 1e9
            )
        yield family


def _cumulative(bounds: Iterable[float], counts: list[int]) -> Iterator[tuple[str, float]]:
    total = 0
    for bound, count in zip((*map(str, bounds), "+Inf"), counts, strict=True):
        total += count
        yield bound, total
