"""The settings as frozen structs: one field per key of outrider.yaml, with its default and what it means.

Durations are seconds, sizes are bytes, money is nano-dollars. Secrets are `Secret`: `.reveal()` gives the
value and everything else shows the reference. JSON Schema and reference page are made from these.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from outrider.app.config_alarms import Alarms
from outrider.app.config_batches import BatchRules
from outrider.app.config_evaluation import Evaluation
from outrider.app.config_guardrails import Guardrails
from outrider.app.config_knowledge import CasebookRules, Knowledge
from outrider.app.config_limits import BudgetRule
from outrider.app.config_policy import Policy
from outrider.app.config_rates import ProviderLimits, RateLimit
from outrider.app.config_routing import Breaker, Cascade, Check, Grounded, Hedge, ModelFacts, Weight
from outrider.app.config_tools import Tools
from outrider.app.config_values import NAMED, Count, Dollars, Duration, Secret, Share, Size
from outrider.base.usage import Fee, Price

DAY = 86_400.0


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where Outrider listens and what it accepts."""

    host: Annotated[
        str, Meta(min_length=1, description="Address to listen on. Anything but loopback needs `auth: on`.")
    ] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on; 0 takes a free one.")] = 8720
    workers: Annotated[int, Meta(ge=1, le=256, description="Processes that answer requests.")] = 1
    max_body: Annotated[Size, Meta(ge=1000, description="Largest request body that is accepted.")] = 64_000_000
    drain_timeout: Annotated[
        Duration,
        Meta(
            description="How long a stop waits for requests that are being answered, and for streamed responses in the "
            "background."
        ),
    ] = 30.0
    header_timeout: Annotated[
        Duration,
        Meta(ge=0.1, description="How long a client may take to send its headers, and to send 16 kB/s of its body."),
    ] = 10.0
    most_calls: Annotated[
        int, Meta(ge=0, description="Calls that a worker has under way at most; further ones get a 503. 0: any number.")
    ] = 0
    shed_lag: Annotated[
        Duration,
        Meta(
            description="How long turns of a worker's loop may take, one after another, before it refuses calls, "
            "batch first; 0: any time."
        ),
    ] = 0.2


class TokenPrice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model costs, in dollars per million tokens. Overrides the price list."""

    input: Annotated[Dollars, Meta(description="Input tokens.")]
    output: Annotated[Dollars, Meta(description="Output tokens.")] = 0
    cached: Annotated[
        Dollars | None, Meta(description="Input read from the provider's cache; as `input` if absent.")
    ] = None
    cache_write: Annotated[
        Dollars | None, Meta(description="Input written to the provider's cache; as `input` if absent.")
    ] = None

    searches: Annotated[
        Dollars | None,
        Meta(description="A thousand web searches that the provider makes itself, in dollars; as listed if absent."),
    ] = None

    def price(self) -> Price:
        """The same as the price that is applied to a call and recorded with it."""
        fee = None if self.searches is None else Fee(self.searches // 1000, source="config")
        return Price(self.input, self.output, self.cached, self.cache_write, source="config", search=fee)


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One place that serves models. Its key under `providers` is its name in `provider/model`."""

    preset: Annotated[
        str, Meta(description="Known provider to start from; the provider's own name if that is a preset.")
    ] = ""
    api_key: Annotated[Secret | None, Meta(description="Credential, by reference: `${env:OPENAI_API_KEY}`.")] = None
    base_url: Annotated[str | None, Meta(description="URL that paths such as /chat/completions are added to.")] = None
    models: Annotated[tuple[str, ...], Meta(description="Models that may be called. Empty: every model it lists.")] = ()
    headers: Annotated[dict[str, Secret], Meta(description="Headers added to every request.")] = {}
    dialect: Annotated[
        str, Meta(description="Language to speak with it, if not the preset's: a module of `outrider.providers`.")
    ] = ""
    region: Annotated[str, Meta(description="Region, for vendors that have it in their address.")] = ""
    project: Annotated[str, Meta(description="Project, for vendors that have it in their paths.")] = ""
    prices: Annotated[dict[str, TokenPrice], Meta(description="Prices by model, instead of the price list.")] = {}
    tiers: Annotated[
        dict[str, Share],
        Meta(description="What other service tiers cost, as a part of the price: `{flex: 50%, priority: 200%}`."),
    ] = {}
    facts: Annotated[dict[str, ModelFacts], Meta(description="What its models can do, by model.")] = {}
    breaker: Annotated[Breaker, Meta(description="When it is left alone because it fails.")] = Breaker()
    when_left: Annotated[
        Literal["stops", "runs_on"],
        Meta(
            description="What it does with a stream whose reader leaves: `stops`, or `runs_on` and bills all of it; "
            "then such a call is charged with the most that it may cost."
        ),
    ] = "stops"
    batch_models: Annotated[
        dict[str, str],
        Meta(
            description="The names that models have in its own batch API, where these are others: `{gpt-4o: "
            "gpt-4o-batch}`; Azure needs a deployment for batches beside the usual one."
        ),
    ] = {}
    batch_bucket: Annotated[
        str,
        Meta(
            description="Where Amazon Bedrock (`s3://BUCKET/PREFIX`) and Vertex AI (`gs://BUCKET/PREFIX`) take batches "
            "for half of the price; without it they are executed here."
        ),
    ] = ""
    batch_role: Annotated[
        str,
        Meta(
            description="ARN of the IAM role in whose name Bedrock reads and writes the bucket: needed with it there."
        ),
    ] = ""
    batch_bucket_url: Annotated[
        str | None, Meta(description="Where the bucket is reached, if not at its vendor's usual address.")
    ] = None
    batch_jobs_url: Annotated[
        str | None,
        Meta(description="Where Bedrock's batch jobs are asked for, if not at Amazon's usual address."),
    ] = None
    check: Annotated[Check | None, Meta(description="Ask it now and then while nobody calls it; null: never.")] = None
    limits: Annotated[
        ProviderLimits | None, Meta(description="Its capacity: calls wait their turn instead of being sent too fast.")
    ] = None


