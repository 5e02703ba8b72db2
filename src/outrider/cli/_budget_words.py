"""A budget in lines and cells of text."""

from collections.abc import Iterator, Mapping, Sequence

from outrider.base.budget import Budget, Measure
from outrider.cli._output import many, when
from outrider.journal.events import BudgetRaised, BudgetRemoved, BudgetSet
from outrider.limits.holders import Reserved
from outrider.limits.standing import Account, Standing
from outrider.limits.terms import show_amount, show_share, show_window

WIDTH = 12
RESERVED_COLUMNS = ("since (UTC)", "for", "amount", "account", "project", "key", "model", "deployment")

Change = BudgetSet | BudgetRemoved | BudgetRaised


def place(used: int, reserved: int, limit: int, width: int = WIDTH) -> str:
    """A bar: `██████▒▒···· 58%`, used, reserved and free."""
    if limit <= 0:
        return "█" * width + "   –"
    filled = min(width, round(width * used / limit))
    held = min(width - filled, -(-width * reserved // limit)) if reserved > 0 else 0
    return "█" * filled + "▒" * held + "·" * (width - filled - held) + f" {100 * used // limit:>3d}%"


def account_cells(one: Standing, account: Account | None, others: int = 0) -> tuple[str, ...]:
    """Cells for one account, which stands for so many `others`; of a divided budget that nobody used, the limit."""
    budget = one.row.budget
    named = "everybody" if not one.divided else f"by {budget.per or 'run'}, none yet"
    used = reserved = 0
    limit = one.limit
    if account is not None:
        used, reserved, limit = account.used, account.reserved, account.limit
        if one.divided:
            named = account.value + (f" (+{others:,})" if others > 0 else "")
    return (
        budget.id,
        named,
        show_amount(budget.measure, used),
        show_amount(budget.measure, reserved),
        show_amount(budget.measure, limit),
        place(used, reserved, limit),
        _window(budget),
        when(one.resets_at or 0) or "little by little" * budget.window.isdecimal() or "never",
        f"{account.refused:,}" if account is not None else "0",
    )


def reserved_cells(one: Standing, held: Reserved) -> tuple[str, ...]:
    """Cells for one who holds something."""
    match held.kind:
        case "call":
            what = f"run {held.run}"
        case "batch":
            what = f"batch {held.run}"
        case "ahead":
            what = f"next calls of worker {held.holder}"
        case "elsewhere":
            what = f"another machine's worker {held.holder}"
    return (
        when(held.since),
        what,
        show_amount(one.row.budget.measure, held.amount),
        held.account,
        held.project,
        held.key,
        held.route or held.model,
        held.deployment,
    )


def told(one: Standing, now: int) -> Iterator[str]:
    """The budget in words: terms, raises, pace."""
    budget, row = one.row.budget, one.row
    each = f" for each {budget.per}" if budget.per else ""
    yield f"{budget.id}: {show_amount(budget.measure, budget.limit)} per {_window(budget)}{each}"
    for scope, values in budget.match.items():
        yield f"  of calls with {scope} {' or '.join(values)}"
    yield f"  when there is no room: {'max_tokens is lowered, else ' if budget.fit else ''}the call is refused"
    if budget.owner:
        yield f"  can be raised by {budget.owner}"
    alarms = [show_share(part) for part in budget.alarms]
    alarms += [f"{budget.slope:g} times the usual spend"] if budget.slope else []
    if alarms:
        refusals = ", and when a call is refused" if budget.alarms and budget.window != "run" else ""
        yield f"  alarms at {', '.join(alarms)}{refusals}"
    origin = "outrider.yaml" if row.origin == "config" else row.by or "somebody"
    yield f"  set by {origin} on {when(row.at)}{f': {row.why}' if row.origin != 'config' and row.why else ''}"
    for one_raise in one.raises:
        whom = f" for {one_raise.value}" if one_raise.value else ""
        amount = show_amount(budget.measure, one_raise.amount)
        yield f"  raised by {amount}{whom} until {when(one_raise.until)}: {one_raise.why} ({one_raise.by})"
    yield from _pace(one, now)
    if one.refused:
        yield f"  {many(one.refused, 'call')} refused in this window"


def _pace(one: Standing, now: int) -> Iterator[str]:
    for account in one.accounts[:1]:
        pace, measure = account.forecast, one.row.budget.measure
        if pace is None or not account.used:
            continue
        whose = f"{account.value}: " if account.value else ""
        since = f"at the pace since {when(pace.since)}"
        if pace.by_end is not None:
            yield f"  {whose}{show_amount(measure, _rounded(measure, pace.by_end))} by the end of the window, {since}"
        if pace.full_at is not None and pace.full_at > now:
            yield f"  {whose}used up at {when(pace.full_at)}, {since}"


def _rounded(measure: Measure, amount: int) -> int:
    """A forecast in dollars needs no more than cents, or three digits below."""
    if measure != "money" or amount <= 0:
        return amount
    unit = 10_000_000 if amount >= 10**9 else 10 ** max(0, len(str(amount)) - 3)
    return amount // unit * unit


def history_lines(newest_first: Sequence[Change], *, named: bool = True) -> list[str]:
    """`2026-11-22 14:00:00  cli:ann  team set to $50 per month: pilot` for each change, in the same order."""
    measures: dict[str, Measure] = {}
    lines = []
    for event in reversed(newest_first):
        if isinstance(event, BudgetSet):
            measures[event.budget.id] = event.budget.measure
        id_, by, why, what = _said(event, measures)
        name = f"{id_} " if named else ""
        lines.append(f"{when(event.at)}  {by}  {name}{what}{f': {why}' if why else ''}")
    return lines[::-1]


def _said(event: Change, measures: Mapping[str, Measure]) -> tuple[str, str, str, str]:
    """Which budget, who, why, what. The unit of a raise is that of the budget when it was set last."""
    if isinstance(event, BudgetSet):
        b = event.budget
        each = f" for each {b.per}" if b.per else ""
        return b.id, event.by, event.why, f"set to {show_amount(b.measure, b.limit)} per {_window(b)}{each}"
    if isinstance(event, BudgetRemoved):
        return event.budget, event.by, event.why, "removed"
    change, measure = event.change, measures.get(event.change.budget)
    whom = f" for {change.value}" if change.value else ""
    more = f" by {show_amount(measure, change.amount)}" if measure else ""
    what = f"raised{more}{whom} until {when(change.until)}" if change.amount else f"raises ended{whom}"
    return change.budget, change.by, change.why, what


def _window(budget: Budget) -> str:
    zone = f" ({budget.zone})" if budget.zone != "UTC" else ""
    return show_window(budget.window) + zone
