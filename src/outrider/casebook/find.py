"""Finding case studies: the structured part of a query decides what may be found, its words rank it, and every facet
is counted with the other facets' conditions.
"""

import base64
import re
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, Protocol

import msgspec

from outrider.base.errors import RequestError
from outrider.casebook import vocabulary as words
from outrider.casebook.facets import Catalogue, Count, Entry, entry, shown_results, vocabulary
from outrider.casebook.hints import Hint, hints
from outrider.casebook.language import OPEN, Asked, Term, canonical, parse
from outrider.casebook.records import CaseStudy, Claim, Result
from outrider.casebook.snippets import Snippet, snippet
from outrider.casebook.understand import chips, understand
from outrider.journal.append import Bodies
from outrider.journal.events import Event
from outrider.knowledge.library import Library
from outrider.knowledge.records import Chunk, Collection, Query
from outrider.store import Store

Sort = Literal["relevance", "year", "org", "new"]
SORTS: tuple[Sort, ...] = ("relevance", "year", "org", "new")
MOST = 100
CANDIDATES = 150
"""Chunks that are weighed for the words of a query."""
_HOLDING = 3_000
_FIGURES = 3


class Cases(Protocol):
    """What is needed of the Casebook's record."""

    @property
    def library(self) -> Library: ...
    @property
    def collection(self) -> Collection: ...
    @property
    def store(self) -> Store: ...
    @property
    def record(self) -> Callable[[Event, Bodies], None]: ...
    def all(self) -> Iterable[CaseStudy]: ...
    def get(self, id_: str) -> CaseStudy: ...
    def text(self, case: CaseStudy, source: str = "") -> str | None: ...
    def revision(self) -> int:
        """Changes whenever something that is published changes."""
        ...


class Chip(msgspec.Struct, frozen=True):
    """A condition as it was read. `query` is the canonical query without it."""

    field: str
    text: str
    written: str
    understood: bool
    query: str


class CaseHit(msgspec.Struct, frozen=True):
    """A case that was found. Tags and figures are those that a passage supports. `snippet` is the passage that was
    found (None: only conditions were asked for), `document` the one that it is of."""

    id: str
    title: str
    organisation: str
    system: str
    year: int
    stage: str
    what_it_does: str
    industries: list[str]
    techniques: list[str]
    tools: list[str]
    figures: list[Result]
    score: float
    snippet: Snippet | None = None
    document: str = ""


class Page(msgspec.Struct, frozen=True):
    """One page of what was found. `query` is canonical; `next` is the following page's cursor ("": there is none).
    `hints` say why nothing was found, where it is how a condition on figures is written. `nearest`: words were asked
    for, and `total` and the counts are of the cases of the nearest passages; narrowing down brings others near."""

    query: str
    total: int
    hits: list[CaseHit]
    facets: dict[str, list[Count]]
    chips: list[Chip]
    next: str = ""
    revision: int = 0
    hints: list[Hint] = []
    nearest: bool = False


class _Ranked(msgspec.Struct):
    score: float
    chunk: Chunk | None = None


