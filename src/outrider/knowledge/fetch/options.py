"""What a fetch may take and where it may go."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from outrider.knowledge.records import LARGEST, Missed


class Options(msgspec.Struct, frozen=True):
    """`largest`: bytes of one document. `allow`: hosts (`wiki.example`, `*.example`) and networks (`10.1.0.0/16`)
    inside that may be reached all the same. `ignore`: patterns of files in folders and archives that are passed over.
    `hidden`: whether files whose name begins with a dot are read. `redirects`, `seconds`: of one URL, from first to
    last byte. `pages`: of one feed or sitemap. `said(source)`: what was kept of a URL from the last time (`etag`,
    `last_modified`); None: it is fetched again."""

    largest: int = LARGEST
    allow: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    hidden: bool = False
    redirects: int = 5
    seconds: float = 60.0
    pages: int = 1_000
    said: Callable[[str], Mapping[str, Any] | None] | None = None


class Unchanged(msgspec.Struct, frozen=True):
    """The server says that the document is as it was (`said`)."""

    source: str


def missed(source: str, reason: str, gone: bool = False) -> Missed:
    return Missed(source, reason, gone)


def too_large(size: int, largest: int) -> str:
    told = f"{size:,} bytes" if size else f"more than {largest:,} bytes"
    return f"It has {told}; at most {largest:,} are read. Divide it, or allow more."


def unparsed(size: int) -> str:
    """Why a file is not read that is no archive."""
    return f"It has {size:,} bytes; at most {LARGEST:,} are read. Divide it."
