"""The budgets that exist, the raises that may still hold, and every change with who and why.

Workers record into spools of their own, so a change may be read after one that was made later: it is noted, and undoes
nothing.
"""

from collections.abc import Sequence

import msgspec

from outrider.journal.batch import Batch
from outrider.journal.events import BudgetRaised, BudgetRemoved, BudgetSet, Event
from outrider.journal.names import clean
from outrider.journal.upcast import decode
from outrider.store import Tx

tables = ("budgets", "budget_raises", "budget_changes")

Change = BudgetSet | BudgetRemoved | BudgetRaised


def apply(tx: Tx, batch: Batch) -> None:
    for seq, event in batch.others:
        if isinstance(event, BudgetSet):
            _set(tx, event)
            _note(tx, seq, event.budget.id, event.at, event)
        elif isinstance(event, BudgetRemoved):
            _remove(tx, event)
            _note(tx, seq, event.budget, event.at, event)
        elif isinstance(event, BudgetRaised):
            _raise(tx, seq, event)
            _note(tx, seq, event.change.budget, event.at, event)


def reset(tx: Tx, floor_hour: int) -> None:
    for table in tables:
        tx.execute(f"DELETE FROM {table}")


def _set(tx: Tx, event: BudgetSet) -> None:
    """A budget that measures something else now has lost its raises: they were in the old unit."""
    budget, id_ = event.budget, clean(event.budget.id)
    if any(isinstance(one, BudgetSet | BudgetRemoved) for one in _later(tx, id_, event.at)):
        tx.execute("UPDATE budgets SET made_at = ? WHERE id = ? AND made_at > ?", (event.at, id_, event.at))
        return
    known = tx.query("SELECT measure FROM budgets WHERE id = ?", (id_,))
    if known and known[0][0] != budget.measure:
        _end_raises(tx, id_, event.at)
    tx.execute(
        "INSERT INTO budgets (id, measure, origin, at, made_at, actor, why, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET measure = excluded.measure, origin = excluded.origin, at = excluded.at,"
        " actor = excluded.actor, why = excluded.why, body = excluded.body",
        (
            id_,
            budget.measure,
            event.origin,
            event.at,
            event.at,
            clean(event.by),
            clean(event.why),
            msgspec.msgpack.encode(budget),
        ),
    )


def _remove(tx: Tx, event: BudgetRemoved) -> None:
    id_ = clean(event.budget)
    _end_raises(tx, id_, event.at)
    if not any(isinstance(one, BudgetSet) for one in _later(tx, id_, event.at)):
        tx.execute("DELETE FROM budgets WHERE id = ?", (id_,))


def _raise(tx: Tx, seq: int, event: BudgetRaised) -> None:
    """The amount 0 ends the raises before it: all of the budget's, or those of the one account that it names."""
    change = event.change
    budget, value = clean(change.budget), clean(change.value)
    if change.amount:
        later = _later(tx, budget, event.at)
        if any(_ends(one, change.value) for one in later) or _measures_else(tx, budget, event.at, later):
            return
        tx.execute(
            "INSERT INTO budget_raises (seq, budget, value, amount, until, actor, why) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (seq, budget, value, change.amount, change.until, clean(change.by), clean(change.why)),
        )
    else:
        _end_raises(tx, budget, event.at, value)


def _end_raises(tx: Tx, budget: str, at: int, value: str = "") -> None:
    """Those that were made until then, of one account or of all."""
    account, params = (" AND value = ?", (value,)) if value else ("", ())
    tx.execute(
        f"DELETE FROM budget_raises WHERE budget = ?{account}"
        " AND seq IN (SELECT seq FROM budget_changes WHERE budget = ? AND at <= ?)",
        (budget, *params, budget, at),
    )


def _ends(change: Event, value: str) -> bool:
    """Whether it ends a raise for this account that was made before it."""
    if isinstance(change, BudgetRaised):
        return not change.change.amount and change.change.value in ("", value)
    return isinstance(change, BudgetRemoved)


def _measures_else(tx: Tx, budget: str, at: int, later: Sequence[Event]) -> bool:
    """Whether the budget measures something else after `at` than it did then."""
    sets = [one.budget.measure for one in later if isinstance(one, BudgetSet)]
    if not sets:
        return False
    rows = tx.query("SELECT body FROM budget_changes WHERE budget = ? AND at <= ? ORDER BY at, seq", (budget, at))
    before = [one.budget.measure for (body,) in rows if isinstance(one := decode(body), BudgetSet)]
    return any(one != before[-1] for one in sets) if before else False


def _later(tx: Tx, budget: str, at: int) -> list[Event]:
    """Changes of a budget that were made after `at`, and are known already."""
    rows = tx.query("SELECT body FROM budget_changes WHERE budget = ? AND at > ?", (budget, at))
    return [decode(body) for (body,) in rows]


def _note(tx: Tx, seq: int, budget: str, at: int, event: Change) -> None:
    tx.execute(
        "INSERT INTO budget_changes (seq, budget, at, body) VALUES (?, ?, ?, ?)",
        (seq, clean(budget), at, msgspec.msgpack.encode(event)),
    )
