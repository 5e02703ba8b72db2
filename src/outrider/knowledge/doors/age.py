"""How old a document is, by what it says of itself or else by when its file was changed. The word after the policy is
the number of days that it may have (`note 730`)."""

import re
from datetime import UTC, date, datetime

from outrider.base import clock
from outrider.knowledge.doors._context import Context, Note
from outrider.knowledge.records import Parsed

POLICY = "ignore"
FIELDS = ("updated", "modified", "last_modified", "lastmod", "date", "published", "created")
_DATE = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")
DAY_NS = 86_400 * 10**9


def check(parsed: Parsed, context: Context) -> Note | None:
    days = int(context.words[0]) if context.words and context.words[0].isdigit() else 0
    when = _when(parsed, context)
    old = (clock.now_ns() - when) // DAY_NS if when else 0
    if not days or old <= days:
        return None
    return Note(f"It was last changed {old:,} days ago ({clock.iso(when)[:10]}); at most {days:,} are expected.")


def fault(words: list[str]) -> str:
    return "" if len(words) == 1 and words[0].isdigit() else "say how many days old a document may be, as in `note 730`"


def _when(parsed: Parsed, context: Context) -> int:
    """The latest date (ns, 0: unknown) that it or whoever delivered it names; the file's own where there is none."""
    said = (meta.get(name) for meta in (parsed.meta, context.meta) for name in FIELDS)
    found = [moment for value in said if isinstance(value, str) and (moment := _moment(value))]
    return max(found, default=context.fetched.when if context.fetched else 0)


def _moment(text: str) -> int:
    match = _DATE.match(text)
    if not match:
        return 0
    try:
        day = date(int(match[1]), int(match[2]), int(match[3] or 1))
    except ValueError:
        return 0
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 10**9
