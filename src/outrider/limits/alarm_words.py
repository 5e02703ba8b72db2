"""Alarms in words, for the people who are told. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from outrider.base import clock, money
from outrider.base.budget import Budget
from outrider.journal.events import AlarmRaised
from outrider.limits import windows
from outrider.limits.terms import show_amount

MOST_LINES = 50
LONGEST_VALUE = 80


class Message(NamedTuple):
    title: str
    body: str
    urgent: bool


def message(alarms: Sequence[AlarmRaised], budgets: Mapping[str, Budget], now: int) -> Message:
    """One message about all of them; of one account's limit only the worst is told: that it refuses calls, else the
    highest part."""
    told = _highest(alarms)
    lines = [line(alarm, budgets.get(alarm.subject), now) for alarm in told[:MOST_LINES]]
    if len(told) > MOST_LINES:
        lines.append(f"and {len(told) - MOST_LINES} more: `outrider alarms list`")
    title = f"Outrider: {head(told[0])}" if len(told) == 1 else f"Outrider: {len(told)} alarms"
    return Message(title, "\n".join(lines), any(a.what in ("provider", "refusal") or a.level >= 1000 for a in told))


def head(alarm: AlarmRaised) -> str:
    """The alarm in a few words."""
    if alarm.what == "provider":
        return f"{alarm.subject} is down"
    if alarm.what == "quality":
        way = "fell" if alarm.level < alarm.usual else "rose"
        usual, level = _figure(alarm.usual, alarm.unit), _figure(alarm.level, alarm.unit)
        return f"{_short(alarm.value)} of {alarm.subject!r} {way} from {usual} to {level}"
    if alarm.what == "slope":
        return f"{_account(alarm)} spends {alarm.amount / max(1, alarm.usual):.0f} times the usual"
    if alarm.what == "refusal":
        return f"{_account(alarm)} refuses calls"
    return f"{_account(alarm)} has used {alarm.level / 10:g} % of its limit"


def line(alarm: AlarmRaised, budget: Budget | None, now: int) -> str:
    """The alarm in one line, with amounts, times and who can do something."""
    if alarm.what == "provider":
        return f"{head(alarm)}: no calls are sent there since {clock.iso(alarm.at)}; see the console's deployments page"
    if alarm.what == "quality":
        since = f"since {clock.iso(alarm.period)}, by {alarm.amount} scores of live traffic"
        return f"{head(alarm)} {since}; see the console's quality page"
    amount = show_amount(alarm.measure, alarm.amount)
    if alarm.what == "slope":
        usual = show_amount(alarm.measure, alarm.usual)
        said = f"{head(alarm)}: {amount} in an hour, usual is {usual}"
    else:
        limit = show_amount(alarm.measure, alarm.limit)
        used = " is used" if alarm.what == "refusal" else ""
        said = f"{head(alarm)}: {amount} of {limit}{used}{_reset(budget, now)}"
        if alarm.what == "refusal":
            said += "; what is left is held by calls under way, or less than one may take"
    return said + (f"; {budget.owner} can raise it" if budget is not None and budget.owner else "")


def _account(alarm: AlarmRaised) -> str:
    value = _short(alarm.value)
    return f"budget {alarm.subject!r}" + (f" for {value!r}" if value else "")


def _figure(value: int, unit: str) -> str:
    """A score or a measure of an alarm about quality."""
    if unit == "$":
        return f"${money.usd(value)}"
    return f"{value / 1000:g}" + (f" {unit}" if unit != "1" else "") if unit else f"{value / 10:g} %"


def _short(value: str) -> str:
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…"


def _reset(budget: Budget | None, now: int) -> str:
    if budget is None:
        return ""
    ends = windows.resets_at(budget.window, budget.zone, now)
    if ends is None:
        return ""
    return f", until {datetime.fromtimestamp(ends // 10**9, ZoneInfo(budget.zone)):%Y-%m-%d %H:%M %Z}"


def _highest(alarms: Iterable[AlarmRaised]) -> list[AlarmRaised]:
    best: dict[tuple[str, str, str, int], AlarmRaised] = {}
    for alarm in alarms:
        what = "fraction" if alarm.what == "refusal" else alarm.what
        about = (what, alarm.subject, alarm.value, alarm.period)
        if about not in best or _rank(best[about]) < _rank(alarm):
            best[about] = alarm
    return list(best.values())


def _rank(alarm: AlarmRaised) -> tuple[bool, int]:
    return alarm.what == "refusal", alarm.level
