"""Markdown, kept as it is written: the document's text is the file's, without front matter that could be read."""

import re
from collections.abc import Iterator

from outrider.knowledge.chunk import heading_text
from outrider.knowledge.parse import front_matter
from outrider.knowledge.parse.draft import line, storable, unique
from outrider.knowledge.parse.encoding import decode
from outrider.knowledge.parse.plain import LINK
from outrider.knowledge.records import Block, BlockKind, Fetched, Parsed

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]|$)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r"[ \t]*(`{3,}(?=[^`]*$)|~{3,})")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_BREAK = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_DELIMITER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")


def parse(fetched: Fetched) -> Parsed:
    text = storable(decode(fetched.body))
    meta, end = front_matter.split(text)
    broken = front_matter.FAULT in meta
    text = text if broken else text[end:]
    blocks = scan(text, end if broken else 0)
    title = meta.get("title")
    return Parsed(
        text=text,
        blocks=blocks,
        title=line(title) if isinstance(title, str) and title.strip() else _first_heading(text, blocks),
        media="text/markdown",
        meta=meta,
        links=unique(LINK.findall(text)),
    )


def _first_heading(text: str, blocks: list[Block]) -> str:
    """The first heading of the highest level among the first few blocks."""
    heads = [b for b in blocks[:12] if b.kind == "heading"]
    best = min(heads, key=lambda b: b.level, default=None)
    return line(heading_text(text[best.start : best.end])) if best else ""


def scan(text: str, raw: int = 0) -> list[Block]:
    """Blocks of Markdown. `text[:raw]` is front matter that could not be read: kept, as code."""
    scanner = _Scanner()
    if text[:raw].strip():
        scanner.blocks.append(Block("code", 0, len(text[:raw].rstrip())))
    for row, start in _lines(text, raw):
        scanner.line(row, start)
    scanner.close()
    return scanner.blocks


def _lines(text: str, at: int) -> Iterator[tuple[str, int]]:
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield text[at:end], at
        at = end + 1


class _Scanner:
    """Blocks of Markdown, line by line. `open` is the block that the next line may belong to."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.open: Block | None = None
        self.fence = ""
        self.blank = True
        self.last = ""

    def line(self, row: str, start: int) -> None:
        end = start + len(row.rstrip())
        if self.fence:
            self._in_fence(row, end)
        elif not row.strip():
            if self.open is not None and self.open.kind != "list":
                self.close()
        elif not self._special(row, start, end):
            self._paragraph(row, start, end)
        self.blank = not row.strip()
        self.last = row

    def close(self) -> None:
        if self.open is not None:
            self.blocks.append(self.open)
        self.open, self.fence = None, ""

    def _begin(self, kind: BlockKind, start: int, end: int, level: int = 0) -> None:
        self.close()
        self.open = Block(kind, start, end, level)

    def _in_fence(self, row: str, end: int) -> None:
        assert self.open is not None
        self.open.end = max(self.open.end, end)
        bare = row.strip()
        if bare.startswith(self.fence) and not bare.strip(self.fence[0]):
            self.close()

    def _special(self, row: str, start: int, end: int) -> bool:
        """Lines that say by themselves what they are."""
        inside_list = self.open is not None and self.open.kind == "list" and row[:1] in " \t"
        if match := _ATX.match(row):
            self._begin("heading", start, end, len(match[1]))
            self.close()
        elif self._underlines(row, end) or self._rules(row, end):
            pass
        elif (match := _FENCE.match(row)) and not inside_list:
            self._begin("code", start, end)
            self.fence = match[1]
        elif _BREAK.match(row):
            self._begin("text", start, end)
            self.close()
        elif _ITEM.match(row) and (self.open is None or self.open.kind in ("list", "text")):
            if self.open is None or self.open.kind != "list":
                self._begin("list", start, end)
            assert self.open is not None
            self.open.end = end
        else:
            return False
        return True

    def _underlines(self, row: str, end: int) -> bool:
        """A row of `=` or `-` makes the paragraph before it a heading."""
        match = _UNDERLINE.match(row)
        if not match or self.blank or self.open is None or self.open.kind != "text":
            return False
        self.open = Block("heading", self.open.start, end, 1 if match[1][0] == "=" else 2)
        self.close()
        return True

    def _rules(self, row: str, end: int) -> bool:
        """A row of dashes and bars makes the line before it a table's header."""
        paragraph = self.open is not None and self.open.kind == "text"
        if not paragraph or self.blank or "|" not in row or "|" not in self.last or not _DELIMITER.match(row):
            return False
        assert self.open is not None
        head = self.open.end - len(self.last.strip())
        if head > self.open.start:
            self.blocks.append(Block("text", self.open.start, head - 1))
        self.open = Block("table", head, end)
        return True

    def _paragraph(self, row: str, start: int, end: int) -> None:
        indented = row.startswith(("    ", "\t"))
        if self.open is not None and self.open.kind == "list" and self.blank and row[:1] not in " \t":
            self.close()
        if self.open is None or (self.open.kind == "code" and not indented):
            self._begin("code" if indented else "text", start, end)
        else:
            self.open.end = end
