"""What each account of a budget was charged in each hour of the last days, to know what is usual for it."""

from collections import Counter

from outrider.base.clock import HOUR_NS
from outrider.journal.batch import Batch
from outrider.journal.names import clean
from outrider.store import Tx

tables = ("spend_hours",)

KEPT_HOURS = 8 * 24


def apply(tx: Tx, batch: Batch) -> None:
    sums: Counter[tuple[str, str, int]] = Counter()
    for _, run in batch.runs:
        hour = run.at // HOUR_NS
        if run.charges and hour > batch.floor_hour:
            for charge in run.charges:
                if charge.amount:
                    sums[charge.budget, charge.value, hour] += charge.amount
    if not sums:
        return
    tx.executemany(
        "INSERT INTO spend_hours (budget, value, hour, amount) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (budget, hour, value) DO UPDATE SET amount = spend_hours.amount + excluded.amount",
        sorted([(clean(budget), clean(value), hour, amount) for (budget, value, hour), amount in sums.items()]),
    )
    # Counted from the newest hour of all, so that the result does not depend on how records come in batches.
    tx.execute("DELETE FROM spend_hours WHERE hour <= (SELECT max(hour) FROM spend_hours) - ?", (KEPT_HOURS,))


def reset(tx: Tx, floor_hour: int) -> None:
    tx.execute("DELETE FROM spend_hours WHERE hour > ?", (floor_hour,))
