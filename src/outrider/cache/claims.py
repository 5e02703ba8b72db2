"""Idempotency keys as rows: who executes a key, and its answer. Blocking, small transactions, in the lease store."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import msgspec

from outrider.store import Store, Tx

CLAIMED, DONE, FAILED = 0, 1, 2
KEEP_NS = 24 * 3_600_000_000_000
FAILED_KEPT_NS = 60 * 1_000_000_000
LARGEST = 8 << 20
_SWEEP_EVERY, _SWEPT = 32, 64
"""Every so many claims remove so many expired rows: more than they add."""

_COLUMNS = "digest, run, holder, slot, state, until, answer"


class Kept(msgspec.Struct, array_like=True, frozen=True):
    """An answer as it was sent: `head` are header lines, `chunks` the body's pieces (one for a plain answer).

    `run` is the run that made it, `error` its stable code ("" for a good one), `cost` what it cost (nano-dollars).
    """

    status: int
    head: bytes
    chunks: tuple[bytes, ...]
    stream: bool
    run: bytes
    error: str = ""
    message: str = ""
    cost: int = 0


class Key(NamedTuple):
    project: str
    key: str


class Row(NamedTuple):
    """What is known of a key. `until` is when its claim is void (ns); `holder` and `slot` say who executes it and
    where the run will be recorded."""

    digest: bytes
    run: bytes
    holder: str
    slot: str
    state: int
    until: int
    answer: bytes | None

    def kept(self) -> Kept | None:
        """The answer, if it is here. None for one that was too large: the journal has it."""
        return None if self.answer is None else _decode(self.answer)


class Place(NamedTuple):
    """Where a process stands: the holder's name for this life of it, and the slot of the spool that it records in."""

    holder: str
    slot: str


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Kept).decode


def _lock(key: Key) -> int:
    """A number of 31 bits: claims of one key wait for each other, others hardly ever."""
    return zlib.crc32("\0".join(key).encode()) >> 1


_OWN = (zlib.crc32(b"idempotency") >> 1,)
"""For work on many keys at once."""


class Claims:
    """The table. Every method blocks and raises StoreUnavailable; `open_` gives the lease store."""

    def __init__(self, open_: Callable[[], Store], *, largest: int = LARGEST) -> None:
        self._open, self._largest = open_, largest
        self._made = 0

    @contextmanager
    def _transaction(self, locks: Sequence[int]) -> Iterator[Tx]:
        """One that does not wait for PostgreSQL's disk: what its server loses when it crashes, the journal knows."""
        with self._open().write(locks) as tx:
            if tx.dialect == "postgres":
                tx.query("SELECT set_config('synchronous_commit', 'off', true)")
            yield tx

    def claim(
        self, key: Key, digest: bytes, run: bytes, place: Place, *, until: int, now: int, instead_of: bytes = b""
    ) -> Row | None:
        """Take `key` for `run`, until `until`; None when it is taken now, else the row of who has it.

        Free are a key without a row, an expired one, one whose execution failed, and the claim of `instead_of`,
        a run that cannot answer any more.
        """
        self._made += 1
        with self._transaction((_lock(key),)) as tx:
            if self._made % _SWEEP_EVERY == 0:
                _sweep(tx, now)
            taken = tx.execute(
                "INSERT INTO idempotency (project, key, digest, run, holder, slot, state, until, expires, size)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (project, key) DO UPDATE SET"
                " digest = excluded.digest, run = excluded.run, holder = excluded.holder, slot = excluded.slot,"
                " state = excluded.state, until = excluded.until, expires = excluded.expires, size = 0, answer = NULL"
                " WHERE idempotency.state = ? OR idempotency.expires <= ?"
                " OR (idempotency.state = ? AND idempotency.run = ?)",
                (*key, digest, run, *place, CLAIMED, until, until + KEEP_NS, FAILED, now, CLAIMED, instead_of),
            )
            if taken:
                return None
            (row,) = tx.query(f"SELECT {_COLUMNS} FROM idempotency WHERE project = ? AND key = ?", key)
            return Row(*row)

    def look(self, key: Key, now: int) -> Row | None:
        """The row of a key, None if there is none or it is over."""
        sql = f"SELECT {_COLUMNS} FROM idempotency WHERE project = ? AND key = ? AND expires > ?"
        for row in self._open().query(sql, (*key, now)):
            return Row(*row)
        return None

    def finish(self, key: Key, kept: Kept, now: int, state: int = DONE) -> bool:
        """Write the answer of a claim; False if the key is somebody else's by now.

        A failure is kept for a minute, for those who wait for this very run; anybody new executes again.
        """
        packed = _encode(kept)
        large = len(packed) > self._largest
        if large and state == FAILED:
            return self.release(key, kept.run)
        answer, size = (None, 0) if large else (packed, len(packed))
        expires = now + (KEEP_NS if state == DONE else FAILED_KEPT_NS)
        with self._transaction((_lock(key),)) as tx:
            changed = tx.execute(
                "UPDATE idempotency SET state = ?, answer = ?, size = ?, until = 0, expires = ?"
                " WHERE project = ? AND key = ? AND run = ? AND state = ?",
                (state, answer, size, expires, *key, kept.run, CLAIMED),
            )
        return changed > 0

    def release(self, key: Key, run: bytes) -> bool:
        """Give a claim back: the next request with this key executes."""
        with self._transaction((_lock(key),)) as tx:
            sql = "DELETE FROM idempotency WHERE project = ? AND key = ? AND run = ? AND state = ?"
            return tx.execute(sql, (*key, run, CLAIMED)) > 0

    def release_all(self, holder: str) -> None:
        """Give back what a process still has when it ends in order."""
        with self._transaction(_OWN) as tx:
            tx.execute("DELETE FROM idempotency WHERE holder = ? AND state = ?", (holder, CLAIMED))

    def trim(self, now: int, most: int) -> int:
        """Remove what is expired, and the oldest answers beyond `most` bytes in all (the journal still has them);
        the number of rows changed."""
        with self._transaction(_OWN) as tx:
            changed = tx.execute("DELETE FROM idempotency WHERE expires <= ?", (now,))
            size = int(tx.query("SELECT coalesce(sum(size), 0) FROM idempotency")[0][0])
            while size > most:
                oldest = tx.query(
                    "SELECT project, key, size FROM idempotency WHERE size > 0 ORDER BY expires LIMIT 100"
                )
                for project, key, freed in oldest:
                    if size <= most:
                        break
                    tx.execute(
                        "UPDATE idempotency SET answer = NULL, size = 0 WHERE project = ? AND key = ?", (project, key)
                    )
                    size, changed = size - freed, changed + 1
        return changed


def _sweep(tx: Tx, now: int) -> None:
    """Remove some expired rows; those that somebody is at now are left."""
    skip = " FOR UPDATE SKIP LOCKED" if tx.dialect == "postgres" else ""
    tx.execute(
        "DELETE FROM idempotency WHERE (project, key) IN"
        f" (SELECT project, key FROM idempotency WHERE expires <= ? ORDER BY expires LIMIT ?{skip})",
        (now, _SWEPT),
    )
