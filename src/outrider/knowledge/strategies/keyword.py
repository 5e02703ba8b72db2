"""By words alone (BM25)."""

from outrider.knowledge.records import Found, Query
from outrider.knowledge.shelf import Shelf


def retrieve(query: Query, shelf: Shelf) -> Found:
    scored = shelf.keyword(query.text, query.limit)
    hits = shelf.hits(scored, {id_: {"keyword": score} for id_, score in scored})
    return Found(hits, "keyword", len(scored), [query.text])
