"""Strategy `by_tag`: calls with a tag go to the deployments that carry it (`providers.NAME.facts`), and nowhere else.

A tag such as `eu` may be a promise, so there is no falling back to deployments without it. A call without a tag that
this route knows goes to the deployments without tags, or, if all have some, to all. Otherwise in the configured order.
"""

from collections.abc import Sequence

from outrider.base.choice import Ask, Candidate

spreads = False
needs_price = False


def arrange(ask: Ask, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Those that carry most of the call's tags first; those that carry none of them are left out."""
    asked = frozenset(ask.tags)
    known = frozenset().union(*(c.facts.tags for c in candidates)) & asked
    if not known:
        plain = [c for c in candidates if not c.facts.tags]
        return plain or candidates
    fitting = [c for c in candidates if c.facts.tags & known]
    fitting.sort(key=lambda c: -len(c.facts.tags & known))
    fitting[0].why = f"tagged {', '.join(sorted(fitting[0].facts.tags & known))}"
    return fitting
