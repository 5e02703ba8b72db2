"""Figures that sources contradict: the same metric, period and unit, and values that cannot both be right.

It is found by rules over what passages say, when cases are read, and never kept. Silence is the rule: a source that
itself gives several values for one name means several things by it, and is compared with none; conditions and periods
must be the same words; "about", rounding and bounds are room.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import msgspec

from outrider.casebook import measures
from outrider.casebook.figures import results_of
from outrider.casebook.language import fold
from outrider.casebook.records import Against, CaseStudy, Evidence, Otherwise, Result

Field = Literal["results", "scale"]
FIELDS: tuple[Field, ...] = ("results", "scale")
_ABOUT = frozenset(("about", "around", "nearly", "approximately", "almost", "~", "≈"))
_ROOM = 0.1
"""What "about" leaves open, as a share."""
_YEAR = re.compile(r"(?<!\d)20[12]\d(?!\d)")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_CURRENCY = {"$": "usd", "dollar": "usd", "€": "eur", "£": "gbp"}
_SCALES = frozenset(measures.SCALE)
Key = tuple[frozenset[str], str, str, str, str]
"""What a figure measures, of which kind and unit, when, and under which condition."""
Place = tuple[str, str]
"""A source: the case's id and the source's."""


class Figure(NamedTuple):
    """A figure and where it stands: the case's number, its field and its place in it."""

    case: int
    field: Field
    at: int
    result: Result
    places: frozenset[Place]


Slot = tuple[int, Field, int]


def marked(cases: Sequence[CaseStudy]) -> list[CaseStudy]:
    """The cases with every figure that a passage of another source contradicts, of the same case, of another about the
    same system and year, or of another that was told from the same source; and those that their own passages do."""
    found: dict[Slot, list[Otherwise]] = defaultdict(list)
    figures = [list(_figures(n, case)) for n, case in enumerate(cases)]
    for some in figures:
        for figure in some:
            found[figure[:3]].extend(_own_passages(figure.result))
        _compare(some, cases, found)
    for numbers in _told_of_the_same(cases):
        _compare([figure for n in numbers for figure in figures[n]], cases, found)
    by_case: dict[int, dict[tuple[Field, int], tuple[Otherwise, ...]]] = defaultdict(dict)
    for (n, field, at), others in found.items():
        if others:
            by_case[n][(field, at)] = tuple(dict.fromkeys(others))
    return [_marked(case, by_case[n]) if n in by_case else case for n, case in enumerate(cases)]


def unmarked(case: CaseStudy) -> CaseStudy:
    """The case as it is kept."""
    fields = {field: tuple(_plain(r) for r in getattr(case, field)) for field in FIELDS}
    if all(fields[f] == getattr(case, f) for f in FIELDS):
        return case
    return msgspec.structs.replace(case, **fields)


def opposed(one: Result, other: Result) -> bool:
    """Whether two figures of the same name, period and unit cannot both be right."""
    return (what := key(one)) is not None and what == key(other) and _apart(one, other)


def key(result: Result) -> Key | None:
    """None for a figure that cannot be compared."""
    years = sorted({y for e in result.evidence for y in _YEAR.findall(e.quote)})
    when = fold(result.period) or " ".join(years)
    return _key(result.metric, result.unit, when, result.note)


@lru_cache(maxsize=20_000)
def _key(metric: str, unit: str, when: str, note: str) -> Key | None:
    words = frozenset(measures.stems(metric))
    if not words - measures.DIRECTIONS:
        return None
    kind, _ = measures.dimension(unit)
    plain = [_CURRENCY.get(w, w) for w in re.findall(r"[$€£]|[a-z]+", unit.lower()) if w not in _SCALES]
    rest = plain[1:] if kind in ("time", "%", "x", "points") else plain
    return words, kind, " ".join(measures.stems(" ".join(rest))), when, fold(note)


def _figures(number: int, case: CaseStudy) -> Iterator[Figure]:
    for field in FIELDS:
        for at, result in enumerate(getattr(case, field)):
            if result.shown:
                places = frozenset((case.id, e.source) for e in result.evidence)
                yield Figure(number, field, at, result, places)


def _told_of_the_same(cases: Sequence[CaseStudy]) -> Iterator[list[int]]:
    """Cases that speak of one thing: the same system of an organisation in the same year, or the same source."""
    same: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, case in enumerate(cases):
        if case.organisation and case.system and case.year:
            same[(fold(case.organisation), fold(case.system), str(case.year))].append(number)
        for url in {s.url for s in case.sources if s.url}:
            same[(url,)].append(number)
    pairs = dict.fromkeys(tuple(numbers) for numbers in same.values() if len(numbers) > 1)
    yield from (list(numbers) for numbers in pairs)


