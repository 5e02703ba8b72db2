"""The Casebook in memory: for every value of every facet which entries have it, as bits of one integer, so that any
combination of conditions and all counts are a few hundred `and`s. Only what a passage supports is counted.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from outrider.casebook import measures
from outrider.casebook.language import Asked, Term, Vocabulary, fold, year_span
from outrider.casebook.records import STAGES, CaseStudy, Claim, Result

_REMEMBERED = 1_000
"""Terms whose entries are kept in memory: an integer of a bit for each entry."""
FIELDS = ("industry", "technique", "tool", "application", "org", "year", "stage", "source", "has")
"""Facets, in the order in which they are shown."""
HAS = {
    "figures": "measured results",
    "baseline": "a figure with before and after",
    "scale": "figures of its size",
    "failures": "failures told",
    "lessons": "lessons told",
}
SOURCE_TYPES = {
    "vendor": "a vendor's page",
    "customer": "the organisation's own page",
    "talk": "a talk",
    "paper": "a paper",
    "article": "an article",
}
_STAGE_LABELS = {"idea": "an idea", "pilot": "a pilot", "limited": "limited use", "full": "full production"}


class Entry(msgspec.Struct, frozen=True):
    """What is kept of a case in memory. `tags` are its values by facet, `weight` says how much evidence it has."""

    id: str
    title: str
    organisation: str
    year: int
    since: int
    documents: tuple[str, ...]
    tags: Mapping[str, tuple[str, ...]]
    readings: tuple[measures.Reading, ...]
    weight: int


class Count(msgspec.Struct, frozen=True):
    """A value of a facet and how many entries have it under the other facets' conditions."""

    value: str
    label: str
    count: int
    chosen: bool = False


class Catalogue:
    """All entries of one moment. `revision` is that moment's; ids and documents lead to positions."""

    def __init__(self, entries: Sequence[Entry], vocabulary: Vocabulary, revision: int = 0) -> None:
        self.entries = tuple(entries)
        self.vocabulary = vocabulary
        self.revision = revision
        self.position = {e.id: n for n, e in enumerate(self.entries)}
        self.by_document = {d: n for n, e in enumerate(self.entries) for d in e.documents}
        self.everything = (1 << len(self.entries)) - 1
        bits: dict[str, dict[str, int]] = {field: defaultdict(int) for field in FIELDS}
        for number, entry in enumerate(self.entries):
            for field, values in entry.tags.items():
                for value in values:
                    bits[field][value] |= 1 << number
        self._asked: dict[Term, int] = {}
        self.metrics = frozenset(w for e in self.entries for r in e.readings for w in r.words)
        self.bits: dict[str, dict[str, int]] = {field: dict(values) for field, values in bits.items()}

    def mask(self, terms: Iterable[Term], *, leaving: str = "") -> int:
        """The entries that fulfil every term, but for those that ask for the field `leaving`."""
        kept = self.everything
        for term in terms:
            if term.field != leaving or term.without:
                found = self._any(term)
                kept &= ~found if term.without else found
        return kept

    def _any(self, term: Term) -> int:
        found = self._asked.get(term)
        if found is None:
            if len(self._asked) >= _REMEMBERED:
                self._asked.clear()
            found = self._asked[term] = self._find(term)
        return found

    def _find(self, term: Term) -> int:
        if term.field == "result":
            return self._measured(term.values[0])
        known = self.bits[term.field]
        if term.field == "year":
            spans = [year_span(v) for v in term.values]
            return _union(b for y, b in known.items() if any(low <= int(y) <= high for low, high in spans))
        return _union(known.get(v, 0) for v in term.values)

    def _measured(self, text: str) -> int:
        wanted = measures.condition(text.replace("_", " "))
        return _union(
            1 << n for n, e in enumerate(self.entries) if any(measures.fulfils(r, wanted) for r in e.readings)
        )

    def counts(self, asked: Asked, among: int, own: int | None = None) -> dict[str, list[Count]]:
        """For every facet its values with counts, the most frequent first: entries of `among` that fulfil the other
        facets' terms. A facet that is itself asked for counts in `own` (default: `among`), its own terms set aside;
        what it is not to have stays left out."""
        asked_for = {t.field for t in asked.terms if not t.without}
        inside = self.mask(asked.terms) & among
        answer = {}
        for field in FIELDS:
            base = inside
            if field in asked_for:
                base = self.mask(asked.terms, leaving=field) & (among if own is None else own)
            answer[field] = self._counted(field, base, asked.term(field))
        return answer

    def _counted(self, field: str, base: int, chosen: tuple[str, ...]) -> list[Count]:
        found = [
            Count(value, self.vocabulary.label(field, value), count, value in chosen)
            for value, bits in self.bits[field].items()
            if (count := (bits & base).bit_count()) or value in chosen
        ]
        if field == "year":
            return sorted(found, key=lambda c: c.value, reverse=True)
        return sorted(found, key=lambda c: (not c.chosen, -c.count, c.label.casefold()))

    def numbers(self, mask: int) -> Iterator[int]:
        """The positions of a mask's entries."""
        while mask:
            low = mask & -mask
            yield low.bit_length() - 1
            mask ^= low

    def bits_of(self, positions: Iterable[int]) -> int:
        return _union(1 << n for n in positions)


