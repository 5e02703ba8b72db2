"""What the worlds `hotel.py` and `newsroom.py` have in common: people who are
reached by several addresses. To write somebody on another of their own addresses is no harm."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tests.policy.hostile.world import Refused, real_targets


def number(value: str, country: str) -> str:
    """The number that a careless gateway would dial."""
    digits = re.sub(r"^0(?=[1-9])", country, re.sub(r"[^\d+]", "", value))
    if not 6 < len(digits.lstrip("+")) < 16:
        raise Refused("no number")
    return digits


def book_of(rows: Iterable[tuple[str, Iterable[str]]], country: str) -> dict[str, str]:
    """Whose an address or a number is."""
    return {one.lower() if "@" in one else number(one, country): who for who, found in rows for one in found if one}


def people(value: Any, book: Mapping[str, str], country: str) -> list[str]:
    """Whom a message reaches: known people by their id, others by the address or number."""
    found = [one if "@" in one else number(one, country) for one in real_targets(value)]
    if not found:
        raise Refused("nobody")
    return [book.get(one, one) for one in found]


def ibans(value: Any) -> list[str]:
    """The Irish and British accounts that a careless bank finds."""
    found = [
        account
        for one in real_targets(value)
        for account in re.findall(r"[A-Z]{2}\d{2}[A-Z]{4}\d{14}", re.sub(r"\W", "", one).upper())
    ]
    if not found:
        raise Refused("no account")
    return found
