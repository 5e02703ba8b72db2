"""The one table between our field names and OpenTelemetry's, and nothing else.

Each row names our field, the attribute that we write (GenAI semantic conventions as of semconv 1.41 where they have
a name, `outrider.*` where they have none), and the attributes that we also read: earlier names of the conventions,
OpenLLMetry (`traceloop.*`, `llm.*`) and OpenInference (`llm.*`, `input.value`, …). When the conventions move, this
file moves.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from outrider.journal.events.step import StepKind


class Name(NamedTuple):
    """`out` is written and read first; `older` are read in this order."""

    field: str
    out: str
    older: tuple[str, ...] = ()


TABLE = (
    # what was called
    Name("operation", "gen_ai.operation.name", ("llm.request.type",)),
    Name("provider", "gen_ai.provider.name", ("gen_ai.system", "llm.provider", "llm.system", "llm.vendor")),
    Name(
        "model",
        "gen_ai.request.model",
        (
            "llm.request.model_name",
            "llm.request.model",
            "llm.model_name",
            "llm.model",
            "embedding.model_name",
            "reranker.model_name",
        ),
    ),
    Name("response_model", "gen_ai.response.model", ("llm.response.model_name", "llm.response.model")),
    Name("response_id", "gen_ai.response.id", ("llm.response.id",)),
    Name(
        "finish",
        "gen_ai.response.finish_reasons",
        ("gen_ai.response.finish_reason", "llm.response.finish_reason", "llm.finish_reason"),
    ),
    Name("tool", "gen_ai.tool.name", ("tool.name", "mcp.tool.name", "tool_call.function.name")),
    Name("stream", "gen_ai.request.stream", ("gen_ai.is_streaming", "llm.is_streaming", "llm.stream")),
    # what it used
    Name(
        "input",
        "gen_ai.usage.input_tokens",
        ("gen_ai.usage.prompt_tokens", "llm.token_count.prompt", "llm.usage.prompt_tokens"),
    ),
    Name(
        "output",
        "gen_ai.usage.output_tokens",
        ("gen_ai.usage.completion_tokens", "llm.token_count.completion", "llm.usage.completion_tokens"),
    ),
    Name(
        "cached",
        "gen_ai.usage.cache_read.input_tokens",
        (
            "gen_ai.usage.cache_read_input_tokens",
            "gen_ai.usage.details.cache_read_tokens",
            "llm.token_count.prompt_details.cache_read",
            "llm.usage.cache_read_input_tokens",
        ),
    ),
    Name(
        "cache_write",
        "gen_ai.usage.cache_creation.input_tokens",
        (
            "gen_ai.usage.cache_creation_input_tokens",
            "gen_ai.usage.details.cache_write_tokens",
            "llm.token_count.prompt_details.cache_write",
            "llm.usage.cache_creation_input_tokens",
        ),
    ),
    Name(
        "reasoning",
        "gen_ai.usage.reasoning.output_tokens",
        (
            "gen_ai.usage.reasoning_tokens",
            "gen_ai.usage.details.reasoning_tokens",
            "llm.token_count.completion_details.reasoning",
            "llm.usage.reasoning_tokens",
        ),
    ),
    Name("estimated", "outrider.usage.estimated"),
    Name("cost", "outrider.cost.nano_usd"),
    Name("cost_usd", "gen_ai.usage.cost", ("llm.cost.total", "llm.usage.cost", "gen_ai.usage.total_cost")),
    Name("ttft_s", "gen_ai.response.time_to_first_chunk", ("gen_ai.server.time_to_first_token",)),
    # who, and what belongs together
    Name("user", "user.id", ("enduser.id", "traceloop.association.properties.user_id")),
    Name("session", "gen_ai.conversation.id", ("session.id", "traceloop.association.properties.session_id")),
    Name("agent", "gen_ai.agent.name", ("agent.name",)),
    Name("tags", "outrider.tags", ("tag.tags",)),
    # how it went
    Name("error", "error.type", ("exception.type",)),
    Name("http_status", "http.response.status_code", ("http.status_code",)),
    # only ours
    Name("kind", "outrider.step.kind"),
    Name("status", "outrider.status"),
    Name("run", "outrider.run.id"),
    Name("name", "outrider.run.name"),
    Name("project", "outrider.project", ("openinference.project.name",)),
    Name("route", "outrider.route"),
    Name("deployment", "outrider.deployment"),
    Name("key", "outrider.key"),
    Name("cache", "outrider.cache"),
    Name("why", "outrider.why"),
    Name("source", "outrider.source"),
    Name("queue", "outrider.queue_ns"),
    Name("overhead", "outrider.overhead_ns"),
    Name("run_cost", "outrider.run.cost_nano_usd"),
    Name("run_input", "outrider.run.input_tokens"),
    Name("run_output", "outrider.run.output_tokens"),
    Name("price_source", "outrider.price.source"),
    Name("price_input", "outrider.price.input_nano_usd_per_mtok"),
    Name("price_output", "outrider.price.output_nano_usd_per_mtok"),
    # payloads: leave as attributes only where the owner allows it, and arrive as bodies
    Name("messages_in", "gen_ai.input.messages"),
    Name("messages_out", "gen_ai.output.messages"),
    Name("instructions", "gen_ai.system_instructions"),
    Name("tools", "gen_ai.tool.definitions"),
    Name("parameters", "outrider.parameters", ("llm.invocation_parameters",)),
    Name(
        "request",
        "outrider.request",
        (
            "gen_ai.tool.call.arguments",
            "gen_ai.retrieval.query.text",
            "gen_ai.prompt",
            "input.value",
            "traceloop.entity.input",
        ),
    ),
    Name(
        "response",
        "outrider.response",
        (
            "gen_ai.tool.call.result",
            "gen_ai.retrieval.documents",
            "gen_ai.completion",
            "output.value",
            "traceloop.entity.output",
        ),
    ),
)

OUT = {row.field: row.out for row in TABLE}
IN = {row.field: (row.out, *row.older) for row in TABLE}
KNOWN = frozenset(name for names in IN.values() for name in names)

PARAMETERS = {
    "gen_ai.request.temperature": "temperature",
    "gen_ai.request.top_p": "top_p",
    "gen_ai.request.top_k": "top_k",
    "gen_ai.request.max_tokens": "max_tokens",
    "gen_ai.request.seed": "seed",
    "gen_ai.request.choice.count": "n",
    "gen_ai.request.stop_sequences": "stop",
    "gen_ai.request.frequency_penalty": "frequency_penalty",
    "gen_ai.request.presence_penalty": "presence_penalty",
}
"""Request parameters that are attributes of their own: their name in a chat request's body."""