def _union(parts: Iterable[int]) -> int:
    whole = 0
    for part in parts:
        whole |= part
    return whole


def entry(case: CaseStudy) -> Entry:
    """What is kept of `case`."""
    results = shown_results(case)
    tags = {
        "industry": _values(case.industries),
        "technique": _values(case.techniques),
        "tool": _values(case.tools),
        "application": _values(case.applications),
        "org": (case.organisation,) if case.organisation else (),
        "year": (str(case.year),) if case.year else (),
        "stage": (case.stage,) if case.stage else (),
        "source": tuple(sorted({s.type for s in case.sources})),
        "has": tuple(_has(case, results)),
    }
    read = [
        r
        for result in (*results, *_shown(case.scale))
        if result.status != "contradicted"  # conditions ask for what is certain
        for r in measures.readings(
            result.metric, result.before, result.after, result.value, result.unit, result.qualifier
        )
    ]
    return Entry(
        id=case.id,
        title=case.title,
        organisation=case.organisation,
        year=case.year,
        since=case.since,
        documents=tuple(dict.fromkeys(d for d in (case.document, *(s.document for s in case.sources)) if d)),
        tags=tags,
        readings=tuple(read),
        weight=2 * len(results) + len(tags["technique"]) + len(tags["tool"]),
    )


def shown_results(case: CaseStudy) -> list[Result]:
    """The figures that may be shown as facts."""
    return _shown(case.results)


def _shown(results: Iterable[Result]) -> list[Result]:
    return [r for r in results if r.shown]


def _values(claims: Iterable[Claim]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c.value for c in claims if c.shown))


def _has(case: CaseStudy, results: Sequence[Result]) -> Iterator[str]:
    if results:
        yield "figures"
    if any(r.before is not None and r.after is not None for r in results):
        yield "baseline"
    if any(r.shown for r in case.scale):
        yield "scale"
    if any(c.shown for c in case.failures):
        yield "failures"
    if any(c.shown for c in case.lessons):
        yield "lessons"


def vocabulary(cases: Iterable[CaseStudy], labels: Mapping[str, Mapping[str, str]]) -> Vocabulary:
    """What may be asked: the controlled vocabularies (`labels` by field and value), and the organisations of `cases`
    under all their names."""
    whole = {f: dict(labels.get(f, {})) for f in ("industry", "technique", "tool", "application")}
    whole["stage"] = {s: _STAGE_LABELS[s] for s in STAGES}
    whole["source"] = dict(SOURCE_TYPES)
    whole["has"] = dict(HAS)
    spellings: dict[str, dict[str, str]] = {f: {} for f in FIELDS if f != "year"}
    for field, known in whole.items():
        for value, label in known.items():
            spellings[field].setdefault(fold(label), value)
            spellings[field][fold(value)] = value
    for case in cases:
        for name in case.aliases:
            spellings["org"].setdefault(fold(name), case.organisation)
        if case.organisation:
            spellings["org"][fold(case.organisation)] = case.organisation
        for field, claims in (("industry", case.industries), ("technique", case.techniques), ("tool", case.tools)):
            for claim in claims:
                spellings[field].setdefault(fold(claim.value), claim.value)
    return Vocabulary(dict(spellings.items()), whole)
