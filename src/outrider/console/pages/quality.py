"""How good live traffic is: rules, what their evaluators say over time, what judges took today."""

import msgspec
from starlette.routing import Route

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.console.edge import Edge, View
from outrider.console.quality_charts import Chart, chart
from outrider.evals.online.desk import Line, OnlineDesk, RuleState, Status
from outrider.evals.online.rules import Rule
from outrider.evals.online.series import Bucket

SHOWN_NS, FIRST_NS = 14 * 24 * clock.HOUR_NS, 48 * clock.HOUR_NS
"""What a chart shows: days, or hours while there is nothing before those."""


class Shown(msgspec.Struct):
    """A series with its chart; `step` is what a point stands for."""

    line: Line
    step: Bucket
    chart: Chart


class Card(msgspec.Struct):
    """A rule with its series."""

    rule: RuleState
    series: list[Shown]


class Context(msgspec.Struct):
    """The quality page."""

    status: Status
    cards: list[Card]


def desk_of(view: View) -> OnlineDesk:
    if view.deps.online is None:
        raise RequestError("this process serves no scores of live traffic", status=503, code="not_served")
    return view.deps.online


def load(view: View) -> Context:
    desk = desk_of(view)
    status = desk.status(view.session.project)
    by_name = {rule.name: rule for rule in desk.rules(view.session.project)}
    return Context(status, [_card(desk, by_name[one.name], one) for one in status.rules])


def _card(desk: OnlineDesk, rule: Rule, state: RuleState) -> Card:
    now = clock.now_ns()
    found = []
    for line in state.lines:
        step: Bucket = "day"
        points = desk.series(rule, line.name, step, now - SHOWN_NS, now)
        if not any(one.scored for one in points if one.at < now - FIRST_NS):
            step, points = "hour", desk.series(rule, line.name, "hour", now - FIRST_NS, now)
        changes = [one for one in state.changes if one.evaluator == line.name]
        found.append(Shown(line, step, chart(points, changes, line.better)))
    return Card(state, found)


def routes(edge: Edge) -> list[Route]:
    return edge.page("/quality", load, "quality.html", part="quality_part.html")
