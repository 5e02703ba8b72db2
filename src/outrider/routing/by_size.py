"""Strategy `by_size`: short prompts to the deployment for short prompts, longer ones to the next.

`up_to` on the route says the largest prompt, in tokens, for a deployment; one without takes any size. Larger prompts
than a deployment's `up_to` go to it only when nobody else is left.
"""

from collections.abc import Sequence

from outrider.base.choice import Ask, Candidate

spreads = False
needs_price = False
ANY = 2**62


def arrange(ask: Ask, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """The tightest `up_to` that the prompt is within, then the wider ones, then those that it is too long for."""
    tokens = ask.tokens

    def far(candidate: Candidate) -> tuple[bool, int]:
        up_to = candidate.up_to or ANY
        return (True, -up_to) if up_to < tokens else (False, up_to)

    ordered = sorted(candidates, key=far)
    if ordered:
        first = ordered[0]
        first.why = f"about {tokens} tokens" + (f", up to {first.up_to}" if first.up_to >= tokens else "")
    return ordered
