"""The best of `hybrid`, ordered anew by late interaction: every token of the question looks for its nearest in the
passage. With the token vectors of the collection's own embedder, made at query time."""

from collections.abc import Mapping

from outrider.knowledge import fusion, late
from outrider.knowledge.ports import Scored
from outrider.knowledge.records import Found, Query
from outrider.knowledge.shelf import Shelf
from outrider.knowledge.strategies import hybrid
from outrider.knowledge.writing import heading

OPTIONS = hybrid.OPTIONS
DEPTH = 30
"""Passages that are read: about 1 s of CPU on the embedded model."""
SHARES = {"late": 1.0, "vector": 0.5, "fused": 2.0}


def retrieve(query: Query, shelf: Shelf) -> Found:
    scored, parts = hybrid.candidates(query, shelf)
    if shelf.has_vectors(query.embedding):
        scored = reordered(query, shelf, scored, parts)
    hits = shelf.hits(scored[: query.limit], parts)
    return Found(hits, "rerank", len(scored), [query.text])


def reordered(query: Query, shelf: Shelf, scored: Scored, parts: fusion.Parts) -> Scored:
    """The first `DEPTH` in the order of z(late) + z(cosine)/2 + 2 z(fused), the others behind them; adds `rerank` to
    `parts`."""
    first = scored[: max(DEPTH, query.limit if query.limit <= 2 * DEPTH else DEPTH)]
    hits = shelf.hits(first)
    texts = ["\n".join((heading(h.document.title, h.chunk.headings), h.chunk.text)).strip() for h in hits]
    question, *passages = shelf.tokens([query.text, *texts], query.embedding)
    found = {h.chunk.id: late.maxsim(question, p) for h, p in zip(hits, passages, strict=True)}
    kinds = {
        "late": fusion.standard(found),
        "vector": fusion.standard({id_: parts[id_]["vector"] for id_ in found if "vector" in parts[id_]}),
        "fused": fusion.standard({id_: score for id_, score in first if id_ in found}),
    }
    total = {id_: sum(SHARES[k] * scores.get(id_, 0.0) for k, scores in kinds.items()) for id_ in found}
    for id_, score in found.items():
        parts[id_]["rerank"] = score
    return [*fusion.ranked(total), *after(scored, found, min(total.values(), default=0.0))]


def after(scored: Scored, done: Mapping[int, float], low: float) -> Scored:
    """What was not reordered, in its order, below `low`."""
    rest = [id_ for id_, _ in scored if id_ not in done]
    return [(id_, low - 1 - place) for place, id_ in enumerate(rest)]
