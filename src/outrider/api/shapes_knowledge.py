"""What `/api/knowledge` takes and gives. Times are RFC 3339 in UTC, null where there is none yet."""

from typing import Any

import msgspec

from outrider.base import clock
from outrider.knowledge.jobs import Item, Job
from outrider.knowledge.records import Collection, Document, Embedding, Filter, Found, Settings, Status


class CollectionState(msgspec.Struct):
    """A collection with its counts: documents that hold now, versions, passages; by embedding, vectors that are there
    and that wait. `shared`: it is everybody's to read and nobody's to change here."""

    name: str
    about: str
    shared: bool
    made: str
    readers: list[str]
    strategy: str
    embedding: str
    embeddings: dict[str, Embedding]
    doors: dict[str, str]
    documents: int
    versions: int
    chunks: int
    quarantined: int
    vectors: dict[str, int]
    waiting: dict[str, int]


class CollectionList(msgspec.Struct):
    collections: list[CollectionState]


class CollectionChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be otherwise; what is not named stays. An embedding of another model is made beside the live one."""

    about: str | None = None
    readers: list[str] | None = None
    strategy: str | None = None
    embedding: str | None = None
    embeddings: dict[str, Embedding] | None = None
    doors: dict[str, str] | None = None

    def apply(self, settings: Settings) -> Settings:
        fields = {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not None}
        fields.pop("name", None)
        if self.readers is not None:
            fields["readers"] = tuple(self.readers)
        return msgspec.structs.replace(settings, **fields)


class NewCollection(CollectionChange, kw_only=True):
    """A collection to be made: its name has small letters, digits, dots, dashes and underscores."""

    name: str


class Ended(msgspec.Struct):
    """What is not there any more. `left`: where a copy of it still is, until its database answers."""

    name: str
    ended: bool
    left: str = ""


class DocumentState(msgspec.Struct):
    """One version of a document: what the collection said from `since` until `until`."""

    id: str
    source: str
    version: int
    title: str
    media: str
    language: str
    hash: str
    length: int
    since: str
    until: str | None
    trust: str
    readers: list[str]
    meta: dict[str, Any]
    notes: dict[str, str]


class DocumentList(msgspec.Struct):
    """`next` goes into `after` for the next page; null: this was the last."""

    documents: list[DocumentState]
    next: str | None


class WholeDocument(msgspec.Struct):
    """A version with its text, and the history of the document, the earliest first."""

    document: DocumentState
    text: str
    versions: list[DocumentState]


class NewSources(msgspec.Struct, forbid_unknown_fields=True):
    """URLs of pages, feeds or sitemaps. `prune`: what is gone there ends. `readers` null: the collection's."""

    sources: list[str]
    prune: bool = False
    readers: list[str] | None = None
    meta: dict[str, Any] = {}


class JobState(msgspec.Struct):
    """Work on a collection. `status` is `waiting`, `running`, `done`, `failed` or `cancelled`; `why` says what failed
    or what it waits for. `outcomes` counts items by what became of them once it is done."""

    id: str
    collection: str
    kind: str
    status: str
    why: str
    created: str
    started: str | None
    ended: str | None
    total: int
    done: int
    faults: int
    outcomes: dict[str, int]


class JobList(msgspec.Struct):
    """The newest first."""

    jobs: list[JobState]


class JobItem(msgspec.Struct):
    """What became of one source: `outcome` is `new`, `changed`, `same`, `removed` or `fault` with its reason."""

    item: str
    outcome: str
    reason: str
    document: str


class ItemList(msgspec.Struct):
    """`next` goes into `after` for the next page; null: this was the last."""

    items: list[JobItem]
    next: str | None


class NewSearch(msgspec.Struct, forbid_unknown_fields=True):
    """A question to a collection. `user` and `groups` are for whom the key asks: only documents that everybody, they,
    the key, its team or its project may read are found. `as_of` is a past moment. `filters` are conditions on the
    documents' metadata, by field. `outer` gives whole sections. `model` is a route that `agentic` plans with, and that
    `rewrite` writes other wordings with; it is asked in the key's name."""

    query: str
    limit: int = 10
    strategy: str = ""
    embedding: str = ""
    user: str = ""
    groups: list[str] = []
    filters: dict[str, Filter] = {}
    documents: list[str] | None = None
    as_of: str = ""
    outer: bool = False
    options: dict[str, Any] = {}
    model: str = ""


class FoundPassage(msgspec.Struct):
    """A passage: `text` is exactly `[start:end]` of this version of the document. `parts` make up the score."""

    text: str
    start: int
    end: int
    headings: list[str]
    page: int
    seconds: float
    score: float
    parts: dict[str, float]
    document: DocumentState


class Passages(msgspec.Struct):
    """What was found, the best first. `asked` are the queries that were run, `seconds` how long it took, `run` the run
    that keeps it. `words_only` is why vectors were left out of a strategy that uses them, empty if they were not."""

    hits: list[FoundPassage]
    strategy: str
    candidates: int
    asked: list[str]
    seconds: float
    run: str
    words_only: str


def collection(one: Collection, status: Status, project: str) -> CollectionState:
    made = one.settings
    return CollectionState(
        one.name, made.about, one.project != project, clock.iso(one.made), list(made.readers), made.strategy,
        made.embedding, made.embeddings, made.doors, status.documents, status.versions, status.chunks,
        status.quarantined, status.vectors, status.waiting,
    )  # fmt: skip


def document(one: Document) -> DocumentState:
    return DocumentState(
        one.id, one.source, one.number, one.title, one.media, one.language, one.hash, one.length, clock.iso(one.since),
        _moment(one.until), one.trust, list(one.readers), one.meta, one.notes,
    )  # fmt: skip


def job(one: Job) -> JobState:
    why = str(one.about.get("why") or (one.about.get("waits") if one.status == "waiting" else "") or "")
    return JobState(
        one.id, one.collection, one.kind, one.status, why, clock.iso(one.created), _moment(one.started),
        _moment(one.ended), one.total, one.done, one.faults, dict(one.about.get("outcomes", {})),
    )  # fmt: skip


def items(found: list[Item], limit: int) -> ItemList:
    rows = [JobItem(i.item, i.outcome, i.reason, i.document) for i in found[:limit]]
    return ItemList(rows, rows[-1].item if len(found) > limit else None)


def passages(found: Found, run: str) -> Passages:
    hits = [
        FoundPassage(
            h.chunk.text, h.chunk.start, h.chunk.end, list(h.chunk.headings), h.chunk.page, h.chunk.seconds, h.score,
            h.parts, document(h.document),
        )
        for h in found.hits
    ]  # fmt: skip
    return Passages(hits, found.strategy, found.candidates, found.asked, found.duration / 1e9, run, found.words_only)


def _moment(ns: int) -> str | None:
    return clock.iso(ns) if ns else None
