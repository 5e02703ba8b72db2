"""Tables with lines between their cells, as pdfplumber finds them; only on pages where something is drawn."""

import io
import re
from typing import Any

import msgspec

from outrider.knowledge.parse.draft import line

PAGES = 300
"""Pages that are searched for tables, at about a tenth of a second each."""
LEAST, MOST = 4, 3_000
"""Drawn lines and boxes on a page that is searched: fewer make no table, more are a drawing."""


class Table(msgspec.Struct):
    """`box`: left, top, right, bottom, in points from the top left."""

    rows: list[list[str]]
    box: tuple[float, float, float, float]


class Tables:
    def __init__(self, body: bytes) -> None:
        self.body = body

    def put(self, pages: list[tuple[list[Any], int, float]]) -> None:
        """Replaces the lines of `pages` that are cells by one that is their table."""
        wanted = [n for n, (lines, drawn, _) in enumerate(pages) if lines and LEAST <= drawn <= MOST][:PAGES]
        if not wanted:
            return
        import pdfplumber

        with pdfplumber.open(io.BytesIO(self.body)) as document:
            for number in wanted:
                if number < len(document.pages):
                    written = "\n".join(x.text for x in pages[number][0])
                    for table in self._found(document.pages[number]):
                        table.rows = [[_close(cell, written) for cell in row] for row in table.rows]
                        _place(pages[number][0], table)
                    document.pages[number].close()

    def _found(self, page: Any) -> list[Table]:
        """What is there; nothing on a page that pdfplumber cannot read, since its text is there already."""
        made = []
        try:
            for found in page.find_tables():
                rows = [[line(cell or "") for cell in row] for row in found.extract()]
                filled = sum(bool(cell) for row in rows for cell in row)
                if len(rows) > 1 and len(rows[0]) > 1 and filled > 2:
                    made.append(Table([row for row in rows if any(row)], found.bbox))
        except (
            ValueError,
            TypeError,
            KeyError,
            IndexError,
            AttributeError,
            AssertionError,
            RecursionError,
            ArithmeticError,
        ):
            return []
        return made


def _close(cell: str, written: str) -> str:
    """A cell whose letters stand so far apart that pdfplumber takes them for words (`0 8 / 3 0 / 2 0 15`), as PDFium
    has written it on the page."""
    parts = cell.split()
    letters = "".join(parts)
    if not 2 < len(parts) < 200 or len(letters) >= 2 * len(parts):
        return cell
    found = re.search(r"(?<!\w)" + r"\s*".join(map(re.escape, letters)) + r"(?!\w)", written)
    return line(found[0]) if found else cell


def _place(lines: list[Any], table: Table) -> None:
    left, top, right, bottom = table.box
    inside = [
        n
        for n, x in enumerate(lines)
        if x.table is None and top - 1 <= (x.top + x.bottom) / 2 <= bottom + 1 and left - 2 <= x.left <= right + 2
    ]
    words = sum(len(lines[n].text.split()) for n in inside)
    if not inside or sum(len(c.split()) for row in table.rows for c in row) < words * 0.9:
        return
    first = lines[inside[0]]
    for n in reversed(inside):
        del lines[n]
    lines.insert(inside[0], type(first)("", first.page, left, top, bottom, False, False, table))
