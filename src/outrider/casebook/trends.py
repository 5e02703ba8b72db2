"""Trends: which share of a year's deployments has a technique (or a tool, or is of an industry), with the number of
deployments and an interval, since a share of few means little.
"""

import csv
import io
from collections.abc import Sequence

import msgspec

from outrider.base.errors import RequestError
from outrider.calibrate.intervals import wilson
from outrider.casebook.facets import Catalogue
from outrider.casebook.language import Asked

FIELDS = ("technique", "tool", "industry", "application")
FEW = 10
"""A year with fewer deployments is told as too few to compare."""


class Point(msgspec.Struct, frozen=True):
    """`count` of `n` deployments of `year`; `low` and `high` are Wilson's interval (95 %)."""

    year: int
    count: int
    n: int
    share: float
    low: float
    high: float


class Line(msgspec.Struct, frozen=True):
    """One value over the years. `moved` says whether the intervals of the first and the last year with enough
    deployments lie apart: `up`, `down` or "" (cannot be told)."""

    value: str
    label: str
    total: int
    points: list[Point]
    moved: str = ""


class Trends(msgspec.Struct, frozen=True):
    """`n` are deployments by year; those without a year (`undated`) are in no share."""

    field: str
    years: list[int]
    n: list[int]
    undated: int
    lines: list[Line]


def trends(catalogue: Catalogue, asked: Asked, field: str = "technique", values: Sequence[str] = ()) -> Trends:
    """The shares among the entries that fulfil the conditions of `asked` (its words play no part), the most frequent
    value first; `values` keeps only these. Raises RequestError for an unknown field or value."""
    if field not in FIELDS:
        raise RequestError(f"no trend of {field[:40]!r}; there are: {', '.join(FIELDS)}", param="field")
    known = catalogue.bits[field]
    if wrong := [v for v in values if v not in known]:
        raise RequestError(f"no entry has the {field} {wrong[0][:60]!r}", code="unknown_value", param="value")
    inside = catalogue.mask(asked.terms)
    by_year = {int(y): bits & inside for y, bits in sorted(catalogue.bits["year"].items()) if bits & inside}
    dated = 0
    for bits in by_year.values():
        dated |= bits
    lines = []
    for value in values or known:
        total = (known[value] & dated).bit_count()
        if total or values:
            points = [_point(year, known[value], bits) for year, bits in by_year.items()]
            lines.append(Line(value, catalogue.vocabulary.label(field, value), total, points, _moved(points)))
    lines.sort(key=lambda line: (-line.total, line.label.casefold()))
    sizes = [bits.bit_count() for bits in by_year.values()]
    return Trends(field, list(by_year), sizes, (inside & ~dated).bit_count(), lines)


def _point(year: int, having: int, bits: int) -> Point:
    n, count = bits.bit_count(), (having & bits).bit_count()
    low, high = wilson(count / n, n)
    return Point(year, count, n, round(count / n, 4), round(low, 4), round(high, 4))


def _moved(points: Sequence[Point]) -> str:
    enough = [p for p in points if p.n >= FEW]
    if len(enough) < 2:
        return ""
    first, last = enough[0], enough[-1]
    return "up" if last.low > first.high else "down" if last.high < first.low else ""


def as_csv(found: Trends) -> str:
    """One row for each value and year."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow([found.field, "label", "year", "count", "n", "share", "low", "high"])
    for line in found.lines:
        rows.writerows([line.value, line.label, p.year, p.count, p.n, p.share, p.low, p.high] for p in line.points)
    return out.getvalue()
