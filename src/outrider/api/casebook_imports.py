"""`/api/casebook/imports`: the ledger of every import: what was accepted, rejected, mended and why."""

from typing import Any

import msgspec

from outrider.api.casebook import book_of
from outrider.api.edge import Ask, Endpoint, Param
from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.casebook import rows
from outrider.casebook.report import Report, report
from outrider.journal.where import whole

MOST = 500


class ImportList(msgspec.Struct):
    """The sets that were imported, with the number of their entries."""

    imports: dict[str, int]


class LedgerEntry(msgspec.Struct):
    """What became of an entry at its last import: `outcome` is `published`, `review`, `rejected`, `duplicate` or
    `fault`, `reasons` say why; `about` is what else was found in it."""

    entry: str
    outcome: str
    case: str
    reasons: list[str]
    at: str
    about: dict[str, Any]


class Ledger(msgspec.Struct):
    """Entries by name; `next` goes on (`after`), null: that is all."""

    entries: list[LedgerEntry]
    next: str | None


def list_(ask: Ask) -> ImportList:
    return ImportList(rows.origins(book_of(ask).store))


def one(ask: Ask) -> Report:
    return report(book_of(ask), _origin(ask))


def entries(ask: Ask) -> Ledger:
    limit = whole("limit", ask.query["limit"], 1, MOST) if "limit" in ask.query else 100
    outcome, after = ask.query.get("outcome", ""), ask.query.get("after", "")
    found = rows.items(book_of(ask).store, _origin(ask), outcome=outcome, after=after, most=limit + 1)
    shown = [_entry(item) for item in found[:limit]]
    return Ledger(shown, shown[-1].entry if len(found) > limit else None)


def _entry(item: rows.Item) -> LedgerEntry:
    about = dict(item.about)
    reasons = [*about.pop("reasons", ()), *about.pop("doubts", ())]
    return LedgerEntry(item.item, item.outcome, item.case_id, reasons, clock.iso(item.at), about)


def _origin(ask: Ask) -> str:
    """The set of the address. Raises RequestError 404."""
    origin, known = ask.path["origin"], rows.origins(book_of(ask).store)
    if origin not in known:
        there = f"there are: {', '.join(sorted(known))}" if known else "nothing was imported yet"
        raise RequestError(f"no set {origin[:80]!r}; {there}", status=404, code="unknown_import", param="origin")
    return str(origin)


_ORIGIN = Param("origin", "What the set is called.")
ENDPOINTS = [
    Endpoint("GET", "/api/casebook/imports", "The sets that were imported", ImportList, list_),
    Endpoint(
        "GET", "/api/casebook/imports/{origin}", "What the last import of a set found", Report, one, params=[_ORIGIN]
    ),
    Endpoint(
        "GET",
        "/api/casebook/imports/{origin}/entries",
        "What became of each entry of a set, and why",
        Ledger,
        entries,
        params=[_ORIGIN],
        query=[
            Param("outcome", "Only those with this outcome, such as `rejected`."),
            Param("after", "The `next` of the page before."),
            Param("limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": MOST}),
        ],
    ),
]
