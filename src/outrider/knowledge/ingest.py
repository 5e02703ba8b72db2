"""The way of a document into a collection, as a durable job: fetch, parse, doors, put. Embedding comes behind it.

A job that is begun again skips what it has done; a job over sources that did not change reads them and writes nothing.
One bad document is an item with its reason, and the others go on.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from outrider.base import clock
from outrider.base.errors import OutriderError, RequestError, StoreUnavailable, Unreadable
from outrider.journal.events import DocumentChange
from outrider.knowledge import embed
from outrider.knowledge.fetch.options import Unchanged
from outrider.knowledge.jobs import FAULT, Item, Job, Jobs
from outrider.knowledge.library import Library
from outrider.knowledge.parse import front_matter
from outrider.knowledge.records import LARGEST, Collection, Draft, Fetched, Missed, OnDisk, Put, Trust
from outrider.knowledge.sent import Sending, SentFile
from outrider.knowledge.work import Desk
from outrider.knowledge.writing import content_hash

INGEST = "ingest"
MOST_SOURCES = 1000
BATCH_DOCUMENTS, BATCH_CHARACTERS, BATCH_NS = 64, 2_000_000, 1_000_000_000
"""Documents of one transaction: few enough that a kill costs little and other writers wait little."""
NEW, CHANGED, SAME, REMOVED = "new", "changed", "same", "removed"
"""Outcomes of an item, beside `fault`."""


class Asked(msgspec.Struct, omit_defaults=True):
    """What an ingestion is asked for. `prune`: documents under the same roots that are gone there end. `readers` None:
    the collection's. `every` (seconds) marks the refresh that a configuration asks for."""

    sources: list[str] = []
    prune: bool = False
    readers: tuple[str, ...] | None = None
    trust: Trust = "trusted"
    meta: dict[str, Any] = {}
    every: float = 0.0


Changed = Callable[[Collection, Job, Sequence[DocumentChange]], None]
Said = Callable[[str], Mapping[str, Any] | None]


Through = Callable[[Draft, Fetched], Draft]


class Steps(NamedTuple):
    """What an ingestion is made of. `fetch(source, said)` gives what a source holds; `said` is the `meta` of a document
    that the collection has from a source (None: it has none). `parse` raises Unreadable. `doors(library, collection)`
    gives what each draft goes through: it comes back with what was noticed at the door, or Unreadable is raised when
    policy refuses it. `opened` gives the documents in a file that was sent: itself, or what an archive holds. `changed`
    hears of every change."""

    fetch: Callable[[str, Said], Iterator[Fetched | Missed | Unchanged]]
    parse: Callable[[Fetched], Any]
    doors: Callable[[Library, Collection], Through]
    opened: Callable[[Fetched | OnDisk], Iterator[Fetched | Missed]]
    changed: Changed | None = None


def request(jobs: Jobs, collection: Collection, asked: Asked, *, asker: str = "", files: Sequence[Sending] = ()) -> Job:
    """A job that reads the sources, or the `files` that come with it. Raises RequestError 400."""
    if not asked.sources and not files:
        raise RequestError("no source is given: name a file, a folder or a URL", param="sources")
    check_sources(asked.sources)
    names = Counter(name for name, _, _ in files)
    if twice := [name for name, count in names.items() if count > 1]:
        text = f"{names[twice[0]]} files are called {twice[0][:200]!r}, and a document has one: rename all but one"
        raise RequestError(text, param="file")
    if len(asked.sources) > MOST_SOURCES:
        text = f"{len(asked.sources):,} sources are given and {MOST_SOURCES:,} may be: name their folder"
        raise RequestError(text, param="sources")
    made = msgspec.to_builtins(asked)
    return jobs.create(collection.project, collection.name, INGEST, made, asker=asker, files=files)


def check_sources(sources: Sequence[str]) -> None:
    """Raises RequestError for a URL with a password: jobs keep what they were asked for."""
    for source in sources:
        place = source.partition("://")[2].partition("/")[0]
        if "@" in place:
            raise RequestError(
                f"the URL of {place.rpartition('@')[2][:100]!r} holds a name or a password, which would be kept: leave "
                "them out",
                param="sources",
            )


class Ingest:
    """The work of the kind `ingest`."""

    def __init__(self, library: Library, steps: Steps) -> None:
        self._library, self._steps = library, steps

    def __call__(self, desk: Desk) -> None:
        library, job = self._library, desk.job
        collection = library.collection(job.project, job.collection)
        asked = msgspec.convert(job.made, Asked)
        run = _Run(library, self._steps, desk, collection, asked)
        for sent in desk.jobs.files(job.id):
            for inner in self._opened(sent):
                run.take(inner)
        for source in asked.sources:
            for found in self._steps.fetch(source, run.said):
                run.take(found)
        run.flush()
        if asked.prune:
            run.prune()
        job.about["outcomes"] = desk.jobs.outcomes(job.id)
        embed.request(library, desk.jobs, collection, job.asker)

    def _opened(self, sent: SentFile) -> Iterator[Fetched | Missed]:
        """The documents in a file that was sent. A large one is opened where it lies."""
        if sent.size <= LARGEST:
            yield from self._steps.opened(Fetched(sent.name, sent.name, sent.media, sent.read()))
            return
        with tempfile.TemporaryFile() as file:
            sent.copy(file)
            yield from self._steps.opened(OnDisk(sent.name, sent.name, sent.media, sent.size, file))


