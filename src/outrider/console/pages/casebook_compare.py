"""Two to four cases side by side: what they share, where they differ, figures of one kind in one row."""

import msgspec
from starlette.routing import Route

from outrider.casebook.compare import MOST, compare
from outrider.casebook.find import hit
from outrider.console import casebook_words as shown
from outrider.console.casebook_words import Cards, Line, Mark, Passage
from outrider.console.edge import Edge, View
from outrider.console.pages.casebook import TITLES, casebook_of, finder_of, line

ROWS = TITLES | {"failures": "What went wrong", "lessons": "Lessons"}


class Cell(msgspec.Struct):
    """A value, and whether all the cases have it."""

    text: str
    shared: bool


class Row(msgspec.Struct):
    title: str
    cells: list[list[Cell]]


class Figures(msgspec.Struct):
    title: str
    cells: list[list[Mark]]


class Context(msgspec.Struct):
    """`cases` in the order of the address; every row has a cell for each. `without` are addresses without one of them,
    `options` are (id, title) of all cases to add."""

    cases: list[Line]
    rows: list[Row]
    figures: list[Figures]
    passages: list[Passage]
    without: list[str]
    options: list[tuple[str, str]]
    most: int = MOST
    problem: str = ""


def load(view: View) -> Context:
    given = [*view.several("id"), *(part for ids in view.several("ids") for part in ids.split(","))]  # as the API
    ids = [id_.strip() for id_ in given if id_.strip()]
    book, finder = casebook_of(view), finder_of(view)
    catalogue = finder.catalogue()
    options = [(e.id, e.title) for e in catalogue.entries]
    wanted = list(dict.fromkeys(ids))
    problem = f"At most {MOST} cases fit beside each other; these are the first." if len(wanted) > MOST else ""
    wanted = wanted[:MOST]
    if len(wanted) < 2:
        cases = [line(hit(book.get(id_), 0.0)) for id_ in wanted]
        return Context(cases, [], [], [], _without([c.id for c in cases]), options)
    found = compare(finder.cases, wanted, catalogue.vocabulary)
    cards, studies = Cards(), [book.get(id_) for id_ in wanted]
    figures = [
        Figures(
            shown.words(row.metric),
            [
                [msgspec.structs.replace(shown.of_result(r, {}), passages=cards.add(study, r)) for r in cell]
                for study, cell in zip(studies, row.cells, strict=True)
            ],
        )
        for row in found.figures
    ]
    rows = [
        Row(ROWS.get(row.field, row.field), [[Cell(text, text in row.shared) for text in cell] for cell in row.cells])
        for row in found.rows
    ]
    cases = [line(one) for one in found.cases]
    return Context(cases, rows, figures, cards.passages, _without(wanted), options, problem=problem)


def _without(ids: list[str]) -> list[str]:
    return ["/casebook/compare?" + "&".join(f"id={other}" for other in ids if other != id_) for id_ in ids]


def routes(edge: Edge) -> list[Route]:
    return edge.page("/casebook/compare", load, "casebook_compare.html")
