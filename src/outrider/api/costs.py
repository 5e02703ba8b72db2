"""`/api/costs`: calls, tokens, money and latencies of a period, by one dimension."""

from typing import Literal, cast

from outrider.api import shapes
from outrider.api.edge import Ask, Endpoint, Param
from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.journal import read, where

By = Literal["model", "route", "key", "deployment", "day", "hour"]
DIMENSIONS = ("model", "route", "key", "deployment", "day", "hour")
LONGEST_DAYS = 3700
_DAY = 24 * clock.HOUR_NS


def list_(ask: Ask) -> shapes.CostList:
    by = ask.query.get("by", "model")
    if by not in DIMENSIONS:
        raise RequestError(f"give `by` as one of {', '.join(DIMENSIONS)}", code="invalid_parameter", param="by")
    until = where.moment("until", ask.query["until"]) if ask.query.get("until") else clock.now_ns()
    since = where.moment("since", ask.query["since"]) if ask.query.get("since") else max(0, until - _DAY * 7)
    if not 0 <= until - since <= LONGEST_DAYS * _DAY:
        raise RequestError(
            f"`since` must lie before `until`, by at most {LONGEST_DAYS} days", code="invalid_parameter", param="since"
        )
    rows = read.usage_report(ask.store, cast(By, by), since=since, until=until, project=ask.who.project)
    return shapes.CostList(by, clock.iso(since), clock.iso(until), [shapes.cost(row) for row in rows])


ENDPOINTS = [
    Endpoint(
        "GET",
        "/api/costs",
        "Costs of a period, by one dimension",
        shapes.CostList,
        read=list_,
        query=[
            Param("by", "The dimension.", {"type": "string", "enum": list(DIMENSIONS), "default": "model"}),
            Param("since", "Start: a span ago, a date, or RFC 3339. Default: a week before `until`."),
            Param("until", "End, not included. Default: now."),
        ],
    )
]
