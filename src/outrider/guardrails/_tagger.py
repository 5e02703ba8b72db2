"""Names of people in running text: a linear model over each capitalised word and its neighbours.

Trained by `benchmarks/pii_train.py` on made-up sentences and on documents without people. Weights are one byte per
hashed feature (`names.npy`). Alphabets with capitals only: Latin, Greek, Cyrillic.
"""

import re
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from outrider.guardrails._contract import Finding

FILE = "names.npy"
BUCKETS = 1 << 17
SCALE = 24.0
"""A weight's unit: that many of them are one in the logit."""
_TOKEN = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?|\d+|[^\w\s]|\n+")
_INITIAL = re.compile(r"[^\W\d_]\.$")
_PARTICLES = "de da do dos das del della di du la le van von der den ter ten zu zur af al bin ibn el y e"
_INNER = frozenset(_PARTICLES.split())
_TITLES = (
    "mr|mrs|ms|miss|mx|dr|prof|professor|sir|madam|dame|lord|lady|rev|hon|capt|sgt|judge|herr|frau|fräulein|monsieur"
    "|madame|mme|mlle|m|señor|señora|sr|sra|srta|dott|dottor|ing|signor|signora|sig|dhr|mevr|pan|pani|don|doña|dipl"
)
_TITLE = re.compile(rf"(?:{_TITLES})\.?", re.IGNORECASE)
_AFTER = re.compile(r"(?:jr|sr|ii|iii|iv|md|phd|dds|dvm|esq|b\.?\s?sc|m\.?\s?sc|mba)\.?", re.IGNORECASE)


class Token:
    """A word, number or sign with its place."""

    __slots__ = ("end", "low", "start", "text")

    def __init__(self, match: re.Match[str]) -> None:
        self.text, self.start, self.end = match[0], match.start(), match.end()
        if self.text.endswith(".") and len(self.text) > 2 and not _TITLE.fullmatch(self.text):
            self.text, self.end = self.text[:-1], self.end - 1
        self.low = self.text.lower()


def tokens(text: str) -> list[Token]:
    return [Token(match) for match in _TOKEN.finditer(text)]


def is_candidate(token: Token) -> bool:
    """Whether a word can be a part of a name: it begins with a capital and has a small letter, or is an initial."""
    text = token.text
    return text[0].isupper() and (len(text) > 1 or _INITIAL.match(text) is not None) and not _TITLE.fullmatch(text)


def features(said: list[Token], at: int) -> Iterator[str]:
    """What the model looks at."""
    token = said[at]
    low, text = token.low, token.text
    before = said[at - 1] if at else None
    after = said[at + 1] if at + 1 < len(said) else None
    yield f"w={low}"
    yield f"s3={low[-3:]}"
    yield f"s2={low[-2:]}"
    yield f"p3={low[:3]}"
    yield f"shape={_shape(text)}"
    p1 = before.low if before is not None else "^"
    p2 = said[at - 2].low if at > 1 else "^"
    n1 = after.low if after is not None else "$"
    n2 = said[at + 2].low if at + 2 < len(said) else "$"
    starts = p1 in "^.!?:\n" or p1.startswith("\n")
    prev_cap = before is not None and before.text[:1].isupper()
    next_cap = after is not None and after.text[:1].isupper()
    yield f"b1={p1}"
    yield f"b2={p2}|{p1}"
    yield f"a1={n1}"
    yield f"a2={n1}|{n2}"
    yield f"caps={starts}{prev_cap}{next_cap}"
    yield f"b1c={p1}|{next_cap}"
    yield f"ws={low}|{starts}"
    yield f"b1w={p1 if not prev_cap else '^C'}|{n1 if not next_cap else 'C$'}"
    yield f"pw={said[at - 1].low[-3:] if prev_cap and before is not None else '-'}"
    yield f"nw={after.low[-3:] if next_cap and after is not None else '-'}"
    yield f"n2={n2 if next_cap else '-'}|p2={p2 if prev_cap else '-'}"
    yield f"title={before is not None and _TITLE.fullmatch(before.text) is not None}"


