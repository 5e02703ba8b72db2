"""Strategy `cheapest`: the deployment with the lowest price for this call, of those that can take it.

The price is that of the day, for the input as estimated and the output that is usual, or less if the caller allows
less. A deployment without a known price comes last. Equal prices keep the configured order.
"""

from collections.abc import Sequence

from outrider.base.choice import Ask, Candidate
from outrider.base.usage import Usage

spreads = False
needs_price = True

USUAL_OUTPUT = 500
UNKNOWN = 2**62


def arrange(ask: Ask, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Cheapest first."""
    if len(candidates) < 2:
        return candidates
    usage = Usage(ask.tokens, min(ask.max_output or USUAL_OUTPUT, USUAL_OUTPUT))
    costs = [(c.price.cost(usage) if c.price is not None else UNKNOWN, i) for i, c in enumerate(candidates)]
    costs.sort()
    ordered = [candidates[i] for _, i in costs]
    ordered[0].why = "the lowest price" if costs[0][0] != UNKNOWN else "no price is known"
    return ordered
