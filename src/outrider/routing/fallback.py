"""Strategy `fallback`: always the first deployment; the next ones only when it fails."""

from collections.abc import Sequence

from outrider.base.choice import Ask, Candidate

spreads = False
needs_price = False


def arrange(ask: Ask, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """As configured."""
    return candidates
