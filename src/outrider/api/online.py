"""`/api/evaluation/online`: scores of live traffic, over time, one by one; a round at once."""

from outrider.api import shapes_online as shapes
from outrider.api.edge import Ask, Endpoint, Param
from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.evals.online.desk import OnlineDesk
from outrider.evals.online.rules import Rule
from outrider.evals.online.series import WIDTH, Bucket
from outrider.journal import where

MOST = 200
USUAL_NS = 7 * 24 * clock.HOUR_NS
_RULE = Param("rule", "The rule.")
_EVALUATOR = Param("evaluator", "Which of the rule's; the first one, or the chain's `verdict`, if not given.")


def desk(ask: Ask) -> OnlineDesk:
    if ask.deps.online is None:
        raise RequestError("this process serves no scores of live traffic", status=503, code="not_served")
    return ask.deps.online


def _chosen(ask: Ask) -> tuple[OnlineDesk, Rule, str]:
    found = desk(ask)
    rule = found.rule(ask.who.project, ask.path["rule"])
    if not rule.names():
        raise RequestError(f"the rule {rule.name!r} has no evaluators: it only proposes cases", param="rule")
    evaluator = ask.query.get("evaluator") or rule.names()[0]
    found.check(rule, evaluator)
    return found, rule, evaluator


def status(ask: Ask) -> shapes.OnlineStatus:
    return shapes.status(desk(ask).status(ask.who.project))


def rule(ask: Ask) -> shapes.OnlineRule:
    found = desk(ask)
    return shapes.rule(found.state(found.rule(ask.who.project, ask.path["rule"])))


def series(ask: Ask) -> shapes.OnlineSeries:
    found, one, evaluator = _chosen(ask)
    step: Bucket = "hour" if ask.query.get("step") == "hour" else "day"
    if ask.query.get("step", "day") not in WIDTH:
        raise RequestError(f"give `step` as one of {', '.join(WIDTH)}", code="invalid_parameter", param="step")
    until = where.moment("until", ask.query["until"]) if ask.query.get("until") else clock.now_ns()
    since = where.moment("since", ask.query["since"]) if ask.query.get("since") else max(0, until - USUAL_NS)
    if since >= until:
        raise RequestError("`since` must lie before `until`", code="invalid_parameter", param="since")
    points = found.series(one, evaluator, step, since, until)
    changes = [each for each in found.book.changes(one.project, one.name) if each.evaluator == evaluator]
    return shapes.OnlineSeries(
        one.name, evaluator, step, found.overall(one, evaluator, since, until), [shapes.point(each) for each in points],
        [shapes.change(each) for each in changes if since <= each.since_at < until],
    )  # fmt: skip


def scores(ask: Ask) -> shapes.OnlineScores:
    found, one, evaluator = _chosen(ask)
    limit = where.whole("limit", ask.query["limit"], 1, MOST) if "limit" in ask.query else 50
    before = where.whole("before", ask.query["before"], 1, 2**62) if "before" in ask.query else 0
    try:
        below = float(ask.query["below"]) if ask.query.get("below") else None
    except ValueError:
        raise RequestError("`below` is a number, such as 0.5", code="invalid_parameter", param="below") from None
    rows = found.scores(one, evaluator, below=below, limit=limit, before=before)
    return shapes.OnlineScores([shapes.score(each) for each in rows], rows[-1].n if len(rows) == limit else None)


def now(ask: Ask) -> shapes.OnlineRound:
    found = desk(ask)
    if not found.rules(ask.who.project):
        raise RequestError("the project has no rules: `evaluation.online.rules` has them", code="no_rules")
    return shapes.OnlineRound(clock.iso(found.ask_for_round()))


ENDPOINTS = [
    Endpoint(
        "GET", "/api/evaluation/online", "Scores of live traffic: rules, today's budget, how it stands",
        shapes.OnlineStatus, read=status,
    ),
    Endpoint(
        "POST", "/api/evaluation/online/rounds", "Look at live traffic now", shapes.OnlineRound, read=now, status=202
    ),
    Endpoint(
        "GET", "/api/evaluation/online/{rule}", "One rule and how far it is", shapes.OnlineRule, read=rule,
        params=[_RULE],
    ),
    Endpoint(
        "GET", "/api/evaluation/online/{rule}/series", "What holds of all runs, by the hour or day, with intervals",
        shapes.OnlineSeries, read=series, params=[_RULE],
        query=[
            _EVALUATOR,
            Param("step", "A point for each; a day if not given.", {"type": "string", "enum": list(WIDTH)}),
            Param("since", "From then on: a span ago (`7d`, if not given), a date or RFC 3339."),
            Param("until", "Up to then; now if not given."),
        ],
    ),
    Endpoint(
        "GET", "/api/evaluation/online/{rule}/scores", "Scores one by one, the newest first", shapes.OnlineScores,
        read=scores, params=[_RULE],
        query=[
            _EVALUATOR,
            Param("below", "Only lower ones.", {"type": "number"}),
            Param("before", "The `next` of the page before.", {"type": "integer", "minimum": 1}),
            Param("limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": MOST}),
        ],
    ),
]  # fmt: skip