class _Run:
    """One ingestion under way: drafts gather until a batch is worth a transaction."""

    def __init__(self, library: Library, steps: Steps, desk: Desk, collection: Collection, asked: Asked) -> None:
        self._library, self._steps, self._desk = library, steps, desk
        self._collection, self._asked = collection, asked
        self.known = library.sources(collection)
        self._through = steps.doors(library, collection)
        self._before = desk.done()
        self._seen: set[str] = set(self._before)
        self._missed: set[str] = set()
        self._drafts: list[Draft] = []
        self._items: list[Item] = []
        self._characters, self._flushed = 0, clock.mono_ns()

    def said(self, source: str) -> Mapping[str, Any] | None:
        """What was kept of a source's document: whoever serves it may say that this still holds."""
        known = self.known.get(source)
        return self._library.document(self._collection, known[0]).meta if known else None

    def take(self, found: Fetched | Missed | Unchanged) -> None:
        if isinstance(found, Missed) and not self._ends(found):
            self._missed.add(found.source.rstrip("/"))  # also where that was told before a kill
        if found.source in self._before:
            return
        if isinstance(found, Missed):
            self._miss(found)
        elif isinstance(found, Unchanged):
            self._seen.add(found.source)
            self._items.append(Item(found.source, SAME, "", self.known.get(found.source, ("", ""))[0]))
        else:
            self._seen.add(found.source)
            self._read(found)
        if (
            len(self._drafts) + len(self._items) // 8 >= BATCH_DOCUMENTS
            or self._characters >= BATCH_CHARACTERS
            or clock.mono_ns() - self._flushed > BATCH_NS
        ):
            self.flush()

    def _miss(self, missed: Missed) -> None:
        if self._ends(missed):
            return
        self._seen.add(missed.source)
        self._items.append(Item(missed.source, FAULT, missed.reason))

    def _ends(self, missed: Missed) -> bool:
        """Whether a document ends because of this: it is one, and whoever has it says that it is gone."""
        return missed.gone and self._asked.prune and missed.source in self.known

    def _read(self, fetched: Fetched) -> None:
        hash_ = content_hash(fetched.body)
        document, before = self.known.get(fetched.source, ("", ""))
        if before == hash_ and self._asked.readers is None and not self._asked.meta:
            self._items.append(Item(fetched.source, SAME, "", document))
            return
        try:
            parsed = self._steps.parse(fetched)
            meta = {**_told(fetched), **self._asked.meta}
            draft = Draft(fetched.source, parsed, hash_, self._asked.readers, self._asked.trust, meta)
            if fault := parsed.meta.get(front_matter.FAULT):
                told = f"Its front matter is broken: {fault}. What fields could be made out are kept."
                draft.notes["front_matter"] = told
            draft = self._through(draft, fetched)
        except Unreadable as error:
            self._items.append(Item(fetched.source, FAULT, error.message, document))
            self._missed.add(fetched.source)
            return
        self._drafts.append(draft)
        self._characters += len(parsed.text)

    def flush(self) -> None:
        """Put what has gathered, then say so: a kill between the two costs only that it is read again."""
        items, self._items = self._items, []
        drafts, self._drafts = self._drafts, []
        self._characters = 0
        puts = self._put(drafts, items) if drafts else []
        items += [self._outcome(put) for put in puts]
        self._tell(
            [DocumentChange(p.document.id, p.document.number, "put", p.document.hash) for p in puts if p.changed]
        )
        self._desk.record(items)
        self._flushed = clock.mono_ns()

    def _put(self, drafts: Sequence[Draft], items: list[Item]) -> list[Put]:
        """Together, or, when one cannot be put, one by one."""
        try:
            return self._library.put_all(self._collection, drafts)
        except StoreUnavailable:
            raise
        except OutriderError as error:
            if len(drafts) == 1:
                items.append(Item(drafts[0].source, FAULT, error.message))
                return []
        return [put for draft in drafts for put in self._put([draft], items)]

    def _outcome(self, put: Put) -> Item:
        document = put.document
        outcome = SAME if not put.changed else CHANGED if document.source in self.known else NEW
        return Item(document.source, outcome, "; ".join(document.notes.values()), document.id)

    def prune(self) -> None:
        """End the documents under the asked roots that were not seen. What could not be read (a folder that is away, an
        archive that is just being written) may come back: nothing under it ends."""
        roots = self._asked.sources
        gone = [s for s in self.known if s not in self._seen and any(is_under(s, root) for root in roots)]
        gone = [s for s in gone if not any(above in self._missed for above in _places_above(s))]
        for at in range(0, len(gone), BATCH_DOCUMENTS):
            part = gone[at : at + BATCH_DOCUMENTS]
            ids = [self.known[source][0] for source in part]
            self._library.remove_all(self._collection, ids)
            self._tell([DocumentChange(id_, 0, "ended") for id_ in ids])
            self._desk.record([Item(s, REMOVED, "", id_) for s, id_ in zip(part, ids, strict=True)])

    def _tell(self, changes: Sequence[DocumentChange]) -> None:
        if changes and self._steps.changed is not None:
            self._steps.changed(self._collection, self._desk.job, changes)


def is_under(source: str, root: str) -> bool:
    """Whether a document's source came from `root`: itself, a folder's file, an archive's member, a feed's page."""
    root = root.rstrip("/")
    return source == root or source.startswith((f"{root}/", f"{root}!/"))


def _places_above(source: str) -> Iterator[str]:
    """The folders, archives and pages that a document's source is under, and itself."""
    yield source
    for at, character in enumerate(source):
        if character == "/":
            yield source[:at].removesuffix("!")


def _told(fetched: Fetched) -> dict[str, Any]:
    """What whoever delivered it says, with the time of the last change."""
    return {**fetched.meta, "modified": clock.iso(fetched.when)} if fetched.when else dict(fetched.meta)
