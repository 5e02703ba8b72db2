"""Strategy `least_busy`: the deployment with the fewest calls in flight for its weight, of all workers here."""

from collections.abc import Sequence

from outrider.base import chance
from outrider.base.choice import Ask, Candidate

spreads = True
needs_price = False


def arrange(ask: Ask, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Fewest calls in flight first; of equals a random one."""
    if len(candidates) < 2:
        return candidates
    loads = [((c.signs.busy() + 1) / max(1e-9, c.weight), chance.unit(), i) for i, c in enumerate(candidates)]
    loads.sort()
    ordered = [candidates[i] for _, _, i in loads]
    ordered[0].why = "the fewest in flight"
    return ordered