class Finder:
    """Searches of one Casebook. It holds its catalogue in memory and reads it again when something was published."""

    def __init__(self, cases: Cases) -> None:
        self.cases = cases
        self._lock = threading.Lock()
        self._catalogue: Catalogue | None = None

    def catalogue(self) -> Catalogue:
        """All entries as they are now."""
        revision = self.cases.revision()
        known = self._catalogue
        if known is not None and known.revision == revision:
            return known
        with self._lock:
            if self._catalogue is None or self._catalogue.revision != revision:
                self._catalogue = load(self.cases, revision)
            return self._catalogue

    def read(self, query: str, *, plain: bool = False) -> Asked:
        """`query` as the Casebook reads it; `plain` understands nothing beyond what is written. Raises RequestError."""
        catalogue = self.catalogue()
        asked = parse(query, catalogue.vocabulary)
        return asked if plain else understand(asked, catalogue.vocabulary, catalogue.metrics)

    def find(self, asked: Asked, *, sort: str = "relevance", limit: int = 20, cursor: str = "") -> Page:
        """One page of the cases that `asked` finds. Raises RequestError for an unknown order or a broken cursor."""
        if sort not in SORTS:
            raise RequestError(f"no order {sort[:40]!r}; there are: {', '.join(SORTS)}", param="sort")
        catalogue = self.catalogue()
        allowed = self._holding(catalogue, asked)
        ranked, cut = self._rank(catalogue, asked, catalogue.mask(asked.terms) & allowed)
        own = allowed
        if asked.text and asked.terms:
            own &= catalogue.bits_of({**self._rank(catalogue, asked, allowed)[0], **ranked})
        found = catalogue.bits_of(ranked)
        order = _order(catalogue, ranked, sort)
        page, following = _page(order, sort, limit, cursor)
        return Page(
            query=canonical(asked),
            total=len(ranked),
            hits=[self._hit(catalogue.entries[n], ranked[n], asked) for n in page],
            facets=catalogue.counts(asked, found, own),
            chips=_chips(asked, catalogue),
            next=following,
            revision=catalogue.revision,
            hints=[] if ranked else list(hints(asked, catalogue)),
            nearest=cut,
        )

    def matching(self, asked: Asked) -> list[str]:
        """The ids of all cases that `asked` finds, the best first."""
        catalogue = self.catalogue()
        mask = catalogue.mask(asked.terms) & self._holding(catalogue, asked)
        ranked, _ = self._rank(catalogue, asked, mask)
        return [catalogue.entries[n].id for _, n in _order(catalogue, ranked, "relevance")]

    def _rank(self, catalogue: Catalogue, asked: Asked, mask: int) -> tuple[dict[int, _Ranked], bool]:
        """Scores by position, and whether there may be more: of words only the nearest passages are weighed. Without
        words everything that is allowed, what has more evidence first."""
        text = " ".join((asked.text, *asked.phrases)).strip()
        if not text:
            return {n: _Ranked(float(catalogue.entries[n].weight)) for n in catalogue.numbers(mask)}, False
        if not mask:
            return {}, False
        documents = None
        if mask != catalogue.everything:
            documents = [d for n in catalogue.numbers(mask) for d in catalogue.entries[n].documents]
        query = Query(text, limit=CANDIDATES, documents=documents)
        ranked: dict[int, _Ranked] = {}
        hits = self.cases.library.search(self.cases.collection, query).hits
        for hit in hits:
            number = catalogue.by_document.get(hit.document.id)
            if number is not None and number not in ranked:
                ranked[number] = _Ranked(round(hit.score, 6), hit.chunk)
        return ranked, len(hits) >= CANDIDATES and len(ranked) < mask.bit_count()

    def _holding(self, catalogue: Catalogue, asked: Asked) -> int:
        """The entries in whose text every phrase occurs, and nothing that must not."""
        kept = catalogue.everything
        for phrase in asked.phrases:
            kept &= self._containing(catalogue, phrase)
        for phrase in asked.without:
            kept &= ~self._containing(catalogue, phrase)
        return kept

    def _containing(self, catalogue: Catalogue, phrase: str) -> int:
        parts = re.findall(r"\w+", phrase.lower())
        if not parts:
            return catalogue.everything
        shelf = self.cases.library.shelf(self.cases.collection, Query(phrase, limit=1))
        ids = set[int].intersection(*({id_ for id_, _ in shelf.keyword([p], _HOLDING)} for p in parts))
        exact = re.compile(r"\W+".join(re.escape(p) for p in parts), re.IGNORECASE)
        chunks = shelf.chunks(ids).values()
        held = {c.document for c in chunks if len(parts) == 1 or exact.search(c.text)}
        return catalogue.bits_of(n for d in held if (n := catalogue.by_document.get(d)) is not None)

    def _hit(self, entry_: Entry, ranked: _Ranked, asked: Asked) -> CaseHit:
        case = self.cases.get(entry_.id)
        shown = None
        if ranked.chunk is not None:
            shown = snippet(ranked.chunk.text, ranked.chunk.start, [asked.text, *asked.phrases])
        return hit(case, ranked.score, shown, ranked.chunk.document if ranked.chunk else "")


_finders: "weakref.WeakKeyDictionary[Cases, Finder]" = weakref.WeakKeyDictionary()
_making = threading.Lock()


