"""What a provider says about its own limits, learned from its answers, so that calls go elsewhere *before* a 429.

Understood are OpenAI's headers (`x-ratelimit-remaining-tokens`, `…-reset-requests: 6m0s`) and their many variations
(Azure, Groq, Mistral, Cerebras, Together, OpenRouter, …), Anthropic's (`anthropic-ratelimit-input-tokens-remaining`,
reset as a moment) and `ratelimit-*` of the IETF draft. Between two answers the room is taken to refill evenly until
the reset: providers use token buckets. A 429 makes the deployment *rest*: as long as `retry-after` says, else until
what is used up is reset, else half a second, doubled each time.

The state is LIMIT_CELLS integers that workers share (`limits.board`); times are monotonic nanoseconds.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from outrider.base import clock
from outrider.limits.breakers import Cells

KINDS = ("requests", "tokens", "input_tokens", "output_tokens")
HEARD, LOW, ROOM, REST, _RESTED, _REFUSED, _FIRST = range(7)
_LIMIT, _REMAINING, _RESET = range(3)
LIMIT_CELLS = _FIRST + 3 * len(KINDS)

Header = tuple[bytes, bytes]
LONGEST_REST = 3600.0
LONGEST_GUESS = 30.0
DEAF_AFTER, DEAF_FOR = 8, 32
"""After so many answers without a word about limits, only one in so many is looked at."""
AGAIN_NS = 20_000_000
"""While there is plenty of room, headers are read no more often than this."""
PLENTY = 4
MOST_NAMES = 2000

_NAME = re.compile(
    rb"(?:x-)?ratelimit-(?P<part>limit|remaining|reset)(?:-(?P<what>.+))?"
    rb"|anthropic-ratelimit-(?P<what2>.+)-(?P<part2>limit|remaining|reset)"
)
_DURATION = re.compile(rb"(\d+(?:\.\d+)?)(ms|us|ns|s|m|h|d)")
_UNITS = {b"ns": 1e-9, b"us": 1e-6, b"ms": 1e-3, b"s": 1.0, b"m": 60.0, b"h": 3600.0, b"d": 86400.0}
_PARTS = {b"limit": _LIMIT, b"remaining": _REMAINING, b"reset": _RESET}
_names: dict[bytes, tuple[bytes, int] | None] = {}


class Limit(NamedTuple):
    """One limit as it is known: how much there is in all, how much is left now, seconds until it is full again."""

    kind: str
    limit: int
    remaining: int
    reset: float


class Learned:
    """What is known of one deployment's limits."""

    __slots__ = ("_again", "_silent", "cells")

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self._silent = self._again = 0

    # -- hearing ------------------------------------------------------------------------------------------------------

    def hear(self, headers: Iterable[Header], now: int, *, refused: bool = False) -> None:
        """Read what an answer's headers say. Names are lower case."""
        if not refused:
            if now < self._again:
                return
            if self._silent >= DEAF_AFTER:
                self._silent += 1
                if self._silent % DEAF_FOR:
                    return
        groups: dict[bytes, list[bytes | None]] = {}
        for name, value in headers:
            meant = _names[name] if name in _names else _meaning(name)
            if meant is not None:
                groups.setdefault(meant[0], [None, None, None])[meant[1]] = value
        if groups:
            self._silent = 0
            self._take_over(groups, now)
        elif not refused:
            self._silent += 1

    def _take_over(self, groups: dict[bytes, list[bytes | None]], now: int) -> None:
        """Of several windows of one kind (a minute, a day) the one counts that has least left."""
        cells, tightest = self.cells, [2.0] * len(KINDS)
        for what, (limit, remaining, reset) in groups.items():
            left, most = _whole(remaining), _whole(limit)
            if left is None:
                continue
            kind = _kind(what)
            at = _FIRST + 3 * kind
            most = most or max(left, cells[at + _LIMIT])
            share = left / most if most else 1.0
            if share < tightest[kind]:
                tightest[kind] = share
                cells[at + _LIMIT], cells[at + _REMAINING] = most, left
                cells[at + _RESET] = now + int(seconds_to(reset) * 1e9)
        cells[HEARD] = now
        self._sum_up()
        self._again = 0 if cells[LOW] else now + AGAIN_NS

    def _sum_up(self) -> None:
        """Two cells answer for most calls that there is room: nothing is low, and the least room in tokens."""
        cells, low, room = self.cells, 0, 2**62
        for kind in range(len(KINDS)):
            at = _FIRST + 3 * kind
            if cells[at + _LIMIT]:
                low = low or int(cells[at + _REMAINING] * PLENTY < cells[at + _LIMIT])
                if kind:
                    room = min(room, cells[at + _REMAINING])
        cells[LOW], cells[ROOM] = low, room

    def limited(self, now: int, retry_after: float | None, spread: float = 0.5) -> None:
        """The provider refused a call for its rate, or said when to come back. `spread`: random, 0 to 1."""
        cells = self.cells
        cells[_REFUSED] += 1
        if retry_after is None:
            used_up = [one.reset for one in self.known(now) if not one.remaining and one.reset > 0]
            guess = 0.5 * 2 ** min(cells[_REFUSED] - 1, 10) * (0.5 + spread)
            retry_after = min(LONGEST_GUESS, min(used_up, default=guess))
        cells[_RESTED] = now
        cells[REST] = max(cells[REST], now + int(min(retry_after, LONGEST_REST) * 1e9))

    def served(self, began: int) -> None:
        """A call that began then was answered: if it was sent in spite of a rest, the rest is over."""
        cells = self.cells
        if cells[_REFUSED]:
            cells[_REFUSED] = 0
        if cells[REST] and began > cells[_RESTED]:
            cells[REST] = 0

    # -- asking -------------------------------------------------------------------------------------------------------

    def take(self, tokens: int) -> None:
        """A call is sent: until its answer says more, it has taken this much."""
        cells = self.cells
        if not cells[HEARD]:
            return
        cells[_FIRST + _REMAINING] -= 1
        cells[_FIRST + 3 + _REMAINING] -= tokens
        cells[_FIRST + 6 + _REMAINING] -= tokens
        cells[ROOM] -= tokens
        if cells[_FIRST + _REMAINING] * PLENTY < cells[_FIRST]:
            cells[LOW] = 1

    def resting(self) -> int:
        """Until when it rests; 0, or in the past: it does not."""
        return self.cells[REST]

    def rest_over(self) -> None:
        self.cells[REST] = self.cells[_REFUSED] = 0

    def room(self, now: int, tokens: int, output: int = 0) -> tuple[float, int]:
        """The share that is left (1.0: plenty, or not known; 0.0: this call does not fit), and when it will fit."""
        cells = self.cells
        if not cells[HEARD] or (not cells[LOW] and tokens + output < cells[ROOM]):
            return 1.0, 0
        least, until = 1.0, 0
        for kind, need in enumerate((1, tokens + output, tokens, output)):
            at = _FIRST + 3 * kind
            limit, remaining, reset = cells[at], cells[at + _REMAINING], cells[at + _RESET]
            if not limit or now >= reset:
                continue
            need, missing = min(need, limit), limit - remaining
            left = remaining + missing * (now - cells[HEARD]) // max(1, reset - cells[HEARD])
            if left < need:
                until = max(until, reset - (limit - need) * (reset - cells[HEARD]) // max(1, missing))
            least = min(least, left / limit)
        return (0.0, until) if until else (max(least, 0.01), 0)

    def known(self, now: int) -> list[Limit]:
        """Everything that is known, for people."""
        cells, found = self.cells, []
        for kind, name in enumerate(KINDS):
            at = _FIRST + 3 * kind
            limit, remaining, reset = cells[at], cells[at + _REMAINING], cells[at + _RESET]
            if limit:
                over = now >= reset
                left = limit if over else max(0, remaining)
                found.append(Limit(name, limit, left, 0.0 if over else (reset - now) / 1e9))
        return found


def _meaning(name: bytes) -> tuple[bytes, int] | None:
    """What a header is about (as the provider names it) and which part of it; remembered."""
    found = _NAME.fullmatch(name)
    meant = None
    if found is not None:
        meant = (found["what"] or found["what2"] or b"requests", _PARTS[found["part"] or found["part2"]])
    if len(_names) < MOST_NAMES:
        _names[name] = meant
    return meant


def _kind(what: bytes) -> int:
    if b"input" in what:
        return 2
    if b"output" in what:
        return 3
    return 1 if b"token" in what else 0


def _whole(value: bytes | None) -> int | None:
    """A count; None for anything else. Some write `1000.0`, some `100, 100;w=60`."""
    digits = (value or b"").split(b",")[0].split(b".")[0].strip()
    return int(digits) if digits.isdigit() and len(digits) <= 15 else None


def seconds_to(value: bytes | None) -> float:
    """Seconds until a reset: `6m0s`, `20ms`, plain seconds, a moment (Unix seconds or milliseconds, RFC 3339).

    A minute if it cannot be read: the usual window.
    """
    if value is None:
        return 60.0
    plain = _relative(value)
    if plain is not None:
        return plain
    now = clock.now_ns() / 1e9
    try:
        if value.replace(b".", b"", 1).isdigit():
            moment = float(value)
            moment /= 1000 if moment > 1e11 else 1
        else:
            moment = datetime.fromisoformat(value.decode("ascii")).timestamp()
    except (ValueError, OverflowError):
        return 60.0
    return min(max(0.0, moment - now), 7 * 86400.0)


@lru_cache(2000)
def _relative(value: bytes) -> float | None:
    """Seconds of a duration; None if `value` may be a moment, or nothing at all."""
    if value.replace(b".", b"", 1).isdigit():
        return float(value) if float(value) < 1e8 else None
    total, end = 0.0, 0
    for part in _DURATION.finditer(value):
        if part.start() != end:
            return None
        total, end = total + float(part[1]) * _UNITS[part[2]], part.end()
    return min(total, 7 * 86400.0) if end == len(value) > 0 else None
