"""Strategy `balance`: spread calls at random, in the proportion of the weights; the others stay as fallbacks.

A weighted order without replacement takes one random number each: the largest `u ** (1 / weight)` comes first
(Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006). A deployment near the limit that its
provider sets counts for less.
"""

from collections.abc import Sequence
from math import log

from outrider.base import chance
from outrider.base.choice import Ask, Candidate

spreads = True
needs_price = False
NEAR = 0.1


def arrange(ask: Ask, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """A random order in which the first places follow the weights."""
    if len(candidates) < 2:
        return candidates
    drawn = [(log(1.0 - chance.unit()) / _weight(c), i) for i, c in enumerate(candidates)]
    drawn.sort(reverse=True)
    ordered = [candidates[i] for _, i in drawn]
    ordered[0].why = "drawn by weight"
    return ordered


def _weight(candidate: Candidate) -> float:
    return max(1e-9, candidate.weight * min(1.0, candidate.headroom / NEAR))