def _compare(figures: Iterable[Figure], cases: Sequence[CaseStudy], found: dict[Slot, list[Otherwise]]) -> None:
    by_key: dict[Key, list[Figure]] = defaultdict(list)
    for figure in figures:
        if (what := key(figure.result)) is not None:
            by_key[what].append(figure)
    for same in by_key.values():
        clear = [f for f in same if not any(f.places & g.places for g in same if g is not f)]
        for n, one in enumerate(clear):
            for other in clear[n + 1 :]:
                if _apart(one.result, other.result):
                    found[one[:3]] += _otherwise(one, other, cases)
                    found[other[:3]] += _otherwise(other, one, cases)


def _otherwise(figure: Figure, other: Figure, cases: Sequence[CaseStudy]) -> list[Otherwise]:
    case = "" if other.case == figure.case else cases[other.case].id
    return [Otherwise(_words(other.result), e, case) for e in other.result.evidence if e.quote][:2]


def _own_passages(result: Result) -> list[Otherwise]:
    """Passages that a figure cites and that have another in its place: the same name and unit, and not its number. What
    was read from its passage is what stands there."""
    if result.made.by == "text":
        return []
    wanted = {n for n in (result.value, result.after) if n is not None}
    return [found for e in result.evidence if e.quote and not _has(e.quote, wanted) for found in _instead(result, e)]


def _has(quote: str, wanted: Iterable[float | str]) -> bool:
    numbers = {float(n.replace(",", "")) for n in _NUMBER.findall(quote)}
    return any(quote.find(w) >= 0 if isinstance(w, str) else abs(w) in numbers for w in wanted)


def _instead(result: Result, evidence: Evidence) -> list[Otherwise]:
    what = _key(result.metric, result.unit, "", "")
    read = [r for r in results_of(evidence.quote, evidence.source) if _key(r.metric, r.unit, "", "") == what]
    return [Otherwise(_words(r), evidence) for r in read] if len(read) == 1 and _apart(result, read[0]) else []


def _apart(one: Result, other: Result) -> bool:
    """Whether the levels that two figures state, or their values before, leave each other no room."""
    pairs = [(_level(one), _level(other))]
    if one.before is not None and other.before is not None:
        pairs.append((one.before, other.before))
    spans = [(_span(a, one), _span(b, other)) for a, b in pairs]
    return any(a is not None and b is not None and (a[1] < b[0] or b[1] < a[0]) for a, b in spans)


def _level(result: Result) -> float | str | None:
    return result.after if result.after is not None else result.value


def _span(value: float | str | None, result: Result) -> tuple[float, float] | None:
    """What a value certainly lies between, with the room that rounding and "about" leave."""
    sign = result.qualifier.strip().lower()
    found = next(measures.readings(result.metric, None, None, value, result.unit, sign), None)
    if found is None or found.change:
        return None
    _, factor = measures.dimension(result.unit)
    room = _half(value) * factor
    if sign in _ABOUT:
        room = max(room, abs(found.least) * _ROOM)
    return found.least - room, found.most + room if math.isfinite(found.most) else math.inf


def _half(value: float | str | None) -> float:
    """Half of a number's last digit that counts: 62 → 0.5, 61.8 → 0.05, 1,200 → 50."""
    if not isinstance(value, int | float):
        return 0.5
    shown = f"{abs(value):.9f}".rstrip("0")
    whole, _, decimals = shown.partition(".")
    if decimals:
        return float(0.5 * 10 ** -len(decimals))
    zeros = len(whole) - len(whole.rstrip("0")) if len(whole) > 3 else 0
    return float(0.5 * 10**zeros)


def _marked(case: CaseStudy, others: Mapping[tuple[Field, int], tuple[Otherwise, ...]]) -> CaseStudy:
    fields = {
        field: tuple(
            _against(result, others[(field, at)]) if (field, at) in others else result
            for at, result in enumerate(getattr(case, field))
        )
        for field in FIELDS
    }
    return msgspec.structs.replace(case, **fields)


def _against(result: Result, others: tuple[Otherwise, ...]) -> Result:
    return msgspec.structs.replace(result, status="contradicted", against=Against(result.status, others))


def _plain(result: Result) -> Result:
    if result.against is None:
        return result
    status = result.against.status if result.status == "contradicted" else result.status
    return msgspec.structs.replace(result, status=status, against=None)


def _words(result: Result) -> str:
    from outrider.casebook.bundled import line

    return line(result)
