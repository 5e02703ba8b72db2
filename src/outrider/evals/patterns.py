"""Regular expressions that come with a suite, a dataset or an attack, on texts that nobody has seen: in Python's
syntax, and stopped where they would try for hours.
"""

import re
from functools import lru_cache

import regex

SECONDS = 1.0
"""What one search may take."""
TOO_LONG = "the pattern takes too long on this text"
_BRACES = re.compile(r"\\N\{[^}]*\}|\\.|\{(?=[\d,])\d*(?:,\d*)?\}|\{", re.DOTALL)


class TooLong(Exception):
    """It is not known whether the pattern is there."""


@lru_cache(256)
def compiled(pattern: str, flags: int = 0) -> "regex.Pattern[str]":
    """`flags` are those of `re`. Raises ValueError that says what is wrong with the pattern."""
    try:
        known = re.compile(pattern, flags)
        return regex.compile(_BRACES.sub(_literal, pattern), _flags(known.flags))
    except (re.error, regex.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{pattern[:80]!r} is no regular expression: {error}") from None


def search(pattern: "regex.Pattern[str]", text: str, *, whole: bool = False, seconds: float = SECONDS) -> str | None:
    """What of the text is found first; `whole`: only if it is all of it. Raises TooLong."""
    if seconds <= 0:
        raise TooLong(TOO_LONG)
    try:
        found = (pattern.fullmatch if whole else pattern.search)(text, timeout=seconds)
    except TimeoutError:
        raise TooLong(TOO_LONG) from None
    return None if found is None else found[0]


def _literal(found: re.Match[str]) -> str:
    """A brace that repeats nothing is itself to `re`; to `regex` it may say how many letters may differ."""
    return r"\{" if found[0] == "{" else found[0]


def _flags(said: int) -> int:
    given = ((re.IGNORECASE, regex.IGNORECASE), (re.DOTALL, regex.DOTALL), (re.MULTILINE, regex.MULTILINE),
             (re.VERBOSE, regex.VERBOSE), (re.ASCII, regex.ASCII))  # fmt: skip
    return sum((int(theirs) for ours, theirs in given if said & ours), int(regex.VERSION0))
