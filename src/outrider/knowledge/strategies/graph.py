"""For questions over several passages: a walk over the names that passages share (personalised PageRank), from the
names in the question and the best passages of `hybrid`; and the passages about what the question names, and about what
those name next (`bridges`)."""

from typing import TYPE_CHECKING

from outrider.knowledge import bridges, fusion
from outrider.knowledge.ports import Scored
from outrider.knowledge.records import Found, Query
from outrider.knowledge.shelf import Shelf, terms_of
from outrider.knowledge.strategies import hybrid

if TYPE_CHECKING:
    from outrider.knowledge.graph import Graph, Mask, Titles

OPTIONS = hybrid.OPTIONS
SEEDS = 5
"""Passages that the walk begins at: more would come back first themselves, and hide what they lead to."""
NAMES = 0.3
"""The names of the question against those passages, as where the walk begins."""
KEEP = 0.2
"""What the fused score counts."""
SHARES = {"graph": 0.8, "named": 0.8, "linked": 0.8}
"""What else counts: where the walk is, being about what the question names, and being named by what it finds."""
FOLLOWED = 6
"""Passages about what the question names whose names are followed."""


def retrieve(query: Query, shelf: Shelf) -> Found:
    scored, parts = hybrid.candidates(query, shelf)
    if scored:
        scored = walked(query, shelf, scored, parts)
    hits = shelf.hits(scored[: query.limit], parts)
    return Found(hits, "graph", len(scored), [query.text])


def walked(query: Query, shelf: Shelf, scored: Scored, parts: fusion.Parts) -> Scored:
    """`scored` with what the walk and names lead to, ordered by all of it; adds `graph`, `named` and `linked` to
    `parts`."""
    graph = shelf.graph()
    allowed = None if shelf.view.whole else shelf.view.allows(graph.chunks)
    best = max(scored[0][1], 1e-9)
    places = graph.places([id_ for id_, _ in scored[:SEEDS]])
    seeds = {places[id_]: (score / best) ** 2 for id_, score in scored[:SEEDS] if id_ in places and score > 0}
    titles = graph.titles(allowed)
    asked = bridges.asked(query.text, terms_of(query.text), titles)
    reached = {
        "graph": _walk(query, graph, seeds, allowed),
        "named": asked.named,
        "linked": _linked(shelf, graph, seeds, asked, titles),
    }
    total = {id_: KEEP * score / best for id_, score in scored}
    for name, found in reached.items():
        for place, value in found.items():
            id_ = int(graph.chunks[place])
            parts.setdefault(id_, {})[name] = value
            total[id_] = total.get(id_, 0.0) + SHARES[name] * value
    most = KEEP + sum(SHARES.values())
    return fusion.ranked({id_: value / most for id_, value in total.items()})


def _walk(query: Query, graph: "Graph", seeds: dict[int, float], allowed: "Mask | None") -> dict[int, float]:
    import numpy as np

    names = graph.seeds(query.text)
    found = graph.walk(_weighing(seeds, 1.0), _weighing(names, NAMES), allowed)
    reached = np.argsort(-found, kind="stable")[: max(hybrid.DEPTH, query.limit)]
    most = float(found.max(initial=0.0))
    return {int(at): (float(found[at]) / most) ** 0.5 for at in reached if found[at] > 0}


def _linked(
    shelf: Shelf, graph: "Graph", seeds: dict[int, float], asked: bridges.Asked, titles: "Titles"
) -> bridges.Values:
    """What the passages that the question names, or that it finds first, lead to."""
    named = sorted(asked.named.items(), key=lambda one: (-one[1], one[0]))[:FOLLOWED]
    follow = {place: max(value, asked.named.get(place, 0.0)) for place, value in [*named, *seeds.items()]}
    hits = shelf.hits([(int(graph.chunks[place]), value) for place, value in follow.items()])
    passages = (bridges.Passage(hit.score, hit.document.title, hit.chunk.text) for hit in hits)
    return bridges.linked(passages, asked.words, titles)


def _weighing(seeds: dict[int, float], total: float) -> dict[int, float]:
    """The seeds with weights that add up to `total`."""
    held = sum(seeds.values())
    return {place: total * weight / held for place, weight in seeds.items()} if held else {}
