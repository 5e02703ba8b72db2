"""The public shapes of budgets. Amounts are whole nano-dollars for `money`, else counts; times RFC 3339 text in UTC."""

import msgspec

from outrider.base import clock
from outrider.base.budget import Raise
from outrider.journal.events import BudgetRaised, BudgetRemoved, BudgetSet
from outrider.journal.rows import BudgetChange as Row
from outrider.limits import holders, standing
from outrider.limits.terms import Terms, terms_of


class BudgetForecast(msgspec.Struct):
    """Where the pace since `since` leads: used when the window ends (null: it has no end), and when it is used up."""

    since: str
    by_end: int | None
    full_at: str | None


class BudgetAccount(msgspec.Struct):
    """What one value of the budget's `per` ("" without one) has used. Reserved: held for calls, or taken for them.

    `refused` are calls of this window that did not fit.
    """

    value: str
    used: int
    reserved: int
    limit: int
    calls: int
    refused: int
    forecast: BudgetForecast | None


class BudgetRaise(msgspec.Struct):
    """More room until a time, of the whole budget or of one account (`value`)."""

    amount: int
    value: str
    until: str
    by: str
    why: str


class Budget(msgspec.Struct):
    """A budget and how it stands. `terms` are what PUT takes; `limit` is that of each account, with raises.

    `accounts` are those with most use, `account_count` is how many there are; `used`, `calls` and `refused` are over
    all.
    `starts` is null for windows without a beginning, `resets_at` where nothing resets at once. `may_change` says
    whether the asking key may.
    """

    name: str
    measure: str
    terms: Terms
    limit: int
    used: int
    reserved: int
    calls: int
    refused: int
    starts: str | None
    resets_at: str | None
    accounts: list[BudgetAccount]
    account_count: int
    raises: list[BudgetRaise]
    origin: str
    by: str
    why: str
    set_at: str
    may_change: bool


class BudgetList(msgspec.Struct):
    budgets: list[Budget]


class BudgetChange(msgspec.Struct):
    """One change: `set` (with `terms`), `raised` (with `raise`) or `removed`."""

    kind: str
    at: str
    by: str
    why: str
    terms: Terms | None
    raised: BudgetRaise | None = msgspec.field(name="raise", default=None)


class BudgetReserved(msgspec.Struct):
    """Who holds what is reserved, and for what.

    `kind` is `call` (an attempt under way: `run` is its id), `batch` (lines that are with their provider: `run` is the
    batch and the lines), `ahead` (a worker of this machine, for its next calls) or `elsewhere` (a worker of another
    machine, for calls or ahead of them). `since` is when the call or the batch began; of another machine when the
    amount changed last; else null. What is not known is "".
    """

    kind: str
    amount: int
    holder: str
    account: str
    since: str | None
    run: str
    project: str
    key: str
    user: str
    model: str
    route: str
    deployment: str


class BudgetWithHistory(msgspec.Struct):
    """A budget, its changes, newest first, and who holds what is reserved: calls and batches, oldest first, then
    workers; at most a hundred, `reserved_count` in all."""

    budget: Budget
    history: list[BudgetChange]
    reserved: list[BudgetReserved]
    reserved_count: int


class BudgetChangeMade(msgspec.Struct):
    """What was recorded. It holds within a second, and is listed by then."""

    name: str
    change: BudgetChange


class NewBudget(Terms, kw_only=True, forbid_unknown_fields=True):
    """The whole budget as it shall be, and why. Exactly one of `usd`, `tokens`, `input_tokens`, `output_tokens` and
    `calls` is the limit."""

    why: str


class MoreRoom(msgspec.Struct, forbid_unknown_fields=True):
    """How much is added (dollars such as `10`, or a count such as `200k`), and until when: `for` a span, or `until` a
    time. The amount 0 ends raises."""

    amount: str | int | float
    why: str
    lasts: str = msgspec.field(name="for", default="24h")
    until: str = ""
    value: str = ""


def budget(one: standing.Standing, may_change: bool) -> Budget:
    row = one.row
    return Budget(
        name=row.budget.id, measure=row.budget.measure, terms=terms_of(row.budget), limit=one.limit, used=one.used,
        reserved=one.reserved, calls=one.calls, refused=one.refused, starts=_time(one.starts),
        resets_at=_time(one.resets_at),
        accounts=[_account(account) for account in one.accounts], account_count=one.count,
        raises=[_raise(each) for each in one.raises], origin=row.origin, by=row.by, why=row.why,
        set_at=clock.iso(row.at), may_change=may_change,
    )  # fmt: skip


def made(event: BudgetSet | BudgetRemoved | BudgetRaised) -> BudgetChangeMade:
    name = event.budget if isinstance(event, BudgetRemoved) else _name(event)
    return BudgetChangeMade(name, _change(event))


def change(row: Row) -> BudgetChange:
    return _change(row.event)


def _name(event: BudgetSet | BudgetRaised) -> str:
    return event.budget.id if isinstance(event, BudgetSet) else event.change.budget


def _change(event: BudgetSet | BudgetRemoved | BudgetRaised) -> BudgetChange:
    at = clock.iso(event.at)
    if isinstance(event, BudgetSet):
        return BudgetChange("set", at, event.by, event.why, terms_of(event.budget))
    if isinstance(event, BudgetRemoved):
        return BudgetChange("removed", at, event.by, event.why, None)
    return BudgetChange("raised", at, event.change.by, event.change.why, None, _raise(event.change))


def _account(account: standing.Account) -> BudgetAccount:
    pace = account.forecast
    shown = BudgetForecast(clock.iso(pace.since), pace.by_end, _time(pace.full_at)) if pace is not None else None
    return BudgetAccount(
        account.value, account.used, account.reserved, account.limit, account.calls, account.refused, shown
    )


def reserved(one: holders.Reserved) -> BudgetReserved:
    return BudgetReserved(
        one.kind, one.amount, one.holder, one.account, _time(one.since), one.run, one.project, one.key, one.user,
        one.model, one.route, one.deployment,
    )  # fmt: skip


def _raise(each: Raise) -> BudgetRaise:
    return BudgetRaise(each.amount, each.value, clock.iso(each.until), each.by, each.why)


def _time(ns: int | None) -> str | None:
    return clock.iso(ns) if ns else None
