"""More like this: cases whose text is near and that share rare tags with a case."""

import math

import msgspec

from outrider.casebook.facets import Catalogue
from outrider.casebook.find import CaseHit, Cases, hit
from outrider.knowledge.records import Query

_FIELDS = ("application", "technique", "industry", "tool")
_NEAR = 80
_TEXT_SHARE = 0.5


class Similar(msgspec.Struct, frozen=True):
    """A case that is like another one; `shared` are labels of the tags that both have, the rarest first."""

    case: CaseHit
    shared: list[str]


def similar(cases: Cases, catalogue: Catalogue, id_: str, limit: int = 6) -> list[Similar]:
    """The most similar cases first. Raises RequestError (404) for an unknown one."""
    case = cases.get(id_)
    own = catalogue.position[case.id]
    near = _near(cases, catalogue, f"{case.title}. {case.what_it_does}")
    near.pop(own, None)
    best = max(near.values(), default=0.0) or 1.0
    tags, most = _shared(catalogue, own)
    scores = {
        n: _TEXT_SHARE * near.get(n, 0.0) / best + (1 - _TEXT_SHARE) * sum(w for w, _ in tags.get(n, ())) / most
        for n in near.keys() | tags.keys()
    }
    order = sorted(scores, key=lambda n: (-scores[n], catalogue.entries[n].id))[:limit]
    return [
        Similar(
            hit(cases.get(catalogue.entries[n].id), round(scores[n], 4)),
            [label for _, label in sorted(tags.get(n, []), reverse=True)],
        )
        for n in order
    ]


def _near(cases: Cases, catalogue: Catalogue, text: str) -> dict[int, float]:
    found: dict[int, float] = {}
    for each in cases.library.search(cases.collection, Query(text, limit=_NEAR)).hits:
        number = catalogue.by_document.get(each.document.id)
        if number is not None:
            found[number] = max(found.get(number, 0.0), each.score)
    return found


def _shared(catalogue: Catalogue, own: int) -> tuple[dict[int, list[tuple[float, str]]], float]:
    """For every other case (weight, label) of each tag that it shares, and the weight of all tags."""
    shared: dict[int, list[tuple[float, str]]] = {}
    whole = 0.0
    for field in _FIELDS:
        for value in catalogue.entries[own].tags[field]:
            bits = catalogue.bits[field][value]
            weight = math.log(len(catalogue.entries) / bits.bit_count()) + 0.01
            whole += weight
            label = catalogue.vocabulary.label(field, value)
            for number in catalogue.numbers(bits & ~(1 << own)):
                shared.setdefault(number, []).append((weight, label))
    return shared, whole or 1.0
