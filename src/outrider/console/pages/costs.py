"""Costs: what was spent in a period, by model, route, key and day, with latencies."""

from typing import Literal

import msgspec
from starlette.routing import Route

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.console.edge import Edge, View
from outrider.journal import read, where
from outrider.journal.read import UsageRow

DAY = 24 * clock.HOUR_NS
PERIODS = (("24h", "24 hours"), ("7d", "7 days"), ("30d", "30 days"), ("90d", "90 days"))
DIMENSIONS = ("route", "model", "deployment", "key")
LONGEST = 3700 * DAY

By = Literal["route", "model", "deployment", "key"]


class Series(msgspec.Struct):
    """The chart: `at` in seconds since the epoch, equally spaced; `cost` in dollars, latencies in seconds.

    A latency is null where nothing was called.
    """

    step: Literal["hour", "day"]
    at: list[int]
    cost: list[float]
    calls: list[int]
    errors: list[int]
    p50: list[float | None]
    p95: list[float | None]
    ttft_p50: list[float | None]


class Context(msgspec.Struct):
    """The costs page: totals, the series of the chart, and one table by `by`. Money in nano-dollars."""

    since: int
    until: int
    period: str
    by: str
    total: UsageRow
    series: Series
    rows: list[UsageRow]
    names: dict[str, str]
    days: list[UsageRow]
    periods: list[tuple[str, str]]
    dimensions: list[str]
    chart: str


def load(view: View) -> Context:
    project, now = view.session.project, clock.now_ns()
    period, until_text = view.query.get("since", "").strip() or "7d", view.query.get("until", "").strip()
    by = view.query.get("by", "route")
    if by not in DIMENSIONS:
        raise RequestError(f"give `by` as one of {', '.join(DIMENSIONS)}", code="invalid_parameter", param="by")
    until = where.moment("until", until_text) if until_text else now
    since = where.moment("since", period)
    if not 0 < until - since <= LONGEST:
        raise RequestError(
            "`since` must lie before `until`, by at most ten years", code="invalid_parameter", param="since"
        )
    step: Literal["hour", "day"] = "hour" if until - since <= 4 * DAY else "day"
    over_time = read.usage_report(view.store, step, since=since, until=until, project=project)
    rows = read.usage_report(view.store, msgspec.convert(by, By), since=since, until=until, project=project)
    whole = read.usage_report(view.store, "project", since=since, until=until, project=project)
    days = (
        over_time if step == "day" else read.usage_report(view.store, "day", since=since, until=until, project=project)
    )
    series = _series(over_time, step, since, until)
    return Context(
        since=since,
        until=until,
        period="" if until_text else period,
        by=by,
        total=whole[0] if whole else UsageRow(project, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        series=series,
        rows=rows,
        names={k.public: k.name for k in read.list_keys(view.store, project)} if by == "key" else {},
        days=list(reversed(days)),
        periods=list(PERIODS),
        dimensions=list(DIMENSIONS),
        chart=msgspec.json.encode(series).decode(),
    )


def _series(rows: list[UsageRow], step: Literal["hour", "day"], since: int, until: int) -> Series:
    """The rows on an even grid: an hour or day without a call is a point at zero."""
    width = DAY if step == "day" else clock.HOUR_NS
    by_at = {where.moment("label", row.label): row for row in rows}
    series = Series(step, [], [], [], [], [], [], [])
    for at in range(since - since % width, until, width):
        row = by_at.get(at)
        series.at.append(at // 1_000_000_000)
        series.cost.append(row.cost / 1e9 if row else 0.0)
        series.calls.append(row.calls if row else 0)
        series.errors.append(row.errors if row else 0)
        series.p50.append(row.p50 / 1e9 if row and row.p50 else None)
        series.p95.append(row.p95 / 1e9 if row and row.p95 else None)
        series.ttft_p50.append(row.ttft_p50 / 1e9 if row and row.ttft_p50 else None)
    return series


def routes(edge: Edge) -> list[Route]:
    return edge.page("/costs", load, "costs.html")
