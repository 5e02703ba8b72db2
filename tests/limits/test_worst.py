"""The worst case is never below what a call within its bounds costs; what fits a room is all that fits."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from outrider.base.budget import Measure
from outrider.base.usage import Price, Usage
from outrider.limits.worst import FRAME, UNKNOWN_OUTPUT, most_output, worst

RATE = st.integers(0, 10**11)
PRICES = st.builds(Price, RATE, RATE, st.none() | RATE, st.none() | RATE)
TOKENS = st.integers(0, 2_000_000)
CHOICES = st.integers(1, 128)


@st.composite
def usages(draw: st.DrawFn, most_in: int, most_out: int) -> Usage:
    """What a provider may report within these bounds."""
    input_ = draw(st.integers(0, most_in))
    cached = draw(st.integers(0, input_))
    written = draw(st.integers(0, input_ - cached))
    return Usage(input_, draw(st.integers(0, most_out)), cached, written)


@given(TOKENS, TOKENS, CHOICES, PRICES, st.data())
def test_it_is_never_below_what_a_call_costs(size: int, most: int, n: int, price: Price, data: st.DataObject) -> None:
    held = worst(size, most, n, price)
    usage = data.draw(usages(size + FRAME, most * n))
    assert held.money >= price.cost(usage)
    assert held.input >= usage.input
    assert held.output >= usage.output
    assert (held.calls, held.concurrent) == (1, 1)


@given(TOKENS, st.none() | TOKENS, CHOICES, PRICES, st.none() | TOKENS, TOKENS, st.data())
def test_the_models_own_limits_hold_too(
    size: int, most: int | None, n: int, price: Price, max_output: int | None, context: int, data: st.DataObject
) -> None:
    held = worst(size, most, n, price, max_output, context)
    each = min(limit for limit in (most, max_output, context) if limit is not None)
    usage = data.draw(usages(min(size + FRAME, context), each * n))
    assert held.money >= price.cost(usage)
    assert (held.input, held.output) == (min(size + FRAME, context), each * n)


def test_what_nobody_knows() -> None:
    assert worst(10, None, 2, None).output == 2 * UNKNOWN_OUTPUT
    assert worst(10, 5, 1, None).money == 0
    assert worst(10, 0, 0, Price(1_000_000)).money == 10 + FRAME


@given(
    st.integers(0, 10**13), st.sampled_from(["money", "output_tokens", "total_tokens"]), TOKENS, CHOICES, PRICES,
    st.none() | TOKENS,
)  # fmt: skip
def test_what_fits_a_room_is_all_that_fits(
    room: int, measure: Measure, size: int, n: int, price: Price, context: int | None
) -> None:
    assume(price.output)
    most = most_output(room, measure, size, n, price, context)
    assert most is not None
    if most >= 0:
        assert worst(size, most, n, price).of(measure) <= room or context is not None
        assert worst(size, most, n, price, context=context).of(measure) <= room
    if context is None or most < context:
        more = worst(size, max(0, most + 1), n, price, context=context)
        assert more.of(measure) > room


@pytest.mark.parametrize("measure", ["input_tokens", "calls", "concurrent"])
def test_shorter_answers_do_not_help_every_budget(measure: Measure) -> None:
    assert most_output(100, measure, 10, 1, Price(1, 1)) is None
    assert most_output(100, "money", 10, 1, None) is None
    assert most_output(100, "money", 10, 1, Price(5, 0)) is None
