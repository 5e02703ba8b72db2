"""Budgets as the console shows them: lines with bars, terms and history in words, fields of the form. Pure."""

import msgspec

from outrider.base.budget import SCOPES, Budget, Measure
from outrider.base.errors import RequestError
from outrider.console.words import count, usd
from outrider.journal.events import BudgetRaised, BudgetRemoved, BudgetSet
from outrider.limits import windows
from outrider.limits.standing import Account, Standing
from outrider.limits.terms import MATCHED, MEASURES, Alarms, Terms, show_amount, show_window, terms_of

WIDTH = 1000.0
NEAR = 0.8
UNITS: dict[Measure, str] = {m: k.replace("_", " ") for k, m in MEASURES.items()}


class Bar(msgspec.Struct):
    """A bar in thousandths of the limit: used, then reserved; `mark` is where the pace leads (-1: nowhere to show)."""

    used: float
    reserved: float
    mark: float


class Line(msgspec.Struct):
    """One account with its bar. `state` is `ok`, `near` (80 % are used) or `full`: what is reserved may come back.

    `by_end` is what will be used when the window ends, at the pace so far; `full_at` when the limit is reached (None:
    not in this window). `refused` are calls that did not fit. Amounts are in the budget's unit, times nanoseconds since
    the epoch.
    """

    value: str
    used: int
    reserved: int
    limit: int
    calls: int
    refused: int
    part: float
    state: str
    bar: Bar
    since: int
    by_end: int | None
    full_at: int | None


class Card(msgspec.Struct):
    """A budget in the list: its terms in words, and the account that is nearest to its limit.

    `refused` are calls of the present window for which there was no room, on all accounts.
    """

    name: str
    measure: Measure
    words: str
    window: str
    origin: str
    divided: bool
    by_key: bool
    count: int
    resets_at: int | None
    refused: int
    line: Line | None


class Past(msgspec.Struct):
    """One change in words."""

    at: int
    by: str
    what: str
    why: str


def amount(number: int, measure: Measure) -> str:
    """`$5.80`, `1,200 tokens`, `4.5M tokens`."""
    if measure == "money":
        return usd(number)
    unit = UNITS[measure]
    return f"{count(number)} {unit[:-1] if number == 1 else unit}"


def card(one: Standing) -> Card:
    budget = one.row.budget
    lines = [line(account) for account in one.accounts]
    nearest = max(lines, key=lambda each: each.part, default=None)
    return Card(
        name=budget.id,
        measure=budget.measure,
        words=covers(budget),
        window=show_window(budget.window),
        origin=one.row.origin,
        divided=one.divided,
        by_key=budget.per == "key",
        count=one.count,
        resets_at=one.resets_at,
        refused=one.refused,
        line=nearest,
    )


def line(account: Account) -> Line:
    limit, pace = account.limit, account.forecast
    part = account.used / limit if limit > 0 else 1.0
    by_end = pace.by_end if pace is not None else None
    return Line(
        value=account.value,
        used=account.used,
        reserved=account.reserved,
        limit=limit,
        calls=account.calls,
        refused=account.refused,
        part=part,
        state="full" if part >= 1 else "near" if part >= NEAR else "ok",
        bar=bar(account.used, account.reserved, limit, by_end),
        since=pace.since if pace is not None else 0,
        by_end=by_end,
        full_at=pace.full_at if pace is not None else None,
    )


def bar(used: int, reserved: int, limit: int, by_end: int | None = None) -> Bar:
    if limit <= 0:
        return Bar(WIDTH, 0.0, -1.0)
    filled = min(WIDTH, WIDTH * used / limit)
    held = min(WIDTH - filled, WIDTH * reserved / limit)
    mark = -1.0 if by_end is None or by_end <= used or by_end >= limit else WIDTH * by_end / limit
    return Bar(round(filled, 1), round(held, 1), round(mark, 1))


def covers(budget: Budget) -> str:
    """`each user, of calls with tag batch or nightly`; `all calls`."""
    told = [f"{scope} {' or '.join(values)}" for scope, values in budget.match.items()]
    which = f"calls with {' and '.join(told)}" if told else "all calls"
    whose = "run" if budget.window == "run" else budget.per
    return f"each {whose}, of {which}" if whose else which


def past(event: BudgetSet | BudgetRemoved | BudgetRaised, measure: Measure) -> Past:
    if isinstance(event, BudgetSet):
        b = event.budget
        each = f" for each {b.per}" if b.per else ""
        return Past(event.at, event.by, f"set to {show_amount(b.measure, b.limit)} per {show_window(b.window)}{each}",
                    event.why)  # fmt: skip
    if isinstance(event, BudgetRemoved):
        return Past(event.at, event.by, "removed", event.why)
    change = event.change
    whom = f" for {change.value}" if change.value else ""
    more = f"raised by {show_amount(measure, change.amount)}{whom}" if change.amount else f"raises ended{whom}"
    return Past(event.at, change.by, more, change.why)


def columns(spent: list[tuple[int, int]], window: str, now: int) -> list[tuple[int, int]]:
    """What was used, on an even grid from the first to the present bucket; nothing where one bucket is all there is."""
    step = windows.step(window) if windows.rolls(window) else windows.DAY_NS
    if window in ("run", "hour", "day") or not spent:
        return []
    amounts, first, last = dict(spent), spent[0][0], windows.bucket(window, now)
    first = max(first, last - 99 * step)
    return [(at, amounts.get(at, 0)) for at in range(first, last + 1, step)] if last > first else []


def form_of(budget: Budget | None) -> dict[str, str]:
    """The fields of the form that makes this budget; those of an empty form without one."""
    terms = terms_of(budget) if budget is not None else Terms()
    measure = next((key for key in MEASURES if getattr(terms, key) is not None), "usd")
    given = getattr(terms, measure)
    fields = {
        "limit": "" if given is None else str(given),
        "measure": measure,
        "window": terms.window,
        "timezone": terms.timezone,
        "per": terms.per or "",
        "fit": "on" if terms.fit else "",
        "owner": terms.owner,
        "alarms": ", ".join(map(str, terms.alarms.at)),
        "slope": f"{float(terms.alarms.slope):g}",
    }
    return fields | {f"match_{s}": ", ".join(budget.match.get(s, ())) if budget else "" for s in MATCHED}


def read_form(form: dict[str, str]) -> Terms:
    """The terms in a posted form; values are separated by commas. Raises RequestError for what no form sends."""
    measure = form.get("measure", "usd")
    if measure not in MEASURES or form.get("per", "") not in ("", *SCOPES):
        raise RequestError("this form is not one of this page", code="invalid_body")
    match = {scope: _words(form.get(f"match_{scope}", "")) for scope in MATCHED}
    terms = Terms(
        window=form.get("window", "").strip() or "month",
        timezone=form.get("timezone", "").strip() or "UTC",
        match={scope: list(values) for scope, values in match.items() if values},
        per=form.get("per") or None,
        fit=bool(form.get("fit")),
        owner=form.get("owner", "").strip(),
        alarms=Alarms(tuple(_words(form.get("alarms", ""))), form.get("slope", "").strip() or 0),
    )
    setattr(terms, measure, form.get("limit", "").strip())
    return terms


def _words(text: str) -> list[str]:
    return [word for part in text.split(",") if (word := part.strip())]
