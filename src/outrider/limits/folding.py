"""Keeps `budget_spent` small, without changing what anybody reads from it.

For each account, what a holder spent in all and what of it a window counts stay as they are. Fine buckets that no
window counts any more become hours; what retention has passed becomes one row; rows of windows that were over long ago
go, and so do those of runs' own budgets. A rebuild of the projection gives the same sums: what lies behind retention's
mark is kept by it, and an hour is wholly before or after that mark.
"""

from outrider.base.budget import Budget
from outrider.journal import read
from outrider.journal.projections import spending
from outrider.limits import windows
from outrider.store import Store, Tx

OVER_NS = 62 * windows.DAY_NS
"""No calendar window is longer than half of this."""

RUN_OVER_NS = 8 * windows.DAY_NS
_ROWS = 5000


def fold(store: Store, leases: Store, now: int) -> None:
    """One round; `now` is nanoseconds since the epoch. Each budget is a transaction."""
    budgets = [row.budget for row in read.list_budgets(store)]
    floor = _floor(store)
    lent = {holder for (holder,) in leases.query("SELECT DISTINCT holder FROM budget_leases")}
    for budget in budgets:
        counted = windows.since(budget.window, now)
        with store.write() as tx:
            if windows.rolls(budget.window) and windows.step(budget.window) < windows.HOUR_NS:
                _merge_hours(tx, budget, counted - windows.HOUR_NS)
            if budget.window == "lifetime" or windows.rolls(budget.window):
                _merge_past(tx, budget, min(floor, counted or floor))
                _merge_holders(tx, budget, lent)
        if budget.window == "run":
            _delete(store, "budget = ? AND bucket < ?", (budget.id, now - RUN_OVER_NS))
    known = ", ".join("?" * len(budgets))
    unknown = f"budget NOT IN ({known})" if budgets else "1 = 1"
    ids = [budget.id for budget in budgets]
    _delete(store, f"bucket < ? AND (starts > 0 OR {unknown})", (now - OVER_NS, *ids))


def _floor(store: Store) -> int:
    """Buckets before this are kept by a rebuild."""
    rows = store.query("SELECT value FROM counters WHERE name = 'pruned_hour'")
    return (int(rows[0][0]) + 1) * windows.HOUR_NS


def _merge_hours(tx: Tx, budget: Budget, before: int) -> None:
    hour = windows.HOUR_NS
    where = f"budget = ? AND starts = 0 AND bucket < ? AND bucket % {hour} <> 0"
    _merge(tx, "holder", f"bucket / {hour} * {hour}", where, (budget.id, before))


def _merge_past(tx: Tx, budget: Budget, before: int) -> None:
    where = "budget = ? AND starts = 0 AND bucket > 0 AND bucket < ?"
    _merge(tx, "holder", "0", where, (budget.id, before))


def _merge_holders(tx: Tx, budget: Budget, lent: set[str]) -> None:
    """What holders spent that are gone: they have no leases any more, so nobody asks for their part."""
    where = "budget = ? AND starts = 0 AND bucket = 0 AND holder <> ''"
    holders = [h for (h,) in tx.query(f"SELECT DISTINCT holder FROM budget_spent WHERE {where}", (budget.id,))]
    for holder in holders:
        if holder not in lent:
            _merge(tx, "''", "0", f"{where} AND holder = ?", (budget.id, holder))


def _merge(tx: Tx, holder: str, bucket: str, where: str, params: tuple[int | str, ...]) -> None:
    """Add up rows under another holder or bucket. None of the sums may fall into `where` itself."""
    sums = tx.query(
        f"SELECT budget, value, starts, {holder}, {bucket}, CAST(SUM(amount) AS BIGINT), CAST(SUM(calls) AS BIGINT),"
        " CAST(SUM(refused) AS BIGINT), MAX(refused_at)"
        f" FROM budget_spent WHERE {where} GROUP BY 1, 2, 3, 4, 5",
        params,
    )
    if not sums:
        return
    tx.execute(f"DELETE FROM budget_spent WHERE {where}", params)
    tx.executemany(spending.ADD, sums)


def _delete(store: Store, where: str, params: tuple[int | str, ...]) -> None:
    """Remove rows, some thousands in a transaction."""
    key = "budget, value, starts, holder, bucket"
    some = f"SELECT {key} FROM budget_spent WHERE {where} LIMIT {_ROWS}"
    gone = _ROWS
    while gone == _ROWS:
        with store.write() as tx:
            gone = tx.execute(f"DELETE FROM budget_spent WHERE ({key}) IN ({some})", params)
