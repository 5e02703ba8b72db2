"""The most that one attempt may take: what is held on budgets before a provider is asked."""

from outrider.base.budget import Amount
from outrider.base.usage import Price, Usage

FRAME = 64
"""Tokens that a provider may add to a prompt for its own frame, beyond what the caller's body accounts for."""
UNKNOWN_OUTPUT = 16_384
"""Tokens of an answer where neither the caller nor the model's facts set a limit: such a call may exceed its hold."""


def worst(
    size: int,
    max_tokens: int | None,
    n: int,
    price: Price | None,
    max_output: int | None = None,
    context: int | None = None,
) -> Amount:
    """Tokens and nano-dollars that a call takes at most.

    `size` bounds the input: the bytes of the body (a token has at least one), or its tokens if they were counted.
    `max_tokens` is what the caller allows for each of `n` choices; the model's own limits (`max_output`, or all of its
    `context`) hold too.
    """
    inputs = size + FRAME
    if context is not None:
        inputs = min(inputs, context)
    known = [limit for limit in (max_tokens, max_output, context) if limit is not None]
    each = min(known, default=UNKNOWN_OUTPUT)
    outputs = each * max(1, n)
    return Amount(_money(inputs, outputs, price), inputs, outputs, calls=1, concurrent=1)


def _money(inputs: int, outputs: int, price: Price | None) -> int:
    """At the dearest of the prices that input may have: fresh, or written to the provider's cache."""
    if price is None:
        return 0
    fresh, written = price.cost(Usage(inputs, outputs)), price.cost(Usage(inputs, outputs, cache_write=inputs))
    return max(fresh, written, price.cost(Usage(inputs, outputs, cached=inputs)))
