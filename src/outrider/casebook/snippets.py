"""The part of a passage that is shown with a hit: around the words that were asked for, with these marked."""

import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec

LENGTH = 260
_WORD = re.compile(r"\w+")
_STOP = "a an and are as at by for from how in is it of on or that the to was what when which who with"
_COMMON = frozenset(_STOP.split())


class Snippet(msgspec.Struct, frozen=True):
    """`text` is the document's from `start` on; `marks` are spans in `text`. Cut ends are told, not written."""

    text: str
    start: int
    marks: tuple[tuple[int, int], ...] = ()
    cut_before: bool = False
    cut_after: bool = False


def snippet(text: str, start: int, words: Sequence[str], length: int = LENGTH) -> Snippet:
    """The best `length` characters of a passage that begins at `start` of its document."""
    found = marks(text, words)
    begin = _begin(text, found, length)
    end = min(len(text), begin + length)
    if end < len(text):
        end = max(text.rfind(" ", begin + length // 2, end), begin + length // 2)
    shown = text[begin:end].rstrip()
    inside = tuple((a - begin, b - begin) for a, b in found if a >= begin and b <= begin + len(shown))
    return Snippet(shown, start + begin, inside, begin > 0, end < len(text))


def marks(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where words of `text` begin as one of `words` does (without their endings)."""
    wanted = {_stem(w) for word in words for w in _WORD.findall(word.lower())} - _COMMON
    return [(m.start(), m.end()) for m in _WORD.finditer(text) if _stem(m[0].lower()) in wanted]


def _begin(text: str, found: Sequence[tuple[int, int]], length: int) -> int:
    """Where a window of `length` has the most different marked words; at the beginning of a sentence if one is near."""
    if not found or len(text) <= length:
        return 0
    best, most = 0, -1
    for start, _ in found:
        inside = {_stem(text[a:b].lower()) for a, b in found if start <= a and b <= start + length}
        if len(inside) > most:
            best, most = start, len(inside)
    near = max(text.rfind(". ", 0, best) + 2, text.rfind("\n", 0, best) + 1)
    if best - near <= length // 3:
        return near
    return text.rfind(" ", 0, max(best - length // 6, 0)) + 1


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    for end in ("ations", "ation", "ings", "ing", "ies", "ed", "es", "s", "y", "e"):
        if word.endswith(end) and len(word) - len(end) >= 3:
            return word[: -len(end)]
    return word
