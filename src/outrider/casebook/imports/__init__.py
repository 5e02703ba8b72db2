"""Sets of case studies as entries; one file for each form that they come in."""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from outrider.base.errors import Unreadable
from outrider.casebook.entries import Entry
from outrider.knowledge.records import Fetched, Missed

if TYPE_CHECKING:
    from outrider.knowledge.fetch import Options


__all__ = ["Raw", "entries_of", "hashed", "is_set"]


class Raw(NamedTuple):
    """An entry that was found and not yet read. `read` raises Unreadable."""

    item: str
    hash: str
    read: Callable[[], Entry]


def entries_of(source: str, options: "Options | None" = None) -> Iterator[Raw]:
    """The entries of a set: a folder or an archive with Markdown files, a Parquet, CSV or JSONL file, a document, or a
    URL of any of them. What cannot be had is an entry whose reading says why; so is a table as a whole. Of entries with
    the same name the later ones get a number."""
    from outrider.knowledge.fetch import fetch

    seen: dict[str, int] = {}
    for got in fetch(source, options):
        if isinstance(got, Missed):
            yield Raw(got.source, "", partial(_missed, got.reason))
        elif isinstance(got, Fetched):
            for raw in _entries(got, source):
                seen[raw.item] = seen.get(raw.item, 0) + 1
                yield raw if seen[raw.item] == 1 else _again(raw, seen[raw.item])


def _entries(fetched: Fetched, source: str) -> Iterator[Raw]:
    from outrider.casebook.imports import page, parquet, table, zenml

    name = fetched.name.lower()
    if not fetched.body.strip():
        yield Raw(fetched.source, "", partial(_missed, f"{fetched.name} is empty"))
        return
    try:
        if name.endswith(".parquet"):
            yield from parquet.entries(fetched)
        elif name.endswith(table.NAMES):
            yield from table.entries(fetched)
        elif zenml.is_entry(fetched):
            yield zenml.raw(fetched.name, fetched.body)
        elif fetched.source == source or not zenml.is_about(fetched):
            yield page.of(fetched)
    except Unreadable as fault:
        yield Raw(fetched.source, "", partial(_missed, fault.message))


def _missed(reason: str) -> Entry:
    raise Unreadable(reason)


def _again(raw: Raw, number: int) -> Raw:
    name = f"{raw.item}-{number}"

    def read() -> Entry:
        entry = raw.read()
        told = f"id: {raw.item!r} is there already; this entry is called {name!r}"
        return msgspec.structs.replace(entry, item=name, faults=(*entry.faults, told))

    return Raw(name, raw.hash, read)


def is_set(source: str) -> bool:
    """Whether a source holds many entries, by its name: a folder, an archive, a table."""
    names = (".zip", ".tar", ".tgz", ".gz", ".xz", ".bz2", ".parquet", ".csv", ".tsv", ".jsonl", ".ndjson")
    return source.lower().endswith(names) or ("://" not in source and Path(source).expanduser().is_dir())


def hashed(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=20).hexdigest()
