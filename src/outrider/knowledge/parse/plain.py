"""Plain text: paragraphs as they stand. The text of the document is the text of the file."""

import re
from collections.abc import Iterator

from outrider.knowledge.parse.draft import storable, unique
from outrider.knowledge.parse.encoding import decode
from outrider.knowledge.records import Block, Fetched, Parsed

LINK = re.compile(r"https?://[^\s<>\"'`)\]}|\\]+[^\s<>\"'`)\]}|\\.,;:!?]")
_PARAGRAPH = re.compile(r"\S(?:.*(?:\n[ \t]*\S.*)*)")


def parse(fetched: Fetched) -> Parsed:
    text = storable(decode(fetched.body))
    return Parsed(text=text, blocks=list(paragraphs(text)), media="text/plain", links=unique(LINK.findall(text)))


def paragraphs(text: str, start: int = 0, end: int | None = None) -> Iterator[Block]:
    """Blocks between blank lines."""
    for match in _PARAGRAPH.finditer(text, start, len(text) if end is None else end):
        yield Block("text", match.start(), match.end())
