import subprocess
import sys
from datetime import UTC, datetime

import msgspec
import pytest

from outrider.base.clock import HOUR_NS
from outrider.base.ports import Deployment
from outrider.base.usage import Price, Usage
from outrider.providers import prices
from outrider.providers.presets import presets, price_list
from outrider.providers.prices import Quotes, price
from outrider.testing import ScriptedProvider

DOLLAR = 1_000_000_000


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


NOW = at("2026-11-01T12:00")


@pytest.mark.parametrize(
    ("provider", "model", "fresh", "output", "cached"),
    [
        ("openai", "gpt-4o-mini", 150_000_000, 600_000_000, 75_000_000),
        ("openai", "gpt-4o-mini-2024-07-18", 150_000_000, 600_000_000, 75_000_000),
        ("openai", "text-embedding-3-small", 20_000_000, 0, None),
        ("xai", "grok-4", 3 * DOLLAR, 15 * DOLLAR, 750_000_000),
        ("groq", "llama-3.3-70b-versatile", 590_000_000, 790_000_000, None),
        ("azure", "gpt-4o-mini", 150_000_000, 600_000_000, 75_000_000),
    ],
)
def test_published_prices(provider: str, model: str, fresh: int, output: int, cached: int | None) -> None:
    found = price(provider, model, NOW)
    assert found is not None
    assert (found.input, found.output, found.cached) == (fresh, output, cached)
    assert found.source.startswith("genai-prices@")


def test_long_prompts_cost_what_their_tier_says() -> None:
    short, edge, long = (price("gemini", "gemini-2.5-pro", NOW, None, n) for n in (0, 200_000, 200_001))
    assert short == edge
    assert short is not None
    assert long is not None
    assert (short.input, short.output, short.cached) == (1_250_000_000, 10 * DOLLAR, 125_000_000)
    assert (long.input, long.output, long.cached) == (2_500_000_000, 15 * DOLLAR, 250_000_000)


def test_the_price_is_the_one_of_its_day() -> None:
    """Prices that the list dates: before and after a change they differ, and the change is where the list says."""
    from genai_prices.data_snapshot import get_snapshot
    from genai_prices.types import StartDateConstraint

    checked = 0
    for provider in get_snapshot().providers:
        for model in provider.models:
            if not isinstance(model.prices, list) or checked == 5:
                continue
            for dated in model.prices:
                if isinstance(dated.constraint, StartDateConstraint):
                    day = at(dated.constraint.start_date.isoformat())
                    new, old = price(provider.id, model.id, day), price(provider.id, model.id, day - 1)
                    checked += new is not None and new != old
    assert checked > 0


def test_configured_prices_win_and_embedded_models_are_free() -> None:
    own = Price(input=1, output=2, source="config")
    assert price("vllm", "gpt-4o-mini", NOW, {"gpt-4o-mini": own}) is own
    assert price("embedded", "anything", NOW) == Price(source="embedded")


@pytest.mark.parametrize(("provider", "model"), [("nobody", "gpt-4o"), ("openai", "no-such-model"), ("vllm", "gpt-4o")])
def test_unknown_is_none_and_not_free(provider: str, model: str) -> None:
    assert price(provider, model, NOW) is None


def test_a_call_is_priced_to_the_nano_dollar() -> None:
    found = price("openai", "gpt-4o-mini", NOW)
    assert found is not None
    assert found.cost(Usage(input=1000, cached=400, output=10)) == 600 * 150 + 400 * 75 + 10 * 600


def test_every_list_that_a_preset_names_is_there() -> None:
    from genai_prices.data_snapshot import find_provider_by_id, get_snapshot

    own = {p.price_list for p in presets().values() if p.price_list}
    assert [n for n in own if find_provider_by_id(get_snapshot().providers, n) is None] == []
    known = [n for n in presets() if price_list(n) and find_provider_by_id(get_snapshot().providers, price_list(n))]
    assert len(known) >= 15


def test_importing_the_module_does_not_load_the_list() -> None:
    code = "import sys; import outrider.providers.prices; assert 'genai_prices' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def deployed(model: str, price_list: str = "gemini", prices: dict[str, Price] | None = None) -> Deployment:
    return Deployment("one", "p", model, "openai", ScriptedProvider(), {}, price_list=price_list, prices=prices or {})


def test_quotes_say_what_prices_say_for_every_size_and_time() -> None:
    quotes = Quotes()
    for model, listed in (("gemini-2.5-pro", "gemini"), ("gpt-4o-mini-search-preview", "openai"), ("none", "none")):
        one = deployed(model, listed)
        for size in (0, 1, 200_000, 200_001):
            for moment in (NOW, NOW + 1, NOW + HOUR_NS, NOW - 400 * 24 * HOUR_NS):
                assert quotes.of(one, moment, size) == price(listed, model, moment, None, size)


def test_quotes_follow_a_changed_configuration() -> None:
    quotes = Quotes()
    dear, cheap = Price(9, 9, source="config"), Price(1, 1, source="config")
    assert quotes.of(deployed("m", "", {"m": dear}), NOW) == dear
    assert quotes.of(deployed("m", "", {"m": cheap}), NOW) == cheap
    assert quotes.of(deployed("m", ""), NOW) is None
    assert quotes.of(deployed("m", "embedded"), NOW) == price("embedded", "m", NOW)


def test_quotes_of_more_names_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prices, "MOST_KEPT", 3)
    quotes = Quotes()
    for number in range(10):
        one = msgspec.structs.replace(deployed("gpt-4o-mini", "openai"), name=f"d{number}")
        assert quotes.of(one, NOW) == price("openai", "gpt-4o-mini", NOW)
