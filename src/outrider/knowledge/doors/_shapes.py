"""Which documents say nearly the same: one-permutation MinHash (Li, Owen, Zhang 2012) over runs of three words, with
rotation for empty bins (Shrivastava, Li 2014), and bands of it to find candidates."""

import hashlib
import re
import threading
import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from outrider.knowledge.records import EVERYBODY

BINS, ROWS = 128, 4
LIKE = 0.8
"""Share of the runs of three words that two documents must have in common."""
LEAST = 40
"""Words of a document that is compared by its runs; shorter ones are compared as they are, word by word."""
_WORD = re.compile(r"\w+")
Readers = Sequence[str]
Shape = Any
"""BINS minima, as an array of 32 bits each."""


def shape(text: str) -> Shape | None:
    """None where there is too little text."""
    import numpy as np

    words = _WORD.findall(text[:200_000].lower())
    if len(words) < LEAST:
        return None
    known: dict[str, int] = {}
    codes = np.fromiter(
        (known.get(w) or known.setdefault(w, zlib.crc32(w.encode())) for w in words), np.uint64, len(words)
    )
    mixed = codes[:-2] * np.uint64(0x9E3779B97F4A7C15) ^ codes[1:-1] * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= codes[2:] * np.uint64(0x165667B19E3779F9)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    bins, values = (mixed % np.uint64(BINS)).astype(np.int64), (mixed >> np.uint64(32)).astype(np.uint32)
    made = np.full(BINS, 0xFFFFFFFF, np.uint32)
    np.minimum.at(made, bins, values)
    return _filled(made, np.unique(bins))


def _filled(made: Shape, full: Any) -> Shape:
    """An empty bin borrows from the next full one, with how far that is."""
    import numpy as np

    places = np.arange(BINS)
    following = np.searchsorted(full, places)
    lender = full[following % len(full)]
    distance = (lender - places) % BINS
    filled: Shape = made[lender] + distance.astype(np.uint32) * np.uint32(0x9E3779B1)
    return filled


def likeness(a: Shape, b: Shape) -> float:
    """About the share of runs in common: ±0.07 for 19 of 20."""
    return float((a == b).mean())


class Near:
    """The shapes of a collection's documents. `load` gives (source, text, readers) of those that are there already; it
    is asked once, when the first document is compared. Documents without readers have `readers`."""

    def __init__(
        self,
        load: Callable[[], Iterable[tuple[str, str, Readers | None]]] | None = None,
        readers: Readers = (EVERYBODY,),
    ) -> None:
        self._load, self._usual = load, readers
        self._readers: dict[str, frozenset[str]] = {}
        self._shapes: dict[str, Shape] = {}
        self._bands: dict[tuple[int, bytes], list[str]] = {}
        self._short: dict[bytes, list[str]] = {}
        self._words: dict[str, bytes] = {}
        self._last: tuple[str, Shape | None] = ("", None)
        self._lock = threading.RLock()

    def nearest(self, source: str, text: str) -> tuple[str, float] | None:
        """The document most like this text, and how much, if enough; never the one of the same source."""
        with self._lock:
            self._loaded()
            found = self._shape(text)
            if found is None:
                same = [other for other in self._short.get(_said(text), ()) if other != source]
                return (same[0], 1.0) if same else None
            near = {other for band in _bands(found) for other in self._bands.get(band, ())} - {source}
            best = max(((likeness(found, self._shapes[other]), other) for other in near), default=(0.0, ""))
        return (best[1], best[0]) if best[0] >= LIKE else None

    def named(self, source: str, before: str, readers: Readers | None) -> str:
        """How a document is called in a note of another, `before`: only who may read both learns its name."""
        open_to = self._readers.get(source, frozenset())
        return source if EVERYBODY in open_to or open_to >= self._own(before, readers) else "another document"

    def _own(self, source: str, readers: Readers | None) -> frozenset[str]:
        """Who may read a document: whom it comes with, else who may already, else whom the collection says."""
        return frozenset(readers) if readers else self._readers.get(source, frozenset(self._usual))

    def add(self, source: str, text: str, readers: Readers | None = None) -> None:
        """A document that came in; it takes the place of what its source said before."""
        with self._lock:
            self._loaded()
            self._forget(source)
            self._readers[source] = self._own(source, readers)
            found = self._shape(text)
            if found is None:
                if said := _said(text):
                    self._words[source] = said
                    self._short.setdefault(said, []).append(source)
            else:
                self._shapes[source] = found
                for band in _bands(found):
                    self._bands.setdefault(band, []).append(source)

    def _shape(self, text: str) -> Shape | None:
        """A document is compared and then added: its shape is made once."""
        if self._last[0] != text:
            self._last = (text, shape(text))
        return self._last[1]

    def _forget(self, source: str) -> None:
        if said := self._words.pop(source, b""):
            self._short[said].remove(source)
        old = self._shapes.pop(source, None)
        for band in _bands(old) if old is not None else ():
            self._bands[band].remove(source)

    def _loaded(self) -> None:
        load, self._load = self._load, None
        for source, text, readers in load() if load else ():
            self.add(source, text, readers)


def _said(text: str) -> bytes:
    """The words of a text, as their digest; b"" if it has none."""
    words = " ".join(_WORD.findall(text.lower()))
    return hashlib.blake2b(words.encode(), digest_size=16).digest() if words else b""


def _bands(found: Shape) -> list[tuple[int, bytes]]:
    return [(at, found[at : at + ROWS].tobytes()) for at in range(0, BINS, ROWS)]
