"""The Casebook: one search box, what was understood, facets with counts, and the cases that fit."""

import re
from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec
from starlette.routing import Route

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.casebook import saved
from outrider.casebook.book import Casebook
from outrider.casebook.export import FORMATS
from outrider.casebook.facets import FIELDS, Count
from outrider.casebook.find import CaseHit, Finder, Page, finder, with_term
from outrider.casebook.language import Asked
from outrider.casebook.vocabulary import KINDS, Kind, terms
from outrider.console import casebook_words as shown
from outrider.console.casebook_words import Line
from outrider.console.edge import Edge, View

LIMIT = 20
SHORT = 6
"""Values of a facet that are seen at once."""
TAGS = 6
SAVED = 8
_HEADING = re.compile(r"(?:^|\s)#{1,6}\s+(?:Lessons?\b)?")
SORTS = (("relevance", "Best"), ("year", "Newest"), ("org", "A–Z"), ("new", "Just added"))
TITLES = {
    "industry": "Industry",
    "technique": "Technique",
    "tool": "Tool",
    "application": "Kind of application",
    "org": "Organisation",
    "year": "Year",
    "stage": "Stage",
    "source": "Told by",
    "has": "Has",
}
EXAMPLES = (
    "voice agents in customer support",
    "RAG in insurance with measured results",
    "cost<-30%",
    "technique:guardrails year:2025..",
    "what went wrong with agents",
)


class Chip(msgspec.Struct):
    """A condition in force and the address without it; `guess`: understood from plain words."""

    label: str
    value: str
    without: str
    guess: bool


class Value(msgspec.Struct):
    """A value of a facet: the cases that have it under the other conditions, and the address that asks for it."""

    title: str
    count: int
    href: str
    on: bool


class Facet(msgspec.Struct):
    name: str
    title: str
    values: list[Value]
    short: int = SHORT


class Context(msgspec.Struct):
    """The Casebook's page. `q` is what was typed, `query` how it was read, in its canonical form. `blank`: nothing was
    asked. `nearest` is (condition, address, cases) of the search that finds most with one condition less. `more` is the
    next page's address, `took` ns. `saved` are the project's newest searches (name, address), `hints` why nothing
    was found (text, address of what may have been meant). `near`: counts are of the cases that are nearest to the
    words, and there may be more."""

    q: str
    query: str
    blank: bool
    size: int
    total: int
    lines: list[Line]
    chips: list[Chip]
    facets: list[Facet]
    order: str
    sort: str
    sorts: list[tuple[str, str, str]]
    more: str
    part: str
    took: int
    feed: str
    exports: list[tuple[str, str]]
    examples: list[tuple[str, str]]
    saved: list[tuple[str, str]] = []
    open: bool = False
    nearest: tuple[str, str, int] | None = None
    hints: list[tuple[str, str]] = []
    near: bool = False
    problem: str = ""


def casebook_of(view: View) -> Casebook:
    if view.deps.casebook is None:
        raise RequestError("this process serves no Casebook", status=503, code="not_served")
    return view.deps.casebook()


def finder_of(view: View) -> Finder:
    return finder(casebook_of(view))


def label(kind: str, value: str) -> str:
    """How a tag is written for people. `kind` is a field of a case (`techniques`); an id may stand for a technique and
    for an application."""
    return terms().label(msgspec.convert(kind, Kind), value) if kind in KINDS else value


def load(view: View) -> Context:
    finder, q = finder_of(view), view.query.get("q", "").strip()
    sort = view.query.get("sort", "")
    begun, problem = clock.mono_ns(), ""
    try:
        asked = finder.read(q)
    except RequestError as error:
        asked, problem = Asked(), error.message
    order = sort or ("relevance" if asked.text or asked.phrases else "year")
    page = finder.find(asked, sort=order, limit=LIMIT, cursor=view.query.get("after", ""))
    took = clock.mono_ns() - begun
    searches = saved.searches(casebook_of(view).store, view.session.project)
    found = Context(
        q=q,
        query=page.query,
        blank=not q,
        size=len(finder.catalogue().entries),
        total=page.total,
        lines=[line(hit) for hit in page.hits],
        chips=_chips(page, sort),
        facets=_facets(asked, page, sort),
        order=order,
        sort=sort,
        sorts=[(name, title, address(q, name)) for name, title in SORTS],
        more=address(q, sort, after=page.next) if page.next else "",
        part=address(q, sort, after=page.next, path="/casebook/more") if page.next else "",
        took=took,
        feed=address(page.query, path="/casebook/feed.xml"),
        exports=[(kind.upper(), _export(kind, page.query)) for kind in FORMATS],
        saved=[(one.name, address(one.query)) for one in searches[:SAVED]],
        examples=[(text, address(text)) for text in EXAMPLES],
        near=page.nearest,
    )
    if problem:
        return msgspec.structs.replace(found, problem=problem, lines=[], total=0, more="", chips=[])
    if not page.total:
        found.nearest = _nearest(finder, page, sort)
        found.hints = [(one.text, address(one.query, sort) if one.query else "") for one in page.hints]
    return found


