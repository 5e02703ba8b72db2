"""What of a user's words is no request of its own: what they dictate or quote, and what only corrects another one."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache

Spans = list[tuple[int, int]]

_QUOTED = re.compile(r"(?<!\w)([\"'])(?=\S).{1,500}?(?<=\S)\1(?!\w)|«.{1,500}?»")
"""What a user dictates, or what something is called."""
_WRITES_TO = re.compile(
    r"\w+ (?:back )?(?:to|an|à|a) (?!(?:the |a |an |my |our |la |le |el |il |das |die |den )?"
    r"(?:file|files|list|log|note|notes|document|doc|page|journal|diary|disk|record|datei|liste|notiz|fichier|archivo)\b)"
    r"(?!\S*[/.]\w)|"
    r"\w+ (?!(?:an?|the|my|our|down|up|this|that|it|some|your|eine?[nmr]?|die|das|den|une?|el|la|les?|something|in|"
    r"into|on|out)\b)[\w.'-]{1,40}(?: [\w.'-]{1,40})?,? (?:that|dass|que|che|dat|about|whether|if|we|i'm|i)\b"
)
"""`write to Bob`, `write Bob that …`: a message, and no note."""
_CORRECTS = re.compile(
    r"make (?:it|that|this|them)\s(?:\w+\s){0,2}?(?:\d|one|two|three|four|five|six|seven|eight|nine|ten|half)"
)
"""`make it 3 pm`: another value of what was asked for before."""


@lru_cache(1024)
def quoted(text: str) -> tuple[tuple[int, int], ...]:
    """Where a folded text has something in quotes: what is dictated, or what something is called."""
    return tuple(one.span() for one in _QUOTED.finditer(text))


def inside(spans: Sequence[tuple[int, int]], at: int) -> bool:
    """Whether a place is inside of one of these, which stand in order."""
    before = bisect_left(spans, (at, 0)) - 1
    return before >= 0 and at < spans[before][1]


def begins_in(spans: Spans, at: int) -> bool:
    """The same, where a place at the very beginning of one counts."""
    return inside(spans, at + 1)


def within(spans: Spans, start: int, end: int) -> Spans:
    """The spans that a part of a text has, counted from its beginning. They stand in order, none in another."""
    first = bisect_left(spans, (start, start))
    found = spans[max(0, first - 1) : bisect_left(spans, (end, end))]
    return [(max(0, one - start), last - start) for one, last in found if last > start]


def split(at: re.Pattern[str], text: str) -> list[str]:
    """The parts between what a pattern finds outside of quotes."""
    return [one for _, one in places(at, text)]


def places(at: re.Pattern[str], text: str) -> list[tuple[int, str]]:
    """The same, each with where it begins."""
    spans = quoted(text)
    found, start = [], 0
    for match in at.finditer(text):
        if not inside(spans, match.start()):
            found.append((start, text[start : match.start()]))
            start = match.end()
    return [*found, (start, text[start:])]


def corrects(text: str, at: int) -> bool:
    """Whether the verb at this place gives another value to what was asked for before: `make it 3 pm`."""
    return _CORRECTS.match(text, at) is not None


def writes_to(text: str, at: int) -> bool:
    """Whether the verb at this place writes a message, and no note: `write to Bob`."""
    return _WRITES_TO.match(text, at) is not None
