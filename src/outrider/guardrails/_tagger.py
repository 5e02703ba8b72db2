"""Names of people in running text: a linear model over each capitalised word and its neighbours.

Trained by `benchmarks/pii_train.py` on made-up sentences and on documents without people. Weights are one byte per
hashed feature; beside them are digests of known first names, surnames and places (`names.npz`). Alphabets with
capitals only: Latin, Greek, Cyrillic. Without a capital only frequent English first names are looked at.
"""

import re
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from outrider.guardrails._contract import Finding
from outrider.guardrails._not_people import people

FILE = "names.npz"
BUCKETS = 1 << 18
SCALE = 24.0
"""A weight's unit: that many of them are one in the logit."""
FIRST, LAST, WORD, PLACE, OFTEN = 1, 2, 4, 8, 16
"""What is known of a word: a first name, a surname; as a name also a plain word; a place; a frequent English first name
that is no word."""
_LEAN = 1.2
"""What is added to each word's logit: a name that is missed costs more than a word that is hidden."""
_SURE, _ONCE = 0.7, -4.0
"""A whole name that is surer makes each of its words one wherever it stands again, unless something else is known."""
_TOKEN = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?|\d+|[^\w\s]|\n+")
_INITIAL = re.compile(r"[^\W\d_]\.$")
_PARTICLES = "de da do dos das del della di du la le van von der den ter ten zu zur af al bin ibn el y e"
_INNER = frozenset(_PARTICLES.split())
_TITLES = (
    "mr|mrs|ms|miss|mx|dr|prof|professor|sir|madam|dame|lord|lady|rev|hon|capt|sgt|judge|herr|frau|fräulein|monsieur"
    "|madame|mme|mlle|m|señor|señora|sr|sra|srta|dott|dottor|ing|signor|signora|sig|dhr|mevr|pan|pani|don|doña|dipl"
)
_TITLE = re.compile(rf"(?:{_TITLES})\.?", re.IGNORECASE)


_SHORTENED = re.compile(r"(?i)\w+(?:n['’]t|['’](?:ve|re|ll|d|m))|(?:it|that|what|he|she|who|there|let|here)['’]s")
_SITE = re.compile(r"[^\W\d_]\.[a-z]{2,}")
_FIRM = re.compile(
    r"(?i:inc|ltd|llc|llp|plc|corp|corporation|co|company|gmbh|ag|kg|sa|sas|sarl|srl|spa|bv|nv|ab|as|oy|aps|kft|sons"
    r"|brothers|bros|partners|associates|group|holdings?|bank|banking|insurance|capital|ventures?|realty|properties"
    r"|estates?|motors?|autos?|stores?|shops?|market|mart|supermarkets?|foods?|pizza|burgers?|grill|caf[ée]|coffee"
    r"|restaurants?|kitchen|bakery|bar|pub|hotels?|resorts?|airlines?|travel|tours|media|news|press|records|studios?"
    r"|pictures|films|music|books|games|toys|sports?|fitness|wireless|mobile|telecom|software|systems|solutions"
    r"|technolog(?:y|ies)|tech|labs?|laborator(?:y|ies)|pharma\w*|clinic|hospital|university|college|school|academy"
    r"|institute|foundation|trust|society|association|council|committee|department|ministry|agency|authority|police"
    r"|services?|consulting|consultants|management|marketing|advertising|design|designs|construction|builders"
    r"|electric|electronics|energy|power|oil|gas|steel|chemicals?|industries|manufacturing|logistics|transport"
    r"|shipping|freight|furniture|furnishings?|homes?|housewares|garden|gardens|gardening|lawn|landscaping|hardware"
    r"|supply|supplies|parts|auto|fashion|fashions|clothing|apparel|shoes|jewel(?:ry|ers)|cosmetics|beauty|salon|spa"
    r"|stationers|drugs?|stereo|video|photo|street|road|avenue|award|prize|act|law|theorem|effect|disease|syndrome)"
)
"""What a name of something else ends with: `Atlas Realty`, `Parker Brothers`."""


