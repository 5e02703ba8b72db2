"""Measures of one ranking against judgements: `ranked` are ids, the best first, each once; `judged` gives a grade > 0
to each relevant id. As trec_eval counts them (linear gain)."""

import math
from collections.abc import Mapping, Sequence

Judged = Mapping[str, float]


def ndcg(ranked: Sequence[str], judged: Judged, k: int = 10) -> float:
    """Normalised discounted cumulative gain of the first `k`."""
    best = _gain(sorted(judged.values(), reverse=True)[:k])
    return _gain([judged.get(id_, 0.0) for id_ in ranked[:k]]) / best if best else 0.0


def recall(ranked: Sequence[str], judged: Judged, k: int = 10) -> float:
    """Share of the relevant ids that are among the first `k`."""
    return len(judged.keys() & set(ranked[:k])) / len(judged) if judged else 0.0


def reciprocal_rank(ranked: Sequence[str], judged: Judged, k: int = 10) -> float:
    """1 / the place of the first relevant id, 0 if it is not among the first `k`."""
    return next((1 / place for place, id_ in enumerate(ranked[:k], 1) if id_ in judged), 0.0)


def whole(ranked: Sequence[str], judged: Judged, k: int = 8) -> float:
    """1 if every relevant id is among the first `k`: what a question over several passages needs."""
    return float(bool(judged) and judged.keys() <= set(ranked[:k]))


def _gain(grades: Sequence[float]) -> float:
    return sum(grade / math.log2(place + 1) for place, grade in enumerate(grades, 1))
