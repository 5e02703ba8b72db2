"""Pieces for tests of knowledge: an embedder without weights, documents without parsers, and what a query may see, said
by a plain scan over everything that ever happened."""

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from outrider.knowledge.records import EVERYBODY, Block, Filter, Parsed, Query

DIMENSIONS = 16


class WordVectors:
    """Texts are near each other if they share words. Counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def documents(self, model: str, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([_vector(t) for t in texts])

    def queries(self, model: str, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return self.documents(model, texts)

    def tokens(self, model: str, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        return [np.stack([_vector(w) for w in t.split()]) for t in texts]

    def both(self, model: str, texts: Sequence[str]) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
        return self.queries(model, texts), self.tokens(model, texts)


def _vector(text: str) -> NDArray[np.float32]:
    vector = np.full(DIMENSIONS, 0.01, np.float32)
    for word in text.lower().replace(".", " ").split():
        noise = np.random.default_rng(zlib.crc32(word.encode()))
        vector += noise.standard_normal(DIMENSIONS).astype(np.float32)
    return vector / np.linalg.norm(vector)


def text_of(text: str, title: str = "", **meta: Any) -> Parsed:
    """A document of one paragraph for each line."""
    blocks, at = [], 0
    for line in text.split("\n"):
        if line.strip():
            blocks.append(Block("text", at, at + len(line)))
        at += len(line) + 1
    return Parsed(text, blocks, title, "text/plain", "en", meta)


class Said(msgspec.Struct):
    """A version as the naive scan knows it."""

    source: str
    text: str
    since: int
    until: int
    trust: str
    readers: frozenset[str]
    meta: Mapping[str, Any]


def sees(query: Query, said: Said, now: int) -> bool:
    """Whether a version is in the query's scope: written once more, without any cleverness."""
    moment = query.as_of or now
    if not (said.since <= moment and (said.until == 0 or moment < said.until)):
        return False
    if not said.readers & {EVERYBODY, *query.principals}:
        return False
    asks = query.filters.get("trust")
    if said.trust == "quarantined" and not (asks and "quarantined" in asks.among):
        return False
    fields = {**said.meta, "source": said.source, "trust": said.trust}
    return all(_matches(fields.get(name), condition) for name, condition in query.filters.items())


def _matches(value: Any, condition: Filter) -> bool:
    values = value if isinstance(value, list) else [] if value is None else [value]
    if condition.among and not any(v in condition.among for v in values):
        return False
    if any(v in condition.not_among for v in values):
        return False
    low, high = condition.least, condition.most
    if (low, high) != (None, None) and not any(
        (low is None or v >= low) and (high is None or v <= high) for v in values
    ):
        return False
    return condition.exists is None or condition.exists == bool(values)
