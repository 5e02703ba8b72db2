"""Pattern pages: what the Casebook knows about a technique. Where it is used, what speaks for it and against it, under
which conditions, how it failed, and every figure with its source.
"""

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from outrider.base.errors import RequestError
from outrider.casebook import measures
from outrider.casebook import vocabulary as words
from outrider.casebook.facets import Catalogue, Count
from outrider.casebook.find import Cases
from outrider.casebook.language import Asked, Term, fold, unknown_value
from outrider.casebook.records import CaseStudy, Claim, Result
from outrider.casebook.trends import Point, trends

_MOST = 40


class Told(msgspec.Struct, frozen=True):
    """Something that a case says, with the case and the page where it is told."""

    case: str
    organisation: str
    year: int
    url: str
    claim: Claim


class Measured(msgspec.Struct, frozen=True):
    """A figure with its case. `way`: `better` or `worse` where the figure says so itself, else ""."""

    case: str
    organisation: str
    year: int
    url: str
    result: Result
    way: str = ""


class Pattern(msgspec.Struct, frozen=True):
    """`speaks_for` are figures that became better, `against` those that became worse and what is contradicted;
    `conditions` are counts of what it is used with and where; `cases` are ids, the newest first."""

    technique: str
    label: str
    group: str
    total: int
    years: list[Point]
    cases: list[str]
    speaks_for: list[Measured]
    against: list[Measured]
    figures: list[Measured]
    failures: list[Told]
    lessons: list[Told]
    conditions: dict[str, list[Count]]


class Summary(msgspec.Struct, frozen=True):
    technique: str
    label: str
    group: str
    total: int
    figures: int
    failures: int


def patterns(catalogue: Catalogue) -> list[Summary]:
    """All techniques that an entry has, by group, the most frequent first."""
    figures = catalogue.bits["has"].get("figures", 0)
    failures = catalogue.bits["has"].get("failures", 0)
    made = [
        Summary(
            value,
            catalogue.vocabulary.label("technique", value),
            _group(value),
            bits.bit_count(),
            (bits & figures).bit_count(),
            (bits & failures).bit_count(),
        )
        for value, bits in catalogue.bits["technique"].items()
    ]
    return sorted(made, key=lambda s: (s.group, -s.total, s.label))


def pattern(cases: Cases, catalogue: Catalogue, technique: str) -> Pattern:
    """Everything about one technique. Raises RequestError (404) with the nearest ones."""
    value = catalogue.vocabulary.spellings["technique"].get(fold(technique))
    if value is None or value not in catalogue.bits["technique"]:
        error = unknown_value("technique", technique, catalogue.vocabulary)
        raise RequestError(error.message, status=404, code="unknown_technique", param="technique")
    bits = catalogue.bits["technique"][value]
    entries = sorted((catalogue.entries[n] for n in catalogue.numbers(bits)), key=lambda e: (-e.year, e.id))
    found = [cases.get(e.id) for e in entries]
    measured = [_measured(c, r) for c in found for r in c.results if r.shown]
    doubted = [_measured(c, r) for c in found for r in c.results if r.status == "contradicted" and r.shown]
    line = trends(catalogue, Asked(), "technique", [value]).lines[0]
    asked = Asked(terms=(Term("technique", (value,)),))
    return Pattern(
        technique=value,
        label=catalogue.vocabulary.label("technique", value),
        group=_group(value),
        total=len(found),
        years=line.points,
        cases=[c.id for c in found],
        speaks_for=_spread([m for m in measured if m.way == "better" and m not in doubted]),
        against=_spread([*doubted, *(m for m in measured if m.way == "worse" and m not in doubted)]),
        figures=measured[: _MOST * 5],
        failures=_spread([_told(c, f) for c in found for f in c.failures if f.shown]),
        lessons=_spread([_told(c, f) for c in found for f in c.lessons if f.shown]),
        conditions=_conditions(catalogue, asked, value),
    )


def _conditions(catalogue: Catalogue, asked: Asked, value: str) -> dict[str, list[Count]]:
    counted = catalogue.counts(asked, catalogue.mask(asked.terms))
    with_it = Counter[str]()
    for number in catalogue.numbers(catalogue.mask(asked.terms)):
        with_it.update(v for v in catalogue.entries[number].tags["technique"] if v != value)
    label = catalogue.vocabulary.label
    together = [Count(v, label("technique", v), n) for v, n in with_it.most_common(10)]
    return {"technique": together} | {f: counted[f][:10] for f in ("industry", "application", "tool", "stage")}


_Case = TypeVar("_Case", Told, Measured)


def _spread(items: Sequence[_Case]) -> list[_Case]:
    """At most 40, in turn from each case, so that no long entry fills the page."""
    turns: dict[str, int] = {}
    numbered = []
    for number, item in enumerate(items):
        turn = turns[item.case] = turns.get(item.case, -1) + 1
        numbered.append((turn, number, item))
    return [item for _, _, item in sorted(numbered, key=lambda t: t[:2])][:_MOST]


def _told(case: CaseStudy, claim: Claim) -> Told:
    return Told(case.id, case.organisation, case.year, _url(case, claim), claim)


def _measured(case: CaseStudy, result: Result) -> Measured:
    return Measured(case.id, case.organisation, case.year, _url(case, result), result, way(result))


def _url(case: CaseStudy, claim: Claim | Result) -> str:
    source = case.source(claim.evidence[0].source) if claim.evidence else None
    return source.url if source else ""


_LESS_IS_BETTER = frozenset(
    measures.stems(
        "cost costs latency time error errors hallucinations fraud incidents false tickets effort churn complaints"
        " hours delay spend bill negatives positives violations escalations review work contacts"
    )
)
_MORE_IS_BETTER = frozenset(
    measures.stems(
        "accuracy precision recall deflection resolution satisfaction conversion adoption throughput coverage quality"
        " productivity success acceptance engagement revenue f1 csat nps speed utilisation retention efficiency"
    )
)


def way(result: Result) -> str:
    """Whether a figure says that something became better or worse; "" where that cannot be told from its name."""
    changes = [
        r
        for r in measures.readings(
            result.metric, result.before, result.after, result.value, result.unit, result.qualifier
        )
        if r.change
    ]
    if not changes or changes[0].least * changes[0].most <= 0:
        return ""
    grew = changes[0].least > 0
    if changes[0].words & _LESS_IS_BETTER:
        return "worse" if grew else "better"
    if changes[0].words & _MORE_IS_BETTER:
        return "better" if grew else "worse"
    return ""


def _group(value: str) -> str:
    word = words.terms().find("techniques", value)
    return word.group if word else ""
