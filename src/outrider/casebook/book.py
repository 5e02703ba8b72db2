"""The Casebook itself: cases in a store of their own, their texts as documents of a collection of everybody's."""

import difflib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.casebook import contradictions, rows
from outrider.casebook.evidence import checked, text_hash
from outrider.casebook.records import CaseStudy, Source, Version
from outrider.casebook.rows import Saved
from outrider.journal.append import Bodies
from outrider.journal.events import CasebookChanged, CaseChange, Event
from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection, Document, Draft, Parsed, Settings
from outrider.store import Store, Tx

PROJECT = ""
"""The project that everybody reads and nobody changes through the API."""
COLLECTION = "casebook"
ABOUT = "Case studies of language models in production."
OWN = "text"
"""The id of the source that is a case's own document."""
Texts = str | Mapping[str, str]
Record = Callable[[Event, Bodies], None]
"""Writes an event into the journal. Blocks."""
First = Callable[[Tx], None]
"""What is done in the transaction that writes cases, before they are. Raises RequestError: then they are not."""
Action = Literal["published", "withdrawn", "proposed", "accepted", "rejected", "imported"]


def _nowhere(event: Event, bodies: Bodies = ()) -> None:
    """Where no journal is at hand."""


class Casebook:
    """Every method blocks and may be called from any thread; all raise StoreUnavailable. What changes is told to
    `record`, and so are questions."""

    def __init__(self, library: Library, store: Store, record: Record = _nowhere) -> None:
        self.library, self.store, self.record = library, store, record
        self._kept: tuple[int, tuple[CaseStudy, ...], dict[str, CaseStudy]] | None = None
        self._reading = threading.Lock()

    # -- reading ------------------------------------------------------------------------------------------------------

    def revision(self) -> int:
        """Grows with every change of what the Casebook says."""
        return rows.revision(self.store)

    def all(self) -> Sequence[CaseStudy]:
        """Every case, by id; read again only after a change."""
        return self._present()[1]

    def get(self, id_: str) -> CaseStudy:
        """Raises RequestError (404) with the nearest ids."""
        cases = self._present()[2]
        if (case := cases.get(id_)) is not None:
            return case
        near = difflib.get_close_matches(id_[:200], cases, 3, 0.5)
        more = (
            f"the nearest are {', '.join(near)}" if near else "`outrider casebook search` finds cases by what they do"
        )
        raise RequestError(f"no case {id_[:200]!r}; {more}", status=404, code="unknown_case", param="id")

    def versions(self, id_: str) -> list[Version]:
        """A case's history, the newest first; also of one that was withdrawn. Raises RequestError (404)."""
        found = rows.versions(self.store, id_)
        if not found:
            self.get(id_)
        return found

    def _present(self) -> tuple[int, tuple[CaseStudy, ...], dict[str, CaseStudy]]:
        revision = self.revision()
        kept = self._kept
        if kept is None or kept[0] != revision:
            with self._reading:
                kept = self._kept
                if kept is None or kept[0] != revision:
                    cases = tuple(contradictions.marked(rows.live(self.store)))
                    kept = self._kept = (revision, cases, {c.id: c for c in cases})
        return kept

    @property
    def collection(self) -> Collection:
        """The collection of the cases' texts; made when it is first asked for."""
        for found in self.library.collections(PROJECT):
            if found.name == COLLECTION:
                return found
        return self.library.create(PROJECT, COLLECTION, Settings(about=ABOUT))

    def text(self, case: CaseStudy, source: str = "") -> str | None:
        """The text that offsets of this source (default: the case's own document) refer to; None where it is not
        here."""
        wanted = case.source(source) if source else next((s for s in case.sources if s.document == case.document), None)
        if wanted is None or not wanted.document:
            return None
        collection = self.collection
        for version in reversed(self.library.versions(collection, wanted.document)):
            if not wanted.hash or version.hash == wanted.hash:
                return self.library.text(collection, version)
        return None

    # -- writing ------------------------------------------------------------------------------------------------------

    def put(
        self, case: CaseStudy, texts: Texts = "", *, who: str = "", why: str = "", first: First | None = None
    ) -> CaseStudy:
        """Write a case. `texts` is its own document's text, or texts by source; what is not given stays as it is.
        Evidence that its sources' texts do not hold is taken away. Gives the case as it holds now, with `document` and
        `number`. `first` is done in the transaction that writes the case; if it raises, all stays as it was."""
        return self.put_all([(case, texts)], who=who, why=why, first=first)[0]

    def put_all(
        self, cases: Iterable[tuple[CaseStudy, Texts]], *, who: str = "", why: str = "", first: First | None = None
    ) -> list[CaseStudy]:
        """Write several: their texts in one transaction, then the cases in another. What is interrupted between them is
        done again without harm."""
        wanted = [(case, {OWN: texts} if isinstance(texts, str) else dict(texts)) for case, texts in cases]
        drafts = [draft(case, source, text) for case, texts in wanted for source, text in texts.items() if text]
        put = iter(self.library.put_all(self.collection, drafts) if drafts else ())
        placed = []
        for case, texts in wanted:
            given = {source: (text, next(put).document) for source, text in texts.items() if text}
            placed.append(self._grounded(case, given))
        now = clock.now_ns()
        try:
            with self.store.write((rows.LOCK,)) as tx:
                if first is not None:
                    first(tx)
                made = rows.put_all(tx, [Saved(case, who, why) for case in placed], now)
        except RequestError:
            self._put_back(placed)
            raise
        self.tell("published", [case for case in made if case.since >= now], who=who, why=why)
        return made

    def _put_back(self, placed: Iterable[CaseStudy]) -> None:
        """The texts as the cases that hold have them, where those of `placed` were written and their cases were not."""
        for case in placed:
            held = rows.get(self.store, case.id)
            here = {s.document for s in held.sources} if held else set()
            self.library.remove_all(
                self.collection, [s.document for s in case.sources if s.document and s.document not in here]
            )
            texts = {s.id: self.text(held, s.id) for s in held.sources if s.document} if held else {}
            drafts = [draft(held, source, text) for source, text in texts.items() if text] if held else []
            if drafts:
                self.library.put_all(self.collection, drafts)

    def tell(
        self, action: Action, cases: Sequence[CaseStudy], *, who: str, why: str, origin: str = "",
        counts: Mapping[str, int] | None = None,
    ) -> None:  # fmt: skip
        """Write into the journal what became of cases, if it is of any."""
        if cases or counts:
            changes = [CaseChange(case.id, case.number) for case in cases]
            self.record(CasebookChanged(clock.now_ns(), action, who, why, changes, origin, dict(counts or {})), ())

    def _grounded(self, case: CaseStudy, given: Mapping[str, tuple[str, Document]]) -> CaseStudy:
        """`case` with its sources pointing to the documents of `given`, and without evidence that is not in them."""
        sources = tuple(_placed(s, *given[s.id]) if s.id in given else s for s in map(_linked, case.sources))
        document = given[OWN][1].id if OWN in given else case.document
        case = msgspec.structs.replace(case, document=document, sources=sources)
        texts: dict[str, str | None] = {source: text for source, (text, _) in given.items()}

        def text_of(source: str) -> str | None:
            if source not in texts:
                texts[source] = self.text(case, source)
            return texts[source]

        return checked(contradictions.unmarked(case), text_of)

    def withdraw(self, id_: str, *, who: str = "", why: str = "") -> bool:
        """Take a case out of the Casebook; its versions stay. False: it was not there."""
        case = rows.get(self.store, id_)
        if case is None:
            return False
        with self.store.write((rows.LOCK,)) as tx:
            rows.end(tx, id_)
        self.library.remove_all(self.collection, [s.document for s in case.sources if s.document])
        self.tell("withdrawn", [case], who=who, why=why)
        return True


def _linked(source: Source) -> Source:
    """Without an address that is none of the web: pages link to it (`javascript:…`)."""
    web = not source.url or source.url.lower().startswith(("http://", "https://"))
    return source if web else msgspec.structs.replace(source, url="")


def _placed(source: Source, text: str, document: Document) -> Source:
    return msgspec.structs.replace(source, document=document.id, hash=text_hash(text))


def draft(case: CaseStudy, source: str, text: str) -> Draft:
    """A text of a case as a document; its hash is the text's, which is what evidence names."""
    from outrider.knowledge.parse.markdown import scan

    meta: dict[str, object] = {"case": case.id, "organisation": case.organisation}
    if case.year:
        meta["year"] = case.year
    name = f"case/{case.id}" if source == OWN else f"case/{case.id}/{source}"
    return Draft(
        name, Parsed(text, scan(text), case.title, "text/markdown", "en", meta), hash=text_hash(text), meta=meta
    )
