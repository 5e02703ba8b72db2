"""Tables that are computed from records and can be dropped and computed again. One file each, found by file name.

A projection is a module with `tables` (what it owns), `apply(tx, batch)` and `reset(tx, floor_hour)`. They are applied
in the order of their names, in the transaction that also stores the records.
"""

from functools import cache
from typing import Protocol, cast

from outrider.base import plugins
from outrider.journal.batch import Batch
from outrider.journal.names import Names
from outrider.journal.records import read_block
from outrider.store import Store, Tx

__all__ = ["Projection", "apply_all", "projections", "rebuild"]

_BATCH = 50
"""Blocks of records per step of a rebuild."""


class Projection(Protocol):
    tables: tuple[str, ...]

    def apply(self, tx: Tx, batch: Batch) -> None:
        """Bring the tables up to date with a batch."""
        ...

    def reset(self, tx: Tx, floor_hour: int) -> None:
        """Empty the tables, but for sums of hours up to `floor_hour`, whose records retention removed."""
        ...


@cache
def projections() -> tuple[Projection, ...]:
    return tuple(cast(Projection, plugins.load(__name__, name)) for name in plugins.names(__name__))


def apply_all(tx: Tx, batch: Batch) -> None:
    for projection in projections():
        projection.apply(tx, batch)


def rebuild(store: Store) -> int:
    """Empty every projection and compute it from the stored records, in one transaction; the number of records."""
    names, done, seq = Names(), 0, 0
    with store.write() as tx:
        floor_hour = int(tx.query("SELECT value FROM counters WHERE name = 'pruned_hour'")[0][0])
        for projection in projections():
            projection.reset(tx, floor_hour)
        while blocks := tx.query("SELECT seq, body FROM records WHERE seq > ? ORDER BY seq LIMIT ?", (seq, _BATCH)):
            items = [item for first, body in blocks for item in read_block(first, body)]
            apply_all(tx, Batch(items, names, floor_hour=floor_hour))
            seq, done = blocks[-1][0], done + len(items)
    return done
