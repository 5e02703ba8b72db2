"""What a clause that asks for nothing tells: why something is to be cancelled, or who lacks what is shared then."""

import re

_REASON = re.compile(r"^(?:\S+ ){1,3}?(?:can't|cannot|won't|don't|doesn't|do not|does not|no longer)\s(?!forget|worry)")
_LACKS = re.compile(r"\S* (?:needs|wants|would like|is waiting for|asked for|should (?:get|have|see|receive))\b")
_TO_WHOM = re.compile(r"\b(?:to|with|for)\s\w")


def is_reason(text: str) -> bool:
    """`I can't make the dentist`, `we don't need it any more`."""
    return _REASON.search(text) is not None


def lacks(text: str, value: str) -> bool:
    """`Ingrid needs the report`, of Ingrid."""
    return _LACKS.match(text[text.find(value) + len(value) :]) is not None


def says_to_whom(text: str) -> bool:
    """Whether a clause says itself to whom, or with whom."""
    return _TO_WHOM.search(text) is not None
