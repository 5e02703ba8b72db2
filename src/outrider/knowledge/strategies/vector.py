"""By meaning alone (cosine of embeddings)."""

from outrider.knowledge.records import Found, Query
from outrider.knowledge.shelf import Shelf


def retrieve(query: Query, shelf: Shelf) -> Found:
    scored = shelf.vector(query.text, query.limit, query.embedding)
    hits = shelf.hits(scored, {id_: {"vector": score} for id_, score in scored})
    return Found(hits, "vector", len(scored), [query.text])
