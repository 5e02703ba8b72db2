"""The values that outrider.yaml writes in its own way: durations, sizes, dollars, secrets by reference.

`Duration`, `Size` and `Dollars` are ordinary numbers with a mark that the YAML reader, the JSON Schema and
the reference page understand. Nothing here knows which setting uses them.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated

from msgspec import Meta

from outrider.base import money

ONE_OR_MORE = "text or list of text"
NAMED = "name, or mapping"
"""A struct that may also be written as its first field alone."""

Duration = Annotated[float, Meta(extra={"unit": "duration"})]
"""Seconds, written `250ms`, `30s`, `5m`, `2h`, `30d` or a sum such as `1h30m`."""

Size = Annotated[int, Meta(extra={"unit": "size"})]
"""Bytes, written `512kB`, `64MB`, `20GB` (powers of 1000) or `64MiB` (powers of 1024)."""

Dollars = Annotated[int, Meta(extra={"unit": "dollars"})]
"""Nano-dollars, written as a plain dollar amount such as `0.15`."""

Money = Annotated[str, Meta(extra={"unit": "money"})]
"""Dollars, as written: `50`, `0.25`."""

Count = Annotated[str, Meta(extra={"unit": "count"})]
"""A number, as written: `5000`, `200k`, `1.5M`."""

RateText = Annotated[str, Meta(extra={"unit": "rate"})]
"""So many in a time, as written: `600/min`, `1M/min`, `10/s`."""

Window = Annotated[str, Meta(extra={"unit": "window"})]
"""A window of a budget, as written: `month`, `24h`."""

Zone = Annotated[str, Meta(extra={"unit": "time zone"})]
"""An IANA time zone."""

Share = Annotated[str, Meta(extra={"unit": "part"})]
"""A part of a whole, as written: `80%`, `0.8`."""

Times = Annotated[str, Meta(extra={"unit": "factor"})]
"""A number above 1 as written, or 0."""

Words = Annotated[tuple[str, ...], Meta(extra={"unit": ONE_OR_MORE})]
"""Some words, written as a list or, if it is one, plainly."""

REFERENCE = re.compile(r"\$\{env:([^}]*)\}")


class Secret:
    """A value that must not be shown. `reveal()` gives it; everything else shows its reference."""

    __slots__ = ("_value", "reference")

    def __init__(self, value: str, reference: str) -> None:
        self._value = value
        self.reference = reference

    def reveal(self) -> str:
        return self._value

    def __str__(self) -> str:
        return self.reference

    def __format__(self, spec: str) -> str:
        return format(self.reference, spec)

    def __repr__(self) -> str:
        return f"Secret({self.reference!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and (self._value, self.reference) == (other._value, other.reference)

    def __hash__(self) -> int:
        return hash((self._value, self.reference))


def dollars(text: str) -> int:
    """Nano-dollars from a decimal dollar amount, exactly. Raises ValueError with what is expected."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not (amount.is_finite() and 0 <= amount <= 1_000_000):
        raise ValueError(f"expected dollars per million tokens such as 0.15, not {text[:40]!r}")
    return money.nano(amount)


def as_written(read: Callable[[str], object]) -> Callable[[str], str]:
    """For values that are kept as text: `read` only says (ValueError) what is wrong with one."""

    def check(text: str) -> str:
        read(text.strip())
        return text.strip()

    return check


def resolve(text: str, env: Mapping[str, str]) -> tuple[str, list[str]]:
    """`text` with every `${env:NAME}` replaced, and the names that are missing or empty."""
    missing = [name for name in REFERENCE.findall(text) if not env.get(name)]
    return REFERENCE.sub(lambda m: env.get(m[1], ""), text), missing
