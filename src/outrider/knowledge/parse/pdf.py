"""PDF: lines with their places from PDFium, put together to paragraphs, headings (by size, weight and outline), lists
and tables, each with its page. Running heads stand once."""

import ctypes
import itertools
import re
import statistics
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from outrider.base.errors import Unreadable
from outrider.knowledge.parse.draft import Draft, line
from outrider.knowledge.parse.pdf_tables import Table, Tables
from outrider.knowledge.records import BlockKind, Fetched, Parsed

PAGES = 5_000
LEFT_OUT, HIDDEN = "left_out", "hidden_text"
_BULLET = re.compile(r"^(?:[•◦▪▫●○■□‣⁃∙·–—*-]|\(?\d{1,3}[.)]|\(?[a-z]\))\s+(?=\S)")
_DATE = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?")
_PDFIUM = threading.Lock()
"""PDFium is not made for threads."""


class _Line(msgspec.Struct, gc=False):
    """A line of text; `top` and `bottom` count from the top of the page, in points."""

    text: str
    page: int
    left: float
    top: float
    bottom: float
    bold: bool
    white: bool
    table: Table | None = None

    @property
    def height(self) -> float:
        return self.bottom - self.top


def parse(fetched: Fetched) -> Parsed:
    with _PDFIUM:
        return _parse(fetched.body)


def _parse(body: bytes) -> Parsed:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as fault:
        if "password" in str(fault).lower() or "security" in str(fault).lower():
            raise Unreadable("It is encrypted with a password. Save it without one.") from None
        raise Unreadable("The file is damaged: PDFium cannot open it. Save it anew.") from None
    try:
        outline = _outline(document)
        pages = [_page(document, number) for number in range(min(len(document), PAGES))]
        said = document.get_metadata_dict()
        count = len(document)
    finally:
        document.close()
    Tables(body).put(pages)
    lines = [found for page, _, _ in pages for found in page]
    draft = Draft()
    _write(draft, _without_running_heads(pages), outline)
    meta: dict[str, Any] = {"pages": count, **_said(said)}
    if count > PAGES:
        meta[LEFT_OUT] = f"pages after the first {PAGES:,}"
    if hidden := "\n".join(found.text for found in lines if found.white):
        meta[HIDDEN] = hidden[:5_000]
    title = line(said.get("Title") or "")
    heads = [b for b in draft.blocks[:20] if b.kind == "heading" and b.page == 1]
    parsed = draft.parsed(title=title, media="application/pdf", meta=meta)
    if not title and heads:
        best = min(heads, key=lambda b: b.level)
        parsed.title = parsed.text[best.start : best.end]
    return parsed


def _said(said: dict[str, str]) -> dict[str, str]:
    meta = {name.lower(): line(said.get(name) or "") for name in ("Author", "Subject", "Keywords")}
    for name, key in (("CreationDate", "created"), ("ModDate", "modified")):
        if match := _DATE.match(said.get(name) or ""):
            meta[key] = "-".join(part for part in match.groups() if part)
    return {name: value for name, value in meta.items() if value}


def _outline(document: Any) -> dict[tuple[int, str], int]:
    """Depth of the outline's entries by page and title."""
    found: dict[tuple[int, str], int] = {}
    for bookmark in itertools.islice(document.get_toc(max_depth=8), 5_000):
        target = bookmark.get_dest()
        index = target.get_index() if target else None
        if index is not None:
            found[index + 1, _plain(bookmark.get_title() or "")] = bookmark.level + 1
    return found


def _plain(text: str) -> str:
    """For comparing: without numbers of sections, spaces and case."""
    return re.sub(r"^[\d.\s]+|\W+", "", text).lower()


