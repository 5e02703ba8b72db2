"""What pages and programs see of scores of live traffic. Blocking."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.calibrate.intervals import Interval
from outrider.evals.evaluators import Evaluator
from outrider.evals.experiments import Experiments
from outrider.evals.judging.labels import Labels
from outrider.evals.judging.measure import standing
from outrider.evals.judging.pairs import gather
from outrider.evals.online import series
from outrider.evals.online.book import DAY_NS, Book, Changed, Scored, Spent
from outrider.evals.online.rules import VERDICT, Rule
from outrider.evals.online.series import MOST_POINTS, WIDTH, Bucket, Point
from outrider.store import Store

Configured = tuple[list[Rule], int, int]
"""Rules, and a day's nano-dollars and calls (0: no limit)."""
State = Literal["off", "waiting", "working"]
FRESH_SECONDS = 60.0
LATELY_NS = DAY_NS


class Counts(msgspec.Struct, frozen=True):
    """Of a rule: runs that it kept in the last 24 hours (`seen`), drawn ones that wait, are done or failed, and why the
    last one of those waits or failed."""

    seen: int = 0
    waiting: int = 0
    done: int = 0
    failed: int = 0
    why: str = ""


class Line(msgspec.Struct):
    """A series: who says it (`judge`: a model), what of, how it stands over the last 24 hours, and what is to be said
    of the judge (empty: it meets its bar, or it is none)."""

    name: str
    kind: str
    judge: bool
    better: str
    unit: str
    about: str
    note: str
    lately: Interval | None


class RuleState(msgspec.Struct):
    """A rule and how far it is. `drawn` says how much, in words."""

    name: str
    kind: str
    drawn: str
    counts: Counts
    lines: list[Line]
    changes: list[Changed]


class Status(msgspec.Struct):
    """How it stands: `off` without rules, `waiting` where nobody works on it, else `working`. `done`: when the last
    round ended (ns; 0: never). `spent` is today's (UTC), `money` (nano-dollars) and `calls` the limits (0: none)."""

    state: State
    done: int
    fault: str
    spent: Spent
    money: int
    calls: int
    rules: list[RuleState]


