"""Two to four cases side by side: what they share, where they differ, and their figures of the same kind in one row."""

from collections.abc import Callable, Sequence

import msgspec

from outrider.base.errors import RequestError
from outrider.casebook import measures
from outrider.casebook.facets import shown_results
from outrider.casebook.find import CaseHit, Cases, hit
from outrider.casebook.language import Vocabulary
from outrider.casebook.records import CaseStudy, Claim, Result

MOST = 4


class Row(msgspec.Struct, frozen=True):
    """A field of every case, in the order of the cases. `shared` are the values that all have."""

    field: str
    cells: list[list[str]]
    shared: list[str] = []


class Figures(msgspec.Struct, frozen=True):
    """Figures of one kind (`metric` is what their names share), in the order of the cases."""

    metric: str
    cells: list[list[Result]]


class Comparison(msgspec.Struct, frozen=True):
    cases: list[CaseHit]
    rows: list[Row]
    figures: list[Figures]


def compare(cases: Cases, ids: Sequence[str], vocabulary: Vocabulary) -> Comparison:
    """Raises RequestError for fewer than two or more than four, for one twice (400) and for an unknown one (404)."""
    wanted = list(dict.fromkeys(ids))
    if not 2 <= len(wanted) <= MOST:
        raise RequestError(f"two to {MOST} different cases can be compared, not {len(wanted)}", param="ids")
    found = [cases.get(id_) for id_ in wanted]
    rows = [Row("year", [[str(c.year)] if c.year else [] for c in found])]
    rows.append(Row("stage", [[vocabulary.label("stage", c.stage)] if c.stage else [] for c in found]))
    for field, claims in _FIELDS.items():
        rows.append(_row(field, [[vocabulary.label(field, v) for v in _values(claims(c))] for c in found]))
    rows.append(_row("failures", [_values(c.failures) for c in found]))
    rows.append(_row("lessons", [_values(c.lessons) for c in found]))
    return Comparison([hit(c, 0.0) for c in found], [r for r in rows if any(r.cells)], _figures(found))


_FIELDS: dict[str, Callable[[CaseStudy], Sequence[Claim]]] = {
    "industry": lambda c: c.industries,
    "application": lambda c: c.applications,
    "technique": lambda c: c.techniques,
    "tool": lambda c: c.tools,
}


def _row(field: str, cells: list[list[str]]) -> Row:
    shared = [v for v in cells[0] if all(v in cell for cell in cells[1:])]
    return Row(field, cells, shared)


def _values(claims: Sequence[Claim]) -> list[str]:
    return list(dict.fromkeys(c.value for c in claims if c.shown))


def _figures(found: Sequence[CaseStudy]) -> list[Figures]:
    """Figures whose names share their last word and whose units are of one kind stand in one row; those that more
    cases have come first."""
    rows: dict[tuple[str, str], list[list[Result]]] = {}
    for number, case in enumerate(found):
        for result in shown_results(case):
            stems = [s for s in measures.stems(result.metric) if s not in measures.DIRECTIONS]
            kind = measures.dimension(result.unit)[0]
            key = (stems[-1] if stems else result.metric, kind)
            rows.setdefault(key, [[] for _ in found])[number].append(result)
    order = sorted(rows.items(), key=lambda r: (-sum(bool(c) for c in r[1]), r[0]))
    return [Figures(metric, cells) for (metric, _), cells in order]
