"""What a query may see, decided before anything is ranked: moment, readers, quarantine, documents, filters.

A `Catalog` holds the few numbers of every version of a collection in memory and follows the store by the collection's
revision. `Catalog.view` makes a `View` of a query: which versions are allowed. Every index applies it inside its
search.
"""

import difflib
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from outrider.base.errors import RequestError
from outrider.knowledge.records import EVERYBODY, Collection, Filter, Query
from outrider.knowledge.rows import PLACES
from outrider.store.ports import Row, Store

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]
Matrix = NDArray[np.float32]
Value = str | int | float | bool

FIELDS_TOLD = 12
"""Fields that a filter on none of them is told of, the nearest first."""
LABELS = ("source", "title", "media", "language")
"""Columns of a document that can be filtered by beside `meta` and `trust`."""

_TRUSTS = ("trusted", "untrusted", "quarantined")
_QUARANTINED = _TRUSTS.index("quarantined")


class Snapshot:
    """The versions of a collection at one revision, by ascending key. Never changed once made."""

    def __init__(self, rows: Mapping[int, Row], revision: int, erasures: int) -> None:
        """Rows are (key, id, since, until, trust, readers, chunks)."""
        self.revision, self.erasures, self.rows = revision, erasures, rows
        ordered = [rows[key] for key in sorted(rows)]
        self.keys = _numbers(r[0] for r in ordered)
        self.since, self.until = _numbers(r[2] for r in ordered), _numbers(r[3] for r in ordered)
        self.trust = _numbers(_TRUSTS.index(r[4]) for r in ordered)
        self.chunks = _numbers(r[6] for r in ordered)
        sets: dict[str, int] = {}
        self.readers = _numbers(sets.setdefault(r[5], len(sets)) for r in ordered)
        self.reader_sets = [frozenset(msgspec.json.decode(s, type=list[str])) for s in sets]
        self.total = int(self.chunks.sum())
        self.starts = np.cumsum(self.chunks) - self.chunks
        self._places: dict[str, list[int]] | None = None
        self._columns: dict[str, Column] = {}

    def places(self, ids: Iterable[str]) -> list[int]:
        """Positions of all versions of these documents."""
        if self._places is None:
            places: dict[str, list[int]] = {}
            for place, key in enumerate(self.keys.tolist()):
                places.setdefault(self.rows[key][1], []).append(place)
            self._places = places
        return [p for id_ in set(ids) for p in self._places.get(id_, ())]

    def versions_of(self, chunks: Numbers) -> tuple[Numbers, Mask]:
        """For each chunk id, where its version is in this snapshot, and whether it is."""
        keys = chunks >> PLACES
        if not len(self.keys):
            return np.zeros(len(keys), np.int64), np.zeros(len(keys), np.bool_)
        at = np.searchsorted(self.keys, keys)
        at[at == len(self.keys)] = 0
        return at, self.keys[at] == keys

    def places_of(self, chunks: Numbers) -> Numbers:
        """The places of chunk ids (of versions that are known) among all chunks, which are in order of their ids. A
        version is looked up once for its chunks that follow each other."""
        keys = chunks >> PLACES
        other = np.ones(len(keys), np.bool_)
        other[1:] = keys[1:] != keys[:-1]
        starts = self.starts[np.searchsorted(self.keys, keys[other])]
        found: Numbers = starts[np.cumsum(other) - 1] + (chunks & (1 << PLACES) - 1)
        return found

    def ids(self, places: Numbers) -> Numbers:
        """The ids of chunks by their places."""
        at = np.searchsorted(self.starts, places, "right") - 1
        found: Numbers = (self.keys[at] << PLACES) | (places - self.starts[at])
        return found

    def column(self, field: str, labels: Mapping[int, Mapping[str, Any]]) -> "Column":
        """Values of a field; `labels` are every version's fields by key."""
        found = self._columns.get(field)
        if found is None:
            found = Column([_values(labels[key], field) for key in self.keys.tolist()])
            self._columns[field] = found
        return found


