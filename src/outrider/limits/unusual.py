"""What is worth an alarm: accounts that used a set part of their limit, that have no room for a call, or that use far
more in an hour than they usually do.
"""

from collections.abc import Iterator

import msgspec

from outrider.base.budget import Budget, Measure
from outrider.base.clock import HOUR_NS
from outrider.journal import alarm_query as stored
from outrider.journal.events import AlarmRaised
from outrider.journal.events.alarm import What
from outrider.limits import windows
from outrider.limits.rules import Rules
from outrider.store import Store

WEEK_HOURS = 7 * 24
FEWEST_HOURS = 3
"""With fewer hours of spend in the week, nothing is usual yet."""
FLOOR = 1000
"""The usual is at least this part of the limit, so that tiny sums raise no alarm."""
CHANGE_NS = 10_000_000_000
"""So long after a change some worker may still have refused under the limit before it."""


class Found(msgspec.Struct, frozen=True):
    """As in `AlarmRaised`."""

    what: What
    subject: str
    value: str = ""
    period: int = 0
    level: int = 0
    limit: int = 0
    amount: int = 0
    usual: int = 0
    measure: Measure = "money"

    def event(self, id_: bytes, at: int, by: str) -> AlarmRaised:
        return AlarmRaised(id=id_, at=at, by=by, **msgspec.structs.asdict(self))


def fractions(store: Store, rules: Rules, now: int) -> Iterator[Found]:
    """Every account that has used a part of its limit at which its budget has an alarm; each such part.

    A rolling window counts as a new one after its own length. Budgets per run have none: a run that reaches its limit
    is refused, and its caller sees it.
    """
    for budget in rules.budgets.values():
        levels = sorted({round(part * 1000) for part in budget.alarms if part > 0})
        if not levels or budget.window == "run" or budget.limit <= 0:
            continue
        starts = windows.start(budget.window, budget.zone, now)
        least = max(1, budget.limit * levels[0] // 1000)
        for value, amount in stored.spent(store, budget.id, starts, windows.since(budget.window, now), least):
            limit = rules.limit_of(budget, value, now)
            for level in levels:
                if amount * 1000 >= level * limit:
                    period = period_of(budget, now)
                    yield Found("fraction", budget.id, value, period, level, limit, amount, measure=budget.measure)


def refusals(store: Store, rules: Rules, now: int) -> Iterator[Found]:
    """Every account that refused a call in this window, under the limit that it has now.

    Worst cases are held, so that may be long before the limit is used up. A refusal from before the budget was changed
    or raised last says nothing about the present limit. In a rolling window it counts where it happened.
    """
    changed = stored.limits_changed(store)
    for budget in rules.budgets.values():
        if not budget.alarms or budget.window == "run" or budget.limit <= 0:
            continue
        starts, since = windows.start(budget.window, budget.zone, now), windows.since(budget.window, now)
        made, last = changed.get(budget.id, (0, 0))
        after = max(since, made - 1, last + CHANGE_NS if last > made else 0)
        for value, at, amount in stored.refused(store, budget.id, starts, since, after):
            period, limit = period_of(budget, at), rules.limit_of(budget, value, now)
            yield Found("refusal", budget.id, value, period, 0, limit, amount, measure=budget.measure)


def slopes(store: Store, rules: Rules, now: int) -> Iterator[Found]:
    """Every account that spent, in this clock hour or the last one, its budget's `slope` times what is usual.

    Usual is the median of the hours of the seven days before in which it spent anything (at least three of them), and
    at least a thousandth of the limit. Once a day (UTC) for an account.
    """
    for budget in rules.budgets.values():
        if budget.slope <= 0 or budget.limit <= 0:
            continue
        floor = max(1, budget.limit // FLOOR)
        for hour in (now // HOUR_NS - 1, now // HOUR_NS):
            for value, amount in stored.spent_in_hour(store, budget.id, hour, int(budget.slope * floor)):
                found = _slope(store, budget, value, hour, amount, floor)
                if found is not None:
                    yield found


def _slope(store: Store, budget: Budget, value: str, hour: int, amount: int, floor: int) -> Found | None:
    hours = stored.hours_of(store, budget.id, value, hour - WEEK_HOURS, hour - 1)
    if len(hours) < FEWEST_HOURS:
        return None
    usual = max(floor, hours[len(hours) // 2])
    if amount < budget.slope * usual:
        return None
    day = hour // 24 * 24 * HOUR_NS
    level = round(budget.slope * 1000)
    return Found("slope", budget.id, value, day, level, 0, amount, usual, budget.measure)


def period_of(budget: Budget, now: int) -> int:
    """The time for which an alarm of a budget holds, by its beginning."""
    if windows.rolls(budget.window):
        size = int(budget.window) * 1_000_000_000
        return now // size * size
    return windows.start(budget.window, budget.zone, now)
