"""Two variants case by case: what got better, what got worse, what only changed; and two texts word by word."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Literal

import msgspec

from outrider.evals.experiments import Gist

Change = Literal["better", "worse", "changed", "same"]
CHANGES: tuple[Change, ...] = ("better", "worse", "changed", "same")
Kind = Literal["same", "other", "left"]
MOST_WORDS = 600
"""Words of either text that are held against each other."""
LONGEST_WORD = 60
AROUND = 240
"""Characters that are shown of what both texts have."""
_WORD = re.compile(r"\s+|[^\s\w]|\w+")


class Line(msgspec.Struct):
    """A case in two variants: the means of a score, and where the answers are (`places` of both)."""

    case: str
    change: Change
    before: float | None
    after: float | None
    places: list[int]


class Piece(msgspec.Struct, frozen=True):
    """A part of a text: what both have (`same`), what only this one has (`other`), and how much is not shown
    (`left`)."""

    kind: Kind
    text: str


class _Answers(msgspec.Struct):
    places: list[int] = []
    texts: set[bytes] = set()
    scores: dict[str, list[float]] = {}

    def mean(self, score: str) -> float | None:
        values = self.scores.get(score)
        return sum(values) / len(values) if values else None


class Index:
    """What is kept of an experiment's answers to compare its variants: no text, so that it stays small."""

    def __init__(self, gists: Iterable[Gist]) -> None:
        self._cases: dict[str, dict[str, _Answers]] = {}
        for one in gists:
            noted = self._cases.setdefault(one.case, {}).setdefault(one.variant, _Answers())
            noted.places.append(one.place)
            noted.texts.add(one.said)
            for name, value in one.marks.items():
                noted.scores.setdefault(name, []).append(value)

    def lines(self, score: str, baseline: str, variant: str, better: str = "higher") -> list[Line]:
        """Every case that both answered: the worst changes first, what is the same last."""
        sign = -1.0 if better == "lower" else 1.0
        found = []
        for case, of_variant in self._cases.items():
            one, other = of_variant.get(baseline), of_variant.get(variant)
            if one is not None and other is not None:
                before, after = one.mean(score), other.mean(score)
                change = _change(before, after, sign, one.texts == other.texts)
                found.append(Line(case, change, before, after, sorted(one.places + other.places)))
        return sorted(found, key=lambda line: (_ORDER[line.change], -_size(line)))


_ORDER = {"worse": 0, "better": 1, "changed": 2, "same": 3}


def _size(line: Line) -> float:
    return abs((line.after or 0.0) - (line.before or 0.0))


def _change(before: float | None, after: float | None, sign: float, alike: bool) -> Change:
    gap = sign * (after - before) if before is not None and after is not None else 0.0
    return "better" if gap > 0 else "worse" if gap < 0 else "same" if alike else "changed"


def words(one: str, other: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces. Of what they share at their ends a little is shown; of what differs, so many words."""
    start = _whole_words(one, _alike(one, other), len(one) == len(other))
    room = min(len(one), len(other)) - start
    ends = one[len(one) - room :][::-1], other[len(other) - room :][::-1]
    end = _whole_words(ends[0], _alike(*ends), False) if room else 0
    middles = [text[start : len(text) - end] for text in (one, other)]
    parts = [_WORD.findall(text[: MOST_WORDS * 40])[:MOST_WORDS] for text in middles]
    shown = _matched(parts[0], parts[1])
    sides = []
    for text, middle, part, pieces in zip((one, other), middles, parts, shown, strict=True):
        over = len(middle) - sum(map(len, part))
        rest = [Piece("left", f"{over:,} more characters that differ")] if over else []
        sides.append([*_head(text[:start]), *pieces, *rest, *_end(text[len(text) - end :])])
    return sides[0], sides[1]


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike: by halves, since comparing slices is quick."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _whole_words(text: str, length: int, whole: bool) -> int:
    """`length` without the word that it cuts, if it is no longer than words are."""
    if whole and length == len(text):
        return length
    least = max(0, length - LONGEST_WORD)
    at = length
    while at > least and text[at - 1].isalnum():
        at -= 1
    return at


def _head(text: str) -> list[Piece]:
    if len(text) <= AROUND:
        return [Piece("same", text)] if text else []
    return [Piece("left", f"{len(text) - AROUND:,} characters that both have"), Piece("same", text[-AROUND:])]


def _end(text: str) -> list[Piece]:
    if len(text) <= AROUND:
        return [Piece("same", text)] if text else []
    return [Piece("same", text[:AROUND]), Piece("left", f"{len(text) - AROUND:,} characters that both have")]


def _matched(one: Sequence[str], other: Sequence[str]) -> tuple[list[Piece], list[Piece]]:
    left, right = list[Piece](), list[Piece]()
    for tag, a, b, c, d in SequenceMatcher(None, one, other).get_opcodes():
        kind: Kind = "same" if tag == "equal" else "other"
        if b > a:
            left.append(Piece(kind, "".join(one[a:b])))
        if d > c:
            right.append(Piece(kind, "".join(other[c:d])))
    return left, right
