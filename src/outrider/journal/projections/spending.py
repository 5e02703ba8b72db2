"""What was charged to each account of a budget, by the process that charged it and the time it counts for.

It comes after `runs`, which says which runs are new. Sums of times up to `floor_hour` stay in a reset and are not added
again: a charge's bucket is never after its run's `at`, so no run that retention removed has a bucket after that hour.
"""

from outrider.base.clock import HOUR_NS
from outrider.journal.batch import Batch
from outrider.journal.names import clean
from outrider.store import Tx

tables = ("budget_spent",)

Key = tuple[str, str, int, str, int]
"""Budget, value, start of the window, holder, bucket."""


def apply(tx: Tx, batch: Batch) -> None:
    sums: dict[Key, list[int]] = {}
    floor = _floor(batch.floor_hour)
    for _, run in batch.runs:
        for charge in run.charges:
            if charge.bucket < floor:
                continue
            key = (charge.budget, charge.value, charge.window, run.holder, charge.bucket)
            found = sums.get(key)
            if found is None:
                sums[key] = [charge.amount, 1]
            else:
                found[0] += charge.amount
                found[1] += 1
    if not sums:
        return
    tx.executemany(
        "INSERT INTO budget_spent (budget, value, starts, holder, bucket, amount, calls) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (budget, value, starts, holder, bucket) DO UPDATE SET"
        " amount = budget_spent.amount + excluded.amount, calls = budget_spent.calls + excluded.calls",
        [
            (clean(budget), clean(value), starts, clean(holder), bucket, amount, calls)
            for (budget, value, starts, holder, bucket), (amount, calls) in sums.items()
        ],
    )


def reset(tx: Tx, floor_hour: int) -> None:
    tx.execute("DELETE FROM budget_spent WHERE bucket >= ?", (_floor(floor_hour),))


def _floor(floor_hour: int) -> int:
    """The first bucket that is computed from records: those before it begin in hours that retention has touched."""
    return (floor_hour + 1) * HOUR_NS