def finder(cases: Cases) -> Finder:
    """The one Finder of a Casebook, which pages, API and MCP share."""
    with _making:
        found = _finders.get(cases)
        if found is None:
            found = _finders[cases] = Finder(weakref.proxy(cases))
        return found


def load(cases: Cases, revision: int) -> Catalogue:
    """The catalogue of all that is published."""
    everything = sorted(cases.all(), key=lambda c: c.id)
    return Catalogue([entry(c) for c in everything], vocabulary(everything, labels()), revision)


def labels() -> dict[str, dict[str, str]]:
    """The controlled vocabulary's labels by field and value."""
    known = words.terms()
    kinds: dict[str, words.Kind] = {
        "industry": "industries",
        "technique": "techniques",
        "tool": "tools",
        "application": "applications",
    }
    return {field: {w.id: w.label for w in known.of(kind)} for field, kind in kinds.items()}


def hit(case: CaseStudy, score: float, shown: Snippet | None = None, document: str = "") -> CaseHit:
    """What a list shows of a case."""
    return CaseHit(
        id=case.id,
        title=case.title,
        organisation=case.organisation,
        system=case.system,
        year=case.year,
        stage=case.stage,
        what_it_does=case.what_it_does,
        industries=_shown(case.industries),
        techniques=_shown(case.techniques),
        tools=_shown(case.tools),
        figures=shown_results(case)[:_FIGURES],
        score=score,
        snippet=shown,
        document=document,
    )


def _shown(claims: Sequence[Claim]) -> list[str]:
    return list(dict.fromkeys(c.value for c in claims if c.shown))


def _chips(asked: Asked, catalogue: Catalogue) -> list[Chip]:
    from outrider.casebook.language import written

    answer = []
    for term, text in chips(asked, catalogue.vocabulary):
        rest = msgspec.structs.replace(asked, terms=tuple(t for t in asked.terms if t is not term))
        answer.append(Chip(term.field, text, written(term), term.understood, canonical(rest)))
    return answer


def with_term(asked: Asked, field: str, value: str) -> str:
    """The canonical query with one more value of a facet, or without it if it is asked for: what its link leads to."""
    if field in OPEN and field != "year":
        raise ValueError(field)
    values = asked.term(field)
    now = tuple(v for v in values if v != value) if value in values else (*values, value)
    others = [t for t in asked.terms if t.field != field or t.without]
    from outrider.casebook.language import merged

    return canonical(msgspec.structs.replace(asked, terms=merged([*others, *([Term(field, now)] if now else [])])))


# -- order and pages --------------------------------------------------------------------------------------------------

_Key = tuple[Any, ...]


def _order(catalogue: Catalogue, ranked: dict[int, _Ranked], sort: str) -> list[tuple[_Key, int]]:
    keys: dict[str, Callable[[int, Entry], _Key]] = {
        "relevance": lambda n, e: (-ranked[n].score, -e.year, e.id),
        "year": lambda n, e: (-e.year, -ranked[n].score, e.id),
        "org": lambda n, e: (e.organisation.casefold(), -e.year, e.id),
        "new": lambda n, e: (-e.since, e.id),
    }
    key = keys[sort]
    return sorted((key(n, catalogue.entries[n]), n) for n in ranked)


def _page(order: list[tuple[_Key, int]], sort: str, limit: int, cursor: str) -> tuple[list[int], str]:
    if not 1 <= limit <= MOST:
        raise RequestError(f"`limit` is from 1 to {MOST}, not {limit}", param="limit")
    after = _after(cursor, sort) if cursor else None
    rest = [(k, n) for k, n in order if after is None or list(k) > after]
    page = rest[:limit]
    following = ""
    if len(rest) > limit:
        following = base64.urlsafe_b64encode(msgspec.json.encode([sort, *page[-1][0]])).decode().rstrip("=")
    return [n for _, n in page], following


def _after(cursor: str, sort: str) -> list[Any]:
    try:
        raw = base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        given, *key = msgspec.json.decode(raw, type=list[Any])
        shape = {"relevance": (float, int, str), "year": (int, float, str), "org": (str, int, str), "new": (int, str)}
        if given == sort and [type(k) for k in key] == list(shape[sort]):
            return key
    except (ValueError, msgspec.DecodeError, UnicodeError):
        pass
    raise RequestError("this cursor is not one of this list; begin without `cursor`", param="cursor")
