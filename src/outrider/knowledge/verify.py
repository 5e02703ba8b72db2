"""Does a text say only what its passages say? Each figure and name of it must occur there, in an equivalent form.

Deterministic and without a model: it does not prove that a sentence is true, but a wrong digit, a wrong unit and a
swapped name are always found. What is compared: amounts after conversion (`figures`), dates as far as they are said,
names as words in a row, and whatever else has a digit in it letter by letter.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise, takewhile
from typing import Literal

import msgspec

from outrider.knowledge.figures import Figure, figures
from outrider.knowledge.naming import FUNCTION_WORDS, Name, is_plain, names
from outrider.knowledge.sentences import MARKS


class Flaw(msgspec.Struct, frozen=True):
    """`text[start:end]` of what was checked occurs in no passage (`figure`, `name`), or there with another unit or of
    something else (`unit`)."""

    kind: Literal["figure", "unit", "name"]
    start: int
    end: int
    text: str


_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_DIGITS = re.compile(r"[^\s()\[\]\"“”,;]*\d[^\s()\[\]\"“”;]*")
_ENUMERATES = re.compile(r"^\s*(?:[-*+•]\s+)?(?:\d{1,3}[.)]\s)?")
_ABROAD = re.compile(r"\b(?:der|die|das|und|von|mit|el|los|las|del|il|della|les|des|het|een|os|uma)\b", re.I)
_FROM_TO = re.compile(r"\s?(?:-|–|—|to|bis)\s?|[^.,;:!?\d]{0,30}\sto\s(?:just |only |about |around |over )?", re.I)
_BACK = re.compile(r"\b(?:from|versus|vs|compared|instead|previously)\b")
_ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ers", "ies", "ied", "er", "es", "ed", "ly", "s", "e")
_CONTEXT = 3  # words after a bare number that say of what it is
_NEAR = 90  # characters around a number in which the passage must say the same


def check(text: str, passages: Sequence[str], known: str = "") -> list[Flaw]:
    """What of `text` its `passages` do not say, in the order of the text. Names, but no figures, may also come from
    `known` (the question). Marks of citations and numbers of list items are not looked at."""
    bare = MARKS.sub(lambda m: " " * len(m[0]), text)
    lead = _ENUMERATES.match(bare)
    bare = " " * lead.end() + bare[lead.end() :] if lead else bare
    said = [*passages, known]
    flaws, good = [], []
    for name in names(bare):
        words = bare[name.start : name.end]
        if any(occurs(words, p) for p in said) or _is_word(bare, name, said):
            good.append((name.start, name.end))
        else:
            flaws.append(Flaw("name", name.start, name.end, words))
    evidence = [_evidence(passage) for passage in passages]
    claims = [f for f in figures(bare, european=_european(bare)) if not _part_of(f, good)]
    wrong = [_figure(bare, claim, evidence) for claim in claims]
    flaws += [flaw for flaw in wrong if flaw is not None]
    for at, (low, high) in enumerate(pairwise(claims)):
        between = bare[low.end : high.start]
        joined = _FROM_TO.fullmatch(between) and not _BACK.search(between.lower())
        if joined and wrong[at] is None is wrong[at + 1] and not _in_order(low, high, evidence):
            flaws.append(Flaw("figure", low.start, high.end, bare[low.start : high.end]))
    flaws += [f for f in _rest(bare, said) if not any(o.start < f.end and f.start < o.end for o in flaws)]
    return sorted(flaws, key=lambda f: f.start)


class _Evidence(msgspec.Struct):
    text: str
    figures: tuple[Figure, ...]


@lru_cache(maxsize=512)
def _evidence(passage: str) -> _Evidence:
    return _Evidence(passage, figures(passage, european=_european(passage)))


def _european(text: str) -> bool:
    return len({m[0].lower() for m in _ABROAD.finditer(text)}) > 1 or "€" in text


def _figure(text: str, figure: Figure, evidence: Sequence[_Evidence]) -> Flaw | None:
    kind: Literal["figure", "unit"] = "figure"
    for one in evidence:
        for other in one.figures:
            if figure.date is not None and other.date is not None and _same_date(figure, other):
                return None
            if not _same_value(figure, other):
                continue
            if figure.unit == other.unit and (figure.unit or _same_thing(text, figure, one.text, other)):
                return None
            kind = "unit"
    return Flaw(kind, figure.start, figure.end, text[figure.start : figure.end])


def _in_order(low: Figure, high: Figure, evidence: Sequence[_Evidence]) -> bool:
    """Whether a passage goes from the one to the other as well: a range, or a change from before to after."""
    for one in evidence:
        lows = [f for f in one.figures if _alike(low, f)]
        for other in (f for f in one.figures if _alike(high, f)):
            for first in lows:
                on = one.text[first.end : other.start].lower()
                if first.start < other.start and len(on) < _NEAR and not _BACK.search(on):
                    return True
                back = one.text[other.end : first.start].lower()
                if other.start < first.start and len(back) < _NEAR and _BACK.search(back):
                    return True
    return False


def _alike(claim: Figure, other: Figure) -> bool:
    if claim.date is not None and other.date is not None:
        return _same_date(claim, other)
    return claim.unit == other.unit and _same_value(claim, other)


def _same_date(claim: Figure, other: Figure) -> bool:
    """The passage says it at least as exactly, and alike as far as the claim goes."""
    assert claim.date is not None
    assert other.date is not None
    quarters = claim.unit.startswith("q"), other.unit.startswith("q")
    if quarters[0]:
        return quarters[1] and claim.unit == other.unit and claim.date == other.date
    return all(said in (0, there) for said, there in zip(claim.date, other.date, strict=True))


def _same_value(claim: Figure, other: Figure) -> bool:
    return bool(set(map(Decimal.normalize, claim.values)) & set(map(Decimal.normalize, other.values)))


def _same_thing(text: str, claim: Figure, passage: str, other: Figure) -> bool:
    """A bare number is of the same things: one of the words after it stands near it in the passage too."""
    words = _words_after(text, claim.end)
    if not words or claim.date is not None:
        return True
    near = takewhile(lambda m: m.start() < other.end + _NEAR, _WORD.finditer(passage, max(0, other.start - _NEAR)))
    stems = {stem(m[0]) for m in near}
    return any(word in stems for word in words)


def _words_after(text: str, at: int) -> list[str]:
    found: list[str] = []
    clause = re.split(r"[.,;:!?()\n]", text[at:].lstrip("+ "), maxsplit=1)[0]
    for word in _WORD.findall(clause):
        if word.lower() in FUNCTION_WORDS or word[0].isdigit():
            break
        found.append(stem(word))
        if len(found) == _CONTEXT:
            break
    return found


def stem(word: str) -> str:
    """A word without what it is inflected by: enough to compare words of one language with themselves."""
    lower = word.lower()
    for ending in _ENDINGS:
        if lower.endswith(ending) and len(lower) - len(ending) >= 3:
            return lower[: -len(ending)].rstrip("y")
    return lower.rstrip("y") if len(lower) > 3 else lower


@lru_cache(maxsize=8192)
def _plain(text: str) -> str:
    """Lower-case words with single spaces around them; `GPT-4`, `GPT 4` and `gpt4` become the same."""
    text = re.sub(r"['’]s?\b", "", text)
    text = re.sub(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", text)
    return " " + " ".join(_WORD.findall(text.lower())) + " "


def occurs(name: str, passage: str) -> bool:
    """Whether the name's words stand in the passage in a row, or its initials for them, or they for its initials."""
    said, there = _plain(name), _plain(passage)
    if said == "  " or said in there or _singular(said) in there:
        return True
    if said.replace(" ", "") in _joined(passage):
        return True
    letters = name.rstrip("s") if name.rstrip("s").isupper() else ""
    if len(letters) > 1 and letters.isalpha():
        return f" {letters.lower()} " in there or _spelt_out(letters.lower(), there)
    words = [w for w in said.split() if w not in FUNCTION_WORDS]
    return len(words) > 1 and f" {''.join(w[0] for w in words)} " in there and len(words) > 2


