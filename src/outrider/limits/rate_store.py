"""The side of rates that lies in the lease store: buckets and slots that all workers share. Blocking; SQL only.

A bucket is one `Level` in the table `rate_buckets`. Workers take small slices of it, so most requests need no I/O: a
slice is what was asked for, and at most an eighth of the room that is left, divided by the live workers.

Slots (calls at the same time) are rows of `rate_slots`: so many are held by that worker. A worker counts while it is
seen: once every LIVE nanoseconds in `rate_holders`. What one that died held is free again after that.
"""

import zlib
from collections.abc import Sequence

import msgspec

from outrider.base import clock
from outrider.limits.bucket import Level, Rate
from outrider.store.ports import Store, Tx

BEAT = 1_000_000_000
LIVE = 5_000_000_000
SWEEP = 60_000_000_000
SHARE_OF_ROOM = 8
AT_ONCE = 20_000_000
"""A slice may always be what the rate gives in 20 ms, divided by the workers: near the limit of a high rate, a
transaction for each request would be dear."""


class MeterAsk(msgspec.Struct, frozen=True):
    """`needs`: units that calls wait for, each all or nothing. `want`: units ahead. `used`: units that were used
    beyond what was taken (less than 0: not used, given back)."""

    bucket: str
    value: str
    rate: Rate
    needs: tuple[int, ...] = ()
    want: int = 0
    used: int = 0

    @property
    def place(self) -> tuple[str, str]:
        return self.bucket, self.value


class MeterGrant(msgspec.Struct, frozen=True):
    """`waits`: for each need 0 (granted) or nanoseconds until it could be. `ahead`: the slice. `room`: units left."""

    waits: tuple[int, ...]
    ahead: int
    room: int
    full_in: int


class SlotsAsk(msgspec.Struct, frozen=True):
    """`used` slots are in use, `want` more are wanted; `waiting`: calls queue for them."""

    pool: str
    value: str
    limit: int
    used: int
    want: int = 0
    waiting: bool = False

    @property
    def place(self) -> tuple[str, str]:
        return self.pool, self.value


class SlotsGrant(msgspec.Struct, frozen=True):
    """The worker holds `held` slots and may use at most `most` of them; others hold `others`. `workers` are alive."""

    held: int
    most: int
    others: int
    workers: int


Ask = MeterAsk | SlotsAsk
Grant = MeterGrant | SlotsGrant


