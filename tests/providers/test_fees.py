"""Fees for searches: by provider, model and day, and never in the place of a configured one."""

from datetime import UTC, datetime

import pytest

from outrider.base.usage import Fee, Price, Usage
from outrider.providers.fees import fee, listed, with_fee
from outrider.providers.presets import presets
from outrider.providers.prices import price


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


NOW = at("2026-11-01T12:00")
CENT = 10_000_000


@pytest.mark.parametrize(
    ("provider", "model", "amount", "per"),
    [
        ("anthropic", "claude-sonnet-4-5", CENT, "search"),
        ("openai", "gpt-5", CENT, "search"),
        ("openai-responses", "gpt-5", CENT, "search"),
        ("openai", "gpt-4o-mini-search-preview-2025-03-11", 25_000_000, "answer"),
        ("google", "gemini-2.5-pro", 35_000_000, "prompt"),
        ("vertex", "gemini-3-pro", 14_000_000, "search"),
    ],
)
def test_listed_fees(provider: str, model: str, amount: int, per: str) -> None:
    found = fee(provider, model, NOW)
    assert found is not None
    assert (found.amount, found.per, found.source[:5]) == (amount, per, "fees@")


def test_no_fee_where_none_is_known() -> None:
    assert fee("ollama", "gpt-5", NOW) is fee("google", "gemma-3", NOW) is fee("anthropic", "claude", 0) is None
    assert all(name in presets() and lines for name, lines in listed().items())


def test_a_configured_fee_wins_and_a_configured_price_has_the_listed_one() -> None:
    own = Price(5, 5, source="config", search=Fee(7, source="config"))
    assert with_fee(own, fee("openai", "gpt-5", NOW)) is own
    found = price("openai", "gpt-5", NOW, {"gpt-5": Price(5, 5, source="config")})
    assert found is not None
    assert found.search == fee("openai", "gpt-5", NOW)


@pytest.mark.parametrize(("per", "searches", "times"), [
    ("search", 3, 3), ("search", 0, 0), ("prompt", 3, 1), ("prompt", 0, 0), ("answer", 0, 1), ("answer", 2, 1),
])  # fmt: skip
def test_how_often_it_is_paid(per: str, searches: int, times: int) -> None:
    there = Price(1_000_000, 0, source="list", search=Fee(100, per, "fees@x"))  # type: ignore[arg-type]
    usage = Usage(5, searches=searches)
    applied = there.applied(usage)
    assert applied.cost(usage) == there.cost(usage) == 5 + 100 * times
    assert ("web search (fees@x)" in applied.source) is (times > 0)
    assert (applied.search is None) is (times == 0)
