"""What a provider asks for its own web searches, beside the tokens: dated data in `fees.yaml`."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

import msgspec

from outrider.base import money
from outrider.base.usage import Fee, Price
from outrider.providers.presets import price_list

DAY_NS = 86_400_000_000_000
THOUSAND = 1000


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the list; the file's head explains the fields."""

    models: str
    since: date
    usd: float
    per: Literal["search", "prompt", "answer"]
    doc: str


@cache
def listed() -> Mapping[str, Sequence[Listed]]:
    """All of the list, by price list."""
    text = (resources.files("outrider.providers") / "fees.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=dict[str, list[Listed]])


def fee(provider: str, model: str, at_ns: int) -> Fee | None:
    """The fee for a web search of `model` at `provider` (a preset's name, or the list's) at a time; None if there is
    none, or nobody knows it."""
    return _fee(provider, model, at_ns // DAY_NS)


@lru_cache(4096)
def _fee(provider: str, model: str, day: int) -> Fee | None:
    on = datetime.fromtimestamp(day * DAY_NS // 1_000_000_000, UTC).date()
    for one in listed().get(price_list(provider), ()):
        if re.match(one.models, model) and one.since <= on:
            return Fee(money.nano(str(one.usd)) // THOUSAND, one.per, f"fees@{one.since}")
    return None


@lru_cache(4096)
def with_fee(price: Price, found: Fee | None) -> Price:
    """The price with the fee, unless it has one of its own."""
    return price if found is None or price.search is not None else msgspec.structs.replace(price, search=found)
