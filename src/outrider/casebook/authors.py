"""Who made what the Casebook says, as others may know it: a key's id is for its holder and for who runs Outrider."""

import re
from typing import TypeVar

import msgspec

from outrider.casebook.records import FIELDS_OF_CLAIMS, CaseStudy, Claim, Made, Result, Version

PERSON = Made("person")
"""Whoever corrected a claim by hand; the case's versions say who, to those who may know."""
OTHERS = "a contributor"
"""Stands for an author whom the reader may not know."""
_Said = TypeVar("_Said", Claim, Result)
_PROGRAMS = frozenset(("", "import", "outrider"))
_NOBODY = frozenset(("text", "front matter", "model", "notes", PERSON.by))
_ACCEPTED = re.compile(r"\baccepted by [^()]*(?=\)?$)")


def unsigned(case: CaseStudy) -> CaseStudy:
    """The case without persons' and keys' names in its claims: everybody reads it."""
    if all(claim.made.by in _NOBODY for _, claim in case.claims()):
        return case
    facts = {name: _unsigned(claim) for name, claim in case.facts.items()}
    lists = {field: tuple(_unsigned(claim) for claim in getattr(case, field)) for field in FIELDS_OF_CLAIMS}
    return msgspec.structs.replace(case, facts=facts, **lists)


def _unsigned(claim: _Said) -> _Said:
    return claim if claim.made.by in _NOBODY else msgspec.structs.replace(claim, made=PERSON)


def shown(version: Version, key: str, *, everything: bool) -> Version:
    """A version as whoever asks with `key` may see it; `everything`: they run Outrider. What they made themselves says
    so, and nobody else learns who accepted it."""
    if everything:
        return version
    by = version.by if version.by in _PROGRAMS or (key and version.by == key) else OTHERS
    return msgspec.structs.replace(version, by=by, why=_ACCEPTED.sub("accepted", version.why))