class Embedded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The models that run inside Outrider, without a provider."""

    enabled: Annotated[bool, Meta(description="Serve the embedded models.")] = True
    chat: Annotated[str, Meta(min_length=1, description="Chat model; `outrider models list` shows the choice.")] = (
        "smollm2-135m"
    )
    embed: Annotated[str, Meta(min_length=1, description="Embedding model.")] = "all-minilm-l6-v2"
    threads: Annotated[
        Annotated[int, Meta(ge=1, le=1024)] | None,
        Meta(description="CPU threads; null: as many as there are cores."),
    ] = None
    slots: Annotated[int, Meta(ge=1, le=64, description="Requests that are generated at the same time.")] = 4


class CacheRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The exact response cache of a route."""

    ttl: Annotated[Duration, Meta(ge=1.0, description="How long an answer may be given again.")] = 3600.0


class StructuredRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How answers are held to the form that `response_format` asks for."""

    retries: Annotated[int, Meta(ge=0, le=5, description="Times that the model is asked again for one that fits.")] = 1
    repair: Annotated[bool, Meta(description="Mend broken punctuation, and take away what stands around the JSON.")] = (
        True
    )


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name that callers put into `model`, and the deployments that serve it."""

    deployments: Annotated[tuple[str, ...], Meta(description="`provider/model`, in the order in which they are tried.")]
    strategy: Annotated[str, Meta(description="How a deployment is chosen.")] = "fallback"
    weights: Annotated[
        dict[str, Weight],
        Meta(
            description="For strategies that spread calls, by deployment; 1 for those not named, 0: only if all fail."
        ),
    ] = {}
    up_to: Annotated[
        dict[str, Count], Meta(description="For strategy `by_size`: the largest prompt in tokens, by deployment.")
    ] = {}
    sticky: Annotated[
        Literal["session"] | None,
        Meta(description="`session`: a session stays with its deployment, whose prompt cache knows it."),
    ] = None
    hedge: Annotated[
        Hedge | None, Meta(description="Ask a second deployment when the first is slow to begin; null: never.")
    ] = None
    cascade: Annotated[Cascade, Meta(description="For strategy `cascade`: when an answer is not good enough.")] = (
        Cascade()
    )
    retries: Annotated[
        int, Meta(ge=0, le=10, description="Further tries at a deployment when no other one of the route can answer.")
    ] = 2
    try_timeout: Annotated[
        Duration, Meta(ge=0.1, description="Longest wait for the first byte of one try's answer.")
    ] = 30.0
    stall_timeout: Annotated[Duration, Meta(ge=0.1, description="Longest silence of a provider within a stream.")] = (
        30.0
    )
    timeout: Annotated[Duration, Meta(ge=0.1, description="Longest time for the whole answer, all tries together.")] = (
        120.0
    )
    structured: Annotated[
        StructuredRule | None,
        Meta(description="Hold answers to `response_format`; null: pass on whatever the provider says."),
    ] = StructuredRule()
    cache: Annotated[CacheRule | None, Meta(description="Give the same answer to the same request; null: never.")] = (
        None
    )
    lossy: Annotated[
        Literal["refuse", "allow"],
        Meta(
            description="What of a request a deployment cannot be told: refuse the call, or leave it out and name it."
        ),
    ] = "refuse"
    knowledge: Annotated[
        Annotated[Grounded, Meta(extra={"unit": NAMED})] | None,
        Meta(description="A collection that answers rest on, with citations; null: the model answers by itself."),
    ] = None


class JournalRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the record is kept."""

    durability: Annotated[
        Literal["spool", "fsync"],
        Meta(description="`spool` survives a crash of the process, `fsync` also one of the machine."),
    ] = "spool"
    retention: Annotated[
        Annotated[Duration, Meta(ge=60.0)] | None,
        Meta(description="Age at which runs are removed; null: never."),
    ] = 30 * DAY
    max_size: Annotated[
        Annotated[Size, Meta(ge=1_000_000)] | None,
        Meta(description="Size at which the oldest runs are removed; null: never."),
    ] = 20_000_000_000
    spool_max: Annotated[
        Size,
        Meta(
            ge=1_000_000,
            description="Size of the spool at which the oldest bodies are dropped, should the store be away.",
        ),
    ] = 2_000_000_000


class Otlp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where spans go. What is given here wins over the environment's `OTEL_EXPORTER_OTLP_*` variables."""

    endpoint: Annotated[str | None, Meta(description="Base URL of an OTLP/HTTP collector; /v1/traces is added.")] = None
    headers: Annotated[dict[str, Secret], Meta(description="Headers added to every export.")] = {}


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of outrider.yaml."""

    server: Annotated[Server, Meta(description="Where Outrider listens and what it accepts.")] = Server()
    auth: Annotated[bool, Meta(description="Ask for a key. `off` is refused unless `server.host` is loopback.")] = True
    providers: Annotated[
        dict[str, Provider],
        Meta(description="Providers by name. Without this key: those whose environment variables are set."),
    ] = {}
    embedded: Annotated[Embedded, Meta(description="The models that run inside Outrider.")] = Embedded()
    routes: Annotated[
        dict[str, Route],
        Meta(description="Routes by name. Every `provider/model` can be called without one."),
    ] = {}
    rates: Annotated[
        dict[str, RateLimit],
        Meta(description="How fast calls may come, by name. All that cover a call must have room for it."),
    ] = {}
    shares: Annotated[
        dict[str, Annotated[int, Meta(ge=1, le=1000)]],
        Meta(description="Weights of projects where a provider's capacity is scarce; 1 for those not named."),
    ] = {}
    budgets: Annotated[
        dict[str, BudgetRule],
        Meta(description="Limits on money, tokens and calls, by name. More can be set by `outrider budgets`."),
    ] = {}
    batches: Annotated[BatchRules, Meta(description="Batches of requests, answered within a day.")] = BatchRules()
    knowledge: Annotated[Knowledge, Meta(description="Documents that are searched and answered from.")] = Knowledge()
    casebook: Annotated[CasebookRules, Meta(description="Case studies that come with Outrider.")] = CasebookRules()
    policy: Annotated[Policy, Meta(description="What agents may do.")] = Policy()
    tools: Annotated[Tools, Meta(description="Tools that agents call.")] = Tools()
    guardrails: Annotated[
        Guardrails, Meta(description="What texts are checked for, on their way to models and tools and back.")
    ] = Guardrails()
    evaluation: Annotated[Evaluation, Meta(description="Evaluation that goes on by itself.")] = Evaluation()
    journal: Annotated[JournalRules, Meta(description="How the record is kept.")] = JournalRules()
    alarms: Annotated[Alarms, Meta(description="Who is told when something is worth a message.")] = Alarms()
    otlp: Annotated[Otlp, Meta(description="Where spans go.")] = Otlp()
    projects: Annotated[
        tuple[str, ...],
        Meta(description="Projects that keys and runs belong to; the first is the default. Not `unidentified`."),
    ] = ("default",)


class Referring(Settings, frozen=True, forbid_unknown_fields=True):
    """Settings of a file in which the environment stands for parts of plain texts: by their paths, as it has them."""

    references: dict[tuple[str, ...], str] = {}


def referring(settings: Settings, references: dict[tuple[str, ...], str]) -> Settings:
    """The same settings, of a file with these references."""
    if not references and not isinstance(settings, Referring):
        return settings
    return Referring(**{**msgspec.structs.asdict(settings), "references": references})
