"""What judges say of live traffic, as labels name it: a score by its place in the series of a rule. Blocking."""

from collections.abc import Iterable, Sequence

import msgspec

from outrider.evals.evaluators import Evaluator
from outrider.store import Store

_BEFORE = "online"
_AT_ONCE = 500


class LiveScore(msgspec.Struct, frozen=True):
    """The `n`th score of a series: of a run that began `at` (ns)."""

    n: int
    run: str
    at: int
    value: float


def series(rule: str, judge: Evaluator) -> str:
    """What stands in a label in the place of an experiment."""
    return f"{_BEFORE}:{rule}:{judge.digest()[:16]}"


def rule_of(series: str) -> str:
    """The rule of a series; empty for an experiment."""
    before, _, rest = series.partition(":")
    return rest.rpartition(":")[0] if before == _BEFORE else ""


def is_of(series: str, judge: Evaluator) -> bool:
    """Whether it is the judge's own: another model, rubric or option is another judge."""
    return series.rpartition(":")[2] == judge.digest()[:16]


def newest(store: Store, project: str, rule: str, judge: Evaluator, limit: int) -> list[LiveScore]:
    """The newest of a rule that say something, the newest first."""
    rows = store.query(
        "SELECT n, run, at, value FROM online_scores WHERE project = ? AND rule = ? AND evaluator = ? AND version = ?"
        " AND value IS NOT NULL ORDER BY n DESC LIMIT ?",
        (project, rule, judge.name, judge.digest()[:16], limit),
    )
    return [LiveScore(*row) for row in rows]


def of_run(store: Store, project: str, rule: str, judge: Evaluator, run: str) -> LiveScore | None:
    """What the judge said of a run under a rule."""
    rows = store.query(
        "SELECT n, run, at, value FROM online_scores WHERE project = ? AND rule = ? AND run = ? AND evaluator = ?"
        " AND version = ? AND value IS NOT NULL ORDER BY n LIMIT 1",
        (project, rule, run, judge.name, judge.digest()[:16]),
    )
    return LiveScore(*rows[0]) if rows else None


def at(store: Store, project: str, rule: str, judge: Evaluator, places: Iterable[int]) -> list[LiveScore]:
    """Scores by their places in the series."""
    wanted, found = sorted(places), list[LiveScore]()
    for first in range(0, len(wanted), _AT_ONCE):
        part: Sequence[int] = wanted[first : first + _AT_ONCE]
        rows = store.query(
            "SELECT n, run, at, value FROM online_scores WHERE project = ? AND rule = ? AND evaluator = ?"
            f" AND version = ? AND value IS NOT NULL AND n IN ({', '.join('?' * len(part))})",
            (project, rule, judge.name, judge.digest()[:16], *part),
        )
        found += [LiveScore(*row) for row in rows]
    return found
