"""What to answer from: what the search finds, and, where a question names something, what its own documents say.

A question about Acme is not answered by what others say of the same matter, however near their words are. So its names
are looked up first, and the question is asked once more among the documents that have them.
"""

from typing import TYPE_CHECKING

from msgspec import structs

from outrider.knowledge.answer.evidence import whole
from outrider.knowledge.answer.question import Question
from outrider.knowledge.records import Collection, Found, Hit, Query
from outrider.knowledge.verify import occurs

if TYPE_CHECKING:
    from outrider.knowledge.library import Library
    from outrider.knowledge.ports import Model

_LOOKED_AT = 40
"""Passages that are looked through for a name."""
_MOST_DOCUMENTS = 20
_MOST_NAMES = 4


def find(
    library: "Library", collection: Collection, query: Query, question: Question, model: "Model | None" = None
) -> Found:
    """The passages for a question, those of what it names first, `query.limit` at most."""
    having = named(library, collection, query, question)
    most = max(having.values(), default=0.0)
    own = sorted(id_ for id_, share in having.items() if share == most)[:_MOST_DOCUMENTS]
    found = library.search(collection, structs.replace(query, documents=own), model) if own else None
    if found is None or len(found.hits) < query.limit:
        more = library.search(collection, query, model)
        found = more if found is None else _joined(found, more, query.limit)
    found.notes["named"] = having
    return found


def named(library: "Library", collection: Collection, query: Query, question: Question) -> dict[str, float]:
    """By document, the part of the question's names that it has, of those that have one."""
    having: dict[str, float] = {}
    asked = question.names[:_MOST_NAMES]
    for name in asked:
        look = structs.replace(query, text=name, limit=_LOOKED_AT, strategy="keyword", outer=False, options={})
        hits = library.search(collection, look).hits
        for id_ in {h.document.id for h in hits if occurs(name, whole(h))}:
            having[id_] = having.get(id_, 0.0) + 1 / len(asked)
    return having


def _joined(first: Found, then: Found, limit: int) -> Found:
    known = {h.chunk.id for h in first.hits}
    hits: list[Hit] = [*first.hits, *(h for h in then.hits if h.chunk.id not in known)][:limit]
    return Found(
        hits,
        then.strategy,
        first.candidates + then.candidates,
        list(dict.fromkeys([*first.asked, *then.asked])),
        first.duration + then.duration,
        first.cost + then.cost,
        {**first.notes, **then.notes},
        then.words_only or first.words_only,
    )
