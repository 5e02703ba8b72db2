"""How parsers write: text and blocks grow together, so that offsets are exact by construction."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from outrider.base.errors import Unreadable
from outrider.knowledge.records import Block, BlockKind, Parsed

LONGEST = 20_000_000
"""Characters of text that a document may have."""
_SPACE = re.compile(r"[ \t\r\f\v\n\u00a0]+")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


class Draft:
    """A `Parsed` that is being written, block by block."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._length = 0
        self.blocks: list[Block] = []
        self.links: list[str] = []

    def add(
        self,
        kind: BlockKind,
        text: str,
        *,
        level: int = 0,
        page: int = 0,
        seconds: float = -1.0,
        speaker: str = "",
        apart: str = "\n\n",
    ) -> None:
        """Append a block, after `apart`; nothing if it is only white space."""
        text = storable(text).strip("\n").rstrip()
        if not text.strip():
            return
        if self._texts:
            self._put(apart)
        start = self._length
        self._put(text)
        self.blocks.append(Block(kind, start, self._length, level, page, seconds, speaker))

    def table(self, rows: Sequence[Sequence[str]], *, page: int = 0, header: bool = True) -> None:
        """A table as Markdown writes it. Rows may differ in length; empty ones are left out."""
        lines = [line for row in rows if (line := row_text(row))]
        if lines and header and len(lines) > 1:
            lines.insert(1, "|" + " --- |" * max(1, len(rows[0])))
        self.add("table", "\n".join(lines), page=page)

    def parsed(self, *, title: str = "", media: str = "", meta: dict[str, Any] | None = None) -> Parsed:
        return Parsed(
            text="".join(self._texts),
            blocks=self.blocks,
            title=line(storable(title)),
            media=media,
            meta=meta or {},
            links=unique(self.links),
        )

    def _put(self, text: str) -> None:
        self._texts.append(text)
        self._length += len(text)
        if self._length > LONGEST:
            raise Unreadable(f"It gives more than {LONGEST:,} characters of text. Divide it into smaller files.")


def row_text(row: Iterable[str]) -> str:
    """`| a | b |`, or "" if every cell is empty."""
    cells = [line(cell).replace("|", "\\|") for cell in row]
    return f"| {' | '.join(cells)} |" if any(cells) else ""


def line(text: str) -> str:
    """In one line, with single spaces."""
    return _SPACE.sub(" ", text).strip()


def storable(text: str) -> str:
    """Without what no store takes (NUL, halves of surrogate pairs); as long as before."""
    return _UNSTORABLE.sub("\ufffd", text)


def unique(links: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(storable(link) for link in links if link.startswith(("http://", "https://"))))[:5_000]
