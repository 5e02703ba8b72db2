"""Windows of budgets as times: when the present one began, when it ends, what a rolling one still counts. Pure.

All times are nanoseconds since the Unix epoch. Calendar windows follow the wall clock of their zone, so a day may have
23 or 25 hours; weeks begin on Monday. A window that is a number of seconds rolls.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND_NS = 1_000_000_000
HOUR_NS = 3600 * SECOND_NS
DAY_NS = 24 * HOUR_NS
_PARTS = 60
"""A rolling window counts in this many steps: what leaves it does so up to one step late, never early."""

_zone = lru_cache(maxsize=64)(ZoneInfo)


def rolls(window: str) -> bool:
    return window.isdecimal()


def start(window: str, zone: str, now: int) -> int:
    """When the present window began; 0 for `run`, `lifetime` and rolling ones. Raises ValueError for another word."""
    if window in ("run", "lifetime") or rolls(window):
        return 0
    if window == "hour":
        return _hour(zone, now)[0]
    return _instant(_first_day(window, _local(zone, now).date()), zone)


def resets_at(window: str, zone: str, now: int) -> int | None:
    """When the next window begins; None where no moment gives all room back (`run`, `lifetime`, rolling)."""
    if window in ("run", "lifetime") or rolls(window):
        return None
    if window == "hour":
        return _hour(zone, now)[1]
    first = _first_day(window, _local(zone, now).date())
    if window == "month":
        return _instant((first.replace(day=28) + timedelta(days=4)).replace(day=1), zone)
    return _instant(first + timedelta(days=7 if window == "week" else 1), zone)


def bucket(window: str, at: int) -> int:
    """The time, rounded down, under which a charge at `at` is summed: finer for windows that are short or roll."""
    return at // size(window) * size(window)


def since(window: str, now: int) -> int:
    """The first bucket that counts at `now`: that which a rolling window still touches; 0 for all others."""
    return max(0, now - int(window) * SECOND_NS - step(window) + 1) if rolls(window) else 0


def size(window: str) -> int:
    """How long a bucket is."""
    return step(window) if rolls(window) else HOUR_NS if window == "hour" else DAY_NS


def step(window: str) -> int:
    """How finely a rolling window counts: a sixtieth of it, at least a second."""
    return max(SECOND_NS, int(window) * SECOND_NS // _PARTS)


def _first_day(window: str, day: date) -> date:
    match window:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
    raise ValueError(
        f"{window!r} is no window: run, hour, day, week, month, lifetime, or a number of seconds for a rolling one"
    )


def _local(zone: str, now: int) -> datetime:
    return datetime.fromtimestamp(now // SECOND_NS, _zone(zone))


def _instant(day: date, zone: str) -> int:
    """The first moment of a day. Where its midnight is skipped, the moment of the jump; where it comes twice, the
    first."""
    return int(datetime(day.year, day.month, day.day, tzinfo=_zone(zone)).timestamp()) * SECOND_NS


def _hour(zone: str, now: int) -> tuple[int, int]:
    """Start and end of the hour of the zone's wall clock, cut where the clock jumps inside of it (by half an hour)."""
    offset = _offset(zone, now)
    begins = now - (now + offset) % HOUR_NS
    ends = begins + HOUR_NS
    if _offset(zone, begins) != offset:
        low, high = begins // SECOND_NS, now // SECOND_NS
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if _offset(zone, middle * SECOND_NS) == offset else (middle, high)
        begins = high * SECOND_NS
    return begins, ends


def _offset(zone: str, now: int) -> int:
    shift = _local(zone, now).utcoffset()
    assert shift is not None
    return int(shift.total_seconds()) * SECOND_NS
