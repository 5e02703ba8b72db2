"""Options that name a time or a span: `--since 7d`, `--since 2026-11-22`, `--min-duration 500ms`."""

from datetime import UTC, datetime

from outrider.base import clock, units

_YEARS_1000_NS = 1000 * 365 * 86400 * 10**9


def span_ns(text: str) -> int:
    """Nanoseconds from a duration. Raises ValueError."""
    return int(units.duration(text) * 1e9)


def since_ns(text: str) -> int:
    """Nanoseconds since the epoch: so long ago (`2h`), or a UTC time (`2026-11-22T14:00`). Raises ValueError."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        moment = None
    if moment is None:
        try:
            return clock.now_ns() - min(span_ns(text), _YEARS_1000_NS)
        except ValueError:
            raise ValueError(f"expected 2h, 7d, 2026-11-22 or 2026-11-22T14:00, not {text[:40]!r}") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()) * 10**9
