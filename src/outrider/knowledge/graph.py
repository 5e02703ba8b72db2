"""Passages and the names in them as a graph, and personalised PageRank over it. Pure: numpy alone.

Passages are linked with the names that they mention; a document's passages with the names of its title, which is what
they are about. A walk from a passage goes to its names, the rare ones first, and from a name to the passages that have
it. Where walks that begin at a question's names and at its best passages meet, is what answers it in several steps.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from outrider.knowledge import entities

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]

ABOUT = 3.0
"""A link to what a passage is about weighs as much as so many mentions."""
STAY = 0.7
"""Share of the walk that goes on at each step; the rest begins again at its seeds."""
ROUNDS = 12
COMMON = 0.02
"""Names in more than this share of the passages link nothing."""


class Passage(NamedTuple):
    """A chunk's id, its document's title, its text."""

    id: int
    title: str
    text: str


class Titles:
    """Names, by key, that passages are about: the name is their title, or they have it again and again. Passage
    `places[i]` is about name `columns[i]` (ascending)."""

    def __init__(self, keys: Mapping[str, int], columns: Places, places: Places) -> None:
        self._keys, self._columns, self._places = keys, columns, places
        self._known = set(columns.tolist())

    def among(self, allowed: Mask) -> "Titles":
        kept = allowed[self._places]
        return Titles(self._keys, self._columns[kept], self._places[kept])

    def __contains__(self, name: str) -> bool:
        return self._keys.get(name) in self._known

    def about(self, name: str) -> list[int]:
        """The places of the passages that are about a name."""
        column = self._keys.get(name)
        if column is None:
            return []
        start, end = np.searchsorted(self._columns, [column, column + 1])
        places: list[int] = self._places[start:end].tolist()
        return places


class Graph:
    """`chunks[i]` is the id of passage i (ascending); link j goes between passage `rows[j]` and name `columns[j]` with
    `weights[j]`. `keys` are the names by their key."""

    def __init__(self, chunks: Places, keys: dict[str, int], rows: Places, columns: Places, weights: Floats) -> None:
        self.chunks, self.keys, self.rows, self.columns = chunks, keys, rows, columns
        self.counts = np.bincount(columns, minlength=len(keys))
        rarity = np.log((len(chunks) + 1) / (self.counts + 0.5)).clip(0.0)
        rarity[(self.counts > max(20.0, COMMON * len(chunks))) | (self.counts < 2)] = 0.0
        self.weights = weights
        self.pull = weights * rarity[columns]
        titled = np.flatnonzero(weights >= ABOUT)
        titled = titled[np.argsort(columns[titled], kind="stable")]
        self._titles = Titles(keys, columns[titled], rows[titled])

    def places(self, chunks: Sequence[int]) -> dict[int, int]:
        """The place of each chunk id that is in the graph."""
        if not len(self.chunks):
            return {}
        wanted = np.asarray(chunks, np.int64)
        at = np.searchsorted(self.chunks, wanted).clip(max=len(self.chunks) - 1)
        return {int(id_): int(place) for id_, place in zip(wanted, at, strict=True) if self.chunks[place] == id_}

    def titles(self, allowed: Mask | None = None) -> "Titles":
        """What passages are about, of those that exist for the asker."""
        return self._titles if allowed is None else self._titles.among(allowed)

    def seeds(self, question: str) -> dict[int, float]:
        """The names of a question that the graph knows, with their weight: the rarer, the more."""
        found = (self.keys[k] for k in entities.named(question, self.keys.__contains__) if k in self.keys)
        return {name: 1.0 / max(1, int(self.counts[name])) for name in found}

    def walk(self, passages: Mapping[int, float], names: Mapping[int, float], allowed: Mask | None = None) -> Floats:
        """How likely a walk is to be at each passage. `passages` (by place) and `names` are where it begins, `allowed`
        says which passages exist for it."""
        rows, columns, pull = self.rows, self.columns, self.pull
        if allowed is not None:
            kept = allowed[rows]
            rows, columns, pull = rows[kept], columns[kept], pull[kept]
        size, count = len(self.chunks), len(self.keys)
        out = pull / np.maximum(np.bincount(rows, pull, size), 1e-12)[rows]
        back = pull / np.maximum(np.bincount(columns, pull, count), 1e-12)[columns]
        start, first = _spread(passages, size), _spread(names, count)
        total = start.sum() + first.sum()
        if not total:
            return start
        start, first = start / total, first / total
        here, there = start.copy(), first.copy()
        for _ in range(ROUNDS):
            stepped = np.bincount(rows, there[columns] * back, size)
            there = (1 - STAY) * first + STAY * np.bincount(columns, here[rows] * out, count)
            here = (1 - STAY) * start + STAY * stepped
        walked: Floats = here
        return walked


def build(passages: Iterable[Passage]) -> Graph:
    """The graph of these passages."""
    none = np.empty(0, np.int64)
    return extended(Graph(none, {}, none, none, np.empty(0)), passages)


def extended(graph: Graph, passages: Iterable[Passage]) -> Graph:
    """The graph with these passages added. All its titles are names in them."""
    added = list(passages)
    if not added:
        return graph
    keys = dict(graph.keys)
    about = set(graph.columns[graph.weights >= ABOUT].tolist())
    titles = {key for title in {p.title for p in added} for key in entities.title_keys(title)}
    links: list[tuple[int, int, float]] = []
    for place, passage in enumerate(added, len(graph.chunks)):
        for key, weight in _links(passage, lambda k: k in titles or keys.get(k) in about).items():
            links.append((place, keys.setdefault(key, len(keys)), weight))
    rows, columns, weights = (np.array(one) for one in zip(*links, strict=True)) if links else ([], [], [])
    return Graph(
        np.concatenate((graph.chunks, np.array([p.id for p in added], np.int64))),
        keys,
        np.concatenate((graph.rows, np.asarray(rows, np.int64))),
        np.concatenate((graph.columns, np.asarray(columns, np.int64))),
        np.concatenate((graph.weights, np.asarray(weights, np.float64))),
    )


def _links(passage: Passage, known: Callable[[str], bool]) -> dict[str, float]:
    """The names of a passage and how strongly it is linked with each."""
    found: dict[str, float] = {}
    for key in entities.names(passage.text, known):
        found[key] = found.get(key, 0.0) + 1.0
    found = {key: 1.0 + math.log(times) for key, times in found.items()}
    for key in entities.title_keys(passage.title):
        found[key] = found.get(key, 0.0) + ABOUT
    return found


def _spread(seeds: Mapping[int, float], size: int) -> Floats:
    spread = np.zeros(size)
    if seeds:
        spread[list(seeds)] = list(seeds.values())
    return spread
