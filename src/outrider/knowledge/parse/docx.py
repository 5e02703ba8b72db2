"""Word documents: python-docx opens the package, and its body is walked in order, so that nothing is passed over
(text in boxes, insertions under review, notes)."""

import io
import re
from collections.abc import Iterator
from typing import Any

from outrider.knowledge.parse.draft import Draft, line
from outrider.knowledge.parse.zipped import check, usual
from outrider.knowledge.records import Fetched, Parsed

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SKIPPED = {
    f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr", "tblPr", "tcPr", "sectPr")
}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BOX = f"{_W}txbxContent"
_HEADING = re.compile(r"heading (\d)$|(title)$", re.IGNORECASE)
DEEPEST = 40


def parse(fetched: Fetched) -> Parsed:
    import docx

    check(fetched.body)
    document = docx.Document(io.BytesIO(usual(fetched.body)))
    writing = _Writing(_levels(document))
    for header in _margins(document, "header"):
        writing.blocks(header, 0)
    writing.blocks(document.element.body, 0)
    for notes in _notes(document):
        writing.blocks(notes, 0)
    for footer in _margins(document, "footer"):
        writing.blocks(footer, 0)
    writing.close()
    said = document.core_properties
    meta = {"author": said.author, "subject": said.subject, "keywords": said.keywords}
    dates = {"created": said.created, "modified": said.modified}
    return writing.draft_parsed(
        {k: v for k, v in meta.items() if v} | {k: v.isoformat() for k, v in dates.items() if v},
        said.title or "",
        [r.target_ref for r in document.part.rels.values() if r.is_external],
    )


def _levels(document: Any) -> dict[str, int]:
    """Depth of headings by the id of their style; styles inherit it from those they are based on."""
    levels: dict[str, int] = {}
    for style in document.styles.element.iter(f"{_W}style"):
        name = next((e.get(f"{_W}val", "") for e in style.iter(f"{_W}name")), "")
        outline = next((e.get(f"{_W}val", "") for e in style.iter(f"{_W}outlineLvl")), "")
        based = next((e.get(f"{_W}val", "") for e in style.iter(f"{_W}basedOn")), "")
        if match := _HEADING.search(name):
            level = int(match[1]) if match[1] else 1
        elif outline.isdigit() and int(outline) < 9:
            level = int(outline) + 1
        else:
            level = levels.get(based, 0)
        levels[style.get(f"{_W}styleId", "")] = level
    return levels


def _margins(document: Any, which: str) -> Iterator[Any]:
    """Headers (or footers) of its sections, each that is its own once."""
    seen: set[str] = set()
    for section in document.sections:
        part = getattr(section, which)
        text = line("".join(part._element.itertext())) if not part.is_linked_to_previous else ""
        if text and text not in seen:
            seen.add(text)
            yield part._element


def _notes(document: Any) -> Iterator[Any]:
    from docx.oxml.parser import parse_xml

    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(("/footnotes", "/endnotes")):
            yield parse_xml(relation.target_part.blob)


class _Writing:
    def __init__(self, levels: dict[str, int]) -> None:
        self.draft, self.levels = Draft(), levels
        self.items: list[str] = []

    def draft_parsed(self, meta: dict[str, Any], title: str, links: list[str]) -> Parsed:
        self.draft.links += links
        first = next((b for b in self.draft.blocks if b.kind == "heading"), None)
        parsed = self.draft.parsed(title=title, media="application/vnd.openxmlformats-officedocument", meta=meta)
        parsed.title = parsed.title or (parsed.text[first.start : first.end] if first else "")
        return parsed

    def blocks(self, element: Any, depth: int) -> None:
        for child in element:
            if child.tag in _SKIPPED or child.tag == _FALLBACK or not isinstance(child.tag, str):
                continue
            if child.tag == f"{_W}p":
                self._paragraph(child, depth)
            elif child.tag == f"{_W}tbl" and depth < DEEPEST:
                self._table(child, depth)
            elif depth < DEEPEST:
                self.blocks(child, depth + 1)

    def close(self) -> None:
        """End the list that is being written."""
        self.draft.add("list", "\n".join(self.items))
        self.items = []

    def _paragraph(self, paragraph: Any, depth: int) -> None:
        text = _text(paragraph).strip()
        style = next((e.get(f"{_W}val", "") for e in paragraph.iter(f"{_W}pStyle")), "")
        level = self.levels.get(style, 0)
        listed = paragraph.find(f"{_W}pPr/{_W}numPr") is not None or style.lower().startswith("list")
        if listed and not level and text:
            nested = paragraph.find(f"{_W}pPr/{_W}numPr/{_W}ilvl")
            indent = int(nested.get(f"{_W}val", "0")) if nested is not None else 0
            self.items.append("  " * min(indent, 9) + "- " + line(text))
        elif text:
            self.close()
            self.draft.add("heading" if level else "text", line(text) if level else text, level=level)
        for box in paragraph.iter(_BOX):
            if depth < DEEPEST and next(box.iterancestors(_FALLBACK), None) is None:
                self.close()
                self.blocks(box, depth + 1)

    def _table(self, table: Any, depth: int) -> None:
        self.close()
        rows = [[_cell(cell) for cell in _children(row, "tc")] for row in _children(table, "tr")]
        if max(map(len, rows), default=0) == 1:
            for row in _children(table, "tr"):
                for cell in _children(row, "tc"):
                    self.blocks(cell, depth + 1)
            self.close()
            return
        self.draft.table(rows)


def _children(element: Any, name: str) -> Iterator[Any]:
    """Those of a table or row, also inside of content controls."""
    for child in element:
        if child.tag == f"{_W}{name}":
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
            yield from _children(child, name)


def _cell(cell: Any) -> str:
    return " ".join(text for p in cell.iter(f"{_W}p") if (text := line(_text(p))))


def _text(element: Any) -> str:
    """What is written in a paragraph now: with insertions, without deletions, boxes and field codes."""
    parts: list[str] = []

    def gather(node: Any, depth: int) -> None:
        for child in node:
            if child.tag in _SKIPPED or child.tag in (_FALLBACK, _BOX):
                continue
            if child.tag == f"{_W}t" or child.tag.endswith("}t"):
                parts.append(child.text or "")
            elif child.tag in (f"{_W}tab", f"{_W}ptab"):
                parts.append("\t")
            elif child.tag in (f"{_W}br", f"{_W}cr"):
                parts.append("\n")
            elif child.tag == f"{_W}noBreakHyphen":
                parts.append("-")
            elif depth < 200:
                gather(child, depth + 1)

    gather(element, 0)
    return "".join(parts)
