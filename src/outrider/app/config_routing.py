"""The settings of routing: breakers, what models can do, checks of idle providers, and what strategies go by."""

import difflib
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

from outrider.app.config_values import Count, Duration, Share, Words
from outrider.base import plugins
from outrider.base.grounding import GroundRule
from outrider.base.ports import BreakerRules, Facts
from outrider.gateway.answer_checks import GROUNDS, CascadeRule, Ground
from outrider.gateway.hedge import HedgeRule
from outrider.limits import terms

if TYPE_CHECKING:
    from outrider.app.config_structs import Route

STRATEGIES = "outrider.routing"

Kind = Literal["image", "audio", "file", "video"]
Weight = Annotated[int, Meta(ge=0, le=1000)]


class Breaker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a failing deployment is left alone, and for how long. Each of the provider's models has its own breaker."""

    on: Annotated[bool, Meta(description="Whether failures open it; an operator can in any case.")] = True
    errors: Annotated[Share, Meta(description="Part of the calls that failed at which it opens.")] = "50%"
    least: Annotated[
        int, Meta(ge=1, le=100_000, description="Calls within `window` below which `errors` says nothing.")
    ] = 10
    consecutive: Annotated[
        int, Meta(ge=1, le=1000, description="Failures one after another at which it opens in any case.")
    ] = 5
    window: Annotated[Duration, Meta(ge=1.0, description="How far back calls count.")] = 30.0
    slow: Annotated[
        Duration, Meta(description="A stream's first piece that takes longer counts as a failure; 0: none does.")
    ] = 60.0
    cooldown: Annotated[
        Duration, Meta(ge=0.1, description="How long it stays open; doubled each time that it opens again.")
    ] = 10.0
    longest: Annotated[Duration, Meta(ge=0.1, description="The longest that `cooldown` is doubled to.")] = 120.0
    probes: Annotated[
        int, Meta(ge=1, le=8, description="Calls at a time that try it after that, and successes that close it.")
    ] = 2

    def rules(self) -> BreakerRules:
        """The same as `limits.breakers` reads it. The settings must have been checked."""
        return BreakerRules(
            on=self.on,
            errors=terms.share(self.errors),
            least=self.least,
            consecutive=self.consecutive,
            window=self.window,
            slow=self.slow,
            cooldown=self.cooldown,
            longest=self.longest,
            probes=self.probes,
        )


class Hedge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a second deployment is asked because the first is slow to begin; whichever begins first answers."""

    after: Annotated[
        Annotated[Duration, Meta(ge=0.01)] | None,
        Meta(description="Wait for the first one; null: as long as 95 % of its calls took of late."),
    ] = None
    least: Annotated[Duration, Meta(ge=0.0, description="Never sooner than this.")] = 0.05
    share: Annotated[Share, Meta(description="Extra calls at most, as a part of all calls.")] = "5%"

    def rule(self) -> HedgeRule:
        """The same as `gateway.hedge` reads it. The settings must have been checked."""
        return HedgeRule(self.after, self.least, terms.share(self.share))


class Cascade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For strategy `cascade`: when an answer is not good enough and the next deployment is asked."""

    escalate_on: Annotated[tuple[Ground, ...], Meta(description="What speaks against an answer.")] = GROUNDS
    pattern: Annotated[str, Meta(description="A regular expression that only bad answers contain.")] = ""
    min_length: Annotated[int, Meta(ge=0, description="Characters that a good answer has at least.")] = 0

    samples: Annotated[
        int,
        Meta(ge=1, le=8, description="Answers asked for at once of a model that is not the last; they have to agree."),
    ] = 1
    agreement: Annotated[Share, Meta(description="How alike the answers have to be, on average.")] = "50%"

    def rule(self) -> CascadeRule:
        """The same as `gateway.answer_checks` reads it. The settings must have been checked."""
        alike = terms.share(self.agreement)
        return CascadeRule(self.escalate_on, self.pattern, self.min_length, self.samples, alike)


class ModelFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model can do. What is not said is taken from what is known about it, or taken to be possible."""

    context: Annotated[Count | None, Meta(description="Tokens that it can hold, such as `128k`.")] = None
    max_output: Annotated[Count | None, Meta(description="Tokens that an answer can have.")] = None
    sees: Annotated[tuple[Kind, ...] | None, Meta(description="What it takes beside text; `[]`: nothing.")] = None
    tools: Annotated[bool | None, Meta(description="Whether it can be given tools.")] = None
    json_schema: Annotated[bool | None, Meta(description="Whether it can be held to a JSON schema.")] = None
    tags: Annotated[Words, Meta(description="Words of yours for the strategy `by_tag`, such as `eu`.")] = ()

    def facts(self) -> Facts:
        """The same as routing reads it. The settings must have been checked."""
        return Facts(
            context=_tokens(self.context),
            max_output=_tokens(self.max_output),
            sees=None if self.sees is None else frozenset(self.sees),
            tools=self.tools,
            json_schema=self.json_schema,
            tags=frozenset(self.tags),
        )


class Grounded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The collection that a route's answers rest on. A collection's name alone will do."""

    collection: Annotated[
        str, Meta(min_length=1, description="Collection of the caller's project, or one that is everybody's.")
    ]
    strategy: Annotated[str, Meta(description="How passages are found, if not as the collection says.")] = ""
    limit: Annotated[int, Meta(ge=1, le=50, description="Passages that an answer is made from at most.")] = 6
    mode: Annotated[
        Literal["auto", "extractive", "abstractive"],
        Meta(
            description="Who writes: `extractive` quotes the passages and asks no model, `abstractive` gives them to "
            "the model; `auto` quotes where only the embedded model could write."
        ),
    ] = "auto"
    unsupported: Annotated[
        Literal["mark", "drop", "keep"],
        Meta(description="What becomes of the model's sentences with figures or names that no passage has."),
    ] = "mark"
    on_nothing: Annotated[
        Literal["refuse", "pass"],
        Meta(description="Where the documents do not answer: refuse, or let the model answer without them."),
    ] = "refuse"

    def rule(self) -> GroundRule:
        """The same as the gateway reads it."""
        return GroundRule(self.collection, self.strategy, self.limit, self.mode, self.unsupported, self.on_nothing)


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request of our own to a provider that has had no calls for a while, so that its failure is noticed early."""

    every: Annotated[Duration, Meta(ge=1.0, description="How long without calls, and between two checks.")] = 30.0
    ask: Annotated[
        Literal["models", "completion"],
        Meta(description="`models`: for its list, which costs nothing; `completion`: for one token of each model."),
    ] = "models"


def problems_of(route: "Route") -> Iterator[tuple[tuple[str, ...], str]]:
    """What is wrong with a route's options: the key below the route, and why."""
    for key, named in (("weights", route.weights), ("up_to", route.up_to)):
        for name in named:
            if name not in route.deployments:
                yield (key, name), f"{name!r} is not among the route's deployments"
    if route.weights and not any(route.weights.get(name, 1) for name in route.deployments):
        yield ("weights",), "at least one deployment needs a weight above 0"
    if route.strategy not in plugins.names(STRATEGIES):
        return
    if route.sticky and not plugins.load(STRATEGIES, route.strategy).spreads:
        spreading = [n for n in plugins.names(STRATEGIES) if plugins.load(STRATEGIES, n).spreads]
        yield (
            ("sticky",),
            f"has no meaning with strategy {route.strategy!r}, which does not spread calls; "
            f"these do: {', '.join(spreading)}",
        )
    if route.up_to and route.strategy != "by_size":
        yield ("up_to",), "is read by strategy 'by_size' alone"


def grounding_problems(use: "Grounded", collections: Collection[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """What is wrong with a route's `knowledge`. `collections` are those of the configuration; others may be there, but
    a name that is nearly one of these is a mistake."""
    near = difflib.get_close_matches(use.collection, sorted(collections), 1, 0.75)
    if near and use.collection not in collections:
        yield ("collection",), f"unknown collection {use.collection!r}, did you mean {near[0]!r}?"
    known = plugins.names("outrider.knowledge.strategies")
    if use.strategy and use.strategy not in known:
        yield ("strategy",), f"unknown strategy {use.strategy!r}; there are: {', '.join(known)}"
    elif use.strategy:
        from outrider.knowledge.collections import PLANNED, by_model

        if use.strategy in PLANNED:
            yield ("strategy",), by_model(use.strategy)


def _tokens(count: str | None) -> int | None:
    return None if count is None else terms.amount("calls", count)
