"""By words and by meaning: a weighted sum, whose weight was fitted to the collection (`outrider knowledge fit`)."""

from outrider.base.errors import OutriderError, RequestError
from outrider.knowledge import fusion
from outrider.knowledge.ports import Scored
from outrider.knowledge.records import Found, Query
from outrider.knowledge.shelf import Shelf

OPTIONS = ("weight",)
DEPTH = 100
"""Passages of each side that are weighed, at least."""


def retrieve(query: Query, shelf: Shelf) -> Found:
    scored, parts = candidates(query, shelf)
    hits = shelf.hits(scored[: query.limit], parts)
    return Found(hits, "hybrid", len(scored), [query.text], notes={"weight": weight_of(query, shelf)})


def candidates(query: Query, shelf: Shelf, text: str = "", depth: int = DEPTH) -> tuple[Scored, fusion.Parts]:
    """The passages that either side finds for the query (or for another `text`), the best first, with their scores.
    While there are no vectors yet, or what makes or keeps them is away, by words alone."""
    asked, depth, weight = text or query.text, max(depth, query.limit), weight_of(query, shelf)
    keyword = shelf.keyword(asked, depth)
    if shelf.has_vectors(query.embedding):
        try:
            vector = shelf.vector(asked, depth, query.embedding)
            return fusion.fused(keyword, both(shelf, asked, keyword, vector, query.embedding), weight)
        except OutriderError as error:
            shelf.without_vectors(error)
    return keyword, {id_: {"keyword": score} for id_, score in keyword}


def both(shelf: Shelf, asked: str, keyword: Scored, vector: Scored, embedding: str = "") -> Scored:
    """`vector` with the cosines of what only `keyword` found."""
    missing = {id_ for id_, _ in keyword} - {id_ for id_, _ in vector}
    if not missing:
        return vector
    question = shelf.embed([asked], embedding)[0]
    added = {id_: float(one @ question) for id_, one in shelf.vectors(missing, embedding).items()}
    return fusion.ranked(dict(vector) | added)


def weight_of(query: Query, shelf: Shelf) -> float:
    """Meaning's share: the query's `weight`, else what was fitted, else the prior."""
    fitted = shelf.settings.fitted.get("hybrid", {})
    weight = query.options.get("weight", fitted.get("weight", fusion.PRIOR))
    if not isinstance(weight, int | float) or isinstance(weight, bool) or not 0 <= weight <= 1:
        text = f"`weight` is {repr(weight)[:40]}: give meaning's share, a number from 0 (words alone) to 1"
        raise RequestError(text, param="options.weight")
    return float(weight)
