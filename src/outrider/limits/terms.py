"""A budget as people write it, in outrider.yaml, on the command line, over HTTP and in the console: one set of words.

`Terms` become a `Budget` and back. What is wrong is said by key, so that each place can name its own line or field.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import cast
from zoneinfo import ZoneInfo

import msgspec

from outrider.base import money, units
from outrider.base.budget import SCOPES, Budget, Measure, Scope
from outrider.base.errors import RequestError

MEASURES: Mapping[str, Measure] = {
    "usd": "money",
    "tokens": "total_tokens",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "calls": "calls",
}
"""What a budget can limit: the key that states the limit, and the measure."""

CALENDAR = ("hour", "day", "week", "month")
WINDOWS = ("run", *CALENDAR, "lifetime")
MATCHED: tuple[Scope, ...] = tuple(scope for scope in SCOPES if scope != "tree")
LONGEST = 256
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

_DAY = 86_400
_ROLLING = (60, 366 * _DAY)
_MOST = 9 * 10**18
_COUNT = re.compile(r"([0-9][0-9_,]{0,24})(\.[0-9]{1,9})?([kKMG])?")
_SHARE = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,6})?) ?%|([0-9]{1,2}(?:\.[0-9]{1,6})?)")
_TIMES = {"": 1, "k": 1000, "K": 1000, "M": 10**6, "G": 10**9}

Number = str | int | float
Problem = tuple[str, str]
"""A key (`usd`, `match.tag`, `alarms.at`, …) and what is wrong with its value."""


class Alarms(msgspec.Struct, forbid_unknown_fields=True):
    """When to tell: at these parts of the limit (`50%`), and at `slope` times the usual spend (0: never)."""

    at: tuple[Number, ...] = ("50%", "80%", "100%")
    slope: Number = 0


class Terms(msgspec.Struct, forbid_unknown_fields=True):
    """A budget in words. Exactly one of `usd`, `tokens`, `input_tokens`, `output_tokens` and `calls` is the limit.

    `window` is `run`, `hour`, `day`, `week`, `month`, `lifetime`, or a length such as `24h`, which rolls. `match` has a
    value or a list for each scope; `per` is a scope.
    """

    usd: Number | None = None
    tokens: Number | None = None
    input_tokens: Number | None = None
    output_tokens: Number | None = None
    calls: Number | None = None
    window: str = "month"
    timezone: str = "UTC"
    match: dict[str, str | list[str]] = {}
    per: str | None = None
    fit: bool = False
    owner: str = ""
    alarms: Alarms = msgspec.field(default_factory=Alarms)

    def read(self, id_: str) -> tuple[Budget | None, list[Problem]]:
        """The budget, or None with everything that is wrong."""
        problems: list[Problem] = list(self._problems(id_))
        if problems:
            return None, problems
        (key, measure), limit = self._limit()
        made = Budget(
            id=id_,
            measure=measure,
            limit=amount(key, limit),
            window=window(self.window),
            match={cast(Scope, s): _several(v) for s, v in self.match.items()},
            per=cast(Scope | None, self.per or None),
            zone=self.timezone,
            fit=self.fit,
            owner=self.owner,
            alarms=tuple(sorted({share(part) for part in self.alarms.at})),
            slope=slope(self.alarms.slope),
        )
        return made, []

    def budget(self, id_: str) -> Budget:
        """The budget. Raises RequestError that names the key at fault in `param`."""
        made, problems = self.read(id_)
        if made is None:
            key, message = problems[0]
            raise RequestError(f"{key}: {message}", code="invalid_parameter", param=key)
        return made

    def _limit(self) -> tuple[tuple[str, Measure], Number]:
        given = [((key, m), v) for key, m in MEASURES.items() if (v := getattr(self, key)) is not None]
        return given[0]

    def _problems(self, id_: str) -> Iterator[Problem]:
        if not ID.fullmatch(id_):
            yield "name", "a budget's name has 1 to 64 letters, digits, dots, dashes or underscores"
        given = [key for key in MEASURES if getattr(self, key) is not None]
        if len(given) != 1:
            found = f"not {' and '.join(given)}" if given else "none is there"
            yield given[-1] if given else "usd", f"exactly one of {', '.join(MEASURES)} is the limit; {found}"
        for key in given:
            yield from _tried(key, amount, key, getattr(self, key))
        yield from _tried("window", window, self.window)
        yield from _tried("timezone", zone, self.timezone)
        yield from self._scopes()
        if len(self.owner) > LONGEST or not self.owner.isprintable():
            yield "owner", f"at most {LONGEST} printable characters, such as an address"
        if len(self.alarms.at) > 20:
            yield "alarms.at", "at most 20 alarms"
        for part in self.alarms.at[:20]:
            yield from _tried("alarms.at", share, part)
        yield from _tried("alarms.slope", slope, self.alarms.slope)

    def _scopes(self) -> Iterator[Problem]:
        for scope, given in self.match.items():
            if scope not in MATCHED:
                yield f"match.{scope}", f"no such scope; there are: {', '.join(MATCHED)}"
                continue
            values = _several(given)
            if not values or len(values) > 1000:
                yield f"match.{scope}", "give 1 to 1,000 values, or leave it out"
            if any(not v or len(v) > LONGEST or not v.isprintable() for v in values):
                yield f"match.{scope}", f"a value has 1 to {LONGEST} printable characters"
        if self.per and self.per not in SCOPES:
            yield "per", f"no such scope; there are: {', '.join(SCOPES)}"
        elif self.per and self.window == "run":
            yield "per", "a budget per run counts each run by itself already: leave `per` out, or take another window"


def terms_of(budget: Budget) -> Terms:
    """The words for a budget: `terms_of(b).budget(b.id) == b`."""
    key = next(k for k, m in MEASURES.items() if m == budget.measure)
    terms = Terms(
        window=show_window(budget.window),
        timezone=budget.zone,
        match={scope: list(values) for scope, values in budget.match.items()},
        per=budget.per,
        fit=budget.fit,
        owner=budget.owner,
        alarms=Alarms(tuple(show_share(part) for part in budget.alarms), budget.slope),
    )
    setattr(terms, key, money.usd(budget.limit) if key == "usd" else budget.limit)
    return terms


def amount(key: str, given: Number) -> int:
    """Nano-dollars of `50`, `$0.10` for `usd`; a count of `2000`, `200k`, `1.5M` for everything else.

    Raises ValueError with what is expected.
    """
    text = str(given).strip()
    if key == "usd":
        try:
            value = Decimal(text.removeprefix("$").replace("_", ""))
        except InvalidOperation:
            value = Decimal("NaN")
        if not (value.is_finite() and 0 <= value <= 9_000_000_000):
            raise ValueError(f"expected dollars such as 50 or 0.25, not {text[:40]!r}")
        return money.nano(value)
    match = _COUNT.fullmatch(text)
    if match is None:
        raise ValueError(f"expected a number such as 5000, 200k or 1.5M, not {text[:40]!r}")
    count = Decimal(match[1].replace("_", "").replace(",", "") + (match[2] or "")) * _TIMES[match[3] or ""]
    if count != int(count) or count > _MOST:
        raise ValueError(f"expected a whole number up to {_MOST:,}, not {text[:40]!r}")
    return int(count)


def show_amount(measure: Measure, number: int) -> str:
    """`$50`, `1,200 tokens`, `1 call`."""
    if measure == "money":
        return f"${money.usd(number)}"
    noun = next(key for key, m in MEASURES.items() if m == measure).replace("_", " ")
    return f"{number:,} {noun[:-1] if number == 1 else noun}"


def window(text: str) -> str:
    """A window as a budget keeps it: a word of `WINDOWS`, or seconds as text. Raises ValueError."""
    if text in WINDOWS:
        return text
    try:
        seconds = units.duration(text)
    except ValueError:
        raise ValueError(f"expected {', '.join(WINDOWS)} or a length such as 24h, not {text[:40]!r}") from None
    if not _ROLLING[0] <= seconds <= _ROLLING[1] or seconds != int(seconds):
        raise ValueError("a rolling window is whole seconds from 1m to 366d long")
    return str(int(seconds))


def show_window(kept: str) -> str:
    """`month`, `24h`: as it is written."""
    return units.show_duration(int(kept)) if kept.isdecimal() else kept


def zone(name: str) -> ZoneInfo:
    """The time zone with an IANA name. Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"unknown time zone {name[:60]!r}; give an IANA name such as Europe/Berlin or UTC") from None


def share(given: Number) -> float:
    """A fraction of `80%` or `0.8`. Raises ValueError."""
    match = _SHARE.fullmatch(str(given).strip())
    part = 0.0 if match is None else float(Decimal(match[1]) / 100) if match[1] else float(match[2])
    if not 0 < part <= 10:
        raise ValueError(f"expected a part of the limit such as 80% or 0.8, not {str(given)[:40]!r}")
    return part


def show_share(part: float) -> str:
    """`80%`."""
    return f"{(Decimal(repr(part)) * 100).normalize():f}%"


def slope(given: Number) -> float:
    """How many times the usual spend is worth an alarm; 0: none. Raises ValueError."""
    try:
        times = float(given)
    except ValueError:
        times = float("nan")
    if times != 0 and not 1 < times <= 1000:
        raise ValueError(f"expected how many times the usual spend, such as 10 (0: no alarm), not {str(given)[:40]!r}")
    return times


def _several(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(dict.fromkeys(given))


def _tried(key: str, read: Callable[..., object], *given: Number) -> Iterator[Problem]:
    try:
        read(*given)
    except ValueError as error:
        yield key, str(error)
