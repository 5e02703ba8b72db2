"""In steps: what the first passages name is asked for, too. For questions whose second passage shares too little with
the question to be found by it."""

from outrider.knowledge import entities, fusion
from outrider.knowledge.ports import Scored
from outrider.knowledge.records import Found, Hit, Query
from outrider.knowledge.shelf import Shelf
from outrider.knowledge.strategies import hybrid

OPTIONS = hybrid.OPTIONS
FIRST = 3
"""Passages of the first step that are followed."""
NAMES = 6
"""Names of a passage that are asked for with the question."""
SHARE = 0.8
"""What a second step's score counts, times the score of the passage that led there."""


def retrieve(query: Query, shelf: Shelf) -> Found:
    scored, parts = hybrid.candidates(query, shelf)
    asked, rankings, shares = [query.text], [scored], [1.0]
    best = max((s for _, s in scored), default=0.0)
    known = set(entities.names(query.text)) | set(query.text.casefold().split())
    for hit in shelf.hits(scored[:FIRST]):
        follow = following(query.text, hit, known)
        if not follow or best <= 0:
            continue
        asked.append(follow)
        found, scores = _second(query, shelf, follow)
        rankings.append(found)
        shares.append(SHARE * hit.score / best)
        for id_, said in scores.items():
            parts.setdefault(id_, {}).setdefault("hop", said.get("keyword", 0.0))
    merged = fusion.merged(rankings, shares)
    return Found(shelf.hits(merged[: query.limit], parts), "multihop", len(merged), asked)


def following(question: str, hit: Hit, known: set[str]) -> str:
    """The question with the names in a passage that it did not have; "" if there are none."""
    counts: dict[str, int] = {}
    for name in entities.names(hit.chunk.text):
        if name not in known:
            counts[name] = counts.get(name, 0) + 1
    names = sorted(counts, key=lambda n: -counts[n])[:NAMES]
    return f"{question} {' '.join(names)}" if names else ""


def _second(query: Query, shelf: Shelf, text: str) -> tuple[Scored, fusion.Parts]:
    scored, parts = hybrid.candidates(query, shelf, text, hybrid.DEPTH // 2)
    return scored[: hybrid.DEPTH // 2], parts
