"""For questions over several passages: a walk over the names that passages share (personalised PageRank), from the
names in the question and the best passages of `hybrid`."""

from outrider.knowledge import fusion
from outrider.knowledge.ports import Scored
from outrider.knowledge.records import Found, Query
from outrider.knowledge.shelf import Shelf
from outrider.knowledge.strategies import hybrid

SEEDS = 5
"""Passages that the walk begins at: more would come back first themselves, and hide what they lead to."""
NAMES = 0.3
"""The names of the question against those passages, as where the walk begins."""
KEEP = 0.2
"""Share of the fused score in the result; the rest is the walk's."""


def retrieve(query: Query, shelf: Shelf) -> Found:
    scored, parts = hybrid.candidates(query, shelf)
    if scored:
        scored = walked(query, shelf, scored, parts)
    hits = shelf.hits(scored[: query.limit], parts)
    return Found(hits, "graph", len(scored), [query.text])


def walked(query: Query, shelf: Shelf, scored: Scored, parts: fusion.Parts) -> Scored:
    """`scored` with what the walk reaches, ordered by both; adds `graph` to `parts`."""
    import numpy as np

    graph = shelf.graph()
    places = graph.places([id_ for id_, _ in scored[:SEEDS]])
    best = max(scored[0][1], 1e-9)
    passages = {places[id_]: (score / best) ** 2 for id_, score in scored[:SEEDS] if id_ in places and score > 0}
    names = graph.seeds(query.text)
    allowed = None if shelf.view.whole else shelf.view.allows(graph.chunks)
    found = graph.walk(_weighing(passages, 1.0), _weighing(names, NAMES), allowed)
    reached = np.argsort(-found, kind="stable")[: max(hybrid.DEPTH, query.limit)]
    most = float(found.max(initial=0.0))
    walks = {int(graph.chunks[at]): (float(found[at]) / most) ** 0.5 for at in reached if found[at] > 0}
    known = dict(scored)
    for id_, walk in walks.items():
        parts.setdefault(id_, {})["graph"] = walk
    return fusion.ranked(
        {id_: KEEP * known.get(id_, 0.0) / best + (1 - KEEP) * walks.get(id_, 0.0) for id_ in known.keys() | walks}
    )


def _weighing(seeds: dict[int, float], total: float) -> dict[int, float]:
    """The seeds with weights that add up to `total`."""
    held = sum(seeds.values())
    return {place: total * weight / held for place, weight in seeds.items()} if held else {}
