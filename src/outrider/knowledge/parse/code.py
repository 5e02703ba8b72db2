"""Code and configuration, kept as written: each definition of the top level with what stands above it is a block."""

import re
from collections.abc import Iterator

from outrider.knowledge.parse.draft import storable, unique
from outrider.knowledge.parse.encoding import decode
from outrider.knowledge.parse.languages import CODE
from outrider.knowledge.parse.plain import LINK
from outrider.knowledge.records import Block, Fetched, Parsed

_ABOVE = re.compile(r"\s*(?://|#(?!\s*include)|--|/\*|\*|@|\[|<!--|;|%|\"\"\"|''')")
_CONTINUES = re.compile(r"[)\]}]|(?:else|elif|except|finally|catch|end)\b")


def parse(fetched: Fetched) -> Parsed:
    text = storable(decode(fetched.body))
    ending = fetched.name.rpartition(".")[2].lower()
    return Parsed(
        text=text,
        blocks=[Block("code", start, end) for start, end in _definitions(text)],
        title=fetched.name.rpartition("/")[2],
        media="text/x-code",
        meta={"programming_language": CODE[ending]} if ending in CODE else {},
        links=unique(LINK.findall(text)),
    )


def _definitions(text: str) -> Iterator[tuple[int, int]]:
    """Spans that begin at the left edge after a blank line, comments and decorators with what follows them."""
    start, end, at = -1, 0, 0
    blank = above = False
    for row in text.splitlines(keepends=True):
        bare = row.strip()
        edge = bool(bare) and not row[0].isspace() and not _CONTINUES.match(row)
        if start >= 0 and edge and blank and not above:
            yield start, end
            start = -1
        if bare:
            start = at + len(row) - len(row.lstrip()) if start < 0 else start
            end = at + len(row.rstrip())
            above = edge and bool(_ABOVE.match(row))
        blank = not bare
        at += len(row)
    if start >= 0:
        yield start, end
