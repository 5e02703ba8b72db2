"""Figures that can be compared: what `cost<-30%` says, and whether a reported result certainly fulfils it.

A figure has two readings. Its *level* is the number that was reached (`deflection_rate 60 %`, `latency 200 ms`), its
*change* is signed and in percent (`cost 100 → 60` and `cost_reduction 40 %` are both a change of −40 %). A condition
whose number has a sign asks for the change, one without asks for the level. A figure that is only a bound ("up to
60 %") fulfils only what its bound makes certain.
"""

import math
import re
from collections.abc import Iterator

import msgspec

TIME = {
    "ms": 0.001,
    "millisecond": 0.001,
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "min": 60.0,
    "minute": 60.0,
    "h": 3600.0,
    "hour": 3600.0,
    "day": 86400.0,
    "week": 604800.0,
    "month": 2629800.0,
    "year": 31557600.0,
}
"""Units of time, in seconds. The plural and `m` are accepted where they cannot be mistaken."""

SCALE = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9}
SCALE |= {"trillion": 1e12}
MONEY = frozenset(("usd", "$", "dollar", "dollars", "eur", "€", "gbp", "£"))

DOWN = frozenset(
    [
        "reduction",
        "reduced",
        "reduces",
        "saving",
        "savings",
        "saved",
        "decrease",
        "decreased",
        "drop",
        "dropped",
        "cut",
        "cuts",
        "fewer",
        "less",
        "lower",
    ]
)
UP = frozenset(
    [
        "increase",
        "increased",
        "gain",
        "gains",
        "growth",
        "improvement",
        "improved",
        "lift",
        "uplift",
        "boost",
        "higher",
        "more",
    ]
)

_CONDITION = re.compile(
    r"(?P<metric>[a-z][\w /-]{0,79}?)\s*(?P<sign><=|>=|<|>|=)\s*"
    r"(?P<number>[+-]?(?:\d{1,15}(?:\.\d{1,9})?|\.\d{1,9}))\s*(?P<unit>[^\W\d_](?:[^\W\d]|[/ ]){0,19}|[%$€£])?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s*(\d[\d,]*(?:\.\d+)?)\s*(?:-|–|to)\s*(\d[\d,]*(?:\.\d+)?)\D*")


class Condition(msgspec.Struct, frozen=True):
    """`metric` as words with `_` between them, `words` their stems; `kind` is `%`, `x`, `points`, `time` (seconds),
    `money` or `count`."""

    metric: str
    words: frozenset[str]
    sign: str
    number: float
    kind: str
    change: bool
    text: str
    """As it is written in a query."""


class Reading(msgspec.Struct, frozen=True):
    """What a figure says for certain: between `least` and `most`."""

    words: frozenset[str]
    kind: str
    least: float
    most: float
    change: bool


def condition(text: str) -> Condition:
    """The condition that `deflection>50%`, `cost<-30%`, `latency<=200ms` or `users>1M` states. Raises ValueError."""
    match = _CONDITION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text[:60]!r} is no condition; write for example deflection>50%, cost<-30% or latency<200ms")
    metric = "_".join(stems(match["metric"], keep=True))
    if not metric:
        raise ValueError(f"{text[:60]!r} names no figure; write for example deflection>50%")
    number, unit = match["number"].lstrip("+"), (match["unit"] or "").strip()
    kind, factor = dimension(unit)
    if kind == "count" and unit and factor == 1.0:
        unit = ""
    shown = ("+" if match["number"][0] == "+" else "") + number
    written = f"{metric}{match['sign']}{shown}{unit.replace(' ', '_')}"
    return Condition(
        metric=metric,
        words=frozenset(stems(metric)),
        sign=match["sign"],
        number=float(number) * factor,
        kind=kind,
        change=match["number"][0] in "+-",
        text=written,
    )


