"""The keys that exist and whether they still hold."""

from outrider.journal.batch import Batch
from outrider.journal.events import KeyCreated, KeyRevoked
from outrider.store import Tx

tables = ("keys",)


def apply(tx: Tx, batch: Batch) -> None:
    for seq, event in batch.others:
        if isinstance(event, KeyCreated):
            tx.execute(
                "INSERT INTO keys (public, project, digest, name, created_at, revoked_at, seq, team, may)"
                " VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?) ON CONFLICT (public) DO NOTHING",
                (event.public, event.project, event.digest, event.name, event.at, seq, event.team, " ".join(event.may)),
            )
        elif isinstance(event, KeyRevoked):
            tx.execute("UPDATE keys SET revoked_at = ? WHERE public = ? AND revoked_at = 0", (event.at, event.public))


def reset(tx: Tx, floor_hour: int) -> None:
    tx.execute("DELETE FROM keys")