class Token:
    """A word, number or sign with its place."""

    __slots__ = ("end", "kind", "low", "start", "text")

    def __init__(self, match: re.Match[str]) -> None:
        self.text, self.start, self.end, self.kind = match[0], match.start(), match.end(), 0
        if self.text.endswith(".") and len(self.text) > 2 and not _TITLE.fullmatch(self.text):
            self.text, self.end = self.text[:-1], self.end - 1
        self.low = self.text.lower()
        if self.low.endswith(("'s", "’s")):
            self.low = self.low[:-2]
        elif self.low.isdigit():
            self.low = "#"


def tokens(text: str) -> list[Token]:
    """The words of a text; of those that can be names, what is known of them."""
    said = [Token(match) for match in _TOKEN.finditer(text)]
    for token in said:
        if len(token.low) > 1 and token.text[0].isalpha():
            token.kind = known(token.low)
    return said


def known(low: str) -> int:
    """What is known of a word; of one with a hyphen, what is of each of its parts."""
    entries = _model()[1]
    key = digest(low)
    at = bisect_left(entries, key)
    if at < len(entries) and entries[at] >> 5 == key >> 5:
        return entries[at] & 31
    if "-" in low:
        parts = [known(part) for part in low.split("-", 3) if "-" not in part]
        return (FIRST | LAST) & (parts[0] | parts[-1]) if all(parts) else 0
    return 0


def digest(low: str) -> int:
    """The place of a word among those that are known; the last five bits are free for what it is."""
    return zlib.crc32(low.encode()) & ~31


def is_candidate(said: list[Token], at: int) -> bool:
    """Whether a word can be a part of a name: it begins with a capital and has a small letter, or is an initial, or is
    a frequent first name in small letters, or stands behind one."""
    token = said[at]
    text = token.text
    if text[0].isupper():
        if _SHORTENED.fullmatch(text) or _SITE.search(text):
            return False
        return (len(text) > 1 or _INITIAL.match(text) is not None) and not _TITLE.fullmatch(text)
    if token.kind & OFTEN:
        return True
    before = said[at - 1] if at else None
    return token.kind & (LAST | WORD) == LAST and before is not None and before.kind & OFTEN > 0


def features(said: list[Token], at: int) -> Iterator[str]:
    """What the model looks at."""
    token = said[at]
    low, text, kind = token.low, token.text, token.kind
    before = said[at - 1] if at else None
    after = said[at + 1] if at + 1 < len(said) else None
    yield f"w={low}"
    yield f"s3={low[-3:]}"
    yield f"s2={low[-2:]}"
    yield f"p3={low[:3]}"
    shape = _shape(text)
    yield f"shape={shape}"
    p1 = before.low if before is not None else "^"
    p2 = said[at - 2].low if at > 1 else "^"
    p3 = said[at - 3].low if at > 2 else "^"
    n1 = after.low if after is not None else "$"
    n2 = said[at + 2].low if at + 2 < len(said) else "$"
    n3 = said[at + 3].low if at + 3 < len(said) else "$"
    starts = p1 in "^.!?:>*•|-\n" or p1[0] == "\n"
    prev_cap = before is not None and before.text[:1].isupper()
    next_cap = after is not None and after.text[:1].isupper()
    owns = text[-2:] in ("'s", "’s")
    yield f"b1={p1}"
    yield f"b2={p2}|{p1}"
    yield f"a1={n1}|{owns}"
    yield f"a2={n1}|{n2}"
    yield f"caps={starts}{prev_cap}{next_cap}"
    yield f"b1c={p1}|{next_cap}"
    yield f"ws={low}|{starts}"
    yield f"b1w={p1 if not prev_cap else '^C'}|{n1 if not next_cap else 'C$'}"
    yield f"pw={p1[-3:] if prev_cap else '-'}"
    yield f"nw={n1[-3:] if next_cap else '-'}"
    yield f"n2={n2 if next_cap else '-'}|p2={p2 if prev_cap else '-'}"
    yield f"title={before is not None and _TITLE.fullmatch(before.text) is not None}"
    k0 = before.kind if prev_cap and before is not None else "C" if prev_cap else "-"
    k1 = after.kind if next_cap and after is not None else "-"
    yield f"k={kind}{shape}{starts}"
    yield f"kk={k0}|{kind}|{k1}"
    yield f"kb={kind}|{p1 if not prev_cap else k0}"
    yield f"kb2={kind}|{p2}|{p1 if not prev_cap else k0}"
    yield f"ka={kind}|{n1 if not next_cap else k1}|{owns}"
    yield f"kba={kind}|{p1 if not prev_cap else k0}|{n1 if not next_cap else k1}"
    yield f"k3={kind}|{p3}"
    yield f"p3w={p3}|{prev_cap}"
    yield f"n3={n2}|{n3 if not next_cap else '-'}"
    yield f"nn={k1}|{n2}"
    yield f"firm={_firm(said, at)}|{kind & 3}"
    yield f"line={_line(said, at)}|{kind & 3}"


