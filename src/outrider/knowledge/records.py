"""What knowledge is made of: the structs that parsers, indexes, strategies and applications meet through."""

from collections.abc import Mapping, Sequence
from typing import IO, Any, Literal, NamedTuple

import msgspec

BlockKind = Literal["heading", "text", "list", "table", "code", "speech", "caption"]
Trust = Literal["trusted", "untrusted", "quarantined"]
EVERYBODY = "*"
"""The principal that everybody is."""
LARGEST = 100_000_000
"""Bytes of a file that is parsed at all. What is larger may be an archive."""


class Fetched(msgspec.Struct, omit_defaults=True):
    """A document as it was fetched. `source` names it for ever (a path, a URL, `archive.zip!/inner.md`), `name` is the
    file's name, `media` what the server says it is ("" if nobody says), `when` (ns, 0: unknown) when it was last
    changed there. `meta` is what whoever delivered it says (`etag`, `last_modified`, a feed entry's title)."""

    source: str
    name: str
    media: str
    body: bytes
    when: int = 0
    meta: dict[str, Any] = {}


class OnDisk(NamedTuple):
    """A file that is too large to be read at once. What can be read in parts (an archive) is; `file` is its caller's to
    close."""

    source: str
    name: str
    media: str
    size: int
    file: IO[bytes]
    when: int = 0


class Missed(msgspec.Struct, omit_defaults=True):
    """What was to be fetched and was not, and why. `gone`: it is surely not there any more (a file that is no file now,
    404, 410), so its document ends where an import prunes."""

    source: str
    reason: str
    gone: bool = False


class Block(msgspec.Struct, omit_defaults=True, gc=False):
    """A structural part of a document: `text[start:end]`. `level` is a heading's depth (1 is the highest), `page`
    counts from 1 (0: none), `seconds` is when it is said (negative: not a recording), `speaker` who says it."""

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    page: int = 0
    seconds: float = -1.0
    speaker: str = ""


class Parsed(msgspec.Struct, omit_defaults=True):
    """A document as text, whatever it came as. Offsets everywhere are characters of `text`. `blocks` are in order, do
    not overlap, and leave out only white space. `meta` is what the document says of itself (front matter, author,
    date), in JSON's types."""

    text: str
    blocks: list[Block]
    title: str = ""
    media: str = ""
    language: str = ""
    meta: dict[str, Any] = {}
    links: list[str] = []


class Piece(msgspec.Struct, omit_defaults=True, gc=False):
    """A chunk that has no id yet: `text[start:end]` of its document. `outer` is the span of the part that it belongs to
    (a section), which may be given instead of it where there is room; `headings` lead to it, the highest first."""

    start: int
    end: int
    outer: tuple[int, int]
    headings: list[str] = []
    kind: BlockKind = "text"
    page: int = 0
    seconds: float = -1.0


class Document(msgspec.Struct, omit_defaults=True):
    """One version of a document. `id` stays the same over versions and follows from (collection, source); `number`
    counts from 1. It is what the collection says from `since` (ns) until `until` (0: still). `readers` are the
    principals that may see it. `notes` say what was noticed at the door, by name of the check."""

    id: str
    collection: str
    source: str
    number: int
    title: str = ""
    media: str = ""
    language: str = ""
    hash: str = ""
    length: int = 0
    since: int = 0
    until: int = 0
    trust: Trust = "untrusted"
    readers: tuple[str, ...] = (EVERYBODY,)
    meta: dict[str, Any] = {}
    notes: dict[str, str] = {}


class Chunk(msgspec.Struct, omit_defaults=True):
    """A passage: `text` is exactly `[start:end]` of version `number` of `document`."""

    id: int
    document: str
    number: int
    text: str
    start: int
    end: int
    outer: tuple[int, int]
    headings: tuple[str, ...] = ()
    kind: BlockKind = "text"
    page: int = 0
    seconds: float = -1.0


