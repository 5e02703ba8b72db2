"""Patterns: what the Casebook knows of a technique. Evidence for and against, conditions, failures, figures."""

from collections.abc import Iterable

import msgspec
from starlette.routing import Route

from outrider.casebook.facets import Count
from outrider.casebook.patterns import Measured, Summary, Told, pattern, patterns
from outrider.casebook.records import Claim, Result
from outrider.casebook.trends import Point
from outrider.console import casebook_words as shown
from outrider.console.casebook_words import Cards, Mark, Passage
from outrider.console.edge import Edge, View
from outrider.console.pages.casebook import TITLES, address, casebook_of, finder_of

FIGURES = 60


class Group(msgspec.Struct):
    """Techniques of one kind."""

    title: str
    patterns: list[Summary]


class ListContext(msgspec.Struct):
    groups: list[Group]
    total: int


class Said(msgspec.Struct):
    """Something a case says, with its passage."""

    mark: Mark
    organisation: str
    href: str
    year: int


class Conditions(msgspec.Struct):
    """What a technique is used with or where: (label, cases, address of the search)."""

    title: str
    values: list[tuple[str, int, str]]


class Context(msgspec.Struct):
    """One technique. `speaks_for` are figures that became better, `against` those that became worse or are
    contradicted, `figures` all that are left."""

    technique: str
    label: str
    group: str
    total: int
    search: str
    years: list[Point]
    speaks_for: list[Said]
    against: list[Said]
    figures: list[Said]
    failures: list[Said]
    lessons: list[Said]
    conditions: list[Conditions]
    passages: list[Passage]


def load_list(view: View) -> ListContext:
    groups: dict[str, list[Summary]] = {}
    for one in patterns(finder_of(view).catalogue()):
        groups.setdefault(one.group, []).append(one)
    listed = [Group(_title(name), found) for name, found in groups.items()]
    listed.sort(key=lambda g: -sum(p.total for p in g.patterns))
    return ListContext(listed, sum(len(g.patterns) for g in listed))


def _title(group: str) -> str:
    title = shown.words(group) or "others"
    return title[:1].upper() + title[1:]


def load(view: View) -> Context:
    finder, book = finder_of(view), casebook_of(view)
    found = pattern(finder.cases, finder.catalogue(), view.path["technique"])
    cards = Cards()

    def said(items: Iterable[Measured | Told]) -> list[Said]:
        return [_said(one, cards.add(book.get(one.case), _claim(one))) for one in items]

    decided = [*found.speaks_for, *found.against]
    return Context(
        technique=found.technique,
        label=found.label,
        group=found.group,
        total=found.total,
        search=address(f"technique:{found.technique}"),
        years=found.years,
        speaks_for=said(found.speaks_for),
        against=said(found.against),
        figures=said([m for m in found.figures if m not in decided][:FIGURES]),
        failures=said(found.failures),
        lessons=said(found.lessons),
        conditions=_conditions(found.technique, found.conditions),
        passages=cards.passages,
    )


def _claim(one: Measured | Told) -> Claim | Result:
    return one.result if isinstance(one, Measured) else one.claim


def _said(one: Measured | Told, passages: list[int]) -> Said:
    mark = (
        shown.of_result(one.result, {}) if isinstance(one, Measured) else shown.of_claim(one.claim, one.claim.value, {})
    )
    mark.passages = passages
    return Said(mark, one.organisation, f"/casebook/{one.case}", one.year)


def _conditions(technique: str, counted: dict[str, list[Count]]) -> list[Conditions]:
    titles = TITLES | {"technique": "Together with"}
    return [
        Conditions(titles[field], [_value(technique, field, c) for c in counts])
        for field, counts in counted.items()
        if counts
    ]


def _value(technique: str, field: str, count: Count) -> tuple[str, int, str]:
    """Other techniques lead to their own pattern: two values of one field would be alternatives."""
    if field == "technique":
        return count.label, count.count, f"/casebook/patterns/{count.value}"
    return count.label, count.count, address(f"technique:{technique} {field}:{count.value}")


def routes(edge: Edge) -> list[Route]:
    return [
        *edge.page("/casebook/patterns", load_list, "casebook_patterns.html"),
        *edge.page("/casebook/patterns/{technique}", load, "casebook_pattern.html"),
    ]
