"""One rule of live traffic: a series over time, when it changed, and the lowest of its scores with their runs."""

from urllib.parse import urlencode

import msgspec
from starlette.routing import Route

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.console.edge import Edge, View
from outrider.console.pages.quality import desk_of
from outrider.console.quality_charts import Chart, chart
from outrider.evals.online.book import Changed, Scored
from outrider.evals.online.desk import Line, RuleState
from outrider.evals.online.series import Bucket, Point
from outrider.journal import where

PERIODS: tuple[tuple[str, str, Bucket], ...] = (
    ("24h", "24 hours", "hour"),
    ("7d", "7 days", "day"),
    ("30d", "30 days", "day"),
    ("90d", "90 days", "day"),
)
PAGE = 25


class Link(msgspec.Struct):
    """A choice, and whether it is the present one."""

    title: str
    href: str
    now: bool


class Context(msgspec.Struct):
    """The page of a rule. `line` is the series that is shown (None: the rule has no evaluators), `scores` its newest
    low ones (all, for a measure); `more` leads to older ones."""

    rule: RuleState
    line: Line | None
    evaluators: list[Link]
    periods: list[Link]
    step: Bucket
    chart: Chart | None
    points: list[Point]
    changes: list[Changed]
    scores: list[Scored]
    below: float | None
    more: str


def load(view: View) -> Context:
    desk = desk_of(view)
    rule = desk.rule(view.session.project, view.path["rule"])
    state = desk.state(rule)
    if not state.lines:
        return Context(state, None, [], [], "day", None, [], [], [], None, "")
    name = view.query.get("evaluator") or state.lines[0].name
    desk.check(rule, name)
    period = view.query.get("since") or "7d"
    step = next((bucket for value, _, bucket in PERIODS if value == period), None)
    if step is None:
        known = ", ".join(value for value, _, _ in PERIODS)
        raise RequestError(f"give `since` as one of {known}", code="invalid_parameter", param="since")
    now = clock.now_ns()
    points = desk.series(rule, name, step, where.moment("since", period), now)
    line = next(one for one in state.lines if one.name == name)
    changes = [one for one in desk.book.changes(rule.project, rule.name) if one.evaluator == name]
    below = rule.propose_below if line.better == "higher" else None
    before = where.whole("before", view.query["before"], 1, 2**62) if view.query.get("before") else 0
    scores = desk.scores(rule, name, below=below, limit=PAGE, before=before)
    here = f"/quality/{rule.name}?"
    return Context(
        state, line,
        [Link(one.name, here + urlencode({"evaluator": one.name, "since": period}), one.name == name)
         for one in state.lines],
        [Link(title, here + urlencode({"evaluator": name, "since": value}), value == period)
         for value, title, _ in PERIODS],
        step, chart(points, changes, line.better), points, changes, scores, below,
        here + urlencode({"evaluator": name, "since": period, "before": scores[-1].n}) if len(scores) == PAGE else "",
    )  # fmt: skip


def routes(edge: Edge) -> list[Route]:
    return edge.page("/quality/{rule}", load, "quality_rule.html")
