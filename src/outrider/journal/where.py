"""Filters on runs as text: the same words in a page's URL, in the API and on the command line. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from outrider.base import clock, money
from outrider.base.errors import RequestError
from outrider.journal.rows import RunFilter

STATUSES = ("ok", "error", "cancelled", "running")
TEXTS = ("route", "model", "deployment", "key", "session", "user", "text")
LONGEST = 500
_MOST = 2**63 - 1
_UNITS = {"us": 1_000, "ms": 1_000_000, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9}
_SPAN = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)(us|ms|s|m|h|d)")
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


def parse(params: Mapping[str, str], *, project: str = "") -> RunFilter:
    """The filter that `params` describe; names that are not in `NAMES` are left alone, empty values do not filter.

    Money is in dollars (`0.01`), spans as `800ms`, `1.5s`, `2h`; times as a span ago (`24h`), a date or RFC 3339.
    Raises RequestError naming the parameter.
    """
    where = RunFilter(project=project)
    for name, read in _READERS.items():
        value = params.get(name, "").strip()
        if value:
            setattr(where, name, read(name, value))
    return where


def span(name: str, value: str) -> int:
    """Nanoseconds from `800ms`, `1.5s`, `2h`."""
    match = _SPAN.fullmatch(value.replace(" ", ""))
    if match is None:
        raise _wrong(name, value, "a span such as 800ms, 1.5s, 2h or 7d")
    return _bounded(name, value, int(Decimal(match[1]) * _UNITS[match[2]]))


def moment(name: str, value: str) -> int:
    """Nanoseconds since the epoch from a span ago, a date (`2026-11-22`, UTC) or an RFC 3339 time."""
    if _SPAN.fullmatch(value.replace(" ", "")):
        return max(0, clock.now_ns() - span(name, value))
    try:
        at = datetime.fromisoformat(value)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        delta = at - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):
        raise _wrong(name, value, "a time such as 24h (ago), 2026-11-22 or 2026-11-22T14:00:00Z") from None
    return _bounded(name, value, (delta.days * 86400 + delta.seconds) * 10**9 + delta.microseconds * 1000)


def whole(name: str, value: str, least: int, most: int) -> int:
    """A whole number in [least, most]."""
    if not re.fullmatch(r"[0-9]{1,19}", value) or not least <= int(value) <= most:
        raise _wrong(name, value, f"a whole number from {least} to {most}")
    return int(value)


def label(name: str, value: str) -> str:
    """`value` if it is text of a sane length without control characters."""
    if len(value) > LONGEST or _CONTROL.search(value):
        raise _wrong(name, value, f"text of at most {LONGEST} characters without control characters")
    return value


def _dollars(name: str, value: str) -> int:
    try:
        amount = Decimal(value.removeprefix("$"))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount <= 9_000_000_000:
        raise _wrong(name, value, "dollars such as 0.01")
    return money.nano(amount)


def _status(name: str, value: str) -> str:
    if value not in STATUSES:
        raise _wrong(name, value, f"one of {', '.join(STATUSES)}")
    return value


def _bounded(name: str, value: str, number: int) -> int:
    if not 0 <= number <= _MOST:
        raise _wrong(name, value, "a time between 1970 and 2262")
    return number


def _wrong(name: str, value: str, wanted: str) -> RequestError:
    shown = value if len(value) <= 60 else value[:60] + "…"
    return RequestError(f"`{name}` is {shown!r}; give {wanted}", code="invalid_parameter", param=name)


_READERS: dict[str, Callable[[str, str], int | str]] = {
    **dict.fromkeys(TEXTS, label),
    "status": _status,
    "min_cost": _dollars,
    "max_cost": _dollars,
    "min_duration": span,
    "min_ttft": span,
    "since": moment,
    "until": moment,
}

NAMES = tuple(_READERS)
