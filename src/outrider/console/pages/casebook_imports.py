"""What imports found: every set with its outcomes, and for each entry what became of it, why, and which of the set's
own tags its text supports.
"""

import csv
import io
from collections.abc import Sequence
from urllib.parse import quote, urlencode

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.casebook import rows
from outrider.casebook.report import Report, lines, report
from outrider.console.edge import Edge, View
from outrider.console.pages.casebook import casebook_of

LIMIT = 50
OUTCOMES = {
    "published": "Published",
    "review": "Waits for review",
    "rejected": "Rejected",
    "duplicate": "Duplicate",
    "fault": "Could not be read",
}
COLUMNS = (
    "entry", "outcome", "case", "reasons", "tool_tags", "tool_tags_supported", "supported", "unsupported",
    "other_tags_unsupported", "unknown_tags", "mended", "at",
)  # fmt: skip


class Set(msgspec.Struct):
    """An imported set: `outcomes` are (name, entries, address of the list of those)."""

    origin: str
    href: str
    entries: int
    outcomes: list[tuple[str, int, str]]
    tool_tags: int
    tool_tags_supported: int


class ListContext(msgspec.Struct):
    """The sets that were imported, by name."""

    sets: list[Set]


class Line(msgspec.Struct):
    """An entry at its last import. Tags are the set's own: tools that the text names, tools and others that it does
    not, and those that the vocabulary does not have. `mended` is what was missing or wrong in the entry."""

    entry: str
    outcome: str
    case: str
    at: int
    reasons: list[str]
    supported: list[str]
    unsupported: list[str]
    others: list[str]
    unknown: list[str]
    mended: list[str]


class Context(msgspec.Struct):
    """One set. `words` is the report as the command line prints it; `entries` those with the `outcome` that is asked
    for, by name; `next` is the following page's address ("": that is all)."""

    origin: str
    report: Report
    words: list[str]
    outcomes: list[tuple[str, int, str]]
    outcome: str
    entries: list[Line]
    next: str
    download: str


def load_list(view: View) -> ListContext:
    book = casebook_of(view)
    return ListContext([_set(report(book, origin)) for origin in sorted(rows.origins(book.store))])


def _set(made: Report) -> Set:
    return Set(
        made.origin, _address(made.origin), made.entries, _outcomes(made), made.tool_tags, made.tool_tags_supported
    )  # fmt: skip


def _outcomes(made: Report) -> list[tuple[str, int, str]]:
    known = [name for name in OUTCOMES if name in made.outcomes]
    return [
        (OUTCOMES.get(name, name), made.outcomes[name], _address(made.origin, outcome=name))
        for name in (*known, *sorted(set(made.outcomes) - set(known)))
    ]


def load(view: View) -> Context:
    book, origin = casebook_of(view), view.path["origin"]
    outcome, after = view.query.get("outcome", ""), view.query.get("after", "")
    if outcome and outcome not in OUTCOMES:
        raise RequestError(f"no outcome {outcome[:40]!r}; there are: {', '.join(OUTCOMES)}", param="outcome")
    _known(view)
    made = report(book, origin)
    found = rows.items(book.store, origin, outcome=outcome, after=after, most=LIMIT + 1)
    entries = [_line(item) for item in found[:LIMIT]]
    more = _address(origin, outcome=outcome, after=entries[-1].entry) if len(found) > LIMIT else ""
    return Context(
        origin, made, lines(made), _outcomes(made), outcome, entries, more, f"{_address(origin)}.csv"
    )  # fmt: skip


def _known(view: View) -> str:
    """The set of the address. Raises RequestError (404)."""
    origin, known = str(view.path["origin"]), rows.origins(casebook_of(view).store)
    if origin not in known:
        there = f"there are: {', '.join(sorted(known))}" if known else "nothing was imported yet"
        raise RequestError(f"no set {origin[:80]!r}; {there}", status=404, code="unknown_import", param="origin")
    return origin


def _address(origin: str, **query: str) -> str:
    asked = urlencode({name: value for name, value in query.items() if value})
    return f"/casebook/imports/{quote(origin, safe='')}{'?' if asked else ''}{asked}"


def _line(item: rows.Item) -> Line:
    about = item.about
    return Line(
        item.item, item.outcome, item.case_id, item.at, [*about.get("reasons", ()), *about.get("doubts", ())],
        list(about.get("tools", ())), list(about.get("tools_unsupported", ())), list(about.get("tags_unsupported", ())),
        list(about.get("tags_unknown", ())), list(about.get("mended", ())),
    )  # fmt: skip


def as_csv(items: Sequence[rows.Item]) -> bytes:
    """The ledger as a table, an entry in a line; several values of a cell have `; ` between them. What a spreadsheet
    would take for a formula has a `'` before it."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    write.writerow(COLUMNS)
    for one in map(_line, items):
        tools = len(one.supported) + len(one.unsupported)
        cells = [one.reasons, one.supported, one.unsupported, one.others, one.unknown, one.mended]
        reasons, supported, unsupported, others, unknown, mended = ("; ".join(cell) for cell in cells)
        row = [one.entry, one.outcome, one.case, reasons, tools, len(one.supported), supported, unsupported, others,
               unknown, mended, clock.iso(one.at)]  # fmt: skip
        write.writerow([f"'{c}" if isinstance(c, str) and c[:1] in ("=", "+", "-", "@", "\t") else c for c in row])
    return out.getvalue().encode()


async def download(request: Request, view: View) -> Response:
    """The whole ledger of a set."""

    def made() -> bytes:
        origin = _known(view)
        return as_csv(rows.items(casebook_of(view).store, origin))

    body = await anyio.to_thread.run_sync(made)
    name = "".join(c if c.isalnum() and c.isascii() else "-" for c in view.path["origin"])[:80]
    disposition = {"content-disposition": f'attachment; filename="import-{name}.csv"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=disposition)


def routes(edge: Edge) -> list[Route]:
    return [
        edge.raw("/casebook/imports/{origin}.csv", download),
        *edge.page("/casebook/imports", load_list, "casebook_imports.html"),
        *edge.page("/casebook/imports/{origin}", load, "casebook_import.html"),
    ]
