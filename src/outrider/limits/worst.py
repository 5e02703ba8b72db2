"""The most that one attempt may take: what is held on budgets before a provider is asked."""

from outrider.base.budget import Amount, Measure
from outrider.base.usage import Price

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
    inputs, each = size + FRAME, max_tokens  # once per call: no list is made to find the least
    if max_output is not None and (each is None or max_output < each):
        each = max_output
    if context is not None:
        if context < inputs:
            inputs = context
        if each is None or context < each:
            each = context
    outputs = (UNKNOWN_OUTPUT if each is None else each) * (n if n > 1 else 1)
    money = 0 if price is None else -(-(inputs * dearest(price) + outputs * price.output) // 1_000_000)
    return Amount(money, inputs, outputs, 1, 1)


def most_output(
    room: int, measure: Measure, size: int, n: int, price: Price | None, context: int | None = None
) -> int | None:
    """The largest `max_tokens` for which the worst case takes no more than `room` of the measure; below 0 if even the
    input does not fit. None: the measure does not depend on it.
    """
    inputs = _inputs(size, context)
    match measure:
        case "money":
            if price is None or price.output <= 0:
                return None
            left = (room * 1_000_000 - inputs * dearest(price)) // price.output
        case "total_tokens":
            left = room - inputs
        case "output_tokens":
            left = room
        case _:
            return None
    return left // max(1, n)


def _inputs(size: int, context: int | None) -> int:
    return size + FRAME if context is None else min(size + FRAME, context)


def dearest(price: Price) -> int:
    """The dearest of the prices that a token of input may have: fresh, written to the provider's cache, or read."""
    if price.cached is price.cache_write is price.cache_write_long is None:
        return price.input
    return max(price.input, price.cached or 0, price.cache_write or 0, price.cache_write_long or 0)
