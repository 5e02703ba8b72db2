"""The configurations that processes answered by, in the order in which they took them over."""

from outrider.journal.batch import Batch
from outrider.journal.events import ConfigurationTaken
from outrider.journal.names import clean
from outrider.store import Tx

tables = ("configurations",)


def apply(tx: Tx, batch: Batch) -> None:
    tx.executemany(
        "INSERT INTO configurations (seq, at, place, sha256, size, why, version) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (seq, one.at, clean(one.place), one.settings.sha256, one.settings.size, one.why, clean(one.version))
            for seq, one in batch.others
            if isinstance(one, ConfigurationTaken)
        ],
    )


def reset(tx: Tx, floor_hour: int) -> None:
    tx.execute("DELETE FROM configurations")
