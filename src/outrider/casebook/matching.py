"""Many patterns over one text in one pass: its words lead to the few patterns that may match there.

A pattern is run only around a word that holds one of its literals, so that some three hundred patterns over a page take
milliseconds. What every word leads to is remembered.
"""

import re
from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, TypeVar

from outrider.casebook.literals import Besides, leads

Key = TypeVar("Key", bound=Hashable)
Span = tuple[int, int]
_WORD = re.compile(r"[^\W_]+")
_BEFORE, _AFTER = 40, 60
"""Characters around a word that a match may span."""
_MOST_WORDS = 200_000


class Matcher(Generic[Key]):
    """Patterns by key; case makes no difference. A pattern whose only literals have one or two letters matches where
    they are a whole word: they are within every other one."""

    def __init__(self, patterns: Mapping[Key, str]) -> None:
        self._patterns = {key: re.compile(lowered(p)) for key, p in patterns.items()}
        self._literals: dict[str, list[tuple[Key, Besides]]] = {}
        self._always: list[Key] = []
        for key, pattern in patterns.items():
            found = leads(lowered(pattern))
            for literal, besides in found:
                self._literals.setdefault(literal, []).append((key, besides))
            if not found:
                self._always.append(key)
        self._starts: dict[str, list[str]] = {}
        for literal in self._literals:
            if len(literal) > 2:
                self._starts.setdefault(literal[:3], []).append(literal)
        self._known: dict[str, tuple[tuple[Key, Besides], ...]] = {}

    def spans(self, text: str, most: int = 4) -> dict[Key, list[Span]]:
        """For every key that matches, up to `most` places, in order."""
        found: dict[Key, list[Span]] = {}
        text, known = _folded(text), self._known
        for match in _WORD.finditer(text):
            led = known.get(match[0])
            if led is None:
                led = self._learn(match[0])
            if led:
                self._around(text, match.span(), led, found, most)
        for key in self._always:
            found[key] = [m.span() for m in self._patterns[key].finditer(text) if m.end() > m.start()][:most]
        return {key: spans for key, spans in found.items() if spans}

    def _around(
        self,
        text: str,
        word: Span,
        led: Iterable[tuple[Key, Besides]],
        found: dict[Key, list[Span]],
        most: int,
    ) -> None:
        """What matches around a word, of the patterns that it leads to and whose other literals are near."""
        start, end = max(0, word[0] - _BEFORE), word[1] + _AFTER
        while text[end : end + 1].isalnum():  # an end within a word would be taken for the word's end
            end += 1
        near, searched = text[start:end], None
        for key, besides in led:
            if key == searched or not _holds(near, besides):
                continue
            searched = key
            spans = found.setdefault(key, [])
            if len(spans) >= most:
                continue
            behind = spans[-1][1] if spans else 0
            for match in self._patterns[key].finditer(text, max(behind, start), end):
                if match.end() > match.start() and len(spans) < most:
                    spans.append(match.span())

    def _learn(self, word: str) -> tuple[tuple[Key, Besides], ...]:
        parts = [word] if word in self._literals else []
        for at in range(len(word) - 2):
            parts += [part for part in self._starts.get(word[at : at + 3], ()) if word.startswith(part, at)]
        found = [lead for part in dict.fromkeys(parts) for lead in self._literals[part]]
        order = {key: at for at, key in enumerate(dict.fromkeys(key for key, _ in found))}
        led = tuple(sorted(dict.fromkeys(found), key=lambda lead: order[lead[0]]))
        if len(self._known) < _MOST_WORDS:
            self._known[word] = led
        return led


def _holds(near: str, besides: Besides) -> bool:
    for literals in besides:
        for literal in literals:
            if literal in near:
                break
        else:
            return False
    return True


def lowered(pattern: str) -> str:
    """A pattern for folded text; escapes such as `\\B` stay."""
    return re.sub(r"(?<!\\)((?:\\\\)*)([A-Z])", lambda m: m[1] + m[2].lower(), pattern)


def _folded(text: str) -> str:
    """In small letters, each at its place."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
