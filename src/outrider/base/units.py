"""Durations and sizes as people write them: `30s`, `1h30m`, `64MB`, `2GiB`, and back."""

import re
from decimal import Decimal

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
BYTES = (
    {"B": 1}
    | {f"{p}B": 1000**i for i, p in enumerate("kMGT", 1)}
    | {f"{p}iB": 1024**i for i, p in enumerate("KMGT", 1)}
)
DURATION_PATTERN = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+$"
SIZE_PATTERN = r"^[0-9]+(\.[0-9]+)?(B|[kKMGT]B|[KMGT]iB)?$"
_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h|d|w)")
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) ?(B|[kKMGT]B|[KMGT]iB)?")


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
        unit = f"; {text!r} has no unit, did you mean {text + 's'!r}?" if text.isdecimal() else f", not {text[:40]!r}"
        raise ValueError(f"expected a duration such as 30s, 5m, 2h or 30d{unit}")
    return total


def size(text: str) -> int:
    """Bytes from `64MB`, `1.5GiB`, `1000`. Raises ValueError with what is expected."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"expected a size such as 512kB, 64MB or 20GB, not {text[:40]!r}")
    unit = (match[2] or "B").replace("KB", "kB")
    return int(Decimal(match[1]) * BYTES[unit])


def show_duration(seconds: float) -> str:
    """The shortest way to write `seconds` exactly with one unit: `show_duration(7200) == "2h"`."""
    for unit in ("d", "h", "m", "s"):
        count = seconds / SECONDS[unit]
        if count >= 1 and count == int(count):
            return f"{int(count)}{unit}"
    return f"{seconds * 1000:.12g}ms" if seconds else "0"


def show_size(count: int) -> str:
    """`show_size(64_000_000) == "64MB"`; bytes without a unit when no power of 1000 or 1024 divides them."""
    for unit in ("TB", "GB", "MB", "kB", "TiB", "GiB", "MiB", "KiB"):
        if count and count % BYTES[unit] == 0:
            return f"{count // BYTES[unit]}{unit}"
    return str(count)