def _singular(said: str) -> str:
    return said.rstrip()[:-1] + " " if said.rstrip().endswith("s") and len(said) > 4 else said


@lru_cache(maxsize=512)
def _joined(passage: str) -> frozenset[str]:
    """One and two words of the passage in one piece each: how `Git Hub` may have been written."""
    words = _plain(passage).split()
    return frozenset(words) | frozenset(a + b for a, b in pairwise(words))


def _spelt_out(letters: str, there: str) -> bool:
    words = [w for w in there.split() if w not in ("of", "and", "the", "for")]
    first = "".join(w[0] for w in words)
    return letters in first


def _is_word(text: str, name: Name, said: Sequence[str]) -> bool:
    """At the beginning of a sentence: a plain word with a capital, which the passages have in another form; a name that
    they have may follow it."""
    if not name.first:
        return False
    first, _, rest = text[name.start : name.end].partition(" ")
    known = is_plain(first) or any(stem(first) in _stems(p) for p in said)
    return known and (not rest or any(occurs(rest, p) for p in said))


@lru_cache(maxsize=512)
def _stems(passage: str) -> frozenset[str]:
    return frozenset(stem(w) for w in _WORD.findall(passage))


def _rest(text: str, said: Sequence[str]) -> list[Flaw]:
    """Whatever has a digit and is no figure must be there as it is: versions, times of day, dates with slashes."""
    covered = [(f.start, f.end) for f in figures(text, european=_european(text))]
    flaws = []
    for match in _DIGITS.finditer(text):
        token = match[0].strip(".,;:!?'’*_~<>≈=±")
        start = match.start() + match[0].index(token) if token else match.start()
        loose = [at for at in range(start, start + len(token)) if text[at].isdigit() and not _in(at, covered)]
        if loose and not any(token.lower() in p.lower() for p in said) and not any(occurs(token, p) for p in said):
            flaws.append(Flaw("figure", start, start + len(token), token))
    return flaws


def _part_of(figure: Figure, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= figure.start and figure.end <= end for start, end in spans)


def _in(at: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)
