"""Finding the few tools that fit among many: by words (BM25) and, where there is an embedder, by meaning.

Only what it is given can be found: callers pass the tools that their view has. Blocking where there is an embedder.
"""

import hashlib
import math
import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from outrider.policy.declarations import words_of
from outrider.tools.masks import CALL_TOOL
from outrider.tools.ports import Tool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

SEARCH_TOOLS = "search_tools"
K1, B = 1.2, 0.75
NAME, TEXT, ARGUMENT = 3, 1, 1
"""How often a word counts that stands in the name, the description, the arguments."""
_RANK = 10
"""Ranks of both orders are added as 1 / (this + rank)."""
_KEPT = 20_000
_LONGEST = 4_000
_WORD = re.compile(r"[^\W_]+")
_LITTLE = (
    "a an the of to in on for and or with by from is are be as at it this that which what who how i me my you your we "
    "our can could would please need want if into about given do does get"
)
_STOP = frozenset(_LITTLE.split())

Embed = Callable[[Sequence[str]], "Vectors"]
"""Unit vectors of texts, float32 (n, dimensions)."""


class Found(msgspec.Struct, frozen=True):
    """A tool that fits, and how well (only comparable within one search)."""

    tool: Tool
    score: float


class Ranking:
    """Ranks tools for a query. What is known of a tool is kept by its text. Thread-safe."""

    def __init__(self, embed: Embed | None = None) -> None:
        self._embed = embed
        self._words: OrderedDict[bytes, Counter[str]] = OrderedDict()
        self._vectors: OrderedDict[bytes, Any] = OrderedDict()
        self._lock = threading.Lock()

    def best(self, tools: Sequence[Tool], query: str, limit: int) -> list[Found]:
        """At most `limit` tools that have something in common with `query`, the best first."""
        words = stems(query[:_LONGEST])
        texts = [text_of(tool) for tool in tools]
        keys = [hashlib.sha256(f"{t.name}\n{text}".encode()).digest() for t, text in zip(tools, texts, strict=True)]
        by_words = _bm25(words, [self._counted(k, tool) for k, tool in zip(keys, tools, strict=True)])
        scores = _ranked(by_words)
        if self._embed is not None and tools:
            for at, score in _ranked(self._alike(keys, texts, query)).items():
                scores[at] = scores.get(at, 0.0) + score
        order = sorted(scores, key=lambda at: (-scores[at], at))[:limit]
        return [Found(tools[at], round(scores[at], 6)) for at in order]

    def _counted(self, key: bytes, tool: Tool) -> Counter[str]:
        with self._lock:
            known = self._words.get(key)
        if known is None:
            known = _count(tool)
            self._keep(self._words, key, known)
        return known

    def _alike(self, keys: Sequence[bytes], texts: Sequence[str], query: str) -> list[float]:
        import numpy as np

        assert self._embed is not None
        with self._lock:
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._vectors}
        if missing:
            for key, vector in zip(missing, self._embed(list(missing.values())), strict=True):
                self._keep(self._vectors, key, vector)
        (asked,) = self._embed([query[:_LONGEST]])
        with self._lock:
            known = np.stack([self._vectors[key] for key in keys])
        return [float(one) for one in known @ asked]

    def _keep(self, kept: OrderedDict[bytes, Any], key: bytes, value: Any) -> None:
        with self._lock:
            kept[key] = value
            while len(kept) > _KEPT:
                kept.popitem(last=False)


def text_of(tool: Tool) -> str:
    """What a tool says of itself, for embedding: its name in words, its description, its arguments."""
    said = tool.wire.get("outrider/search") or tool.description
    names = " ".join(" ".join(words_of(name)) for name in _arguments(tool))
    return f"{' '.join(words_of(tool.name))}. {said}. {names}"[:_LONGEST]


def stems(text: str) -> list[str]:
    """The words of a text as they are compared: lower case, identifiers taken apart, endings cut, no little words."""
    found = []
    for raw in _WORD.findall(text):
        parts = words_of(raw) if raw.isascii() else [raw.casefold()]
        found += [_stem(word) for word in parts if word not in _STOP]
    return found


def _stem(word: str) -> str:
    """Plurals and verb endings, roughly: both sides are cut the same way."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("e", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)] + instead
            break
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] else word.removesuffix("e") if len(word) > 3 else word


def _count(tool: Tool) -> Counter[str]:
    counts: Counter[str] = Counter()
    for weight, text in ((NAME, tool.name), (NAME, tool.title), (TEXT, tool.description[:_LONGEST])):
        for word in stems(text):
            counts[word] += weight
    for name, schema in _arguments(tool).items():
        said = str(schema.get("description", "")) if isinstance(schema, Mapping) else ""
        for word in stems(f"{name} {said[:500]}"):
            counts[word] += ARGUMENT
    return counts


def _arguments(tool: Tool) -> Mapping[str, Any]:
    found = tool.input_schema.get("properties")
    return found if isinstance(found, Mapping) else {}


def _bm25(words: Sequence[str], counted: Sequence[Counter[str]]) -> list[float]:
    """How well each tool fits the words; 0: none of them."""
    if not counted:
        return []
    sizes = [sum(one.values()) for one in counted]
    average = max(sum(sizes) / len(sizes), 1.0)
    scores = [0.0] * len(counted)
    for word in set(words):
        having = [at for at, one in enumerate(counted) if word in one]
        rarity = math.log1p((len(counted) - len(having) + 0.5) / (len(having) + 0.5))
        for at in having:
            count = counted[at][word]
            scores[at] += rarity * count * (K1 + 1) / (count + K1 * (1 - B + B * sizes[at] / average))
    return scores


def _ranked(scores: Sequence[float]) -> dict[int, float]:
    """1 / (10 + rank) of everything above 0."""
    order = sorted((at for at, score in enumerate(scores) if score > 0), key=lambda at: (-scores[at], at))
    return {at: 1 / (_RANK + rank) for rank, at in enumerate(order)}


def search_tool(count: int) -> Tool:
    """What a model sees instead of many tools. The text does not say how many, so that it stays the same."""
    return Tool(
        name=SEARCH_TOOLS,
        own=SEARCH_TOOLS,
        description="Find tools by what you want to do. There are more tools than are listed here. The answer has "
        f"their names, descriptions and arguments; use one with {CALL_TOOL}, or by its name.",
        input_schema={
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": "What you want to do, in a few words."},
                "limit": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": 50,
                    "description": f"How many; {count} if absent.",
                },
            },
            "required": ["query"],
            "additionalProperties": False,
        },
        annotations={"readOnlyHint": True, "openWorldHint": False},
        idempotent=True,
    )


def call_tool() -> Tool:
    """For clients whose list of tools does not change: calls a tool that a search found."""
    return Tool(
        name=CALL_TOOL,
        own=CALL_TOOL,
        description=f"Call a tool that {SEARCH_TOOLS} found, with its arguments.",
        input_schema={
            "type": "object",
            "properties": {
                "name": {"type": "string", "description": "The tool's name."},
                "arguments": {"type": "object", "description": "Its arguments, as its schema has them."},
            },
            "required": ["name"],
            "additionalProperties": False,
        },
    )
