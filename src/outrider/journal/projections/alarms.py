"""Alarms that were raised: the first event of its kind makes the row, and what became of its message is added."""

from outrider.journal.batch import Batch
from outrider.journal.events import AlarmRaised, AlarmSent
from outrider.journal.names import clean
from outrider.store import Tx

tables = ("alarms",)


def apply(tx: Tx, batch: Batch) -> None:
    for _, event in batch.others:
        if isinstance(event, AlarmRaised):
            _raise(tx, event)
        elif isinstance(event, AlarmSent):
            tx.execute(
                "UPDATE alarms SET sent_at = ?, delivered = ?, failed = ?, error = ? WHERE id = ?",
                (event.at, event.delivered, event.failed, clean(event.error), event.id),
            )


def reset(tx: Tx, floor_hour: int) -> None:
    tx.execute("DELETE FROM alarms")


def _raise(tx: Tx, event: AlarmRaised) -> None:
    tx.execute(
        "INSERT INTO alarms (what, subject, value, period, level, most, id, at, amount, usual, measure, maker, unit)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            event.what,
            clean(event.subject),
            clean(event.value),
            event.period,
            event.level,
            event.limit,
            event.id,
            event.at,
            event.amount,
            event.usual,
            event.measure,
            clean(event.by),
            clean(event.unit),
        ),
    )