class OnlineDesk:
    """One process's way to it. `rules` are those of the configuration as it is now."""

    def __init__(
        self, rules: Callable[[], Configured], store: Callable[[], Store], experiments: Experiments, labels: Labels
    ) -> None:
        self._rules, self._store, self._experiments, self._labels = rules, store, experiments, labels
        self.book = Book(store)
        self._notes: dict[tuple[str, str, str], tuple[float, str]] = {}
        self._noting = threading.Lock()

    def rules(self, project: str) -> list[Rule]:
        """The rules of a project."""
        return [one for one in self._rules()[0] if one.project == project]

    def judges(self, project: str) -> list[tuple[str, Evaluator]]:
        """Rules of a project, each with a judge of it."""
        return [(one.name, step.evaluator) for one in self.rules(project) for step in one.steps if step.judge]

    def rule(self, project: str, name: str) -> Rule:
        """Raises RequestError 404."""
        known = self.rules(project)
        for one in known:
            if one.name == name:
                return one
        names = ", ".join(one.name for one in known) or "none"
        raise RequestError(f"there is no rule {name[:80]!r}; there are: {names}", status=404, code="unknown_rule")

    def status(self, project: str) -> Status:
        """All of a project."""
        _, money, calls = self._rules()
        lead, now = self.book.lead(), clock.now_ns()
        known = self.rules(project)
        state: State = "off" if not known else "working" if lead.held_until > now else "waiting"
        spent = self.book.spent(now // DAY_NS)
        return Status(state, lead.done, lead.fault, spent, money, calls, [self.state(one) for one in known])

    def state(self, rule: Rule) -> RuleState:
        """One rule."""
        lines = [self._line(rule, name) for name in rule.names()]
        return RuleState(
            rule.name, rule.kind, drawn(rule) + self._told(rule), self._counts(rule), lines,
            self.book.changes(rule.project, rule.name, limit=5),
        )  # fmt: skip

    def _told(self, rule: Rule) -> str:
        """What told last which runs are rare."""
        state = self.book.states().get((rule.project, rule.name)) if rule.kind == "rare" else None
        return f" (told by {state.told})" if state is not None and state.told else ""

    def series(self, rule: Rule, evaluator: str, bucket: Bucket, since: int, until: int) -> list[Point]:
        """A point for each hour or day. Raises RequestError for an unknown evaluator and for too many points."""
        if (until - since) // WIDTH[bucket] > MOST_POINTS:
            raise RequestError(f"that is more than {MOST_POINTS} points: take days, or a shorter time", param="step")
        since -= since % WIDTH[bucket]
        rows = self._values(rule, evaluator, since, until)
        seen = self._store().query(
            "SELECT hour, runs FROM online_seen WHERE project = ? AND rule = ? AND hour >= ? AND hour < ?",
            (rule.project, rule.name, since // clock.HOUR_NS, -(-until // clock.HOUR_NS)),
        )
        return series.points(rows, [(int(hour), int(runs)) for hour, runs in seen], bucket, since, until)

    def overall(self, rule: Rule, evaluator: str, since: int, until: int) -> Interval | None:
        """What holds of all runs of a time; None: nothing was said."""
        rows = self._values(rule, evaluator, since, until)
        return series.overall([(value, weight) for _, value, weight in rows if value is not None])

    def scores(
        self, rule: Rule, evaluator: str, *, below: float | None = None, limit: int = 50, before: int = 0
    ) -> list[Scored]:
        """The newest scores of a series (below one), the newest first; `before` (a place in it) pages on."""
        self.check(rule, evaluator)
        conditions, params = "", list[int | float]()
        if below is not None:
            conditions, params = conditions + " AND value < ?", [*params, below]
        if before:
            conditions, params = conditions + " AND n < ?", [*params, before]
        return self.book.newest(rule.project, rule.name, evaluator, rule.version(evaluator), conditions, params, limit)

    def ask_for_round(self) -> int:
        """Whoever works on it shall begin a round now; the moment that `done` has to pass. Raises RequestError 503."""
        if self.book.lead().held_until <= clock.now_ns():
            raise RequestError(
                "nobody works on live traffic now: a running `outrider up` with `evaluation.online.rules` does",
                status=503,
                code="not_served",
            )
        return self.book.ask_for_round()

    def check(self, rule: Rule, evaluator: str) -> None:
        """Raises RequestError for an evaluator that the rule has not."""
        if evaluator not in rule.names():
            there = ", ".join(rule.names()) or "none"
            raise RequestError(
                f"the rule {rule.name!r} has no evaluator {evaluator[:80]!r}; there are: {there}", param="evaluator"
            )

    # -- parts ----------------------------------------------------------------------------------------------------

    def _values(self, rule: Rule, evaluator: str, since: int, until: int) -> list[tuple[int, float | None, float]]:
        self.check(rule, evaluator)
        rows = self._store().query(
            "SELECT at, value, weight FROM online_scores"
            " WHERE project = ? AND rule = ? AND evaluator = ? AND version = ? AND at >= ? AND at < ?",
            (rule.project, rule.name, evaluator, rule.version(evaluator), since, until),
        )
        return [(int(at), None if value is None else float(value), float(weight)) for at, value, weight in rows]

    def _counts(self, rule: Rule) -> Counts:
        key = (rule.project, rule.name)
        since = (clock.now_ns() - LATELY_NS) // clock.HOUR_NS
        seen = self._store().query(
            "SELECT coalesce(sum(runs), 0) FROM online_seen WHERE project = ? AND rule = ? AND hour >= ?", (*key, since)
        )
        rows = self._store().query(
            "SELECT status, count(*) FROM online_samples WHERE project = ? AND rule = ? GROUP BY status", key
        )
        many = {str(status): int(count) for status, count in rows}
        why = self._store().query(
            "SELECT why FROM online_samples WHERE project = ? AND rule = ? AND why <> '' AND status <> 'done'"
            " ORDER BY drawn DESC LIMIT 1",
            key,
        )
        return Counts(
            int(seen[0][0]), many.get("waiting", 0), many.get("done", 0), many.get("failed", 0),
            str(why[0][0]) if why else "",
        )  # fmt: skip

    def _line(self, rule: Rule, name: str) -> Line:
        now = clock.now_ns()
        lately = self.overall(rule, name, now - LATELY_NS, now + clock.HOUR_NS)
        if name == VERDICT:
            return Line(name, VERDICT, False, "higher", "", "the last evaluator that was asked", "", lately)
        at = next((at for at, step in enumerate(rule.steps) if step.evaluator.name == name), 0)
        one = rule.evaluator(name)
        assert one is not None
        return Line(name, one.kind, one.judge, one.better, one.unit, _about(rule, at), self._note(rule, one), lately)

    def _note(self, rule: Rule, one: Evaluator) -> str:
        """Whether a judge meets its bar, by labels of the project; looked at once a minute."""
        if not one.judge:
            return ""
        key = (rule.project, one.name, one.digest())
        with self._noting:
            known = self._notes.get(key)
            if known is None or time.monotonic() - known[0] > FRESH_SECONDS:
                pairs = gather(self._experiments, self._labels, rule.project, one)
                known = self._notes[key] = time.monotonic(), standing(one, pairs).words
        return known[1]


def drawn(rule: Rule) -> str:
    """How much a rule draws, in words."""
    share = f"{100 * rule.share:g} % of" if rule.share else f"{rule.per_hour} an hour of"
    what = {
        "random": "all runs",
        "errors": "runs that failed",
        "low-feedback": "runs with bad feedback",
        "rare": "all runs, rare ones more often",
    }
    return f"{share} {what[rule.kind]}" + (" that got bad feedback" if rule.complained else "")


def _about(rule: Rule, at: int) -> str:
    """Of which runs an evaluator speaks."""
    if not at:
        return "of all"
    before: Sequence[str] = [step.evaluator.name for step in rule.steps[:at]]
    if rule.audit and at == 1:
        return f"of all; asked where {before[-1]} is unsure, and for {100 * rule.audit:g} % of the rest"
    return f"of those of which {before[-1]} is unsure" + (", and some of the rest" if rule.audit else "")
