"""Strategy `cascade`: the first deployment answers, and the next one only if a check refuses its answer.

This is the order only, as configured: put the cheap deployment first. What refuses an answer is said by the route's
`cascade` rules.
"""

from collections.abc import Sequence

from outrider.base.choice import Ask, Candidate

spreads = False
needs_price = False


def arrange(ask: Ask, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """As configured."""
    if candidates:
        candidates[0].why = "first of the cascade"
    return candidates
