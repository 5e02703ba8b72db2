"""Copies of vectors in other databases: the store knows of each before it is made, until it is gone there.

A copy is to go when its collection was dropped, its embedding went, something was erased, or the collection is kept
elsewhere now. While its database does not answer, it stays noted, and whoever tends the library tries again.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.knowledge.records import Settings
from outrider.store.ports import Store

log = logging.getLogger("outrider.knowledge")

SOONEST_NS, LATEST_NS = 300_000_000_000, 86_400_000_000_000
"""After how long a database that did not answer is asked again, at first and at last."""
_SAME = "name = ? AND adapter = ? AND at = ? AND place = ?"
_MINE = "SELECT name, adapter, at, place FROM vector_copies WHERE place IN ('', ?)"


class Kept(NamedTuple):
    """A copy: `name` is the space's id and epoch, `place` the folder of an embedded one, "" at a server."""

    name: str
    adapter: str
    at: str
    place: str

    @property
    def space(self) -> str:
        """The id of its space."""
        return self.name.partition("_")[0]

    @property
    def settings(self) -> Settings:
        """Of a collection that is kept there."""
        return Settings(index=self.adapter, index_at=self.at)

    @property
    def where(self) -> str:
        """Its database, as people are told of it."""
        return where(self.adapter, self.at)


def where(adapter: str, at: str) -> str:
    host = urlsplit(at).hostname
    return f"{adapter} at {host}" if host else adapter


def note(store: Store, name: str, adapter: str, at: str, folder: Path) -> None:
    """A copy is about to be made."""
    kept = (name, adapter, at, "" if at and adapter != "faiss" else str(folder))
    if store.query(f"SELECT 1 FROM vector_copies WHERE {_SAME}", kept):
        return
    with store.write() as tx:
        columns = "name, adapter, at, place"
        tx.execute(f"INSERT INTO vector_copies ({columns}) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", kept)


def left(store: Store, folder: Path) -> list[Kept]:
    """Copies that are to go, of those that this machine can reach."""
    noted = [Kept(*row) for row in store.query(_MINE, (str(folder),))]
    if not noted:
        return []
    spaces = "SELECT s.uid, s.epoch, c.settings FROM spaces AS s JOIN collections AS c ON c.id = s.collection"
    live = set[tuple[str, str, str]]()
    for uid, epoch, told in store.query(spaces):
        settings = msgspec.json.decode(told, type=Settings)
        live.add((f"{uid}_{epoch}", settings.index, settings.index_at))
    return [one for one in noted if (one.name, one.adapter, one.at) not in live]


def sweep(store: Store, folder: Path, remove: Callable[[Kept], None]) -> list[Kept]:
    """Take away what is to go; what could not be, since its database does not answer."""
    still, away = list[Kept](), set[tuple[str, str]]()
    for one in left(store, folder):
        place = (one.adapter, one.at)
        if place not in away:
            try:
                remove(one)
            except RequestError as error:
                told = "vectors that are gone here are still in %s (%s): it is asked again later"
                log.warning(told, one.where, error.code)
                away.add(place)
        with store.write() as tx:
            if place in away:
                still.append(one)
                tx.execute(f"UPDATE vector_copies SET gone = ? WHERE gone = 0 AND {_SAME}", (clock.now_ns(), *one))
            else:
                tx.execute(f"DELETE FROM vector_copies WHERE {_SAME}", one)
    return still


def due(store: Store, folder: Path) -> int | None:
    """When those databases are asked again (ns): the later, the longer they have been away."""
    waiting, now = left(store, folder), clock.now_ns()
    if not waiting:
        return None
    since = [store.query(f"SELECT gone FROM vector_copies WHERE {_SAME}", one)[0][0] or now for one in waiting]
    return now + min(max((now - max(since)) // 4, SOONEST_NS), LATEST_NS)


def told(still: list[Kept]) -> str:
    """Where copies still are; "" if nowhere."""
    if not still:
        return ""
    places = ", ".join(sorted({one.where for one in still}))
    return f"a copy of its vectors is still in {places}, which does not answer; it is taken away there when it does"
