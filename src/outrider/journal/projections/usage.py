"""Sums for the costs page per hour and day, by project, route, model, deployment and key, with latency histograms."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from outrider.base.clock import HOUR_NS
from outrider.base.usage import Usage
from outrider.journal import sketch
from outrider.journal.batch import Batch, Part
from outrider.journal.events import RunRecorded
from outrider.journal.names import Names, clean
from outrider.store import Tx

tables = ("usage",)

_NO_USAGE = Usage()
_KEY = ("span", "starts", "project", "route", "model", "deployment", "key")
_SUMS = ("calls", "errors", "cached", "input", "output", "cost")
_DIMENSIONS = ("route", "model", "deployment", "key")

Key = tuple[int, int, int, int, int, int, int]
"""Span, its start in hours since the epoch, numbers of project, route, model, deployment, key (0: none)."""

Named = tuple[int, str, str, str, str, str]
"""Hour, and the names themselves."""


class _Sum(msgspec.Struct):
    calls: int = 0
    errors: int = 0
    cached: int = 0
    input: int = 0
    output: int = 0
    cost: int = 0
    latency: dict[int, int] = msgspec.field(default_factory=Counter)
    ttft: dict[int, int] = msgspec.field(default_factory=Counter)

    def add(self, other: "_Sum") -> None:
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        sketch.add(self.latency, other.latency)
        sketch.add(self.ttft, other.ttft)


def apply(tx: Tx, batch: Batch) -> None:
    sums: dict[Named, _Sum] = {}
    for _, run in batch.runs:
        hour = run.at // HOUR_NS
        if hour > batch.floor_hour:
            key = (hour, run.project, run.route, run.model, run.deployment, run.key)
            found = sums.get(key)
            if found is None:
                found = sums[key] = _Sum()
            _add_run(found, run)
    for part in batch.parts:
        hour = part.event.at // HOUR_NS
        if hour > batch.floor_hour:
            _add_part(sums, hour, part)
    numbered: dict[Key, _Sum] = {}
    for (hour, project, *values), total in sums.items():
        names = _numbers(tx, batch.names, project, values)
        for span in (1, 24):
            starts = hour // span * span
            numbered.setdefault((span, starts, *names), _Sum()).add(total)
    _store(tx, numbered)


def reset(tx: Tx, floor_hour: int) -> None:
    tx.execute("DELETE FROM usage WHERE span = 24 OR starts > ?", (floor_hour,))
    kept = tx.query(f"SELECT {', '.join(_KEY + _SUMS)}, latency, ttft FROM usage")
    days: dict[Key, _Sum] = {}
    for _, starts, project, route, model, deployment, key, *sums, latency, ttft in kept:
        day = (24, starts // 24 * 24, project, route, model, deployment, key)
        days.setdefault(day, _Sum()).add(
            _Sum(sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sketch.unpack(latency), sketch.unpack(ttft))
        )
    _store(tx, days)


def _add_run(total: _Sum, run: RunRecorded) -> None:
    usage = run.usage or _NO_USAGE
    total.calls += 1
    total.errors += run.status == "error"
    total.cached += run.cache == "hit"
    total.input += usage.input
    total.output += usage.output
    total.cost += run.cost
    if run.duration > 0:
        total.latency[sketch.class_of(run.duration)] += 1
    if run.ttft > 0:
        total.ttft[sketch.class_of(run.ttft)] += 1


def _add_part(sums: dict[Named, _Sum], hour: int, part: Part) -> None:
    """Tokens and cost of steps that stand outside a run's record; they are no calls of their own."""
    for step in part.fresh:
        if step.usage is None and not step.cost:
            continue
        model, deployment = (str(step.attrs.get(name) or "") for name in ("model", "deployment"))
        total = sums.setdefault((hour, part.event.project, "", model, deployment, ""), _Sum())
        usage = step.usage or _NO_USAGE
        total.input += usage.input
        total.output += usage.output
        total.cost += step.cost


def _numbers(tx: Tx, names: Names, project: str, values: Iterable[str]) -> tuple[int, int, int, int, int]:
    number = names.project(tx, clean(project))
    route, model, deployment, key = (
        names.number(tx, number, field, clean(value)) if value else 0
        for field, value in zip(_DIMENSIONS, values, strict=True)
    )
    return number, route, model, deployment, key


def _store(tx: Tx, sums: dict[Key, _Sum]) -> None:
    """Add sums to those that are stored."""
    where = " AND ".join(f"{name} = ?" for name in _KEY)
    for key, total in sums.items():
        for latency, ttft in tx.query(f"SELECT latency, ttft FROM usage WHERE {where}", key):
            sketch.add(total.latency, sketch.unpack(latency))
            sketch.add(total.ttft, sketch.unpack(ttft))
    columns = ", ".join((*_KEY, *_SUMS, "latency", "ttft"))
    grow = ", ".join(f"{name} = usage.{name} + excluded.{name}" for name in _SUMS)
    tx.executemany(
        f"INSERT INTO usage ({columns}) VALUES ({', '.join('?' * 15)}) ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET"
        f" {grow}, latency = excluded.latency, ttft = excluded.ttft",
        [
            (*key, *(getattr(t, name) for name in _SUMS), sketch.pack(t.latency), sketch.pack(t.ttft))
            for key, t in sums.items()
        ],
    )
