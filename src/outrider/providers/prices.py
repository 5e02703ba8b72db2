"""What a call costs per million tokens: from the configuration, else from the dated list of `genai-prices`.

The list is data that works offline. Its import takes a quarter of a second and 30 MB, so it happens on first use:
call `warm` from a thread before traffic comes. Amounts are exact: decimal dollars in the list, nano-dollars here.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from msgspec import structs

from outrider.base import clock, money
from outrider.base.ports import Deployment
from outrider.base.usage import Price
from outrider.providers.fees import fee, with_fee
from outrider.providers.presets import price_list

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelPrice

SLOT_NS = clock.HOUR_NS // 4  # prices change at midnight, and for off-peak hours at half hours
EMBEDDED = Price(source="embedded")

Ladder = tuple[tuple[int, Price], ...]
"""Prices by the input tokens above which they hold, ascending; the first starts at 0."""


def warm() -> None:
    """Load the list. Takes a quarter of a second: call it off the event loop."""
    _list()


def price(
    provider: str, model: str, at_ns: int, overrides: Mapping[str, Price] | None = None, input_tokens: int = 0
) -> Price | None:
    """The price of `model` at `provider` (a preset's name, or the list's) at a time; None if nobody knows it.

    `overrides` are configured prices by model and win. Some providers charge more for long prompts: `input_tokens`
    chooses among those prices. Cheap after the first call
    for a model and quarter of an hour.
    """
    if overrides and model in overrides:
        return with_fee(overrides[model], fee(provider, model, at_ns))
    if provider == "embedded":
        return EMBEDDED
    ladder = _ladder(provider, model, at_ns // SLOT_NS)
    if ladder is None:
        return None
    chosen = ladder[0][1]
    for start, step in ladder[1:]:
        if input_tokens > start:
            chosen = step
    return with_fee(chosen, fee(provider, model, at_ns))


MOST_KEPT = 1000


class Quotes:
    """Prices of deployments, looked up once for each in a quarter of an hour: a call asks twice."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Deployment, int, int, Ladder | None]] = {}

    def of(self, deployment: Deployment, at_ns: int, input_tokens: int = 0) -> Price | None:
        """As `price`, of what a deployment costs."""
        kept = self._kept.get(deployment.name)
        if kept is None or kept[0] is not deployment or not kept[1] <= at_ns < kept[2]:
            kept = self._keep(deployment, at_ns)
        ladder = kept[3]
        if ladder is None:
            return None
        chosen = ladder[0][1]
        if len(ladder) > 1:
            for start, step in ladder:
                if input_tokens > start:
                    chosen = step
        return chosen

    def _keep(self, deployment: Deployment, at_ns: int) -> tuple[Deployment, int, int, Ladder | None]:
        if len(self._kept) >= MOST_KEPT:  # callers can make up names
            self._kept.clear()
        begins = at_ns // SLOT_NS * SLOT_NS
        ladder = _quoted(deployment, at_ns)
        kept = self._kept[deployment.name] = (deployment, begins, begins + SLOT_NS, ladder)
        return kept


def _quoted(deployment: Deployment, at_ns: int) -> Ladder | None:
    """What a deployment costs now, by the input tokens above which it does, with its fee."""
    provider, model, said = deployment.price_list, deployment.model, deployment.prices
    if (said and model in said) or provider == "embedded":
        found = price(provider, model, at_ns, said)
        return None if found is None else ((0, found),)
    ladder, extra = _ladder(provider, model, at_ns // SLOT_NS), fee(provider, model, at_ns)
    return None if ladder is None else tuple([(start, with_fee(step, extra)) for start, step in ladder])


def loaded() -> bool:
    """Whether the list is in memory."""
    return _loaded


def context(provider: str, model: str) -> int | None:
    """The context length of `model`, in tokens; None if the list does not say, or is not loaded yet."""
    return _context(provider, model) if loaded() else None


@lru_cache(4096)
def _context(provider: str, model: str) -> int | None:
    name = price_list(provider)
    if not name or provider == "embedded":
        return None
    try:
        _, found = _list().find_provider_model(model, None, name, None)
    except LookupError:
        return None
    return found.context_window or None


@lru_cache(4096)
def _ladder(provider: str, model: str, slot: int) -> Ladder | None:
    name = price_list(provider)
    if not name:
        return None
    try:
        _, found = _list().find_provider_model(model, None, name, None)
    except LookupError:
        return None
    listed = found.get_prices(datetime.fromtimestamp(slot * SLOT_NS // 1_000_000_000, UTC))
    starts = {0} | {tier.start for kind in _KINDS for tier in getattr(getattr(listed, kind), "tiers", ())}
    prices = [(start, _price(listed, start)) for start in sorted(starts)]
    if "claude" in model:  # not in the list: an hour in Anthropic's cache is written at twice the price of input
        prices = [(start, structs.replace(price, cache_write_long=2 * price.input)) for start, price in prices]
    return tuple(prices)


_KINDS = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok")


def _price(listed: "ModelPrice", start: int) -> Price:
    """The price above `start` input tokens."""
    fresh, output, cached, write = (_amount(getattr(listed, kind), start) for kind in _KINDS)
    return Price(input=fresh or 0, output=output or 0, cached=cached, cache_write=write, source=_source())


def _amount(listed: Any, start: int) -> int | None:
    """Nano-dollars per million tokens; the list has a decimal, or a base with tiers, or nothing."""
    if listed is None:
        return None
    if isinstance(listed, Decimal):
        return money.nano(listed)
    amount = listed.base
    for tier in listed.tiers:
        if start >= tier.start:
            amount = tier.price
    return money.nano(amount)


_loaded = False


@cache
def _list() -> "DataSnapshot":
    global _loaded  # asked about for every call
    from genai_prices.data_snapshot import get_snapshot

    found = get_snapshot()
    _loaded = True
    return found


@cache
def _source() -> str:
    return f"genai-prices@{version('genai-prices')}"
