"""The budgets that exist, the raises that may still hold, and every change with who and why."""

import msgspec

from outrider.journal.batch import Batch
from outrider.journal.events import BudgetRaised, BudgetRemoved, BudgetSet
from outrider.journal.names import clean
from outrider.store import Tx

tables = ("budgets", "budget_raises", "budget_changes")

Change = BudgetSet | BudgetRemoved | BudgetRaised


def apply(tx: Tx, batch: Batch) -> None:
    for seq, event in batch.others:
        if isinstance(event, BudgetSet):
            _set(tx, event)
            _note(tx, seq, event.budget.id, event.at, event)
        elif isinstance(event, BudgetRemoved):
            tx.execute("DELETE FROM budgets WHERE id = ?", (clean(event.budget),))
            tx.execute("DELETE FROM budget_raises WHERE budget = ?", (clean(event.budget),))
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
    known = tx.query("SELECT measure FROM budgets WHERE id = ?", (id_,))
    if known and known[0][0] != budget.measure:
        tx.execute("DELETE FROM budget_raises WHERE budget = ?", (id_,))
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


def _raise(tx: Tx, seq: int, event: BudgetRaised) -> None:
    """The amount 0 ends the raises before it: all of the budget's, or those of the one account that it names."""
    change = event.change
    budget, value = clean(change.budget), clean(change.value)
    if change.amount:
        tx.execute(
            "INSERT INTO budget_raises (seq, budget, value, amount, until, actor, why) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (seq, budget, value, change.amount, change.until, clean(change.by), clean(change.why)),
        )
    elif value:
        tx.execute("DELETE FROM budget_raises WHERE budget = ? AND value = ?", (budget, value))
    else:
        tx.execute("DELETE FROM budget_raises WHERE budget = ?", (budget,))


def _note(tx: Tx, seq: int, budget: str, at: int, event: Change) -> None:
    tx.execute(
        "INSERT INTO budget_changes (seq, budget, at, body) VALUES (?, ?, ?, ?)",
        (seq, clean(budget), at, msgspec.msgpack.encode(event)),
    )
