"""What a model call consumed, and the price that was applied to it."""

from decimal import ROUND_CEILING, Decimal
from typing import Literal

import msgspec

MOST_TOKENS = 10**9
"""No call has more tokens than this: who says more, or less than none, has not counted."""


class Usage(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Token counts of one model call or a sum of them.

    `input` includes `cached` (read from the provider's cache) and `cache_write`, and that includes `cache_write_long`
    (kept for an hour, which costs more); `output` includes `reasoning`. `estimated` is set when the provider reported
    nothing and the counts are ours. `searches` are those of the web that the provider made itself.
    """

    input: int = 0
    output: int = 0
    cached: int = 0
    cache_write: int = 0
    reasoning: int = 0
    estimated: bool = False
    cache_write_long: int = 0
    searches: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input + other.input,
            self.output + other.output,
            self.cached + other.cached,
            self.cache_write + other.cache_write,
            self.reasoning + other.reasoning,
            self.estimated or other.estimated,
            self.cache_write_long + other.cache_write_long,
            self.searches + other.searches,
        )


class Fee(msgspec.Struct, frozen=True, gc=False):
    """What a web search costs that the provider makes itself: nano-dollars for each that was counted (`search`), for
    an answer that searched (`prompt`) or for every answer (`answer`), with where it came from (`fees@date`, `config`).
    """

    amount: int
    per: Literal["search", "prompt", "answer"] = "search"
    source: str = ""

    def times(self, searches: int) -> int:
        """How often it is to be paid."""
        return searches if self.per == "search" else 1 if self.per == "answer" or searches else 0


class Price(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Price per million tokens, in nano-dollars, with where it came from (`list@date` or `config`), and the fee for web
    searches."""

    input: int = 0
    output: int = 0
    cached: int | None = None
    cache_write: int | None = None
    source: str = ""
    cache_write_long: int | None = None
    search: Fee | None = None

    def cost(self, usage: Usage) -> int:
        """Nano-dollars for `usage`, rounded up to the next nano-dollar."""
        cached = self.input if self.cached is None else self.cached
        write = self.input if self.cache_write is None else self.cache_write
        fresh = max(0, usage.input - usage.cached - usage.cache_write)
        total = fresh * self.input + usage.cached * cached + usage.cache_write * write + usage.output * self.output
        if usage.cache_write_long:
            total += usage.cache_write_long * ((self.cache_write_long or write) - write)
        fees = self.search.amount * self.search.times(usage.searches) if self.search is not None else 0
        return fees - (-total // 1_000_000)

    def applied(self, usage: Usage) -> "Price":
        """This price as the record names it: with the fee only where there was one to pay."""
        if self.search is None:
            return self
        if not (times := self.search.times(usage.searches)):
            return Price(self.input, self.output, self.cached, self.cache_write, self.source, self.cache_write_long)
        said = f"{self.source} + {times} × ${self.search.amount / 1e9:.4g} for web search ({self.search.source})"
        return Price(self.input, self.output, self.cached, self.cache_write, said, self.cache_write_long, self.search)

    def scaled(self, factor: Decimal, why: str) -> "Price":
        """This price times `factor`, each part rounded up to the next nano-dollar; `source` says so. The fee stays."""

        def part(amount: int) -> int:
            return int((amount * factor).to_integral_value(ROUND_CEILING))

        def maybe(amount: int | None) -> int | None:
            return None if amount is None else part(amount)

        said = f"{self.source} × {factor} {why}"
        cached, write, long = maybe(self.cached), maybe(self.cache_write), maybe(self.cache_write_long)
        return Price(part(self.input), part(self.output), cached, write, said, long, self.search)
