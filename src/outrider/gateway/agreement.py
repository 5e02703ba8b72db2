"""Do several answers of one model to one question say the same? A cheap model that contradicts itself is not to be
believed (self-consistency: Wang et al., 2022; as a ground to escalate: Yue et al., "Large Language Model Cascades with
Mixture of Thoughts Representations", 2023).

Pure. How alike two texts are is the F1 of their words (Rajpurkar et al., "SQuAD", 2016); a tool call counts with its
name and arguments.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import msgspec

from outrider.base.sse import SSESplitter, payload

_WORD = re.compile(r"\w+")
_DONE = b"[DONE]"
MOST_WORDS = 4000
"""Words of an answer that are compared."""


def whole(body: bytes) -> list[str]:
    """What each choice of a whole chat answer says."""
    choices = msgspec.json.decode(body).get("choices") or []
    return [_said(choice.get("message") or {}) for choice in choices]


def streamed(blocks: Sequence[bytes]) -> list[str]:
    """What each choice of a streamed chat answer says, by index."""
    found: dict[int, list[str]] = {}
    for _, chunk in _chunks(blocks):
        for choice in chunk.get("choices") or ():
            found.setdefault(choice.get("index") or 0, []).append(_said(choice.get("delta") or {}, glue=""))
    return ["".join(found[index]) for index in sorted(found)]


def agreement(texts: Sequence[str]) -> tuple[float, int]:
    """How alike the texts are on average, 0 to 1, and which of them is most like the others."""
    words = [_words(text) for text in texts]
    likeness = [0.0] * len(texts)
    pairs = list(combinations(range(len(texts)), 2))
    for one, other in pairs:
        alike = _f1(words[one], words[other])
        likeness[one] += alike
        likeness[other] += alike
    if not pairs:
        return 1.0, 0
    return sum(likeness) / 2 / len(pairs), max(range(len(texts)), key=lambda index: (likeness[index], -index))


def only(body: bytes, index: int) -> bytes:
    """The chat answer with one of its choices, as its first."""
    answer = msgspec.json.decode(body)
    answer["choices"] = [{**answer["choices"][index], "index": 0}]
    return msgspec.json.encode(answer)


def only_events(blocks: Sequence[bytes], index: int) -> list[bytes]:
    """The chat events with one of the choices, as the first; what belongs to none stays."""
    out = []
    for event, chunk in _chunks(blocks):
        choices = chunk.get("choices")
        if not choices:
            out.append(event)
            continue
        kept = [{**choice, "index": 0} for choice in choices if (choice.get("index") or 0) == index]
        if kept:
            out.append(b"data: %b\n\n" % msgspec.json.encode({**chunk, "choices": kept}))
    return out


def _chunks(blocks: Sequence[bytes]) -> list[tuple[bytes, dict[str, Any]]]:
    """Events with what they say; {} for those that say nothing."""
    found = []
    for event in SSESplitter().feed(b"".join(blocks)):
        said = payload(event)
        found.append((event, msgspec.json.decode(said) if said and said != _DONE else {}))
    return found


def _said(message: dict[str, Any], glue: str = " ") -> str:
    parts = [message["content"]] if isinstance(message.get("content"), str) else []
    for call in message.get("tool_calls") or ():
        function = call.get("function") or {}
        parts += [str(function.get(name)) for name in ("name", "arguments") if function.get(name)]
    return glue.join(parts)


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.lower())[:MOST_WORDS])


def _f1(one: Counter[str], other: Counter[str]) -> float:
    common = (one & other).total()
    return 1.0 if one == other else 2 * common / (one.total() + other.total())
