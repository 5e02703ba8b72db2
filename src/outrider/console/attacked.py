"""What a red team found, as its experiment's page shows it: rates by family with intervals, and what got through."""

import msgspec

from outrider.calibrate.intervals import Interval
from outrider.evals.redteam.report import Dress, Rate, Report
from outrider.evals.redteam.written import share, worst

WIDE = 1000.0
SHOWN, DRESSES = 40, 12


class Bar(msgspec.Struct):
    """An interval as it is drawn, in thousandths of the width: from `low` to `high`, a mark at `at`."""

    low: float
    high: float
    at: float


class Line(msgspec.Struct):
    """A family (or `all`): rates of its survey as they are and dressed, in words and as bars (None: nothing was heard),
    how many of its attacks ever got through, search included, and what the search's attempts came to (`found` of
    `searched`), which is no rate."""

    name: str
    attacks: int
    plain: str
    dressed: str
    plain_bar: Bar | None
    dressed_bar: Bar | None
    broken: int
    searched: int
    found: int


class Through(msgspec.Struct):
    """An attack that succeeded. `run` is empty where the answer came from elsewhere."""

    case: str
    severity: str
    taxonomy: str
    goal: str
    reason: str
    found: str
    run: str


class Attacked(msgspec.Struct):
    """All of it. `unheard` attempts had no answer to judge; of the `total` successes `surveyed` are of the survey, and
    `more` are not listed here."""

    attempts: int
    wanted: int
    survey: int
    unheard: int
    complete: bool
    lines: list[Line]
    successes: list[Through]
    total: int
    surveyed: int
    more: int
    dresses: list[Dress]


def attacked(found: Report) -> Attacked:
    """The page's part of a report."""
    shown = worst(found)[:SHOWN]
    through = [Through(one.case, one.severity, one.taxonomy, one.goal, one.reason, one.found, one.run) for one in shown]
    total = len(found.successes)
    lines = [_line(one) for one in (*found.families, found.total)] if found.attempts else []
    dresses = [one for one in found.dresses if one.successes][:DRESSES]
    return Attacked(
        found.attempts, found.wanted, found.survey, found.unheard, found.complete, lines, through, total,
        sum(one.found == "survey" for one in found.successes), total - len(through), dresses,
    )  # fmt: skip


def _line(one: Rate) -> Line:
    return Line(
        one.name, one.attacks, share(one.plain), share(one.dressed), _bar(one.plain), _bar(one.dressed), one.broken,
        one.searched, one.found,
    )  # fmt: skip


def _bar(found: Interval) -> Bar | None:
    if not found.n:
        return None
    return Bar(*(round(WIDE * max(0.0, min(1.0, x)), 1) for x in (found.low, found.high, found.estimate)))
