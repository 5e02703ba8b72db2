"""Whose words a text is: a user's message may repeat what a tool, a model or a document said. Pure."""

import re
from collections.abc import Callable, Sequence

import msgspec

from outrider.policy.normal import fold
from outrider.policy.turns import pieces

_SHORTEST_LINE = 8
_MOST_SEARCHED = 4_000_000
"""Characters of earlier texts in which a sentence is looked for: the latest ones."""


class Words(msgspec.Struct):
    """A text in two: `own` are its author's words, `others` what they only repeat or enclose."""

    own: str
    others: list[str]


def parted(
    text: str,
    written: set[str],
    untrusted: Sequence[str],
    own: Callable[[str], bool],
    between: Sequence[tuple[str, str]] = (),
) -> Words:
    """Part a text. `written` are folded sentences that models or tools wrote in whatever session, `untrusted` folded
    texts that the session has read; what the author said before either, `own`, stays theirs. `between` are marks that
    enclose what is not the author's."""
    others: list[str] = []
    for opens, closes in between:
        first, last = text.find(opens), text.rfind(closes)
        if first >= 0:  # up to the last closing mark: what is enclosed cannot end it
            end = last + len(closes) if last > first else len(text)
            others.append(text[first + len(opens) : max(last, first + len(opens)) if last > first else len(text)])
            text = f"{text[:first]}\n{text[end:]}"
    found = [one for one, folded in pieces(text) if (folded in written or _said(folded, untrusted)) and not own(folded)]
    if found:
        text = _without(text, found)
        others += found
        kept = list[str]()
        for line in text.splitlines():  # short lines of the same passage
            folded = fold(line)
            repeats = len(folded) >= _SHORTEST_LINE and _said(folded, untrusted) and not own(folded)
            (others if repeats else kept).append(line)
        text = "\n".join(kept)
    return Words(text.strip(), others)


def _without(text: str, found: Sequence[str]) -> str:
    """A text without these parts of it, which may overlap."""
    kept, end = list[str](), 0
    for start, behind in sorted((m.start(), m.end()) for one in set(found) for m in re.finditer(re.escape(one), text)):
        if start >= end:
            kept += [text[end:start], "\n"]
        end = max(end, behind)
    return "".join([*kept, text[end:]])


def _said(folded: str, texts: Sequence[str]) -> bool:
    left = _MOST_SEARCHED
    for text in reversed(texts):
        if folded in text:
            return True
        left -= len(text)
        if left < 0:
            return False
    return False
