"""Who scores live traffic: one process of all that share a store. It says so in every write, so that one who was taken
for dead writes nothing any more. Blocking; use it in threads.
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from outrider.base import clock
from outrider.base.errors import OutriderError
from outrider.evals import holders
from outrider.store import Store, Tx

HOLD_NS = 15_000_000_000
"""How long the lead is kept for a process that is not heard of."""
LOCK = zlib.crc32(b"evaluation/online") >> 1
LEAD = "lead"


class NotLeading(OutriderError):
    """Another process works on it by now."""

    code = "not_leading"


class Lead(msgspec.Struct, frozen=True):
    """Who works on it, up to where the journal was read (-1: not begun), when a round was asked for (`wanted`) and when
    the last one ended (`done`). `fault` is what goes wrong now."""

    holder: str = ""
    held_until: int = 0
    place: int = -1
    wanted: int = 0
    done: int = 0
    fault: str = ""


class Leadership:
    """The lead in a store. `holder` is who works on it here ("": nobody, it only looks)."""

    def __init__(self, store: Callable[[], Store], holder: str = "") -> None:
        self._store, self.holder = store, holder

    def lead(self) -> Lead:
        rows = self._store().query(
            "SELECT holder, held_until, place, wanted, done, fault FROM online_lead WHERE name = ?", (LEAD,)
        )
        return Lead(*rows[0]) if rows else Lead()

    def claim(self) -> bool:
        """Take the lead if nobody is heard of who holds it. A hold that ends later than any can was set by a clock that
        has been put back since, and is void."""
        now, dead = clock.now_ns(), self.lead().holder
        with self._store().write([LOCK]) as tx:
            tx.execute(
                "INSERT INTO online_lead (name, holder, held_until, place, wanted, done, fault)"
                " VALUES (?, '', 0, -1, 0, 0, '') ON CONFLICT DO NOTHING",
                (LEAD,),
            )
            taken = tx.execute(
                "UPDATE online_lead SET holder = ?, held_until = ?"
                " WHERE name = ? AND (holder = ? OR holder = ? OR held_until < ? OR held_until > ?)",
                (
                    *(self.holder, now + HOLD_NS, LEAD, self.holder),
                    *(dead if holders.gone(dead) else self.holder, now, now + 2 * HOLD_NS),
                ),
            )
        return taken == 1

    def hold(self) -> None:
        """Keep the lead. Raises NotLeading."""
        with self.leading():
            return

    def release(self) -> None:
        """Let go of it: another may have it at once."""
        with self._store().write([LOCK]) as tx:
            tx.execute("UPDATE online_lead SET held_until = 0 WHERE name = ? AND holder = ?", (LEAD, self.holder))

    def ask_for_round(self) -> int:
        """Whoever works on it shall begin a round now; the moment that `done` has to pass."""
        at = clock.now_ns()
        with self._store().write([LOCK]) as tx:
            tx.execute("UPDATE online_lead SET wanted = ? WHERE name = ?", (at, LEAD))
        return at

    def ended(self, at: int, fault: str = "") -> None:
        """A round that began at `at` is over."""
        with self.leading() as tx:
            tx.execute("UPDATE online_lead SET done = ?, fault = ? WHERE name = ?", (at, fault[:500], LEAD))

    @contextmanager
    def leading(self) -> Iterator[Tx]:
        """A write by who holds the lead, which holds it on."""
        with self._store().write([LOCK]) as tx:
            held = tx.execute(
                "UPDATE online_lead SET held_until = ? WHERE name = ? AND holder = ?",
                (clock.now_ns() + HOLD_NS, LEAD, self.holder),
            )
            if not held:
                raise NotLeading("another process scores live traffic by now")
            yield tx
