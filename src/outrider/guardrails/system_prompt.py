"""An answer that repeats what the system message says: verbatim or nearly, respelt, reversed or encoded.

Both texts are squeezed to their letters and digits, so that other spaces, punctuation and case do not count. What is
translated or told in other words is not found. A secret that the instructions call one is found though it is short.
"""

import math
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Annotated

import msgspec
from msgspec import Meta

from outrider.guardrails import _declared
from outrider.guardrails._contract import Context, Finding

NAME = "system_prompt"
WHAT = (
    "Answers that repeat the system message, secrets that stand in it, and marks (canaries) that must never leave it."
)
STAGES = ("output", "tool_args")
KINDS = ("repeated", "reversed", "canary", "secret")
GRAM = 14
"""Letters and digits in a row that must be the same."""
GAP = 40
"""Letters and digits between two of them that belong to one passage: a word that was changed."""
ENOUGH = 0.75
"""The share of a declared secret's letters and digits in a row that gives it away."""
SHORT = 12
"""A secret of fewer is looked for as a whole: a part of it may be an ordinary word."""


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much may be repeated."""

    most: Annotated[
        int, Meta(ge=GRAM, le=10_000, description="Letters and digits of the instructions that may be repeated.")
    ] = 40
    canaries: Annotated[
        tuple[Annotated[str, Meta(min_length=6)], ...],
        Meta(description="Marks that you put into system messages; none of them is ever passed on."),
    ] = ()
    secrets: Annotated[
        bool,
        Meta(
            description="Look for what the system message calls secret (`the passphrase is …`, `internal code, never "
            "to be told: …`), however short it is."
        ),
    ] = True


def check(text: str, context: Context) -> list[Finding]:
    options = context.options or Options()
    squeezed, places = _squeezed(text)
    found = [Finding(start, end, "canary") for start, end in _marks(squeezed, places, options.canaries)]
    for instructions in context.instructions:
        known = _known(instructions)
        if options.secrets:
            parts = [(places[a], places[b - 1] + 1) for a, b in _parts(squeezed, known.secrets)]
            found += [Finding(a, b, "secret") for a, b in parts if Finding(a, b, "canary") not in found]
        for grams, kind in ((known.grams, "repeated"), (known.backwards, "reversed")):
            for start, end, same in _passages(squeezed, grams):
                if same >= min(options.most, max(GRAM + 6, int(0.6 * known.size))):
                    found.append(Finding(places[start], places[end - 1] + 1, kind, 1.0))
    return found


def unfinished(text: str, context: Context) -> int:
    """A passage that reaches the end, or a beginning of one, may go on."""
    options = context.options or Options()
    squeezed, places = _squeezed(text)
    if not squeezed:
        return len(text)
    start = len(squeezed)
    for instructions in context.instructions:
        known = _known(instructions)
        for grams, whole in ((known.grams, known.text), (known.backwards, known.text[::-1])):
            for first, last, _ in _passages(squeezed, grams):
                if last >= len(squeezed) - GAP:
                    start = min(start, first)
            start = min(start, len(squeezed) - _begun(squeezed[-GRAM + 1 :], whole))
        for secret in known.secrets if options.secrets else ():
            for spelt in (secret, secret[::-1]):
                start = min(start, len(squeezed) - _begun(squeezed[-len(spelt) + 1 :], spelt))
    for mark in options.canaries:
        start = min(start, len(squeezed) - _begun(squeezed[-len(mark) :], _squeezed(mark)[0], at_start=True))
    return places[start] if start < len(squeezed) else len(text)


class _Known(msgspec.Struct, frozen=True):
    text: str
    size: int
    grams: frozenset[str]
    backwards: frozenset[str]
    secrets: tuple[str, ...] = ()


@lru_cache(maxsize=64)
def _known(instructions: str) -> _Known:
    text = _squeezed(instructions[:100_000])[0]
    back = text[::-1]
    return _Known(
        text,
        len(text),
        frozenset(text[at : at + GRAM] for at in range(len(text) - GRAM + 1)),
        frozenset(back[at : at + GRAM] for at in range(len(back) - GRAM + 1)),
        tuple(dict.fromkeys(_squeezed(one)[0] for one in _declared.secrets_of(instructions[:100_000]))),
    )


_LEET = str.maketrans("013457@$", "oleastas")


def _squeezed(text: str) -> tuple[str, list[int]]:
    """Letters and digits alone, folded, and where each stood; digits that stand for letters are those letters."""
    places = [match.start() for match in re.finditer(r"[^\W_]|[@$]", text)]
    folded = [text[at].casefold()[:1].translate(_LEET) for at in places]
    return "".join(folded), places


def _passages(squeezed: str, grams: frozenset[str]) -> Iterator[tuple[int, int, int]]:
    """(start, end, characters in common) of each passage that repeats."""
    if not grams:
        return
    start = end = same = -1
    for at in range(len(squeezed) - GRAM + 1):
        if squeezed[at : at + GRAM] not in grams:
            continue
        if start >= 0 and at - end > GAP:
            yield start, end, same
            start = -1
        if start < 0:
            start, end, same = at, at, 0
        same += at + GRAM - max(end, at)
        end = at + GRAM
    if start >= 0:
        yield start, end, same


def _begun(tail: str, whole: str, *, at_start: bool = False) -> int:
    """How many characters at the end of `tail` may begin a passage of `whole`."""
    for size in range(len(tail), 3, -1):
        part = tail[-size:]
        if whole.startswith(part) if at_start else part in whole:
            return size
    return 0


def _parts(squeezed: str, secrets: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(start, end) of each place where most of a secret stands, forwards or backwards, as far as it goes."""
    for secret in secrets:
        enough = len(secret) if len(secret) < SHORT else math.ceil(ENOUGH * len(secret))
        for spelt in (secret, secret[::-1]):
            pieces = {spelt[at : at + enough] for at in range(len(spelt) - enough + 1)}
            places = [at for piece in pieces for at in _all(squeezed, piece)]
            end = -1
            for at in sorted(places):
                if at <= end:
                    continue
                end = at + enough
                while end < len(squeezed) and squeezed[end - enough + 1 : end + 1] in pieces:
                    end += 1
                yield at, end


def _all(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _marks(squeezed: str, places: list[int], canaries: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    for canary in canaries:
        mark = _squeezed(canary)[0]
        at = squeezed.find(mark) if mark else -1
        while at >= 0:
            yield places[at], places[at + len(mark) - 1] + 1
            at = squeezed.find(mark, at + 1)
