"""What each strategy prefers, and what holds for all of them."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base import chance, plugins
from outrider.base.choice import Ask
from outrider.base.usage import Price
from outrider.routing import balance, by_size, by_tag, cascade, cheapest, fallback, least_busy, least_latency
from tests.routing.candidates import Signs, candidate, names

NAMES = plugins.names("outrider.routing")


@pytest.fixture(autouse=True)
def seeded() -> None:
    chance.source.seed(7)


@pytest.mark.parametrize("name", NAMES)
@given(count=st.integers(0, 5), tokens=st.integers(0, 9_000), busy=st.integers(0, 3), tags=st.sampled_from(["", "eu"]))
def test_every_strategy_orders_and_invents_nothing(name: str, count: int, tokens: int, busy: int, tags: str) -> None:
    strategy = plugins.load("outrider.routing", name)
    given = [candidate(str(n), Signs(n / 10, busy=busy * n), up_to=1000 * n) for n in range(count)]
    found = strategy.arrange(Ask(tokens, tags=tags.split()), given)
    assert sorted(map(id, found)) == sorted(map(id, given))
    assert isinstance(strategy.spreads, bool)
    assert isinstance(strategy.needs_price, bool)


def firsts(strategy: object, ask: Ask, make: object, times: int = 2000) -> Counter[str]:
    return Counter(names(strategy.arrange(ask, make())[:1]) for _ in range(times))  # type: ignore[attr-defined,operator]


def test_fallback_and_cascade_keep_the_order() -> None:
    given = [candidate("a"), candidate("b"), candidate("c")]
    assert names(fallback.arrange(Ask(), given)) == "a b c"
    assert names(cascade.arrange(Ask(), given)) == "a b c"


def test_balance_follows_the_weights() -> None:
    found = firsts(balance, Ask(), lambda: [candidate("a", weight=6.0), candidate("b", weight=3.0), candidate("c")])
    assert found["a"] == pytest.approx(1200, rel=0.15)
    assert found["b"] == pytest.approx(600, rel=0.15)
    assert found["c"] == pytest.approx(200, rel=0.3)


def test_balance_spares_who_is_near_a_limit() -> None:
    found = firsts(balance, Ask(), lambda: [candidate("a", headroom=0.01), candidate("b")])
    assert found["a"] < 300


def test_balance_never_draws_a_weight_of_nothing_first() -> None:
    assert firsts(balance, Ask(), lambda: [candidate("a", weight=0.0), candidate("b")])["a"] == 0


def test_least_busy_counts_calls_for_their_weight() -> None:
    given = [candidate("a", Signs(busy=5), weight=4.0), candidate("b", Signs(busy=2)), candidate("c", Signs(busy=4))]
    assert names(least_busy.arrange(Ask(), given)) == "a b c"
    idle = firsts(least_busy, Ask(), lambda: [candidate("a"), candidate("b")])
    assert 800 < idle["a"] < 1200


def test_the_quickest_gets_nearly_everything() -> None:
    found = firsts(least_latency, Ask(), lambda: [candidate("a", Signs(0.5, 0.01)), candidate("b", Signs(1.5, 0.03))])
    assert found["a"] > 1990


def test_thin_evidence_is_explored_the_more_seldom_the_slower() -> None:
    quick = Signs(0.5, 0.01)
    near = firsts(least_latency, Ask(), lambda: [candidate("a", quick), candidate("b", Signs(1.0, 0.02, evidence=0.2))])
    far = firsts(least_latency, Ask(), lambda: [candidate("a", quick), candidate("b", Signs(9.0, 0.2, evidence=0.01))])
    assert near["b"] > 40
    assert 0 < far["b"] < near["b"]


def test_who_was_never_measured_is_tried_by_one_call_at_a_time() -> None:
    given = [candidate("a", Signs(0.5)), candidate("b"), candidate("c", Signs(busy=1))]
    assert names(least_latency.arrange(Ask(), given)) == "b a c"


def test_failures_count_as_time() -> None:
    found = firsts(least_latency, Ask(), lambda: [candidate("a", Signs(0.5, failing=0.9)), candidate("b", Signs(1.0))])
    assert found["b"] > 1900


def test_the_time_for_the_answer_counts_by_its_length() -> None:
    given = [candidate("a", Signs(0.2, 0.05)), candidate("b", Signs(2.0, 0.001))]
    assert names(least_latency.arrange(Ask(max_output=5), given)) == "a b"
    assert names(least_latency.arrange(Ask(), given)) == "b a"


def test_cheapest_is_for_this_call_and_unknown_prices_are_last() -> None:
    reads, writes = Price(input=10_000, output=900_000), Price(input=100_000, output=100_000)
    given = [candidate("x"), candidate("r", price=reads), candidate("w", price=writes)]
    assert names(cheapest.arrange(Ask(10_000, 10), given)) == "r w x"
    assert names(cheapest.arrange(Ask(10, 500), given)) == "w r x"


def test_a_tag_is_a_promise() -> None:
    given = [candidate("us"), candidate("eu", tags="eu"), candidate("both", tags="eu fast")]
    assert names(by_tag.arrange(Ask(tags=["eu"]), given)) == "eu both"
    assert names(by_tag.arrange(Ask(tags=["eu", "fast"]), given)) == "both eu"
    assert names(by_tag.arrange(Ask(tags=["other"]), given)) == "us"
    assert names(by_tag.arrange(Ask(), given[1:])) == "eu both"


def test_sizes_find_the_tightest_that_holds_them() -> None:
    given = [candidate("any"), candidate("large", up_to=30_000), candidate("small", up_to=2_000)]
    assert names(by_size.arrange(Ask(100), given)) == "small large any"
    assert names(by_size.arrange(Ask(5_000), given)) == "large any small"
    assert names(by_size.arrange(Ask(99_000), given)) == "any large small"
