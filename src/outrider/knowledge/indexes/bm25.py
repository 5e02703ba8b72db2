"""Ranking by words: BM25 over what the database knows of each word, kept in memory by word while it is asked for.

A word's chunks come from the database once, then only those that were added since. Adding them up takes microseconds
where the database would rank every row again, and the scope is a mask on the sums. A word that half of the chunks have
still counts a little (rarity as in Lucene: ln(1 + (N - n + 0.5) / (n + 0.5))).
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from outrider.knowledge.indexes.exact import top_places
from outrider.knowledge.ports import Scored, Words
from outrider.knowledge.records import Collection
from outrider.knowledge.rows import PLACES
from outrider.knowledge.scope import Matrix, Snapshot, View
from outrider.store.ports import Store

K1, B = 1.2, 0.75
_MOST_KEPT = 6_000_000
"""Places kept of all words: 8 bytes each."""
_GROWN = 1.2
"""A word is read anew when the collection has grown by this: weights depend on the average length."""


class _Kept(msgspec.Struct):
    """A word's places among the chunks of a snapshot, with their weights; `seen` is the highest key it knows of."""

    places: NDArray[np.int64]
    weights: Matrix
    erasures: int
    seen: int
    total: int


class _Sizes(msgspec.Struct):
    """How many words each chunk of a snapshot has; `seen` is the highest key it knows of."""

    words: Matrix
    erasures: int
    seen: int


class Ranking:
    """BM25 of a store's collections. Thread-safe."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._kept: OrderedDict[tuple[int, str], _Kept] = OrderedDict()
        self._size = 0
        self._sizes: dict[int, _Sizes] = {}
        self._lock = threading.Lock()

    def search(self, store: Store, collection: Collection, words: Sequence[str], view: View, limit: int) -> Scored:
        """The best `limit` chunks in `view` that have one of `words`, the best first."""
        snapshot = view.snapshot
        if not view.allowed:
            return []
        scores = np.zeros(snapshot.total, np.float32)
        for word in words:
            kept = self._word(store, collection, snapshot, word)
            count = len(kept.places)
            rarity = math.log1p((snapshot.total - count + 0.5) / (count + 0.5))
            scores[kept.places] += np.float32(rarity) * kept.weights
        if not view.whole:
            scores[~view.chunks()] = 0
        having = np.flatnonzero(scores)
        best = having[top_places(scores[having], limit)]
        return list(zip(snapshot.ids(best).tolist(), scores[best].tolist(), strict=True))

    def _word(self, store: Store, collection: Collection, snapshot: Snapshot, word: str) -> _Kept:
        newest = int(snapshot.keys[-1])
        with self._lock:
            kept = self._kept.get((collection.id, word))
            if kept is not None:
                self._kept.move_to_end((collection.id, word))
        if kept is None or kept.erasures != snapshot.erasures or snapshot.total > kept.total * _GROWN:
            kept = _Kept(np.empty(0, np.int64), np.empty(0, np.float32), snapshot.erasures, 0, snapshot.total)
        if kept.seen < newest:
            kept = self._read(store, collection, snapshot, word, kept)
            self._keep((collection.id, word), kept)
        elif kept.seen > newest:  # another query has seen more
            known = kept.places < snapshot.total
            kept = msgspec.structs.replace(kept, places=kept.places[known], weights=kept.weights[known])
        return kept

    def _read(self, store: Store, collection: Collection, snapshot: Snapshot, word: str, kept: _Kept) -> _Kept:
        """The word as the snapshot has it: what is kept, and what was added since."""
        newest = int(snapshot.keys[-1])
        found = self._words.postings(store, collection, word, ((kept.seen + 1) << PLACES) - 1)
        known = found.chunks >> PLACES <= newest
        added = snapshot.places_of(found.chunks[known])
        places = np.concatenate([kept.places, added])
        weights = np.concatenate([kept.weights, self._weights(store, collection, snapshot, added, found.counts[known])])
        return _Kept(places, weights, snapshot.erasures, newest, kept.total)

    def _weights(
        self, store: Store, collection: Collection, snapshot: Snapshot, places: NDArray[np.int64], counts: Matrix
    ) -> Matrix:
        """What BM25 multiplies with a word's rarity: near 0 for once in a long chunk, at most K1 + 1."""
        if not len(places):
            return np.empty(0, np.float32)
        words = self._lengths(store, collection, snapshot)
        average = max(float(words[: snapshot.total].mean()), 1.0)
        norms = K1 * (1 - B + B / average * words[places])
        return (counts * (K1 + 1) / (counts + norms)).astype(np.float32, copy=False)

    def _lengths(self, store: Store, collection: Collection, snapshot: Snapshot) -> Matrix:
        """How many words each chunk has, by its place; perhaps of more than the snapshot has."""
        newest = int(snapshot.keys[-1])
        kept = self._sizes.get(collection.id)
        if kept is None or kept.erasures != snapshot.erasures:
            kept = _Sizes(np.empty(0, np.float32), snapshot.erasures, 0)
        if kept.seen < newest:
            chunks, counts = self._words.sizes(store, collection, ((kept.seen + 1) << PLACES) - 1)
            known = chunks >> PLACES <= newest
            words = np.ones(snapshot.total, np.float32)
            words[: len(kept.words)] = kept.words
            words[snapshot.places_of(chunks[known])] = counts[known]
            kept = self._sizes[collection.id] = _Sizes(words, snapshot.erasures, newest)
        return kept.words

    def _keep(self, key: tuple[int, str], kept: _Kept) -> None:
        with self._lock:
            old = self._kept.pop(key, None)
            self._size += len(kept.places) - (len(old.places) if old else 0)
            self._kept[key] = kept
            while self._size > _MOST_KEPT and len(self._kept) > 1:
                _, gone = self._kept.popitem(last=False)
                self._size -= len(gone.places)
