"""What a model call consumed, and the price that was applied to it."""

from decimal import ROUND_CEILING, Decimal

import msgspec

MOST_TOKENS = 10**9
"""No call has more tokens than this: who says more, or less than none, has not counted."""


class Usage(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Token counts of one model call or a sum of them.

    `input` includes `cached` (read from the provider's cache) and `cache_write`, and that includes `cache_write_long`
    (kept for an hour, which costs more); `output` includes `reasoning`. `estimated` is set when the provider reported
    nothing and the counts are ours.
    """

    input: int = 0
    output: int = 0
    cached: int = 0
    cache_write: int = 0
    reasoning: int = 0
    estimated: bool = False
    cache_write_long: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input + other.input,
            self.output + other.output,
            self.cached + other.cached,
            self.cache_write + other.cache_write,
            self.reasoning + other.reasoning,
            self.estimated or other.estimated,
            self.cache_write_long + other.cache_write_long,
        )


class Price(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Price per million tokens, in nano-dollars, with where it came from (`list@date` or `config`)."""

    input: int = 0
    output: int = 0
    cached: int | None = None
    cache_write: int | None = None
    source: str = ""
    cache_write_long: int | None = None

    def cost(self, usage: Usage) -> int:
        """Nano-dollars for `usage`, rounded up to the next nano-dollar."""
        cached = self.input if self.cached is None else self.cached
        write = self.input if self.cache_write is None else self.cache_write
        fresh = max(0, usage.input - usage.cached - usage.cache_write)
        total = fresh * self.input + usage.cached * cached + usage.cache_write * write + usage.output * self.output
        if usage.cache_write_long:
            total += usage.cache_write_long * ((self.cache_write_long or write) - write)
        return -(-total // 1_000_000)

    def scaled(self, factor: Decimal, why: str) -> "Price":
        """This price times `factor`, each part rounded up to the next nano-dollar; `source` says so."""

        def part(amount: int) -> int:
            return int((amount * factor).to_integral_value(ROUND_CEILING))

        def maybe(amount: int | None) -> int | None:
            return None if amount is None else part(amount)

        said = f"{self.source} × {factor} {why}"
        cached, write, long = maybe(self.cached), maybe(self.cache_write), maybe(self.cache_write_long)
        return Price(part(self.input), part(self.output), cached, write, said, long)