class Filter(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A condition on one field of a document's `meta` (or `source`, `title`, `media`, `language`, `trust`). Several
    parts must all hold; a field with several values matches if one does."""

    among: tuple[str | int | float | bool, ...] = ()
    not_among: tuple[str | int | float | bool, ...] = ()
    least: float | str | None = None
    most: float | str | None = None
    exists: bool | None = None


class Query(msgspec.Struct, omit_defaults=True):
    """A question to a collection. `strategy` and `embedding` "" are the collection's own. `principals` are who asks; a
    document is seen if one of them may read it. `as_of` (ns, 0: now) asks the documents of that moment. `documents`
    narrows to these ids. `outer` gives whole sections instead of chunks. `options` are the strategy's."""

    text: str
    limit: int = 10
    strategy: str = ""
    embedding: str = ""
    principals: frozenset[str] = frozenset({EVERYBODY})
    filters: Mapping[str, Filter] = {}
    documents: Sequence[str] | None = None
    as_of: int = 0
    outer: bool = False
    options: Mapping[str, Any] = {}


class Hit(msgspec.Struct, omit_defaults=True):
    """A passage that was found. `score` orders; `parts` are what it is made of (`keyword`, `vector`, `rerank`, …)."""

    chunk: Chunk
    document: Document
    score: float
    parts: dict[str, float] = {}


class Found(msgspec.Struct, omit_defaults=True):
    """What a search found, and how: for its caller and for the record. `candidates` is how many were weighed, `asked`
    the queries that were run (more than one where a strategy rewrites or hops), `duration` ns, `cost` nano-dollars of
    models that were asked on the way. `words_only` is why vectors were left out of a strategy that uses them ("": they
    were not): the model that makes the query's, or the database that keeps them, is away."""

    hits: list[Hit]
    strategy: str
    candidates: int = 0
    asked: list[str] = []
    duration: int = 0
    cost: int = 0
    notes: dict[str, Any] = {}
    words_only: str = ""


class Embedding(msgspec.Struct, omit_defaults=True):
    """A named embedding of a collection: which model makes it (`embedded/…` or a route), and of what (`passage`: a
    chunk under its headings; any other name is a field of the document's `meta`)."""

    model: str = "embedded/all-minilm-l6-v2"
    of: str = "passage"


class Settings(msgspec.Struct, omit_defaults=True):
    """How a collection is kept and asked. `strategy` and `embedding` are used where a query names none. `readers` are
    given to documents that come without. `doors` is the policy by check (`ignore`, `label`, `quarantine`,
    `refuse`). `stem` finds words by their English stem. `index` keeps vectors in another database (a module of
    `indexes`; "": in ours), `index_at` is where that is ("": a folder of ours). `fitted` is what strategies learned of
    this collection, by strategy."""

    about: str = ""
    strategy: str = ""
    embedding: str = "default"
    embeddings: dict[str, Embedding] = msgspec.field(default_factory=lambda: {"default": Embedding()})
    readers: tuple[str, ...] = (EVERYBODY,)
    doors: dict[str, str] = {}
    stem: bool = True
    index: str = ""
    index_at: str = ""
    fitted: dict[str, dict[str, Any]] = {}


class Collection(msgspec.Struct, omit_defaults=True):
    """A collection as it was read. `revision` counts its changes, `erasures` those that took something away."""

    id: int
    project: str
    name: str
    made: int = 0
    revision: int = 0
    erasures: int = 0
    settings: Settings = msgspec.field(default_factory=Settings)


class Draft(msgspec.Struct, omit_defaults=True):
    """A document on its way in. `hash` is that of the bytes it was read from ("": of its text). `readers` None: the
    collection's. `since` (ns, 0: now) is when it began to hold, which may be in the past."""

    source: str
    parsed: Parsed
    hash: str = ""
    readers: tuple[str, ...] | None = None
    trust: Trust = "trusted"
    meta: dict[str, Any] = {}
    notes: dict[str, str] = {}
    since: int = 0


class Put(msgspec.Struct, omit_defaults=True):
    """What became of a draft. `changed` False: the collection said so already."""

    document: Document
    changed: bool


class Space(msgspec.Struct, omit_defaults=True):
    """A named embedding in one of its generations. `live` is the one that is searched."""

    id: int
    collection: int
    name: str
    generation: int
    model: str
    of: str
    dimensions: int
    live: bool
    uid: str
    epoch: int


class Status(msgspec.Struct, omit_defaults=True):
    """Counts of a collection: documents that hold now, versions of all, chunks of all; by embedding, the vectors that
    are there and those that are missing."""

    documents: int
    versions: int
    chunks: int
    quarantined: int
    vectors: dict[str, int] = {}
    waiting: dict[str, int] = {}
    bytes: int = 0
