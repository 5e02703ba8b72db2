"""How budgets stand: used, reserved, limit, and where the pace leads. Reads the stores; blocking."""

from collections.abc import Iterable

import msgspec

from outrider.base.budget import Raise
from outrider.journal import read
from outrider.journal.rows import BudgetRow
from outrider.limits import windows
from outrider.limits.leases import Key, standings
from outrider.limits.rules import Rules, divided_by
from outrider.store import Store

MOST = 20
_SOON_NS = 600 * 1_000_000_000
_SOON_PART = 50
_MOST_LENT = 1000


class Forecast(msgspec.Struct):
    """Where an even pace leads: `pace` is what was used per second since `since`.

    `by_end` is what will be used when the window ends (None: it has no end); `full_at` when the limit is reached (None:
    not in this window). Times are nanoseconds since the epoch.
    """

    since: int
    pace: float
    by_end: int | None
    full_at: int | None


class Account(msgspec.Struct):
    """What one value of the budget's `per` ("" without one) has used and reserved, in the budget's unit.

    Reserved is what workers hold for calls under way, or have taken from the budget for the next ones. `refused` are
    calls that did not fit, in the same window.
    """

    value: str
    used: int
    reserved: int
    limit: int
    calls: int
    forecast: Forecast | None = None
    refused: int = 0


class Standing(msgspec.Struct):
    """A budget and how it stands.

    `accounts` are those with most use, at most as many as were asked for; `count` is how many there are. `used`,
    `calls` and `refused` are over all accounts, `reserved` over those that are listed or have spent nothing yet.
    `starts` is when the window began (0: it has no beginning), `resets_at` when the next one does (None: never, or
    little by little). `limit` is that of each account, with raises of the whole budget.
    """

    row: BudgetRow
    limit: int
    starts: int
    resets_at: int | None
    used: int
    reserved: int
    calls: int
    count: int
    accounts: list[Account]
    raises: list[Raise]
    divided: bool
    refused: int = 0


def standing(store: Store, leases: Store | None, row: BudgetRow, now: int, most: int = MOST) -> Standing:
    """How a budget stands at `now`. Without the lease store what is reserved is not known, and taken as 0."""
    budget, raises = row.budget, read.list_raises(store, now, row.budget.id)
    rules, starts = Rules([budget], raises), windows.start(budget.window, budget.zone, now)
    where = (budget.id, starts, windows.since(budget.window, now))
    spent = store.query(
        "SELECT value, amount, calls, refused,"
        " count(*) OVER (), sum(amount) OVER (), sum(calls) OVER (), sum(refused) OVER () FROM"
        " (SELECT value, sum(amount) AS amount, sum(calls) AS calls, sum(refused) AS refused FROM budget_spent"
        " WHERE budget = ? AND starts = ? AND bucket >= ? GROUP BY value) AS accounts"
        " ORDER BY amount DESC, value LIMIT ?",
        (*where, most),
    )
    total = spent[0][4:] if spent else (0, 0, 0, 0)
    reserved = _lent(store, leases, where, [row[0] for row in spent])
    resets_at = windows.resets_at(budget.window, budget.zone, now)

    def account(value: str, used: int, calls: int, refused: int) -> Account:
        limit = rules.limit_of(budget, value, now)
        pace = forecast(used, limit, max(starts, row.made_at), now, resets_at) if _has_pace(budget.window) else None
        return Account(value, used, reserved.get(value, 0), limit, calls, pace, refused)

    listed = [account(value, int(used), int(calls), int(refused)) for value, used, calls, refused, *_ in spent]
    begun = reserved.keys() - {one.value for one in listed} if len(listed) < most else set()
    listed += [account(value, 0, 0, 0) for value in sorted(begun)[: most - len(listed)]]
    if not listed and divided_by(budget) is None:
        listed = [account("", 0, 0, 0)]
    return Standing(
        row=row,
        limit=rules.limit_of(budget, "", now),
        starts=starts,
        resets_at=resets_at,
        used=int(total[1]),
        reserved=sum(reserved.values()),
        calls=int(total[2]),
        count=max(int(total[0]), len(listed)),
        accounts=listed,
        raises=raises,
        divided=divided_by(budget) is not None,
        refused=int(total[3]),
    )


def forecast(used: int, limit: int, since: int, now: int, ends: int | None) -> Forecast | None:
    """Where `used` since `since` leads at an even pace; None while too little time has passed to say."""
    gone = now - since
    soon = _SOON_NS if ends is None else min(_SOON_NS, (ends - since) // _SOON_PART)
    if gone <= 0 or gone < soon:
        return None
    full_at = None
    if used >= limit:
        full_at = now
    elif used:
        reached = now + (limit - used) * gone // used
        full_at = reached if reached < (ends or 2**62) else None
    by_end = None if ends is None else used + used * (ends - now) // gone
    return Forecast(since, used / gone * 1e9, by_end, full_at)


def series(store: Store, row: BudgetRow, now: int, most: int = 100) -> list[tuple[int, int]]:
    """What all accounts used in the present window, by the buckets that the ledger counts in: (start, amount)."""
    budget = row.budget
    starts, since = windows.start(budget.window, budget.zone, now), windows.since(budget.window, now)
    rows = store.query(
        "SELECT bucket, sum(amount) FROM budget_spent WHERE budget = ? AND starts = ? AND bucket >= ?"
        " AND amount > 0 GROUP BY bucket ORDER BY bucket DESC LIMIT ?",
        (budget.id, starts, since, most),
    )
    return [(int(bucket), int(amount)) for bucket, amount in reversed(rows)]


def _has_pace(window: str) -> bool:
    """A rolling window forgets, and a run's account is over soon: a straight line says nothing about them."""
    return window != "run" and not windows.rolls(window)


def _lent(store: Store, leases: Store | None, where: tuple[str, int, int], spent: Iterable[str]) -> dict[str, int]:
    """By account, what is reserved: of the accounts in `spent`, and of others that have spent nothing yet."""
    if leases is None:
        return {}
    budget, starts, since = where
    rows = leases.query(
        "SELECT DISTINCT value FROM budget_leases"
        " WHERE budget = ? AND starts = ? AND closed = 0 AND granted > 0 LIMIT ?",
        (budget, starts, _MOST_LENT),
    )
    values = dict.fromkeys([*spent, *(value for (value,) in rows)])
    found = standings(leases, store, [(Key(budget, value, starts), since) for value in values])
    return {one.key.value: one.reserved for one in found}
