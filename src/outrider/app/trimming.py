"""Answers that are kept for idempotency keys stay bounded: expired ones go, and the oldest beyond a set size."""

from outrider.base import clock
from outrider.base.errors import StoreUnavailable
from outrider.cache.claims import Claims
from outrider.store import open_leases

EVERY_NS = 60 * 1_000_000_000
MOST = 1_000_000_000
"""Bytes of all kept answers."""


class Trimming:
    """Called after every round of the indexer; once a minute it does something."""

    def __init__(self, url: str, *, most: int = MOST) -> None:
        self._url, self._most = url, most
        self._next = clock.mono_ns() + EVERY_NS

    def __call__(self) -> None:
        if clock.mono_ns() < self._next:
            return
        self._next = clock.mono_ns() + EVERY_NS
        try:
            leases = open_leases(self._url)
        except StoreUnavailable:
            return  # the indexer says so; the next turn comes
        try:
            Claims(lambda: leases).trim(clock.now_ns(), self._most)
        except StoreUnavailable:
            return
        finally:
            leases.close()
