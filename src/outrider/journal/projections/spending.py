"""What was charged to each account of a budget, by the process that charged it and the time it counts for; and how many
calls were refused for want of room on it, which are charges of nothing.

It comes after `runs`, which says which runs are new. Sums of times up to `floor_hour` stay in a reset and are not added
again: a charge's bucket is never after its run's `at`, so no run that retention removed has a bucket after that hour.
"""

from outrider.base.clock import HOUR_NS
from outrider.journal.batch import Batch
from outrider.journal.names import clean
from outrider.store import Tx

tables = ("budget_spent",)

ADD = (
    "INSERT INTO budget_spent (budget, value, starts, holder, bucket, amount, calls, refused, refused_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (budget, value, starts, holder, bucket) DO UPDATE SET"
    " amount = budget_spent.amount + excluded.amount, calls = budget_spent.calls + excluded.calls,"
    " refused = budget_spent.refused + excluded.refused, refused_at = CASE"
    " WHEN budget_spent.refused_at > excluded.refused_at THEN budget_spent.refused_at ELSE excluded.refused_at END"
)
"""Adds a row to what is there."""

Key = tuple[str, str, int, str, int]
"""Budget, value, start of the window, holder, bucket."""


class Sums:
    """What one row grows by; `refused_at` is the newest time of a refused run."""

    __slots__ = ("amount", "calls", "refused", "refused_at")

    def __init__(self) -> None:
        self.amount = self.calls = self.refused = self.refused_at = 0


def apply(tx: Tx, batch: Batch) -> None:
    sums: dict[Key, Sums] = {}
    floor = _floor(batch.floor_hour)
    for _, run in batch.runs:
        for charge in run.charges:
            if charge.bucket < floor:
                continue
            key = (charge.budget, charge.value, charge.window, run.holder, charge.bucket)
            found = sums.get(key)
            if found is None:
                found = sums[key] = Sums()
            if charge.amount:
                found.amount += charge.amount
                found.calls += 1
            else:
                found.refused += 1
                found.refused_at = max(found.refused_at, run.at)
    if not sums:
        return
    tx.executemany(
        ADD,
        [
            (clean(budget), clean(value), starts, clean(holder), bucket, s.amount, s.calls, s.refused, s.refused_at)
            for (budget, value, starts, holder, bucket), s in sums.items()
        ],
    )


def reset(tx: Tx, floor_hour: int) -> None:
    tx.execute("DELETE FROM budget_spent WHERE bucket >= ?", (_floor(floor_hour),))


def _floor(floor_hour: int) -> int:
    """The first bucket that is computed from records: those before it begin in hours that retention has touched."""
    return (floor_hour + 1) * HOUR_NS
