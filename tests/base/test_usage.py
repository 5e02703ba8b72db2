"""Usage adds up, and a price makes exact money of it."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from outrider.base.usage import Price, Usage

COUNTS = st.integers(0, 10**7)


@given(*[COUNTS] * 8)
def test_costs_are_exact_and_never_below_the_price(
    fresh: int, cached: int, written: int, out: int, a: int, b: int, c: int, d: int
) -> None:
    usage = Usage(input=fresh + cached + written, output=out, cached=cached, cache_write=written)
    exact = fresh * a + cached * b + written * c + out * d
    cost = Price(input=a, output=d, cached=b, cache_write=c).cost(usage)
    assert 0 <= cost * 1_000_000 - exact < 1_000_000


def test_cache_prices_default_to_the_input_price() -> None:
    assert Price(input=1_000_000, output=0).cost(Usage(input=10, cached=4, cache_write=3)) == 10


def test_counts_that_contradict_each_other_cost_no_less_than_nothing() -> None:
    assert Price(input=1_000_000, output=0, cached=0).cost(Usage(input=1, cached=5)) == 0


def test_sum() -> None:
    both = Usage(1, 2, 3, 4, 5) + Usage(10, 20, 30, 40, 50, estimated=True)
    assert both == Usage(11, 22, 33, 44, 55, estimated=True)


def test_a_price_in_part_is_rounded_up_and_says_so() -> None:
    price = Price(3, 10, cached=1, source="list").scaled(Decimal("0.5"), "for batches")
    assert price == Price(2, 5, cached=1, source="list × 0.5 for batches")


def test_an_hour_in_the_cache_costs_more() -> None:
    price = Price(1_000_000, 0, cache_write=1_250_000, cache_write_long=2_000_000)
    assert price.cost(Usage(100, cache_write=100, cache_write_long=40)) == 60 * 1_250_000 // 10**6 + 80
