"""Graphs of collections, in memory and in a file beside the store, as new as the store. What they hold is derived."""

import os
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from outrider.knowledge import rows
from outrider.knowledge.graph import Graph, Passage, build, extended
from outrider.knowledge.leftovers import sweep
from outrider.knowledge.records import Collection
from outrider.store.ports import Store

FORM = 1
"""Counts changes of the rules that make graphs: files of another form are made anew."""
_PORTION = 200
_ANEW = 0.2
"""With more than this share of new passages the whole graph is made anew, for new titles are names in old passages."""


class _Stamp(msgspec.Struct, frozen=True):
    """What a graph was made of."""

    form: int
    made: int
    erasures: int
    revision: int
    newest: int


class Graphs:
    """The graphs of all collections of a store. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._known: dict[int, tuple[_Stamp, Graph]] = {}

    def graph(self, store: Store, collection: Collection) -> Graph:
        """The collection's graph, with every passage that is in the store now (0.4 ms of CPU for each new one)."""
        with self._lock:
            known = self._known.get(collection.id) or self._read(collection)
            if known is not None and not _same_base(known[0], collection):
                known = None
            if known is None or known[0].revision < collection.revision:
                known = _renewed(store, collection, known)
                self._write(collection, *known)
                sweep(store, self._folder)  # something may have been erased while it was made
            self._known[collection.id] = known
            return known[1]

    def _path(self, collection: Collection) -> Path:
        return self._folder / f"{collection.id}-{collection.made}.graph"

    def _read(self, collection: Collection) -> tuple[_Stamp, Graph] | None:
        try:
            with np.load(self._path(collection), allow_pickle=False) as found:
                stamp = msgspec.json.decode(found["stamp"].tobytes(), type=_Stamp)
                keys = {key: n for n, key in enumerate(found["keys"].tobytes().decode().split("\n"))}
                return stamp, Graph(found["chunks"], keys, found["rows"], found["columns"], found["weights"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, msgspec.MsgspecError):
            return None  # not there, or cut short: it is made again

    def _write(self, collection: Collection, stamp: _Stamp, made: Graph) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._path(collection)
        draft = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
        with draft.open("wb") as out:
            np.savez(
                out,
                stamp=np.frombuffer(msgspec.json.encode(stamp), np.uint8),
                keys=np.frombuffer("\n".join(made.keys).encode(), np.uint8),
                chunks=made.chunks,
                rows=made.rows,
                columns=made.columns,
                weights=made.weights,
            )
        draft.replace(path)


def _same_base(stamp: _Stamp, collection: Collection) -> bool:
    return (stamp.form, stamp.made, stamp.erasures) == (FORM, collection.made, collection.erasures)


def _renewed(store: Store, collection: Collection, known: tuple[_Stamp, Graph] | None) -> tuple[_Stamp, Graph]:
    newest = known[0].newest if known else 0
    added = list(_passages(store, collection, newest))
    if known is None or len(added) > _ANEW * len(known[1].chunks):
        made = build([*_passages(store, collection, 0)] if newest else added)
    else:
        made = extended(known[1], added)
    newest = max((p.id >> rows.PLACES for p in added), default=newest)
    return _Stamp(FORM, collection.made, collection.erasures, collection.revision, newest), made


def _passages(store: Store, collection: Collection, after: int) -> Iterator[Passage]:
    """The passages of all versions whose key is above `after`, in order."""
    sql = "SELECT key, title FROM documents WHERE collection = ? AND key > ? ORDER BY key LIMIT ?"
    while found := store.query(sql, (collection.id, after, _PORTION)):
        titles: dict[int, str] = {row[0]: row[1] for row in found}
        for row in rows.chunks_of_documents(store, titles):
            yield Passage(row[0], titles[row[0] >> rows.PLACES], row[3])
        after = max(titles)
