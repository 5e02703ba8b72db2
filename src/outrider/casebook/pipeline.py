"""The way of a set into the Casebook: read → accept → resolve → extract → verify → put, as a durable job.

Each entry's outcome is a row, written after its case: what is interrupted goes on where it was, and an entry that did
not change is not read again.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

import msgspec

from outrider.base.errors import ConfigError, OutriderError
from outrider.casebook import admission, entities, review, rows
from outrider.casebook.ahead import Done, Part, ahead
from outrider.casebook.book import COLLECTION, OWN, PROJECT, Casebook, Texts
from outrider.casebook.entities import Twins
from outrider.casebook.entries import Entry
from outrider.casebook.evidence import text_hash
from outrider.casebook.extract import Extracted
from outrider.casebook.imports import Raw, entries_of
from outrider.casebook.merging import PAGE, merged
from outrider.casebook.records import CaseStudy
from outrider.casebook.rows import Item
from outrider.knowledge import embed
from outrider.knowledge.fetch import Options
from outrider.knowledge.jobs import FAULT, Job, Jobs
from outrider.knowledge.jobs import Item as Line
from outrider.knowledge.work import Desk

KIND = "casebook import"
AT_ONCE = 32
"""Entries that are put in one transaction: about half a second of work."""
RULES = "3"
"""Changes when extraction does: then every entry is read again."""
Outcome = Literal["published", "unchanged", "review", "rejected", "duplicate", "fault"]
Mode = Literal["publish", "review", "judge"]
"""`publish`: entries of a set that was curated. `review`: all wait for a person. `judge`: what is not accepted is
rejected with reasons, the rest waits for a person."""
AT_ONCE_ASKED = 4
"""The same where a model reads each entry."""


class Model(Protocol):
    """Adds to what the text gave; see `modelled`. What it is asked by is its `rules`: an entry is read again when they
    change."""

    @property
    def rules(self) -> str: ...
    def __call__(self, entry: Entry, made: Extracted) -> Extracted: ...


_CORRECTED = "a person corrected this case: what the set says now waits for review"
_NAME = re.compile(r"[^\W_][\w .,:@+()-]{0,99}")
T = TypeVar("T")


class Told(NamedTuple):
    """An entry that was read, and what became of it."""

    item: str
    hash: str
    outcome: Outcome
    case_id: str = ""
    about: Mapping[str, Any] = MappingProxyType({})
    unread: bool = False
    """A model should have read it, and did not answer: the next import asks again."""


def start(jobs: Jobs, source: str, origin: str, *, mode: Mode = "publish", asker: str = "") -> Job:
    """A job that imports the set at `source` (a path or a URL). Raises ConfigError where there is nothing."""
    made = {"source": located(source), "origin": named(origin), "mode": mode, "who": asker}
    return jobs.create(PROJECT, COLLECTION, KIND, made, asker=asker)


def located(source: str) -> str:
    """A URL as it is, a path from the root. Raises ConfigError where there is nothing."""
    if "://" in source:
        return source
    path = Path(source).expanduser()
    if not path.exists():
        raise ConfigError(f"there is no {source}: give a folder, an archive, a .parquet, .csv or .jsonl file, or a URL")
    return str(path.resolve())


def named(origin: str) -> str:
    """The name of a set, which stands in addresses. Raises ConfigError."""
    if not _NAME.fullmatch(origin):
        raise ConfigError(
            f"a set cannot be called {origin[:60]!r} (`origin`): up to 100 letters, digits, spaces, and .,:@+()-_,"
            " beginning with a letter or a digit"
        )
    return origin


def work(
    open_: Callable[[], Casebook], options: Options | None = None, model: Model | None = None
) -> Callable[[Desk], None]:
    """What a job of this kind does. `options` are those of fetching."""

    def do(desk: Desk) -> None:
        made = desk.job.made
        steps: Counter[str] = Counter(desk.job.about.get("steps", {}))
        found = list(entries_of(made["source"], options))
        done = desk.done()
        desk.record((), total=len(found))
        left = [raw for raw in found if raw.item not in done]
        importing = Importing(open_(), made["origin"], made.get("mode", "publish"), made.get("who", ""), model)
        for told in importing.all(left):
            steps.update(one.outcome for one in told)
            desk.job.about["steps"] = dict(steps)
            desk.record([Line(t.item, FAULT if t.outcome == "fault" else t.outcome, _why(t), t.case_id) for t in told])
        embed.request(importing.casebook.library, desk.jobs, importing.casebook.collection)

    return do


def _why(told: Told) -> str:
    return "; ".join(told.about.get("reasons", ()))


def import_all(
    casebook: Casebook, source: str, origin: str, *, mode: Mode = "publish", who: str = "", model: Model | None = None
) -> Counter[str]:
    """Import the set at `source` in this process; how many entries had which outcome."""
    counts: Counter[str] = Counter()
    for told in Importing(casebook, origin, mode, who, model).all(list(entries_of(source))):
        counts.update(one.outcome for one in told)
    return counts


class Importing:
    """One import into one Casebook."""

    def __init__(
        self, casebook: Casebook, origin: str, mode: Mode = "publish", who: str = "", model: Model | None = None
    ) -> None:
        self.casebook, self.origin, self.mode, self.model = casebook, named(origin), mode, model
        self.who = who or "import"
        self._asking = model.rules if model is not None else ""
        self._known = rows.hashes(casebook.store, origin)

    def all(self, found: Sequence[Raw]) -> Iterator[list[Told]]:
        """Do every entry; what became of them, in parts that are done for good. At the end the journal is told."""
        counts: Counter[str] = Counter()
        for some in self._all(found):
            counts.update(one.outcome for one in some)
            yield some
        self.casebook.tell("imported", (), who=self.who, why="", origin=self.origin, counts=counts)

    def _all(self, found: Sequence[Raw]) -> Iterator[list[Told]]:
        same = [raw for raw in found if self._known.get(raw.item) == stamp(raw.hash, self._asking)]
        if same:
            yield [Told(raw.item, raw.hash, "unchanged") for raw in same]
        known, size = {raw.item for raw in same}, AT_ONCE_ASKED if self.model is not None else AT_ONCE
        read, broken = self._read([raw for raw in found if raw.item not in known])
        for some in _parts(broken, size):
            yield self._remember(some)
        if not read:
            return
        cases = self.casebook.all()
        names = entities.known_names(cases, rows.names(self.casebook.store))
        written = Counter(entry.organisation for entry in read if entry.organisation)
        self._names = entities.canonical(written, names, ((e.organisation, e.text) for e in read))
        self._present = {case.id: case for case in cases}
        self._pages = _pages(cases)
        self._twins = Twins(cases)
        for entry in read:
            self._twins.saw(entry.item, "", f"{entry.title} {entry.summary}", (entry.url,))
        parted = _parts(read, size)
        parts = [Part(self.origin, some, [self._names.get(e.organisation, "") for e in some]) for some in parted]
        with closing(ahead(parts)) as made:
            for part, results in made:
                yield self._do(part.entries, results)

    def _read(self, found: Iterable[Raw]) -> tuple[list[Entry], list[Told]]:
        read, broken = [], []
        for raw in found:
            try:
                read.append(msgspec.structs.replace(raw.read(), hash=raw.hash))
            except OutriderError as error:
                broken.append(Told(raw.item, raw.hash, "fault", "", {"reasons": [error.message]}))
        return read, broken

    def _do(self, entries: Sequence[Entry], results: Sequence[Done]) -> list[Told]:
        told: list[Told] = []
        ready: list[tuple[CaseStudy, Texts]] = []
        self._corrected = review.corrected(self.casebook)
        for entry, result in zip(entries, results, strict=True):
            one, case, texts = self._one(entry, result)
            told.append(one)
            if case is not None and one.outcome == "published":
                ready.append((case, texts))
            elif case is not None:
                text = texts if isinstance(texts, str) else texts[OWN]
                review.propose(self.casebook, case, text, who=self.who, why=f"{review.IMPORTED}{self.origin}")
        self.casebook.put_all(ready, who=self.who, why=f"{review.IMPORTED}{self.origin}")
        self._present.update({case.id: case for case, _ in ready})
        return self._remember(told)

    def _one(self, entry: Entry, result: Done) -> tuple[Told, CaseStudy | None, Texts]:
        """What becomes of an entry, and the case to write where there is one."""
        made, verdict = result.made, result.verdict
        present = self._present.get(made.case.id) or self._present.get(self._pages.get(entry.page, ""))
        twin = self._twins.same_text(entry.item, text_hash(entry.text)) or self._told(present, entry)
        if twin:
            about = {"duplicate_of": twin, "reasons": [f"the text is that of {twin}"], "mended": entry.faults}
            return Told(entry.item, entry.hash, "duplicate", twin, about), None, ""
        if self.mode == "judge" and not verdict.accepted:
            reasons = list(verdict.reasons)
            return Told(entry.item, entry.hash, "rejected", "", {"reasons": reasons}), None, ""
        if self.model is not None:
            made = self.model(entry, made)
        self._twins.saw(entry.item, text_hash(entry.text), "", ())
        case, texts = self._beside(present, made)
        corrected = case.id in self._corrected and case.origin == self.origin
        outcome: Outcome = "published" if self.mode == "publish" and not corrected else "review"
        about = self._about(entry, made, verdict, present) | ({"reasons": [_CORRECTED]} if corrected else {})
        return Told(entry.item, entry.hash, outcome, case.id, about, bool(made.unread)), case, texts

    def _told(self, present: CaseStudy | None, entry: Entry) -> str:
        """The case of another set that is told in this very text: the same database may come in two forms."""
        own = present.source(OWN) if present is not None and present.origin != self.origin else None
        return present.id if present is not None and own and own.hash == text_hash(entry.text) else ""

    def _beside(self, present: CaseStudy | None, made: Extracted) -> tuple[CaseStudy, Texts]:
        """A case that another set has keeps its words; one that a person changed keeps what they wrote."""
        if present is None or present.origin == self.origin:
            return made.case, made.text
        return merged(present, made.case, made.text), {PAGE: made.text}

    def _about(
        self, entry: Entry, made: Extracted, verdict: admission.Verdict, present: CaseStudy | None
    ) -> dict[str, Any]:
        """The report of one entry."""
        others = self._twins.same_source(entry.item, f"{entry.title} {entry.summary}", entry.url)
        claims = [claim for _, claim in made.case.claims()]
        about = {
            "tools": made.tools_supported,
            "tools_unsupported": made.tools_unsupported,
            "tags_unsupported": made.tags_unsupported,
            "tags_unknown": made.tags_unknown,
            "claims": len(claims),
            "unsupported": sum(c.status == "unsupported" for c in claims),
            "mended": entry.faults,
            "doubts": () if verdict.accepted else verdict.reasons,
            "same_source": [id_ for id_, _ in others],
            "near_duplicates": [id_ for id_, alike in others if alike],
            "joined_with": present.origin if present is not None and present.origin != self.origin else "",
            "written": entry.organisation if made.case.organisation != entry.organisation else "",
            "organisation": made.case.organisation,
            "dropped": made.dropped,
            "unread": made.unread,
            "cost": made.cost,
        }
        return {key: value for key, value in about.items() if value}

    def _remember(self, told: list[Told]) -> list[Told]:
        items = [Item(t.item, self._stamp(t), t.outcome, t.case_id, dict(t.about)) for t in told]
        with self.casebook.store.write((rows.LOCK,)) as tx:
            rows.put_items(tx, self.origin, items)
        return told

    def _stamp(self, told: Told) -> str:
        return stamp(told.hash, "" if told.unread else self._asking)


def _pages(cases: Iterable[CaseStudy]) -> dict[str, str]:
    """The case that a page of a set is a source of, where it is that of one case alone."""
    found: dict[str, list[str]] = {}
    for case in cases:
        for source in case.sources:
            if source.id == PAGE and source.url:
                found.setdefault(source.url, []).append(case.id)
    return {url: ids[0] for url, ids in found.items() if len(ids) == 1}


def _parts(of: Sequence[T], size: int) -> Iterator[list[T]]:
    source = iter(of)
    while part := list(islice(source, size)):
        yield part


@lru_cache(maxsize=1)
def _rules() -> str:
    vocabulary = (files("outrider.casebook") / "data" / "vocabulary.json").read_bytes()
    return f"{RULES}.{hashlib.blake2b(vocabulary, digest_size=4).hexdigest()}"


def stamp(hash_: str, asked: str = "") -> str:
    """An entry's hash together with the rules that it was read by, and those of the model."""
    return f"{hash_} {_rules()} {asked}".rstrip()