def _page(document: Any, number: int) -> tuple[list[_Line], int, float]:
    """Lines of a page, how many lines and boxes are drawn on it, and its height."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return [], 0, 0.0
    textpage = page.get_textpage()
    height = page.get_height()
    drawn = sum(1 for _ in itertools.islice(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=3), 5_000))
    lines = list(_lines(textpage, number + 1, height))
    textpage.close()
    page.close()
    return lines, drawn, height


def _lines(textpage: Any, number: int, height: float) -> Iterator[_Line]:
    import pypdfium2.raw as pdfium

    at = 0
    text = textpage.get_text_range()
    for raw in text.split("\n"):
        bare = raw.strip()
        if bare:
            lead = len(raw) - len(raw.lstrip())
            index = pdfium.FPDFText_GetCharIndexFromTextIndex(textpage.raw, at + lead)
            last = pdfium.FPDFText_GetCharIndexFromTextIndex(textpage.raw, at + lead + len(bare) - 1)
            box = pdfium.FS_RECTF()
            pdfium.FPDFText_GetLooseCharBox(textpage.raw, max(index, 0), box)
            bold = _bold(textpage, index) and _bold(textpage, last)
            shown = line(bare.replace("\x02", "\ufffe"))
            yield _Line(shown, number, box.left, height - box.top, height - box.bottom, bold, _white(textpage, index))
        at += len(raw) + 1 + sum(c > "\uffff" for c in raw)


def _bold(textpage: Any, index: int) -> bool:
    import pypdfium2.raw as pdfium

    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(textpage.raw, max(index, 0), name, 128, flags)
    return b"bold" in name.value.lower() or b"black" in name.value.lower() or bool(flags.value & 1 << 18)


def _white(textpage: Any, index: int) -> bool:
    import pypdfium2.raw as pdfium

    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    found = pdfium.FPDFText_GetFillColor(textpage.raw, max(index, 0), red, green, blue, alpha)
    return bool(found) and (min(red.value, green.value, blue.value) > 250 or alpha.value < 5)


def _without_running_heads(pages: list[tuple[list[_Line], int, float]]) -> list[_Line]:
    """All lines; those that stand at the top or bottom of most pages only where they stand first."""
    shown = Counter(key for lines, _, height in pages for key in {_key(x) for x in lines if _at_edge(x, height)})
    running = {key for key, times in shown.items() if times >= max(3, len(pages) * 0.5)}
    seen: set[str] = set()
    kept = []
    for lines, _, height in pages:
        for found in lines:
            key = _key(found)
            if key in running and _at_edge(found, height):
                if key in seen:
                    continue
                seen.add(key)
            kept.append(found)
    return kept


def _at_edge(found: _Line, height: float) -> bool:
    return found.table is None and (found.bottom < height * 0.12 or found.top > height * 0.86)


def _key(found: _Line) -> str:
    return re.sub(r"\d+", "#", found.text)


def _write(draft: Draft, lines: list[_Line], outline: dict[tuple[int, str], int]) -> None:
    plain = [x for x in lines if x.table is None]
    usual = _usual(plain)
    sizes = sorted({round(x.height) for x in plain if x.height > usual * 1.15 and _titular(x.text)}, reverse=True)
    mostly_bold = sum(len(x.text) for x in plain if x.bold) * 2 > sum(len(x.text) for x in plain)
    for group in _paragraphs(lines):
        first = group[0]
        if first.table is not None:
            draft.table(first.table.rows, page=first.page)
            continue
        text = _joined(group)
        level = outline.get((first.page, _plain(text)), 0)
        if not level and len(group) < 4 and _titular(text):
            if round(first.height) in sizes:
                level = min(sizes.index(round(first.height)) + 1, 5)
            elif first.bold and not mostly_bold and len(group) == 1 and len(text) < 100 and text[-1] not in ".:;,":
                level = 6
        kind: BlockKind = "heading" if level else "list" if _BULLET.match(text) else "text"
        draft.add(kind, text, level=level, page=first.page)


def _titular(text: str) -> bool:
    """Whether it reads as a heading may: short, and of letters more than of signs."""
    letters = sum(c.isalpha() or c == " " for c in text)
    return letters > 2 and len(text) < 200 and letters >= 0.6 * len(text)


def _usual(lines: list[_Line]) -> float:
    """The height of most of the text."""
    heights: Counter[float] = Counter()
    for found in lines:
        heights[round(found.height, 1)] += len(found.text)
    return heights.most_common(1)[0][0] if heights else 0.0


def _paragraphs(lines: list[_Line]) -> Iterator[list[_Line]]:
    group: list[_Line] = []
    leading = _leading(lines)
    for found in lines:
        if group and _apart(group[-1], found, leading):
            yield group
            group = []
        group.append(found)
    if group:
        yield group


def _leading(lines: list[_Line]) -> float:
    """The usual step from line to line, as a share of the height."""
    steps = [
        (b.top - a.top) / a.height
        for a, b in itertools.pairwise(lines)
        if a.page == b.page and a.height > 0 and 0 < b.top - a.top < 3 * a.height and abs(a.height - b.height) < 0.5
    ]
    return statistics.median(steps) if steps else 1.2


def _apart(a: _Line, b: _Line, leading: float) -> bool:
    """Whether `b` begins a paragraph (or a table, or a page) rather than going on with `a`'s."""
    if a.table is not None or b.table is not None or a.page != b.page or a.bold != b.bold:
        return True
    if abs(a.height - b.height) > 0.12 * max(a.height, b.height):
        return True
    step = b.top - a.top
    if step < -0.5 * a.height or step > max(leading * 1.3, leading + 0.25) * a.height:
        return True
    listed = bool(_BULLET.match(b.text))
    return listed and not _BULLET.match(a.text) and b.left <= a.left


def _joined(group: list[_Line]) -> str:
    """Lines in one, words that were divided put together; items of a list stay apart."""
    text = group[0].text
    for a, b in itertools.pairwise(group):
        if _BULLET.match(b.text):
            text += "\n" + b.text
        elif text.endswith("\ufffe"):
            text = text[:-1] + b.text
        elif text.endswith("-") and a.text[-2:-1].isalpha() and b.text[:1].islower():
            text += b.text
        else:
            text += " " + b.text
    return text.replace("\ufffe", "-").replace("\u00ad", "")