class Column:
    """Which versions have which values of one field."""

    def __init__(self, values: Sequence[Sequence[Value]]) -> None:
        places: dict[Value, list[int]] = {}
        for place, some in enumerate(values):
            for value in some:
                places.setdefault(_key(value), []).append(place)
        self.size = len(values)
        self.places = {value: np.array(found, np.int64) for value, found in places.items()}

    def having(self, values: Iterable[Value]) -> Mask:
        """Which versions have one of these values."""
        mask = np.zeros(self.size, np.bool_)
        for value in values:
            found = self.places.get(_key(value))
            if found is not None:
                mask[found] = True
        return mask

    def between(self, least: float | str | None, most: float | str | None) -> Mask:
        """Which versions have a value of the bound's kind that is not below `least` and not above `most`."""
        return self.having(v for v in map(plain, self.places) if _within(v, least, most))

    def any(self) -> Mask:
        return self.having(map(plain, self.places))

    def counts(self, mask: Mask) -> dict[Value, int]:
        """How many of the versions in `mask` have each value."""
        return {plain(v): int(n) for v, places in self.places.items() if (n := np.count_nonzero(mask[places]))}


class View:
    """What one query may see: `mask` says it for each version of the snapshot. `whole`: all of it. `share` is the part
    of the chunks that is allowed."""

    def __init__(self, snapshot: Snapshot, mask: Mask, now: int) -> None:
        self.snapshot, self.mask, self.now = snapshot, mask, now
        self.whole = bool(mask.all())
        self.allowed = int(snapshot.chunks[mask].sum())
        self.share = self.allowed / snapshot.total if snapshot.total else 0.0

    def keys(self) -> Numbers:
        """Keys of the versions that are allowed, ascending."""
        return self.snapshot.keys[self.mask]

    def chunks(self) -> Mask:
        """Which of all chunks are allowed, in order of their ids."""
        return np.repeat(self.mask, self.snapshot.chunks)

    def allows(self, chunks: Numbers) -> Mask:
        """Which of these chunk ids are allowed. A chunk that the snapshot does not know is not."""
        at, known = self.snapshot.versions_of(chunks)
        allowed: Mask = known & self.mask[at] if len(self.mask) else known
        return allowed


