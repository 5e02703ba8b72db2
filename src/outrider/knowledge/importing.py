"""Imports from Python: `ingest` makes a job, `work` does it, with the usual way of a document."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from outrider.knowledge.embed import Embed
from outrider.knowledge.fetch import Options, Unchanged, fetch, opened
from outrider.knowledge.ingest import INGEST, Asked, Changed, Ingest, Said, Steps, Through, request
from outrider.knowledge.jobs import EMBED, Job, Jobs
from outrider.knowledge.library import Library
from outrider.knowledge.parse import parse
from outrider.knowledge.presence import Presence
from outrider.knowledge.records import Collection, Fetched, Missed
from outrider.knowledge.work import Bench, Progress, Work

MOST_COMPARED = 5_000
"""Documents of a collection that new ones are compared with."""


def ingest(
    library: Library,
    collection: Collection,
    sources: Sequence[str],
    *,
    prune: bool = False,
    readers: tuple[str, ...] | None = None,
    meta: Mapping[str, Any] | None = None,
) -> Job:
    """A job that reads files, folders or URLs into a collection; `prune` ends documents that are gone there. Raises
    RequestError."""
    asked = Asked([str(source) for source in sources], prune, readers, meta=dict(meta or {}))
    return request(Jobs(lambda: library.store), collection, asked)


def work(library: Library, job: Job, on_progress: Progress | None = None, *, options: Options | None = None) -> Job:
    """Do a job, from where it is; the job as it is then. It is left alone while another process has it."""
    jobs = Jobs(lambda: library.store)
    presence = Presence(library.home / "run" / "jobs")
    works: dict[str, Work] = {INGEST: Ingest(library, steps(options)), EMBED: Embed(library)}
    try:
        Bench(jobs, presence, works).one(job.id, on_progress or _quiet)
    finally:
        presence.close()
    return jobs.get(job.project, job.id)


def _quiet(job: Job) -> None:
    pass


def steps(options: Options | None = None, changed: Changed | None = None) -> Steps:
    """Fetch, parse and doors as they are for everybody; `changed` hears of every change."""
    usual = options or Options()

    def fetched(source: str, said: Said) -> Iterator[Fetched | Missed | Unchanged]:
        there = source if "://" in source else os.path.abspath(source)
        return fetch(there, msgspec.structs.replace(usual, said=said))

    return Steps(fetched, parse, doors, lambda sent: opened(sent, usual), changed)


def doors(library: Library, collection: Collection) -> Through:
    """The collection's doors. What it has already is read when the first document is compared."""
    from outrider.knowledge.doors import Near, through

    def there() -> Iterator[tuple[str, str, tuple[str, ...]]]:
        for document in library.documents(collection, limit=MOST_COMPARED):
            yield document.source, library.text(collection, document), document.readers

    near = Near(there, collection.settings.readers)
    return lambda draft, fetched: through(draft, collection.settings.doors, fetched, near)