FLATTENED_IN = ("llm.input_messages.", "gen_ai.prompt.")
FLATTENED_OUT = ("llm.output_messages.", "gen_ai.completion.")
FLATTENED_DOCUMENTS = ("retrieval.documents.", "reranker.output_documents.")
"""Lists that OpenInference and OpenLLMetry spell as one attribute per leaf (`prefix.<index>.<field>`)."""

_OPERATIONS: dict[str, StepKind] = {
    "chat": "model",
    "completion": "model",
    "generate_content": "model",
    "text_completion": "model",
    "embedding": "model",
    "embeddings": "model",
    "rerank": "retrieval",
    "retrieval": "retrieval",
    "execute_tool": "tool",
    "create_agent": "code",
    "invoke_agent": "code",
    "invoke_workflow": "code",
}
_FOREIGN_KINDS: dict[str, StepKind] = {
    "LLM": "model",
    "EMBEDDING": "model",
    "RETRIEVER": "retrieval",
    "RERANKER": "retrieval",
    "TOOL": "tool",
    "GUARDRAIL": "guardrail",
    "AGENT": "code",
    "CHAIN": "code",
    "WORKFLOW": "code",
    "TASK": "code",
    "EVALUATOR": "code",
    "PROMPT": "code",
}
_OWN_KINDS: dict[str, StepKind] = {
    "model": "model",
    "retrieval": "retrieval",
    "tool": "tool",
    "guardrail": "guardrail",
    "policy": "policy",
    "cache": "cache",
    "human": "human",
    "code": "code",
}

_PROVIDERS = {
    "azure": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "gemini": "gcp.gemini",
    "vertex": "gcp.vertex_ai",
    "mistral": "mistral_ai",
    "xai": "x_ai",
}
_PROVIDERS_BACK = {theirs: ours for ours, theirs in _PROVIDERS.items()}


def provider_out(name: str) -> str:
    """Our provider's name as the conventions spell it."""
    return _PROVIDERS.get(name, name)


def provider_in(name: str) -> str:
    """A provider's name from the conventions as we spell it."""
    return _PROVIDERS_BACK.get(name, name)


def first(attrs: Mapping[str, Any], field: str) -> Any:
    """The value of `field` under the first of its names that is there, or None."""
    for name in IN[field]:
        value = attrs.get(name)
        if value is not None:
            return value
    return None


def kind_of(attrs: Mapping[str, Any]) -> StepKind:
    """Which kind of step a span is, by what it says of itself, else by what it carries."""
    own = _OWN_KINDS.get(str(attrs.get(OUT["kind"])))
    if own:
        return own
    operation = _OPERATIONS.get(str(first(attrs, "operation")).lower())
    if operation:
        return operation
    for name in ("openinference.span.kind", "traceloop.span.kind"):
        foreign = _FOREIGN_KINDS.get(str(attrs.get(name)).upper())
        if foreign:
            return foreign
    if attrs.get("mcp.method.name") == "tools/call" or first(attrs, "tool") is not None:
        return "tool"
    if first(attrs, "model") is not None or first(attrs, "input") is not None:
        return "model"
    return "code"
