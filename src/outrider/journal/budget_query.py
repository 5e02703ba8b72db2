"""Reading budgets from the store: what is in force, what raises it, and how it came to be."""

import msgspec

from outrider.base.budget import Budget, Raise
from outrider.journal.events import BudgetRaised, BudgetRemoved, BudgetSet
from outrider.journal.rows import BudgetChange, BudgetRow
from outrider.journal.upcast import decode
from outrider.store import Store

_COLUMNS = "body, origin, at, made_at, actor, why"


def list_budgets(store: Store) -> list[BudgetRow]:
    """The budgets in force, by id."""
    return [_row(*row) for row in store.query(f"SELECT {_COLUMNS} FROM budgets ORDER BY id")]


def find_budget(store: Store, budget: str) -> BudgetRow | None:
    """The budget with this id if it is in force, or None."""
    for row in store.query(f"SELECT {_COLUMNS} FROM budgets WHERE id = ?", (budget.replace("\0", ""),)):
        return _row(*row)
    return None


def list_raises(store: Store, now: int, budget: str = "") -> list[Raise]:
    """The raises (of one budget) that hold at `now` (ns), oldest first."""
    where, params = (" AND budget = ?", (now, budget)) if budget else ("", (now,))
    rows = store.query(
        f"SELECT budget, amount, until, value, actor, why FROM budget_raises WHERE until > ?{where} ORDER BY seq",
        params,
    )
    return [Raise(*row) for row in rows]


def budget_changes(store: Store, budget: str = "", *, limit: int = 100) -> list[BudgetChange]:
    """The newest changes (of one budget), newest first; also of budgets that were removed."""
    where, params = (" WHERE budget = ?", (budget, limit)) if budget else ("", (limit,))
    rows = store.query(f"SELECT seq, body FROM budget_changes{where} ORDER BY seq DESC LIMIT ?", params)
    events = [(seq, decode(body)) for seq, body in rows]
    return [BudgetChange(s, e) for s, e in events if isinstance(e, BudgetSet | BudgetRemoved | BudgetRaised)]


def budgets_mark(store: Store) -> int:
    """Changes whenever a budget does: for a watch that re-reads budgets and raises only then."""
    return int(store.query("SELECT coalesce(max(seq), 0) FROM budget_changes")[0][0])


def _row(body: bytes, origin: str, at: int, made_at: int, by: str, why: str) -> BudgetRow:
    return BudgetRow(msgspec.msgpack.decode(body, type=Budget), origin, at, made_at, by, why)
