"""The costs page's query: sums and quantiles from the roll-ups, never from runs."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from outrider.base.clock import HOUR_NS, iso
from outrider.journal import sketch
from outrider.journal.names import clean
from outrider.journal.projections.usage import ALL, APART, DAY, HOUR
from outrider.journal.rows import UsageRow
from outrider.store import Store
from outrider.store.ports import Row

By = Literal["model", "route", "key", "deployment", "project", "day", "hour"]

_HOURS = 24


class _Total(msgspec.Struct):
    calls: int = 0
    errors: int = 0
    cached: int = 0
    input: int = 0
    output: int = 0
    cost: int = 0
    latency: dict[int, int] = {}
    ttft: dict[int, int] = {}


def usage_report(
    store: Store, by: By, *, since: int, until: int, project: str = "", apart: bool = False
) -> list[UsageRow]:
    """Calls, tokens, cost and latencies in [since, until), widened to whole hours; highest cost first, or by time.

    `since` and `until` are nanoseconds since the epoch. Whole days are read from daily sums, the rest from hourly ones.
    `apart`: what replays and experiments called, which production's sums leave out.
    """
    first, end = since // HOUR_NS, -(-until // HOUR_NS)
    totals: dict[str | int, _Total] = {}
    whole = [(APART if apart else ALL, first, end)]
    for span, low, high in whole if apart or by in ("day", "hour") else spans(first, end):
        for label, *sums, latency, ttft in _read(store, by, span, low, high, project):
            place = label // _HOURS * _HOURS if by == "day" else label
            total = totals.setdefault(place, _Total())
            for name, value in zip(("calls", "errors", "cached", "input", "output", "cost"), sums, strict=True):
                setattr(total, name, getattr(total, name) + value)
            sketch.add(total.latency, sketch.unpack(latency))
            sketch.add(total.ttft, sketch.unpack(ttft))
    if by in ("day", "hour"):
        return [_row(_time_label(by, int(place)), totals[place]) for place in sorted(totals, key=int)]
    rows = [_row(str(place), total) for place, total in totals.items()]
    return sorted(rows, key=lambda r: (-r.cost, -r.calls, r.label))


def spans(first: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(span, first, end) that cover the hours [first, end): whole days where they fit."""
    if end <= first:
        return
    day_first, day_end = -(-first // _HOURS) * _HOURS, end // _HOURS * _HOURS
    if day_end <= day_first:
        yield HOUR, first, end
        return
    if first < day_first:
        yield HOUR, first, day_first
    yield DAY, day_first, day_end
    if day_end < end:
        yield HOUR, day_end, end


def _read(store: Store, by: By, span: int, first: int, end: int, project: str) -> list[Row]:
    label = "u.starts" if by in ("day", "hour") else "coalesce(n.value, '')"
    join = "" if by in ("day", "hour") else f" LEFT JOIN names n ON n.id = u.{by}"
    sql = (
        f"SELECT {label}, calls, errors, cached, input, output, cost, latency, ttft FROM usage u{join}"
        " WHERE u.span = ? AND u.starts >= ? AND u.starts < ?"
    )
    params: list[int | str] = [span, first, end]
    if project:
        sql += " AND u.project = (SELECT id FROM names WHERE project = 0 AND field = 'project' AND value = ?)"
        params.append(clean(project))
    return store.query(sql, params)


def _row(label: str, t: _Total) -> UsageRow:
    quantiles = (sketch.quantile(s, q) for s in (t.latency, t.ttft) for q in (0.5, 0.95))
    return UsageRow(label, t.calls, t.errors, t.cached, t.input, t.output, t.cost, *quantiles)


def _time_label(by: By, hour: int) -> str:
    text = iso(hour * HOUR_NS)
    return text[:10] if by == "day" else f"{text[:16]}Z"