def dimension(unit: str | None) -> tuple[str, float]:
    """The kind of a unit and what its numbers are multiplied with: `ms` is time × 0.001, `million USD` money × 1e6."""
    words = [w for w in re.findall(r"[%$€£]|[a-z]+", (unit or "").lower()) if w not in ("per", "of", "a", "the")]
    if not words:
        return "count", 1.0
    if words[0] in ("%", "percent", "pct", "points", "pp"):
        return ("%", 1.0) if words[0] != "points" and words[0] != "pp" else ("points", 1.0)
    if words[0] in ("x", "times", "fold"):
        return "x", 1.0
    if words[0] in TIME or (words[0].removesuffix("s") in TIME and words[0] not in SCALE):
        return "time", TIME.get(words[0]) or TIME[words[0].removesuffix("s")]
    factor = next((SCALE[w] for w in words if w in SCALE), 1.0)
    return ("money", factor) if MONEY.intersection(words) else ("count", factor)


def stems(text: str, *, keep: bool = False) -> list[str]:
    """The words of a metric's name, without plural (`keep` keeps it)."""
    words = re.findall(r"[^\W_]+", text.lower())
    return words if keep else [_stem(w) for w in words]


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


_DOWN_STEMS = frozenset(_stem(w) for w in DOWN)
_UP_STEMS = frozenset(_stem(w) for w in UP)
DIRECTIONS = _DOWN_STEMS | _UP_STEMS


def readings(
    metric: str, before: object, after: object, value: object, unit: str | None, qualifier: str | None
) -> Iterator[Reading]:
    """What one reported result says."""
    words = frozenset(stems(metric))
    kind, factor = dimension(unit)
    level = after if after is not None else value
    if (span := _span(level, qualifier)) is not None:
        yield Reading(words, kind, span[0] * factor, span[1] * factor, False)
    base, sign = words - DIRECTIONS, _direction(words, unit or "")
    if (old := as_number(before)) and (new := as_number(after)) is not None:
        moved = (new - old) / abs(old) * 100
        yield Reading(base, "%", moved, moved, True)
    elif kind == "%" and sign and span is not None:
        ends = sorted((sign * span[0], sign * span[1]))
        yield Reading(base, "%", ends[0], ends[1], True)
    elif kind == "%" and (exact := as_number(value)) is not None and exact < 0:
        yield Reading(base, "%", exact, exact, True)


def _direction(words: frozenset[str], unit: str) -> int:
    said = words | frozenset(stems(unit))
    return -1 if said & _DOWN_STEMS else 1 if said & _UP_STEMS else 0


def _span(value: object, qualifier: str | None) -> tuple[float, float] | None:
    if isinstance(value, str) and (found := _RANGE.fullmatch(value)):
        ends = sorted(float(e.replace(",", "")) for e in found.groups())
        return ends[0], ends[1]
    number = as_number(value)
    if number is None:
        return None
    if qualifier in ("+", ">", ">=", "at least", "more than", "over"):
        return number, math.inf
    if qualifier in ("<", "<=", "up to", "at most", "less than", "under"):
        return min(0.0, number), number
    return number, number


def as_number(value: object) -> float | None:
    """A value as a number, if it is a single one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(str(value).replace(",", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def concerns(reading: Reading, wanted: Condition) -> bool:
    """Whether the figure is of what the condition names, whatever its unit and number are."""
    asked = wanted.words
    if reading.change:
        asked -= DIRECTIONS
    elif reading.words & DIRECTIONS and not asked & DIRECTIONS:
        return False
    return asked <= reading.words


def rewritten(wanted: Condition, *, metric: str = "", number: str = "", unit: str = "") -> str:
    """The condition with another metric, number or unit, as it is written in a query."""
    match = _CONDITION.fullmatch(wanted.text.replace("_", " "))
    assert match is not None
    return f"{metric or wanted.metric}{match['sign']}{number or match['number']}{unit or match['unit'] or ''}"


def fulfils(reading: Reading, wanted: Condition) -> bool:
    """Whether the figure certainly is as the condition asks."""
    if reading.change != wanted.change or reading.kind != wanted.kind or not concerns(reading, wanted):
        return False
    least, most, number = reading.least, reading.most, wanted.number
    return {
        ">": least > number,
        ">=": least >= number,
        "<": most < number,
        "<=": most <= number,
        "=": least == most == number,
    }[wanted.sign]