class RateStore:
    """Buckets and slots for one holder: a random name for each life of a process."""

    def __init__(self, store: Store, holder: str) -> None:
        self._store, self.holder = store, holder
        self._live = 1  # workers that were seen lately
        self._beaten = self._swept = 0

    def apply(self, asks: Sequence[Ask]) -> list[Grant]:
        """Answer all in one transaction. Raises StoreUnavailable, and then nothing was granted."""
        with self._store.write([_lock(*ask.place) for ask in asks] or [_lock(self.holder)]) as tx:
            now = _now(tx)
            if not 0 <= now - self._beaten < BEAT:
                self._beat(tx, now)
            return [
                self._meter(tx, ask, now) if isinstance(ask, MeterAsk) else self._slots(tx, ask, now) for ask in asks
            ]

    def leave(self) -> None:
        """Give everything back: the worker ends."""
        with self._store.write([_lock(self.holder)]) as tx:
            tx.execute("DELETE FROM rate_slots WHERE holder = ?", (self.holder,))
            tx.execute("DELETE FROM rate_holders WHERE holder = ?", (self.holder,))

    def _beat(self, tx: Tx, now: int) -> None:
        """Be seen, see who else is there, and now and then remove what means nothing any more."""
        tx.execute(
            "INSERT INTO rate_holders (holder, seen) VALUES (?, ?)"
            " ON CONFLICT (holder) DO UPDATE SET seen = excluded.seen",
            (self.holder, now),
        )
        seen = tx.query("SELECT count(*) FROM rate_holders WHERE seen > ? AND seen < ?", (now - LIVE, now + LIVE))
        self._live = int(seen[0][0])
        self._beaten = now
        if not 0 <= now - self._swept < SWEEP:
            self._swept = now
            tx.execute("DELETE FROM rate_buckets WHERE full_at < ?", (now - SWEEP,))
            tx.execute("DELETE FROM rate_holders WHERE seen < ?", (now - SWEEP,))
            tx.execute(
                "DELETE FROM rate_slots WHERE held = 0 AND since = 0"
                " OR NOT EXISTS (SELECT 1 FROM rate_holders h WHERE h.holder = rate_slots.holder)"
            )

    def _meter(self, tx: Tx, ask: MeterAsk, now: int) -> MeterGrant:
        rows = tx.query("SELECT full_at, at FROM rate_buckets WHERE bucket = ? AND value = ?", ask.place)
        level = Level(*rows[0]) if rows else Level()
        grant = meter(level, ask, now, self._live)
        tx.execute(
            "INSERT INTO rate_buckets (bucket, value, full_at, at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (bucket, value) DO UPDATE SET full_at = excluded.full_at, at = excluded.at",
            (*ask.place, level.full_at, level.at),
        )
        return grant

    def _slots(self, tx: Tx, ask: SlotsAsk, now: int) -> SlotsGrant:
        rows = tx.query(
            "SELECT s.holder, s.held, s.since, h.seen FROM rate_slots s LEFT JOIN rate_holders h ON h.holder = s.holder"
            " WHERE s.pool = ? AND s.value = ?",
            ask.place,
        )
        mine = next((since for holder, _, since, _ in rows if holder == self.holder), 0)
        others = [
            (held, since)
            for holder, held, since, seen in rows
            if holder != self.holder and seen is not None and abs(now - seen) < LIVE
        ]
        grant, since = slots(ask, others, mine, now, max(self._live, 1 + len(others)))
        tx.execute(
            "INSERT INTO rate_slots (pool, value, holder, held, since) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (pool, value, holder) DO UPDATE SET held = excluded.held, since = excluded.since",
            (*ask.place, self.holder, grant.held, since),
        )
        return grant


def meter(level: Level, ask: MeterAsk, now: int, workers: int) -> MeterGrant:
    """Answer one worker from a bucket, which is changed."""
    rate = ask.rate
    level.look(now)
    if ask.used:
        level.force(rate, ask.used)
    waits = tuple(0 if level.take(rate, need) else max(1, level.wait(rate, need)) for need in ask.needs)
    room = level.room(rate)
    ahead = 0
    if not any(waits):
        ahead = max(0, min(ask.want, max(room // (SHARE_OF_ROOM * workers), min(room, rate.units(AT_ONCE) // workers))))
        level.take(rate, ahead)
    return MeterGrant(waits, ahead, room - ahead, level.full_at - now)


def slots(
    ask: SlotsAsk, others: Sequence[tuple[int, int]], mine: int, now: int, workers: int
) -> tuple[SlotsGrant, int]:
    """How many slots one worker may hold, and since when its calls wait from now on.

    `others`: what each other holds, and since when its calls wait (0: none do); `mine`: the same of this one. While
    calls wait elsewhere, each waiting worker is owed an equal share; where there are fewer slots than workers, who has
    waited longest comes first. What is in use is never taken away: who is above its share gives back as calls end.
    """
    since = (mine or now) if ask.waiting else 0
    waiting = [(held, other) for held, other in others if other]
    share = max(1, ask.limit // (1 + len(waiting)))
    owed = [(max(0, share - held), other) for held, other in waiting]
    held_by_others = sum(held for held, _ in others)
    room = ask.limit - held_by_others
    most = room - sum(due for due, other in owed if ask.used >= share or not since or other < since)
    if owed:
        most = min(most, max(share, room - sum(due for due, _ in owed)))
    held = max(ask.used, min(ask.used + ask.want, most))
    return SlotsGrant(held, max(0, most), held_by_others, workers), now if since and held else since


def _now(tx: Tx) -> int:
    """The one clock of all workers: the database's where machines share it, else this machine's."""
    if tx.dialect == "postgres":
        return int(tx.query("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")[0][0]) * 1000
    return clock.now_ns()


def _lock(*place: str) -> int:
    """What a place is locked by where transactions run side by side: 32 bits with a sign. A clash only waits."""
    return zlib.crc32("\x1f".join(place).encode()) - (1 << 31)
