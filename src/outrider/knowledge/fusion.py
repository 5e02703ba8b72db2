"""One ranking from two: words and meaning. Pure; scores come as (id, score), the best first."""

from collections.abc import Mapping, Sequence

from outrider.knowledge.ports import Scored

PRIOR = 0.55
"""The share of meaning where nothing was fitted: near the best on each of the public sets that were tried."""

Parts = dict[int, dict[str, float]]


def fused(keyword: Scored, vector: Scored, weight: float = PRIOR) -> tuple[Scored, Parts]:
    """`weight` × meaning + (1 - weight) × words, each between 0 and 1; and the scores that it is made of. A passage
    that one side did not find has 0 there."""
    words, meaning = scaled(keyword, 0.0), scaled(vector)
    parts: Parts = {}
    for name, scores in (("keyword", keyword), ("vector", vector)):
        for id_, score in scores:
            parts.setdefault(id_, {})[name] = score
    total = {id_: weight * meaning.get(id_, 0.0) + (1 - weight) * words.get(id_, 0.0) for id_ in parts}
    return ranked(total), parts


def scaled(scores: Scored, low: float | None = None) -> dict[int, float]:
    """Scores from `low` (None: the least of them) to the best as 0 to 1."""
    if not scores:
        return {}
    best = scores[0][1]
    least = min(s for _, s in scores) if low is None else low
    return {id_: (score - least) / (best - least) if best > least else 1.0 for id_, score in scores}


def standard(scores: Mapping[int, float]) -> dict[int, float]:
    """Scores with mean 0 and deviation 1, so that those of different kinds can be added."""
    if not scores:
        return {}
    mean = sum(scores.values()) / len(scores)
    deviation = (sum((s - mean) ** 2 for s in scores.values()) / len(scores)) ** 0.5
    return {id_: (s - mean) / deviation if deviation > 1e-9 else 0.0 for id_, s in scores.items()}


def ranked(scores: Mapping[int, float]) -> Scored:
    """The best first; equal scores by id."""
    return sorted(scores.items(), key=lambda one: (-one[1], one[0]))


def merged(rankings: Sequence[Scored], shares: Sequence[float] = ()) -> Scored:
    """Several rankings of one kind of score as one: each passage's best score, weighted by its ranking's share."""
    best: dict[int, float] = {}
    for at, ranking in enumerate(rankings):
        share = shares[at] if shares else 1.0
        for id_, score in ranking:
            best[id_] = max(best.get(id_, float("-inf")), share * score)
    return ranked(best)
