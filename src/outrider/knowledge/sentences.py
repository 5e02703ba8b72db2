"""Text cut into sentences, exactly: every span is a piece of the text as it stands, and only white space is between.

List items, headings and table rows are sentences of their own. Marks of citations after a full stop (`…grew. [2]`)
belong to the sentence before them. `settled` does the same for text that is still being written.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_ABBREVIATIONS = """
e.g i.e etc vs cf approx ca al fig figs eq no nos vol pp ed eds est dept dr mr mrs ms prof sr jr st inc ltd co corp
llc gmbh jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun min max avg resp incl excl u.s
u.k e.u a.m p.m ph.d z.b d.h bzw ggf
"""
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())
_ENDS_TOO = frozenset(
    ("etc", "a.m", "p.m", "u.s", "u.k", "e.u", "al", "inc", "ltd", "co", "corp", "llc", "gmbh", "ph.d")
)
"""Abbreviations that may end a sentence: they do where a word follows that often begins one."""
MARKS = re.compile(r"(?:[ \t]?\[\d{1,3}(?:[ ]?[,–-][ ]?\d{1,3})*\])+")
"""Citations as they are written: `[1]`, `[1, 2]`, `[1][3]`."""

_STOP = re.compile(r"[.!?…]+[\"'”’»)\]*_]*|[。！？]+[」』”]*")
_LINE_OPENS = re.compile(r"[ \t]*(?:[-*+•·–][ \t]|\d{1,3}[.)][ \t]|#{1,6}[ \t]|\||>[ \t]|```|$)")
_ALONE = re.compile(r"[ \t]*(?:#{1,6}[ \t]|\||```)")
ROW = re.compile(r"[^|:\n]{1,100}: [^|\n]*(?: \| [^|:\n]{1,100}: [^|\n]*)+$")
"""A row of a workbook or of CSV, as it is read: each value with its column."""
_ENUMERATES = re.compile(r"\s*(?:\d{1,3}|[A-Za-z])[.)]$")
_WORD_BEFORE = re.compile(r"[\w.&]+$")
_STARTERS = """
the a an it its in on at this that these those they we he she i you there their our his her and but so if when while
as for with after before since however also no not by from to all each both some most
"""
STARTERS = frozenset(_STARTERS.split())
_WAITS = 8
"""Characters of a sentence that must be there before the one ahead of it is taken for complete."""
_LONGEST_MARK = 40


class Span(NamedTuple):
    """`text[start:end]`."""

    start: int
    end: int


def sentences(text: str) -> list[Span]:
    """The sentences of `text` in order; none begins or ends with white space."""
    return [span for start, end in _paragraphs(text) for span in _inside(text, start, end)]


def settled(text: str) -> int:
    """How far `text`, of which more is to come, will keep its present sentences: the end of the last complete one."""
    for span in reversed(sentences(text)):
        rest = text[span.end :].lstrip()
        if len(rest) >= _WAITS and not (rest[0] == "[" and "]" not in rest[:_LONGEST_MARK]):
            return span.end
    return 0


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Spans in which lines belong together: prose may go over lines, an item or a heading begins anew."""
    start, at, alone = 0, 0, True
    for line in text.splitlines(keepends=True):
        row = ROW.match(line.rstrip()) is not None
        opens = alone or row or _LINE_OPENS.match(line.rstrip("\r\n")) is not None
        if opens and start < at:
            yield start, at
            start = at
        alone = row or _ALONE.match(line) is not None
        at += len(line)
    if start < at:
        yield start, at


def _inside(text: str, start: int, end: int) -> Iterator[Span]:
    if ROW.match(text[start:end].rstrip()):
        yield from _trimmed(text, start, end)
        return
    begun = start
    for stop in _STOP.finditer(text, start, end):
        if stop.start() < begun:
            continue
        marks = MARKS.match(text, stop.end(), end)
        after = marks.end() if marks is not None else stop.end()
        if _is_end(text, begun, stop, after, end):
            yield from _trimmed(text, begun, after)
            begun = after
    yield from _trimmed(text, begun, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    piece = text[start:end]
    lead = len(piece) - len(piece.lstrip())
    if lead < len(piece):
        yield Span(start + lead, start + len(piece.rstrip()))


def _is_end(text: str, begun: int, stop: re.Match[str], after: int, end: int) -> bool:
    if stop[0][0] in "。！？":
        return True
    follows = text[after : after + 1] if after < end else ""
    if follows and not follows.isspace():
        return False
    next_word = text[after : min(end, after + 40)].split(None, 1)[:1]
    next_ = next_word[0][0] if next_word else ""
    if next_.islower() and "?" not in stop[0] and "!" not in stop[0]:
        return False
    if stop[0][0] != "." or stop[0].startswith(".."):
        return True
    if _ENUMERATES.match(text, begun, stop.start() + 1):
        return False
    word = _WORD_BEFORE.search(text, max(begun, stop.start() - 20), stop.start())
    if word is None or not next_:
        return True
    last = word[0].lower()
    if last in ABBREVIATIONS:
        return last in _ENDS_TOO and next_.isupper() and next_word[0].lower().strip(",;:") in STARTERS
    return not (len(word[0]) == 1 and word[0].isupper() and next_.isupper())  # an initial: J. Smith
