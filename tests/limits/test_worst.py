"""The worst case of a call is never below what it can be billed."""

from hypothesis import given
from hypothesis import strategies as st

from outrider.base.usage import Price, Usage
from outrider.limits.worst import FRAME, UNKNOWN_OUTPUT, worst

rates = st.integers(0, 10**12)
prices = st.builds(Price, rates, rates, st.none() | rates, st.none() | rates)
counts = st.integers(0, 10**6)


@given(size=counts, most=st.none() | counts, n=st.integers(1, 8), price=prices, max_output=st.none() | counts,
       context=st.none() | counts, used=st.data())  # fmt: skip
def test_no_bill_is_above_it(
    size: int, most: int | None, n: int, price: Price, max_output: int | None, context: int | None, used: st.DataObject
) -> None:
    limit = min(x for x in (most, max_output, context, 1 << 40) if x is not None)
    amount = worst(size, most, n, price, max_output, context)
    tokens = used.draw(st.integers(0, min(size + FRAME, context if context is not None else 1 << 40)))
    cached = used.draw(st.integers(0, tokens))
    written = used.draw(st.integers(0, tokens - cached))
    if limit == 1 << 40:
        limit = UNKNOWN_OUTPUT
    usage = Usage(tokens, used.draw(st.integers(0, limit * n)), cached, written)
    assert price.cost(usage) <= amount.money
    assert usage.input <= amount.input
    assert usage.output <= amount.output
    assert (amount.calls, amount.concurrent) == (1, 1)


def test_what_the_caller_allows_counts_where_nothing_else_is_known() -> None:
    assert worst(10, 100_000, 1, None).output == 100_000
    assert worst(10, None, 2, None).output == 2 * UNKNOWN_OUTPUT
    assert worst(10, 100_000, 1, None, max_output=4096).output == 4096
    assert worst(10, None, 1, None, context=8192).output == 8192
    assert worst(10**6, 1, 1, None, context=8192).input == 8192
    assert worst(10, 0, 1, None).money == 0