class Catalog:
    """The versions of one collection in memory, as new as the store. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._snapshot = Snapshot({}, -1, 0)
        self._labels: dict[int, dict[str, Any]] = {}
        self._labelled: Snapshot | None = None

    def snapshot(self, store: Store, collection: Collection) -> Snapshot:
        """The versions at the revision that `collection` was read at, or a later one."""
        with self._lock:
            known = self._snapshot
            if known.revision >= collection.revision:
                return known
            whole = known.erasures != collection.erasures or known.revision < 0
            seen = -1 if whole else known.revision
            sql = """SELECT key, id, since, until, trust, readers, chunks FROM documents
                     WHERE collection = ? AND touched > ?"""
            rows = {r[0]: r for r in store.query(sql, (collection.id, seen))}
            if not whole:
                rows = {**known.rows, **rows}
            self._snapshot = Snapshot(rows, collection.revision, collection.erasures)
            return self._snapshot

    def view(self, store: Store, collection: Collection, query: Query, now: int) -> View:
        """What `query` may see. Raises RequestError for a filter on a field that nothing in its sight has."""
        snapshot = self.snapshot(store, collection)
        mask = _held(snapshot, query.as_of or now) & _readable(snapshot, query.principals)
        if not _asks_quarantined(query.filters):
            mask &= snapshot.trust != _QUARANTINED
        if query.documents is not None:
            chosen = np.zeros(len(mask), np.bool_)
            chosen[snapshot.places(query.documents)] = True
            mask &= chosen
        for field, condition in query.filters.items():
            mask &= self._matching(store, collection, snapshot, field, condition, mask)
        return View(snapshot, mask, now)

    def facets(
        self, store: Store, collection: Collection, view: View, fields: Sequence[str]
    ) -> dict[str, dict[Value, int]]:
        """For each field, how many of the documents in `view` have each value."""
        return {f: self._column(store, collection, view.snapshot, f).counts(view.mask) for f in fields}

    def _matching(
        self, store: Store, collection: Collection, snapshot: Snapshot, field: str, condition: Filter, seen: Mask
    ) -> Mask:
        column = self._column(store, collection, snapshot, field)
        there = column.any()
        if field != "trust" and seen.any() and not (there & seen).any() and condition.exists is not False:
            self._refuse(field, snapshot, seen)
        mask = np.ones(len(snapshot.keys), np.bool_)
        if condition.among:
            mask &= column.having(condition.among)
        if condition.not_among:
            mask &= ~column.having(condition.not_among)
        if condition.least is not None or condition.most is not None:
            mask &= column.between(condition.least, condition.most)
        if condition.exists is not None:
            mask &= there if condition.exists else ~there
        return mask

    def _column(self, store: Store, collection: Collection, snapshot: Snapshot, field: str) -> Column:
        if field == "trust":
            return Column([[_TRUSTS[t]] for t in snapshot.trust.tolist()])
        with self._lock:
            self._load_labels(store, collection, snapshot)
            return snapshot.column(field, self._labels)

    def _load_labels(self, store: Store, collection: Collection, snapshot: Snapshot) -> None:
        """Read the fields of versions that came since the last time. They never change."""
        if self._labelled is snapshot:
            return
        newest = max(self._labels, default=0)
        sql = f"SELECT key, meta, {', '.join(LABELS)} FROM documents WHERE collection = ? AND key > ?"
        for key, meta, *labels in store.query(sql, (collection.id, newest)):
            self._labels[key] = msgspec.json.decode(meta) | dict(zip(LABELS, labels, strict=True))
        self._labels = {key: self._labels.get(key, {}) for key in snapshot.rows}
        self._labelled = snapshot

    def _refuse(self, field: str, snapshot: Snapshot, seen: Mask) -> None:
        names = {n for k in snapshot.keys[seen].tolist()[:10_000] for n, v in self._labels[k].items() if v != ""}
        if field in names:
            return
        near = difflib.get_close_matches(field, sorted(names), 3)
        there = [*near, *sorted((names | {"trust"}).difference(near))]
        told = ", ".join(there[:FIELDS_TOLD]) + (", …" if len(there) > FIELDS_TOLD else "")
        raise RequestError(
            f"no document here has the field {field[:80]!r}; filter by one of: {told}",
            code="unknown_field",
            param=f"filters.{field[:80]}",
        )


def _held(snapshot: Snapshot, moment: int) -> Mask:
    held: Mask = (snapshot.since <= moment) & ((snapshot.until == 0) | (snapshot.until > moment))
    return held


def _readable(snapshot: Snapshot, principals: Iterable[str]) -> Mask:
    who = {EVERYBODY, *principals}
    sets = np.array([bool(s & who) for s in snapshot.reader_sets], np.bool_)
    return sets[snapshot.readers] if len(sets) else np.zeros(len(snapshot.keys), np.bool_)


def _asks_quarantined(filters: Mapping[str, Filter]) -> bool:
    """What is in quarantine is found only by who asks for it by name."""
    trust = filters.get("trust")
    return trust is not None and "quarantined" in trust.among


def _values(labels: Mapping[str, Any], field: str) -> Sequence[Value]:
    """The values of a field: one, several of a list, or none. `a.b` reaches into an object."""
    value: Any = labels.get(field)
    if value is None and "." in field:
        value = labels
        for part in field.split("."):
            value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, list):
        return [v for v in value if isinstance(v, Value)]
    return [value] if isinstance(value, Value) and value != "" else []


def _key(value: Value) -> Any:
    """A value as a key: `True` is not 1."""
    return (value,) if isinstance(value, bool) else value


def plain(key: Any) -> Value:
    value: Value = key[0] if isinstance(key, tuple) else key
    return value


def _within(value: Value, least: float | str | None, most: float | str | None) -> bool:
    for bound in (least, most):
        if bound is not None and (isinstance(bound, str) != isinstance(value, str) or isinstance(value, bool)):
            return False
    # Texts with texts, numbers with numbers: the loop has seen to it.
    return (least is None or value >= least) and (most is None or value <= most)  # type: ignore[operator]


def _numbers(values: Iterable[int]) -> Numbers:
    return np.fromiter(values, np.int64)
