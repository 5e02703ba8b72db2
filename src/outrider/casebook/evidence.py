"""Passages as evidence: making one from a span, finding the span that supports a value, checking what is claimed.

The rule of the Casebook is here: a claim is shown only with a passage that contains it, and a passage is exactly
`text[start:end]` of its source.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from outrider.casebook.records import FIELDS_OF_CLAIMS, CaseStudy, Claim, Evidence, Made, Result, Status

LONGEST_QUOTE = 320
"""Characters around a match that a passage has at most; a longer sentence is cut at words."""
_SENTENCE_END = re.compile(r"[.!?][\"'”’)]*(?=\s)|\n")


def text_hash(text: str) -> str:
    """The SHA-256 of a text, in hex: what says that offsets still mean the same."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def quote_hash(quote: str) -> str:
    return text_hash(quote)[:16]


def cite(source: str, text: str, start: int, end: int, *, quoted: bool = True) -> Evidence:
    """The passage `text[start:end]`; without its words where they may not be kept."""
    quote = text[start:end]
    return Evidence(source, start, end, quote_hash(quote), quote if quoted else "")


def around(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of the sentence (or line) that holds `text[start:end]`, without white space at its ends."""
    floor, ceiling = max(0, start - LONGEST_QUOTE), min(len(text), end + LONGEST_QUOTE)
    left, right = floor, ceiling
    for match in _SENTENCE_END.finditer(text, floor, start):
        left = match.end()
    if last := _SENTENCE_END.search(text, end, ceiling):
        right = last.start() + len(last[0].rstrip("\n"))
    if right - left > LONGEST_QUOTE:
        left, right = _cut(
            text, max(left, start - LONGEST_QUOTE // 2), min(right, end + LONGEST_QUOTE // 2), start, end
        )
    while left < start and text[left].isspace():
        left += 1
    while right > end and text[right - 1].isspace():
        right -= 1
    return left, right


def _cut(text: str, left: int, right: int, start: int, end: int) -> tuple[int, int]:
    """`left` and `right` moved to the edges of words, without losing `start:end`."""
    if 0 < left < start and not text[left - 1].isspace():
        space = text.find(" ", left, start)
        left = space + 1 if space >= 0 else start
    if end < right < len(text) and not text[right].isspace():
        space = text.rfind(" ", end, right)
        right = space if space >= 0 else end
    return left, right


def find(source: str, text: str, pattern: re.Pattern[str], *, most: int = 2) -> tuple[Evidence, ...]:
    """The first passages of `text` that match, at most one of each sentence."""
    found: list[Evidence] = []
    behind = -1
    for match in pattern.finditer(text):
        if match.start() >= behind and match.end() > match.start():
            start, end = around(text, *match.span())
            found.append(cite(source, text, start, end))
            behind = end
            if len(found) == most:
                break
    return tuple(found)


def name_pattern(name: str) -> re.Pattern[str]:
    """Matches a name as it is written in texts: case, hyphens, dots and spaces make no difference."""
    parts = re.findall(r"[^\W_]+|[&+#]", name)
    body = r"\W{0,3}".join(re.escape(p) for p in parts) if parts else re.escape(name)
    return re.compile(rf"(?<![^\W_]){body}(?![^\W_])", re.IGNORECASE)


def supported(value: str, evidence: Iterable[Evidence], made: Made, status: Status = "verified") -> Claim:
    """A claim that has `status` if there is evidence, and is unsupported otherwise."""
    found = tuple(evidence)
    return Claim(value, status if found else "unsupported", found, made)


def holds(evidence: Evidence, text: str) -> bool:
    """Whether the passage is still what it says."""
    quote = text[evidence.start : evidence.end]
    return quote_hash(quote) == evidence.hash and evidence.quote in ("", quote) and bool(quote)


def checked(case: CaseStudy, text_of: Callable[[str], str | None]) -> CaseStudy:
    """`case` with every claim's evidence compared with its source's text (`text_of(source id)`; None: not here):
    passages that are not there go, and a claim that loses its last one becomes unsupported."""

    def check(claim: Claim | Result) -> Claim | Result:
        kept = tuple(e for e in claim.evidence if (text := text_of(e.source)) is None or holds(e, text))
        if kept == claim.evidence and (kept or claim.status == "unsupported"):
            return claim
        status = claim.status if kept else "unsupported"
        return msgspec.structs.replace(claim, evidence=kept, status=status)

    return with_claims(case, check)


def with_claims(case: CaseStudy, change: Callable[[Claim | Result], Claim | Result]) -> CaseStudy:
    """`case` with `change` applied to each of its claims."""
    fields: dict[str, Any] = {f: tuple(change(c) for c in getattr(case, f)) for f in FIELDS_OF_CLAIMS}
    facts = {name: change(claim) for name, claim in case.facts.items()}
    return msgspec.structs.replace(case, facts=facts, **fields)
