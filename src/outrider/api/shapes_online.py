"""The public shapes of scores of live traffic. Amounts are nano-dollars, times RFC 3339 text in UTC (null: never)."""

import msgspec

from outrider.base import clock
from outrider.calibrate.intervals import Interval
from outrider.evals.online.book import Changed, Scored
from outrider.evals.online.desk import Counts, RuleState, State, Status
from outrider.evals.online.rules import Asked
from outrider.evals.online.series import Bucket, Point


class OnlineChange(msgspec.Struct):
    """A series went `down` (or up) from `usual` to `mean` with a run that began at `since`; it was certain at
    `found`. Of a `measure` both are medians, in its `unit`."""

    evaluator: str
    since: str
    found: str
    down: bool
    usual: float
    mean: float
    measure: bool
    unit: str


class OnlineEvaluator(msgspec.Struct):
    """A series of a rule. `about` says of which runs it speaks, `note` what is to be said of a judge that does not meet
    its bar; `lately` is of all runs of the last 24 hours (null: nothing was said)."""

    name: str
    kind: str
    judge: bool
    better: str
    unit: str
    about: str
    note: str
    lately: Interval | None


class OnlineRule(msgspec.Struct):
    """A rule and how far it is. `drawn` says how much it draws."""

    name: str
    kind: str
    drawn: str
    counts: Counts
    evaluators: list[OnlineEvaluator]
    changes: list[OnlineChange]


class OnlineStatus(msgspec.Struct):
    """`off` without rules, `waiting` where nobody works on it, else `working`. `today` (UTC): `calls` of judges and
    their `cost` beside the limits (0: none)."""

    state: State
    last_round: str | None
    fault: str
    calls: int
    most_calls: int
    cost_nano_usd: int
    most_nano_usd: int
    rules: list[OnlineRule]


class OnlinePoint(msgspec.Struct):
    """The hour or day from `at` on: `seen` runs were there, of `scored` the evaluator said something, of `silent`
    nothing. `estimate`, between `low` and `high`, is of all of them; null: nothing was said."""

    at: str
    seen: int
    scored: int
    silent: int
    estimate: float | None
    low: float | None
    high: float | None


class OnlineSeries(msgspec.Struct):
    """A series over time, the oldest first. `overall` is of the whole time."""

    rule: str
    evaluator: str
    step: Bucket
    overall: Interval | None
    points: list[OnlinePoint]
    changes: list[OnlineChange]


class OnlineScore(msgspec.Struct):
    """What an evaluator said of a run; null: nothing. `weight` is for how many runs it stands, `asked` why it was
    asked."""

    run: str
    at: str
    value: float | None
    label: str
    reason: str
    weight: float
    asked: Asked
    cost_nano_usd: int


class OnlineScores(msgspec.Struct):
    """The newest first; `next` is the `before` of the next page."""

    scores: list[OnlineScore]
    next: int | None


class OnlineRound(msgspec.Struct):
    """A round was asked for; it is over when the status says a `last_round` after this."""

    asked: str


def _at(ns: int) -> str:
    return clock.iso(ns)


def change(one: Changed) -> OnlineChange:
    return OnlineChange(
        one.evaluator, _at(one.since_at), _at(one.found), one.down, one.usual, one.mean, one.measure, one.unit
    )


def rule(one: RuleState) -> OnlineRule:
    lines = [OnlineEvaluator(**msgspec.structs.asdict(line)) for line in one.lines]
    return OnlineRule(one.name, one.kind, one.drawn, one.counts, lines, [change(each) for each in one.changes])


def status(one: Status) -> OnlineStatus:
    return OnlineStatus(
        one.state, _at(one.done) if one.done else None, one.fault, one.spent.calls, one.calls, one.spent.cost,
        one.money, [rule(each) for each in one.rules],
    )  # fmt: skip


def point(one: Point) -> OnlinePoint:
    return OnlinePoint(_at(one.at), one.seen, one.scored, one.silent, one.estimate, one.low, one.high)


def score(one: Scored) -> OnlineScore:
    return OnlineScore(
        one.run, _at(one.at), one.value, one.label, one.reason, one.weight, one.asked, one.cost
    )  # fmt: skip