def address(q: str, sort: str = "", *, after: str = "", path: str = "/casebook") -> str:
    """Where a search is shown."""
    words = {"q": q, "sort": sort, "after": after}
    query = urlencode({name: text for name, text in words.items() if text})
    return f"{path}?{query}" if query else path


def _export(format_: str, query: str) -> str:
    return "/api/casebook/export?" + urlencode({"format": format_} | ({"q": query} if query else {}))


def line(hit: CaseHit) -> Line:
    tags = [(label("techniques", t), address(f"technique:{t}")) for t in hit.techniques]
    return Line(
        id=hit.id,
        href=f"/casebook/{hit.id}",
        organisation=hit.organisation or hit.title,
        system=hit.system if hit.system != hit.organisation else "",
        year=hit.year,
        stage=shown.STAGES[hit.stage].lower() if hit.stage in shown.STAGES else "",
        what=hit.what_it_does,
        industries=[label("industries", i) for i in hit.industries],
        figures=[shown.of_result(r, {}) for r in hit.figures],
        snippet=_snippet(hit),
        techniques=tags[:TAGS],
        more=max(0, len(tags) - TAGS),
    )


def _snippet(hit: CaseHit) -> list[tuple[str, bool]]:
    """The passage that was found, in pieces; nothing if what the case does says the same already."""
    passage = hit.snippet
    if passage is None or not passage.marks or passage.text[:80] in hit.what_it_does:
        return []
    pieces, at = [("… " if passage.cut_before else "", False)], 0
    for start, end in passage.marks:
        pieces += [(passage.text[at:start], False), (passage.text[start:end], True)]
        at = end
    pieces.append((passage.text[at:] + (" …" if passage.cut_after else ""), False))
    return [(_HEADING.sub(" ", text), marked) for text, marked in pieces if text]


def _chips(page: Page, sort: str) -> list[Chip]:
    chips = []
    for one in page.chips:
        before, colon, value = one.text.partition(": ")
        label, value = (TITLES.get(one.field, before), value) if colon else ("Figure", one.text)
        label = f"Not {label.lower()}" if one.written.startswith("-") else label
        chips.append(Chip(label, value, address(one.query, sort), one.understood))
    return chips


def _facets(asked: Asked, page: Page, sort: str) -> list[Facet]:
    facets = []
    for field in FIELDS:
        counts = page.facets.get(field, ())
        if len(counts) > 1 or any(c.chosen for c in counts):
            facets.append(Facet(field, TITLES[field], _values(asked, field, counts, sort)))
    return facets


def _values(asked: Asked, field: str, counts: Sequence[Count], sort: str) -> list[Value]:
    return [
        Value(c.label[:1].upper() + c.label[1:], c.count, address(with_term(asked, field, c.value), sort), c.chosen)
        for c in counts[:60]
    ]


def _nearest(finder: Finder, page: Page, sort: str) -> tuple[str, str, int] | None:
    """The search with one condition less that finds most."""
    best = None
    for chip in page.chips[:6]:
        total = finder.find(finder.read(chip.query, plain=True), limit=1).total
        if total and (best is None or total > best[2]):
            best = (chip.text, address(chip.query, sort), total)
    return best


def routes(edge: Edge) -> list[Route]:
    return [
        *edge.page("/casebook", load, "casebook.html", part="casebook_part.html"),
        *edge.page("/casebook/more", load, "casebook.html", part="casebook_lines.html"),
    ]
