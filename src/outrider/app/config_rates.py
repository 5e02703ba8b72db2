"""The settings of rates and capacity. Values stay as they are written; the functions make them what `limits` reads."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from outrider.app.config_limits import Match
from outrider.app.config_values import Duration, RateText
from outrider.limits import bucket
from outrider.limits.rates import RateRule
from outrider.limits.terms import MATCHED
from outrider.limits.turnstile import Capacity

Burst = Annotated[
    Annotated[Duration, Meta(ge=0.001)] | None,
    Meta(description="How much of a rate may come at once, as a time; null: all of it."),
]
Calls = Annotated[int, Meta(ge=1, le=1_000_000)]


class RateLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How fast calls may come. What is over it is refused with 429 `rate_limit_exceeded` and when to try again."""

    requests: Annotated[RateText | None, Meta(description="Requests, such as `600/min`.")] = None
    tokens: Annotated[RateText | None, Meta(description="Tokens, input and output together.")] = None
    concurrent: Annotated[Calls | None, Meta(description="Calls at the same time.")] = None
    burst: Burst = None
    match: Annotated[Match, Meta(description="Which calls it covers; all without it.")] = Match()
    per: Annotated[
        Literal["project", "key", "user", "team", "session", "tag", "route"] | None,
        Meta(description="Each value of this scope has the whole rate for itself; null: all share one."),
    ] = None
    priority: Annotated[
        Literal["interactive", "batch"] | None,
        Meta(description="`batch`: these calls wait behind all others, whatever their `x-outrider-priority` says."),
    ] = None

    def rule(self, name: str) -> RateRule:
        """The same as `limits.rates` reads it. The settings must have been checked."""
        return RateRule(
            id=name,
            match={scope: values for scope in MATCHED if (values := getattr(self.match, scope))},
            per=self.per,
            requests=bucket.rate(self.requests, self.burst) if self.requests else None,
            tokens=bucket.rate(self.tokens, self.burst) if self.tokens else None,
            concurrent=self.concurrent,
            priority=self.priority,
        )


class ModelLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one model of a provider can do."""

    concurrent: Annotated[Calls | None, Meta(description="Calls at the same time; others wait for their turn.")] = None
    requests: Annotated[RateText | None, Meta(description="Requests, such as `500/min`.")] = None
    tokens: Annotated[RateText | None, Meta(description="Tokens, input and output together.")] = None
    burst: Burst = None
    queue: Annotated[int, Meta(ge=0, le=100_000, description="Calls that may wait, in each worker.")] = 1000

    def capacity(self) -> Capacity:
        """The same as `limits.turnstile` reads it. The settings must have been checked."""
        return Capacity(
            concurrent=self.concurrent,
            requests=bucket.rate(self.requests, self.burst) if self.requests else None,
            tokens=bucket.rate(self.tokens, self.burst) if self.tokens else None,
            queue=self.queue,
        )


class ProviderLimits(ModelLimits, frozen=True, forbid_unknown_fields=True):
    """What a provider can do, all its models together, except those that have their own entry under `models`."""

    models: Annotated[
        dict[str, ModelLimits], Meta(description="Limits of single models. These do not count for the provider.")
    ] = {}


def rules_of(rates: Mapping[str, RateLimit]) -> list[RateRule]:
    """The rules of settings that were checked, for `Rates.load`."""
    return [limit.rule(name) for name, limit in rates.items()]


def capacities(limits: Mapping[str, ProviderLimits | None]) -> dict[str, Capacity]:
    """The limits of providers by name as `Turnstiles.load` takes them: by `provider` and by `provider/model`."""
    made = {}
    for provider, own in limits.items():
        if own is not None:
            if own.concurrent or own.requests or own.tokens:
                made[provider] = own.capacity()
            made |= {f"{provider}/{model}": limit.capacity() for model, limit in own.models.items()}
    return made


def problems_of(name: str, limit: RateLimit) -> Iterator[tuple[str, str]]:
    """What is wrong with a rate limit: the key ("" for the whole) and a message."""
    if not name or len(name) > 64 or not name.isprintable():
        yield "", "the name of a rate limit has 1 to 64 printable characters"
    if not (limit.requests or limit.tokens or limit.concurrent or limit.priority):
        yield "", "it limits nothing: give requests, tokens or concurrent, such as requests: 600/min"
    if limit.burst is not None and not (limit.requests or limit.tokens):
        yield "burst", "there is no rate that it belongs to; give requests or tokens, or leave it out"