def _shape(text: str) -> str:
    if len(text) < 3:
        return "short" if not text.isupper() else "S"
    if text.isupper():
        return "UP"
    return "Xx-Xx" if "-" in text else "XxXx" if any(c.isupper() for c in text[1:]) else "Xx"


def bucket(feature: str) -> int:
    return zlib.crc32(feature.encode()) % BUCKETS


@cache
def _weights() -> Any:
    import numpy as np

    return np.load(Path(__file__).with_name(FILE), allow_pickle=False).tolist()


_INTRODUCED = re.compile(
    r"\b(?:(?:[Mm]y|[Hh]is|[Hh]er|[Oo]ur|[Tt]heir)\s(?:(?:best|old|little|older|younger|late|ex)\s)?(?:name\sis|first\sname\sis"
    r"|friend|kid|child|son|daughter|wife|husband|partner|brother|sister|mother|father|mum|mom|dad|uncle|aunt|cousin|nephew"
    r"|niece|grandmother|grandfather|colleague|boss|neighbou?r|roommate|assistant|lawyer|doctor)"
    r"|[Cc]all(?:s|ed)?\s(?:me|him|her))\s(?P<name>[^\W\d_a-z]\w*[a-z]\w*(?:[-'’]\w+)*(?:\s[^\W\d_a-z][\w'’-]*[a-z])?)"
)
"""What a name follows, where nothing else with a capital does."""
_NO_NAME = re.compile(
    r"(?i)(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september|october"
    r"|november|december|english|french|german|spanish|i|the|a|an|when|if|and|but|on|at|back|asap|sir|madam|doctor|who"
    r"|maybe|unknown|process|node|program"
)
_OF_FIRMS = re.compile(r"(?i)(?:our|their)\s(?:partner|assistant|child)\s")
"""What firms and programs have, too: `our partner Contoso`, `their child Worker`."""


def introduced(text: str) -> Iterator[Finding]:
    """Names after words that introduce them: `my sister Ana`, `everyone calls me Bo`."""
    for m in _INTRODUCED.finditer(text):
        first = m["name"].split()[0]
        if first[0].isupper() and not _NO_NAME.fullmatch(first) and not _OF_FIRMS.match(m[0]):
            yield Finding(m.start("name"), m.end("name"), "person", 0.8)


def named(text: str) -> list[Finding]:
    """Names of people, each as a whole."""
    said = tokens(text)
    weights = _weights()
    likely = [
        sum(weights[bucket(f)] for f in features(said, at)) / SCALE if is_candidate(token) else None
        for at, token in enumerate(said)
    ]
    return list(_joined(text, said, likely))


def _joined(text: str, said: list[Token], likely: list[float | None]) -> Iterator[Finding]:
    """Words in a row that are one name; a particle or an initial between two belongs to it."""
    at = 0
    while at < len(said):
        if (first := likely[at]) is None or first <= 0:
            at += 1
            continue
        end, best = at, first
        while (step := _next(text, said, likely, end)) is not None:
            end = step
            best = max(best, likely[end] or 0.0)
        if end > at or best >= 1.0:
            yield Finding(said[at].start, said[end].end, "person", min(0.99, 0.5 + best / 12))
        at = end + 1


def _next(text: str, said: list[Token], likely: list[float | None], at: int) -> int | None:
    """The token that goes on with the name that has reached `at`."""
    for ahead in (1, 2, 3):
        to = at + ahead
        if to >= len(said) or "\n" in text[said[at].end : said[to].start]:
            return None
        value = likely[to]
        if value is not None and (value > -0.5 or _INITIAL.match(said[to].text)):
            return to
        if said[to].low not in _INNER:
            return None
    return None
