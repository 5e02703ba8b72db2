"""Tables of data (CSV, TSV, XLSX): a line for each row, which says for every value which column it is in, so that a
row can be read on its own."""

import csv
import datetime
import io
import itertools
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from outrider.base.errors import Unreadable
from outrider.knowledge.parse.draft import LONGEST, Draft, line
from outrider.knowledge.parse.encoding import decode
from outrider.knowledge.parse.zipped import check, rewritten, usual
from outrider.knowledge.records import Fetched, Parsed

COLUMNS, SHEETS, CELLS = 500, 200, 20_000_000
"""What is looked at, the last in each sheet."""
CELL = 32_768
LEFT_OUT = "left_out"
Row = Sequence[str]


def parse(fetched: Fetched) -> Parsed:
    return _workbook(fetched.body) if fetched.body.startswith(b"PK\x03\x04") else _separated(fetched.body)


def _separated(body: bytes) -> Parsed:
    text = decode(body)
    csv.field_size_limit(4 * CELL)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    draft = Draft()
    try:
        _write(draft, (row[:COLUMNS] for row in rows))
    except csv.Error as fault:
        raise Unreadable(f"Line {rows.line_num} is not CSV: {fault}. Is a quotation mark left open?") from None
    return draft.parsed(media="text/csv")


def _delimiter(text: str) -> str:
    """The one that cuts the first lines into the same number of columns, most of them."""
    first = [row for row in itertools.islice(io.StringIO(text), 50) if row.strip()]

    def fits(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(first, delimiter=delimiter)]
        usual = max(set(widths), key=widths.count)
        return (widths.count(usual) if usual > 1 else 0, usual)

    try:
        return max(",;\t|", key=fits)
    except (csv.Error, ValueError):
        return ","


def _workbook(body: bytes) -> Parsed:
    check(body)
    book = _opened(usual(body))
    draft = Draft()
    for sheet in itertools.islice(book.worksheets, SHEETS):
        heading = len(draft.blocks)
        draft.add("heading", sheet.title, level=2)
        sheet.reset_dimensions()
        _write(draft, _cells(sheet.iter_rows(values_only=True)))
        if len(draft.blocks) == heading + 1 and len(book.worksheets) == 1:
            raise Unreadable("There is nothing in its cells.")
    said = book.properties
    meta: dict[str, Any] = {k: v for k, v in (("author", said.creator), ("subject", said.subject)) if v}
    if len(book.worksheets) > SHEETS:
        meta[LEFT_OUT] = f"{len(book.worksheets) - SHEETS} sheets after the first {SHEETS}"
    return draft.parsed(
        title=said.title or "", media="application/vnd.openxmlformats-officedocument.spreadsheetml", meta=meta
    )


def _opened(body: bytes) -> Any:
    """The workbook; without its styles (which tell dates from numbers) where these are what cannot be read."""
    import openpyxl

    def load(package: bytes) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what it leaves out: fonts, validations, drawings
            return openpyxl.load_workbook(io.BytesIO(package), read_only=True, data_only=True, keep_links=False)

    try:
        return load(body)
    except (TypeError, ValueError, KeyError, AttributeError):
        return load(rewritten(body, lambda name, said: said, without=("xl/styles.xml",)))


def _cells(rows: Iterable[Sequence[object]]) -> Iterator[Row]:
    seen = 0
    for row in rows:
        seen += len(row) + 1
        if seen > CELLS:
            raise Unreadable(f"A sheet has more than {CELLS:,} cells, empty ones counted. Divide it.")
        if any(value is not None for value in row):
            yield [_cell(value) for value in row[:COLUMNS]]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "seconds")
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)


def _write(draft: Draft, rows: Iterator[Row]) -> None:
    """All rows as one block: named cells where the first row names them, else as a plain table."""
    filled = ([line(cell[:CELL]) for cell in row] for row in rows)
    told = (row for row in filled if any(row))
    first = list(itertools.islice(told, 30))
    skipped = next((n for n, row in enumerate(first) if _names(row, first[n + 1 : n + 6])), -1)
    if skipped < 0:
        draft.table(first + list(told), header=False)
        return
    draft.add("text", "\n".join(" | ".join(cell for cell in row if cell) for row in first[:skipped]))
    names = first[skipped]
    lines: list[str] = []
    length = 0
    for row in itertools.chain(first[skipped + 1 :], told):
        lines.append(_named(names, row))
        length += len(lines[-1]) + 1
        if length > LONGEST:
            raise Unreadable(f"It gives more than {LONGEST:,} characters of text. Divide it into smaller files.")
    draft.add("table", "\n".join(lines))


def _names(row: Row, below: Sequence[Row]) -> bool:
    """Whether a row names the columns: several different short texts, none a number, over rows that are as wide."""
    named = [cell for cell in row if cell]
    return (
        len(named) >= max(2, max((sum(map(bool, other)) for other in below), default=99) * 0.6)
        and len(set(named)) == len(named)
        and all(len(cell) <= 80 and not _number(cell) for cell in named)
        and bool(below)
    )


def _number(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").strip("+-%€$£ ").isdigit()


def _named(names: Row, row: Row) -> str:
    pairs = itertools.zip_longest(names, row, fillvalue="")
    return " | ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)
