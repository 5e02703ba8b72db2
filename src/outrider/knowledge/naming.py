"""Names in text: capitalised sequences, identifiers, model and product names, addresses, each with its place."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_FUNCTION_WORDS = """
a about above across after again against ago all almost along already also although always am among an and another
any anyone anything are around as at away be became because become been before behind being below beside besides
best better between beyond both but by can cannot could currently despite did do does doing done down due during
each either else enough even every everyone everything except few first finally for former from further get gets
give given gives go goes had has have having he hence her here hers him his how however i if in indeed initially
inside instead into is it its itself just last later latter least less let like made mainly make makes many may me
meanwhile might more moreover most mostly much must my near nearly neither never nevertheless next no nobody none
nor not nothing now of off often on once only onto or other others otherwise our ours out over own per perhaps put
rather s same see several she should since so some someone something sometimes somewhat soon still such t take taken
than that the their theirs them themselves then there thereby therefore these they this those though through
throughout thus to together too toward towards under unless until up upon us use used uses using usually very via
was we well were what whatever when where whereas whether which while who whoever whole whom whose why will with
within without would yes yet you your yours according additionally based rest second third two three four five six
seven eight nine ten one overall similarly specifically notably yesterday tomorrow unlike today unfortunately
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Words that carry no content of their own. Also what questions and sentences begin with."""
_PLAIN_STARTS = """
agents analysts answers applications benchmarks companies company costs customers data deployment developers
development documents employees engineering engineers evaluation evidence feedback figures key latency lessons main
management models model monitoring online operators passage passages people performance platform platforms
production quality queries question questions researchers response responses results retrieval savings security
software source sources staff support system systems team teams tests text time training usage user users work
workers years no initial early large small several new human manual automated internal external separate total
average
"""
PLAIN_STARTS = frozenset(_PLAIN_STARTS.split())
"""Plain nouns and adjectives that often begin a sentence: alone they are no names."""
_MONTH_OR_DAY = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|mon|tues|wednes|thurs|fri|satur|sun)[a-z]*\.?$", re.I
)
_ADDRESS = re.compile(r"https?://[^\s<>\"')\]]+|\b[\w.+-]+@[\w-]+\.[\w.]+|\bwww\.[^\s<>\"')\]]+")
_TOKEN = re.compile(r"[^\W_](?:[\w&+#]|[./'’:-](?=\w))*(?:\+\+|#)?")
_POSSESSIVE = re.compile(r"['’]s?$")
_JOINS = frozenset(("of", "the", "for", "de", "la", "van", "von", "&", "di", "du"))


class Name(NamedTuple):
    """`text[start:end]`; `first`: the sentence begins with it, so its capital says little."""

    start: int
    end: int
    first: bool = False


@lru_cache(maxsize=4096)
def names(text: str) -> tuple[Name, ...]:
    """The names of a sentence in order."""
    addresses = [Name(m.start(), m.start() + len(m[0].rstrip(".,;:!?"))) for m in _ADDRESS.finditer(text)]
    found = [n for n in _sequences(text) if not any(a.start < n.end and n.start < a.end for a in addresses)]
    return tuple(sorted([*addresses, *found]))


def _sequences(text: str) -> Iterator[Name]:
    tokens = [(m.start(), _unpossessed(m)) for m in _TOKEN.finditer(text)]
    opens, at = True, 0
    while at < len(tokens):
        start, end = tokens[at]
        first = opens or text[:start].rstrip()[-1:] in tuple('.!?:"“(')
        opens = False
        if not is_capital(text[start:end]) or text[start:end].lower() in FUNCTION_WORDS:
            at += 1
            continue
        last = at
        while (more := _next(text, tokens, last)) > last:
            last = more
        word, alone = text[start:end], last == at
        if not (alone and (_MONTH_OR_DAY.match(word) or (first and is_plain(word)))):
            yield Name(start, tokens[last][1], first and not _odd(word))
        at = last + 1


def _unpossessed(match: re.Match[str]) -> int:
    return match.start() + len(_POSSESSIVE.sub("", match[0]) or match[0])


def _next(text: str, tokens: list[tuple[int, int]], at: int) -> int:
    """The index of the token that goes on with the name; `at` itself if none does."""
    for ahead in (1, 2):
        if at + ahead >= len(tokens):
            return at
        start, end = tokens[at + ahead]
        if text[tokens[at + ahead - 1][1] : start].strip(" \t-") or "\n" in text[tokens[at][1] : start]:
            return at
        word = text[start:end]
        if (is_capital(word) and word.lower() not in FUNCTION_WORDS) or (
            ahead == 1 and word[0].isdigit() and _short(word)
        ):
            return at + ahead
        if word.lower() not in _JOINS:
            return at
    return at


def _short(word: str) -> bool:
    """A number that may be a version: `Llama 3.1`, `GPT 4`."""
    return re.fullmatch(r"\d{1,2}(?:\.\d{1,2})?[a-z]?", word) is not None


def is_capital(word: str) -> bool:
    """Whether a word is written as a name: with a capital, or with letters and digits or signs within it."""
    return any(c.isupper() for c in word) or _odd(word)


def _odd(word: str) -> bool:
    """Written as no plain word is: `GPT-4`, `OpenAI`, `load_users`, `p95`, `gpt-4o-mini`."""
    inner = word[1:]
    return (
        any(c.isupper() for c in inner)
        or "_" in word
        or (any(c.isdigit() for c in word) and any(c.isalpha() for c in word) and word[0].isalpha())
    )


def is_plain(word: str) -> bool:
    """A word that often begins a sentence, and then has a capital without being a name."""
    lower = word.lower()
    return lower in FUNCTION_WORDS or lower in PLAIN_STARTS or (lower.endswith(("ly", "ing", "ed")) and not _odd(word))