def _firm(said: list[Token], at: int) -> str:
    """Whether the words with a capital from here on end with what firms and things end with."""
    for ahead in (1, 2, 3):
        to = said[at + ahead] if at + ahead < len(said) else None
        if to is None or not (to.text[:1].isupper() or to.text == "&"):
            return "-"
        if _FIRM.fullmatch(to.text):
            return "firm"
        if to.text == "&":
            return "and"
    return "long"


def _line(said: list[Token], at: int) -> str:
    """How a word stands in its line: alone with few others, first, last, or within."""
    first = at == 0 or said[at - 1].text[0] == "\n"
    left = first or (at == 1 or said[at - 2].text[0] == "\n")
    last = at + 1 >= len(said) or said[at + 1].text[0] == "\n"
    right = last or (at + 2 >= len(said) or said[at + 2].text[0] == "\n")
    return "alone" if left and right else "first" if first else "last" if last else "within"


def _shape(text: str) -> str:
    if len(text) < 3:
        return "short" if not text.isupper() else "S"
    if text.isupper():
        return "UP"
    return "Xx-Xx" if "-" in text else "XxXx" if any(c.isupper() for c in text[1:]) else "Xx"


def bucket(feature: str) -> int:
    return zlib.crc32(feature.encode()) % BUCKETS


@cache
def _model() -> tuple[list[int], "array[int]"]:
    """The weights, and what is known of words: digests in order, with what it is in the last five bits."""
    import numpy as np

    with np.load(Path(__file__).with_name(FILE), allow_pickle=False) as held:
        return held["weights"].tolist(), array("I", np.cumsum(held["words"], dtype=np.uint32).tobytes())


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
    return list(
        people(
            text, _names(text), is_town=lambda low: known(low) & PLACE > 0, is_first=lambda low: known(low) & FIRST > 0
        )
    )


def _names(text: str) -> list[Finding]:
    """What the model takes for names."""
    said = tokens(text)
    likely = [_likely(said, at) if is_candidate(said, at) else None for at in range(len(said))]
    found = list(_joined(text, said, likely))
    whole = {one.start: one.end for one in found if one.score > _SURE and " " in text[one.start : one.end]}
    again, end = set[str](), 0
    for token in said:
        end = max(end, whole.get(token.start, 0))
        if token.start < end and len(token.low) > 2:
            again.add(token.low)
    for at, token in enumerate(said):
        value = likely[at]
        if value is not None and _ONCE < value <= 1.0 and token.low in again and not token.kind & (WORD | PLACE):
            likely[at] = 1.0
    return list(_joined(text, said, likely)) if again else found


def _likely(said: list[Token], at: int) -> float:
    """The logit of a word's being a part of a name."""
    weights = _model()[0]
    return sum(weights[bucket(f)] for f in features(said, at)) / SCALE + (_LEAN if said[at].text[0].isupper() else 0.0)


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
        least = -0.5 if said[to].kind & WORD else -2.0
        if value is not None and (value > least or _INITIAL.match(said[to].text)):
            return to
        if said[to].low not in _INNER:
            return None
    return None
