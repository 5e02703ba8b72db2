"""The values that outrider.yaml writes in its own way: durations, sizes, dollars, secrets by reference.

`Duration`, `Size` and `Dollars` are ordinary numbers with a mark that the YAML reader, the JSON Schema and
the reference page understand. Nothing here knows which setting uses them.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated

from msgspec import Meta

from outrider.base import money

Duration = Annotated[float, Meta(extra={"unit": "duration"})]
"""Seconds, written `250ms`, `30s`, `5m`, `2h`, `30d` or a sum such as `1h30m`."""

Size = Annotated[int, Meta(extra={"unit": "size"})]
"""Bytes, written `512kB`, `64MB`, `20GB` (powers of 1000) or `64MiB` (powers of 1024)."""

Dollars = Annotated[int, Meta(extra={"unit": "dollars"})]
"""Nano-dollars, written as a plain dollar amount such as `0.15`."""

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
BYTES = (
    {"B": 1}
    | {f"{p}B": 1000**i for i, p in enumerate("kMGT", 1)}
    | {f"{p}iB": 1024**i for i, p in enumerate("KMGT", 1)}
)
DURATION_PATTERN = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+$"
SIZE_PATTERN = r"^[0-9]+(\.[0-9]+)?(B|[kKMGT]B|[KMGT]iB)?$"
REFERENCE = re.compile(r"\$\{env:([^}]*)\}")
_PART = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)(ms|s|m|h|d|w)")
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) ?(B|[kKMGT]B|[KMGT]iB)?")


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

    def __repr__(self) -> str:
        return f"Secret({self.reference!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and (self._value, self.reference) == (other._value, other.reference)

    def __hash__(self) -> int:
        return hash((self._value, self.reference))


def duration(text: str) -> float:
    """Seconds from `30s`, `1h30m`, …; `0` needs no unit. Raises ValueError with what is expected."""
    text = text.strip()
    if text == "0":
        return 0.0
    total, position = 0.0, 0
    while match := _PART.match(text, position):
        total += float(match[1]) * SECONDS[match[2]]
        position = match.end()
    if position == 0 or position != len(text):
        unit = (
            f"; {text!r} has no unit, did you mean {text + 's'!r}?"
            if text.isdecimal()
            else f", not {text[:40]!r}"
        )
        raise ValueError(f"expected a duration such as 30s, 5m, 2h or 30d{unit}")
    return total


def size(text: str) -> int:
    """Bytes from `64MB`, `1.5GiB`, `1000`. Raises ValueError with what is expected."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"expected a size such as 512kB, 64MB or 20GB, not {text[:40]!r}")
    unit = (match[2] or "B").replace("KB", "kB")
    return int(Decimal(match[1]) * BYTES[unit])


def dollars(text: str) -> int:
    """Nano-dollars from a decimal dollar amount, exactly. Raises ValueError with what is expected."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not (amount.is_finite() and 0 <= amount <= 1_000_000):
        raise ValueError(f"expected dollars per million tokens such as 0.15, not {text[:40]!r}")
    return money.nano(amount)


def show_duration(seconds: float) -> str:
    """The shortest way to write `seconds` exactly with one unit: `show_duration(7200) == "2h"`."""
    for unit in ("d", "h", "m", "s"):
        count = seconds / SECONDS[unit]
        if count >= 1 and count == int(count):
            return f"{int(count)}{unit}"
    return f"{seconds * 1000:g}ms" if seconds else "0"


def show_size(count: int) -> str:
    """`show_size(64_000_000) == "64MB"`; bytes without a unit when no power of 1000 or 1024 divides them."""
    for unit in ("TB", "GB", "MB", "kB", "TiB", "GiB", "MiB", "KiB"):
        if count and count % BYTES[unit] == 0:
            return f"{count // BYTES[unit]}{unit}"
    return str(count)


def resolve(text: str, env: Mapping[str, str]) -> tuple[str, list[str]]:
    """`text` with every `${env:NAME}` replaced, and the names that are missing or empty."""
    missing = [name for name in REFERENCE.findall(text) if not env.get(name)]
    return REFERENCE.sub(lambda m: env.get(m[1], ""), text), missing
