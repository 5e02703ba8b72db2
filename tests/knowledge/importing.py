"""Imports in tests: a folder of Markdown files, read by the real parser, without the network's part of fetching."""

import os
from collections.abc import Iterator
from pathlib import Path

from outrider.knowledge.embed import Embed
from outrider.knowledge.fetch.options import Unchanged
from outrider.knowledge.ingest import INGEST, Changed, Ingest, Said, Steps, Through
from outrider.knowledge.jobs import EMBED, Jobs
from outrider.knowledge.library import Library
from outrider.knowledge.parse import parse
from outrider.knowledge.presence import Presence
from outrider.knowledge.records import Collection, Fetched, Missed
from outrider.knowledge.work import Bench, Woken, Work


def files(source: str, said: Said) -> Iterator[Fetched | Missed | Unchanged]:
    """A file, or all files of a folder by name."""
    path = Path(source)
    if not path.exists():
        yield Missed(source, "there is no such file", gone=True)
        return
    for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if each.is_file():
            yield Fetched(str(each), each.name, "", each.read_bytes())


def no_doors(library: Library, collection: Collection) -> Through:
    return lambda draft, fetched: draft


def as_sent(sent: Fetched) -> Iterator[Fetched | Missed]:
    yield sent


def bench(library: Library, *, stop: Woken = lambda: False, changed: Changed | None = None) -> Bench:
    """What works on the jobs of a library in this process."""
    works: dict[str, Work] = {
        INGEST: Ingest(library, Steps(files, parse, no_doors, as_sent, changed)),
        EMBED: Embed(library),
    }
    return Bench(Jobs(lambda: library.store), Presence(library.home / "run" / f"{os.getpid()}"), works, stop)


def write(folder: Path, **texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text)
    return folder
