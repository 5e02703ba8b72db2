"""A case that is told in two texts: the one that is there keeps its own words, the other becomes a further source."""

from typing import Any

import msgspec

from outrider.casebook.book import OWN
from outrider.casebook.contradictions import opposed
from outrider.casebook.evidence import holds, with_claims
from outrider.casebook.records import TEXT, CaseStudy, Claim, Evidence, Result, Source

PAGE = "page"
"""The id of the further source."""


def merged(present: CaseStudy, other: CaseStudy, text: str) -> CaseStudy:
    """`present` with what `other` says in `text` beside it: tags that it lacks, passages for those it has, and words
    for passages that it knew by their place alone."""
    own = next(s for s in other.sources if s.id == OWN)
    page = msgspec.structs.replace(own, id=PAGE)
    older = present.source(PAGE)
    mine = tuple(r for r in present.results if r.made != TEXT or any(e.source != PAGE for e in r.evidence))
    case = msgspec.structs.replace(present, results=mine, sources=_sources(present, other, page))

    def refreshed(claim: Claim | Result) -> Claim | Result:
        kept = []
        for e in claim.evidence:
            if e.source != PAGE:
                kept.append(e)
            elif older is None or holds(e, text):
                kept.append(msgspec.structs.replace(e, quote=text[e.start : e.end]))
        return msgspec.structs.replace(claim, evidence=tuple(kept))

    case = with_claims(case, refreshed)
    fields: dict[str, Any] = {
        field: _joined(getattr(case, field), getattr(other, field))
        for field in ("industries", "applications", "techniques", "tools", "failures")
    }
    fields["results"] = _results(case.results, other.results)
    aliases = dict.fromkeys((*case.aliases, *other.aliases, other.organisation))
    aliases.pop(case.organisation, None)
    return msgspec.structs.replace(case, aliases=tuple(aliases), year=case.year or other.year, **fields)


def _sources(present: CaseStudy, other: CaseStudy, page: Source) -> tuple[Source, ...]:
    kept = [s for s in present.sources if s.id != PAGE]
    known = {s.url for s in kept}
    return (*kept, page, *(s for s in other.sources if s.id not in (OWN, *(k.id for k in kept)) and s.url not in known))


def _joined(mine: tuple[Claim, ...], others: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """Claims of both: a value that both have gets the other's passage too; what nothing supports is not taken over."""
    found = {c.value: c for c in mine}
    for claim in others:
        if claim.status == "unsupported":
            continue
        evidence = tuple(_moved(e) for e in claim.evidence)
        if claim.value not in found:
            found[claim.value] = msgspec.structs.replace(claim, evidence=evidence)
        elif not any(e.source == PAGE for e in found[claim.value].evidence):
            same = found[claim.value]
            found[claim.value] = msgspec.structs.replace(same, evidence=(*same.evidence, *evidence[:1]))
    return tuple(found.values())


def _results(mine: tuple[Result, ...], others: tuple[Result, ...]) -> tuple[Result, ...]:
    """Mine, and those of the other text that say something else of the same thing: readers shall see both."""
    kept = list(mine)
    for other in others:
        if other.shown and any(r.shown and opposed(r, other) for r in kept):
            kept.append(msgspec.structs.replace(other, evidence=tuple(map(_moved, other.evidence))))
    return tuple(kept)


def _moved(evidence: Evidence) -> Evidence:
    return msgspec.structs.replace(evidence, source=PAGE)
