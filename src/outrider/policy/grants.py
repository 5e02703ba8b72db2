"""What a task was allowed beforehand: tools, and bounds for their arguments. Inside them nobody is asked."""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from urllib.parse import unquote, urlsplit

import msgspec

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.policy.normal import fold, holds, number, plain
from outrider.policy.origins import Origin, Traced

MOST_PATTERNS = 200
LONGEST = 500
"""Patterns of one bound, and characters of one."""
MOST_CALLS = 1_000_000_000


class Grant(msgspec.Struct, frozen=True, omit_defaults=True):
    """Calls that are allowed. `tools`, `recipients`, `paths`, `urls` and `ids` are patterns with `*`; an empty list of
    recipients, paths, urls or ids allows none of that kind. `amount` is the most of one call, `total` of all calls
    together, `calls` how many there may be (0: any number), `until` (ns) when it ends (0: with the session). `strict`:
    what is in no grant of the session is refused, though the rules might allow it or ask. `by` is who gave it, `note`
    what for. `read`: a model read it out of the user's first so many utterances. It only says that they meant such a
    call, ends with the next one, and lifts no other rule (0: it is no such grant). What it names covers what trusted
    data have under that name, too."""

    tools: tuple[str, ...]
    recipients: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    amount: Decimal | None = None
    calls: int = 0
    until: int = 0
    by: str = ""
    total: Decimal | None = None
    strict: bool = False
    note: str = ""
    read: int = 0

    def covers(self, tool: str, traced: Sequence[Traced], used: int, now: int) -> bool:
        """Whether a call with these steering values is in its bounds; `used` calls were made under it."""
        if not any(like(tool, one) for one in self.tools):
            return False
        if (self.until and now >= self.until) or (self.calls and used >= self.calls):
            return False
        moved = amounts(traced)
        if self.total is not None and (None in moved or sum(one or 0 for one in moved) > self.total):
            return False
        return all(self._allows(one) for one in traced)

    def after(self, moved: Sequence[str]) -> "Grant":
        """What is left of it once a call moved these amounts."""
        if self.total is None:
            return self
        return msgspec.structs.replace(self, total=self.total - sum(Decimal(one) for one in moved))

    def ended(self) -> "Grant":
        """The same without any tool."""
        return msgspec.structs.replace(self, tools=())

    def _allows(self, one: Traced) -> bool:
        if one.kind == "amount":
            found = number(fold(one.value))
            bounded = self.amount if self.amount is not None else self.total
            return bounded is not None and found is not None and 0 <= found <= bounded
        bounds = {"recipient": self.recipients, "path": self.paths, "url": self.urls, "id": self.ids}.get(one.kind)
        if bounds is None:  # a command or a query has no bounds that could be trusted; the rest steers little
            return one.kind not in ("command", "query")
        if not one.value:
            return True
        if self.read and one.by and one.origin <= Origin.LINKED and any(holds(plain(name), one.by) for name in bounds):
            return True  # what the user called it by: Bob's address where they said Bob
        matches = _matches_url if one.kind == "url" else _matches
        return any(matches(one.value, pattern) for pattern in bounds)


def amounts(traced: Sequence[Traced]) -> list[Decimal | None]:
    """The amounts of a call; None for one that is no number."""
    return [number(fold(one.value)) for one in traced if one.kind == "amount" and one.value not in ("", "None")]


def checked(grant: Grant) -> Grant:
    """The grant, if it is one that can hold. Raises RequestError 400 that names the field."""
    if not grant.tools and not grant.strict:
        raise _bad("tools", "name at least one tool, such as `mail__send` or `mail__*`")
    for field in ("tools", "recipients", "paths", "urls", "ids"):
        patterns: tuple[str, ...] = getattr(grant, field)
        if len(patterns) > MOST_PATTERNS or any(not one or len(one) > LONGEST for one in patterns):
            raise _bad(field, f"at most {MOST_PATTERNS} patterns of 1 to {LONGEST} characters")
    for field in ("amount", "total"):
        value: Decimal | None = getattr(grant, field)
        if value is not None and not (value.is_finite() and value >= 0):
            raise _bad(field, "a number from 0 on")
    if not 0 <= grant.calls <= MOST_CALLS:
        raise _bad("calls", f"how many calls it covers, from 1 to {MOST_CALLS:,}; 0: any number")
    if grant.until and grant.until <= clock.now_ns():
        raise _bad("until", "a time that is still to come")
    return grant


def _bad(field: str, text: str) -> RequestError:
    return RequestError(f"{field}: {text}", code="invalid_parameter", param=field)


def like(value: str, pattern: str) -> bool:
    """Whether a pattern, in which `*` stands for any text and nothing else for anything but itself, fits."""
    return _compiled(pattern).fullmatch(value) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)


def _matches(value: str, pattern: str) -> bool:
    folded = fold(value)
    return not _climbs(folded) and like(folded, fold(pattern))


def _climbs(folded: str) -> bool:
    return ".." in folded or ".." in unquote(unquote(folded))


def _matches_url(value: str, pattern: str) -> bool:
    """A pattern matches a URL by its parts: no `*` of it reaches over the end of the host, and who stands before an
    `@` names no host."""
    folded, wanted = fold(value), fold(pattern)
    if _climbs(folded) or "\\" in folded:
        return False
    try:
        there, asked = (urlsplit(one if "://" in one else f"//{one}") for one in (folded, wanted))
    except ValueError:
        return False
    if asked.scheme and not like(there.scheme, asked.scheme):
        return False
    if there.username is not None or not like(there.netloc, asked.netloc):
        return False
    rest, bound = (one.path + (f"?{one.query}" if one.query else "") for one in (there, asked))
    return like(rest or "/", bound or "/")
