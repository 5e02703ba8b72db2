"""Feedback by what it is about."""

from outrider.journal.batch import Batch
from outrider.journal.events import FeedbackGiven
from outrider.journal.names import clean
from outrider.store import Tx

tables = ("feedback",)
MILLION = 1_000_000


def apply(tx: Tx, batch: Batch) -> None:
    tx.executemany(
        "INSERT INTO feedback (id, seq, project, run, session, at, thumb, score, outcome, edited, text, size, sender,"
        " user_id, bad) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [_row(seq, event) for seq, event in batch.others if isinstance(event, FeedbackGiven)],
    )


def reset(tx: Tx, floor_hour: int) -> None:
    tx.execute("DELETE FROM feedback")


def _row(seq: int, event: FeedbackGiven) -> tuple[int | str | bytes | None, ...]:
    text = event.text
    return (
        event.id,
        seq,
        clean(event.project),
        event.run,
        clean(event.session),
        event.at,
        event.thumb,
        round(event.score * MILLION) if event.score is not None else None,
        clean(event.outcome),
        int(event.edited),
        text.sha256 if text is not None else b"",
        text.size if text is not None else 0,
        clean(event.by),
        clean(event.user),
        int(event.bad),
    )
