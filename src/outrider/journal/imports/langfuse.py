"""Langfuse: traces and observations, as its API (`{"data": …}`, a trace with its observations), its tables' export and
its blob storage (`traces/`, `observations/`, `observations_v2/`) write them; names in either case.

https://langfuse.com/docs/api-and-data-platform/features/blob-storage-export-fields
"""

from collections.abc import Iterator, Mapping
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from outrider.journal.imports import shape
from outrider.journal.imports.chat import answer_of, messages_of
from outrider.journal.imports.shape import Skip, count, first, object_of, parsed

_KINDS = {
    "GENERATION": "model", "EMBEDDING": "model", "TOOL": "tool", "RETRIEVER": "retrieval", "GUARDRAIL": "guardrail",
}  # fmt: skip
_TYPES = frozenset((*_KINDS, "SPAN", "EVENT", "AGENT", "CHAIN", "EVALUATOR"))


def fits(document: Mapping[str, Any]) -> bool:
    """Whether it looks like one of these."""
    if isinstance(document.get("observations"), list):
        return True
    inner = document.get("data")
    one = inner[0] if isinstance(inner, list) and inner and isinstance(inner[0], dict) else document
    if first(one, "run_type", "dotted_order", "context", "resourceSpans") is not None:
        return False
    return str(one.get("type")) in _TYPES or (
        one.get("id") is not None and first(one, "sessionId", "session_id", "projectId", "project_id") is not None
    )


def spans(document: Mapping[str, Any]) -> Iterator[Span | Skip]:
    """The spans in one object. A trace is the root of its observations."""
    if isinstance(inner := document.get("data"), list) and "id" not in document:
        for one in inner:
            yield from spans(one) if isinstance(one, dict) else [Skip("no object")]
        return
    if isinstance(document.get("trace"), dict) and "id" not in document:
        document = {**document["trace"], "observations": document.get("observations")}
    try:
        if str(document.get("type")) in _TYPES or first(document, "traceId", "trace_id") is not None:
            yield _observation(document)
            return
        yield _trace(document)
    except Skip as skip:
        yield skip
        return
    for one in document.get("observations") or ():
        if not isinstance(one, dict):
            yield Skip("an observation that is named and not written out: export the trace with its observations")
            continue
        try:
            yield _observation({"traceId": document.get("id"), **one})
        except Skip as skip:
            yield skip


def _trace(fields: Mapping[str, Any]) -> Span:
    trace = shape.trace_id(fields.get("id"))
    begun = shape.moment(first(fields, "timestamp", "startTime", "start_time", "createdAt", "created_at"))
    if not begun:
        raise Skip("neither a trace nor an observation of Langfuse")
    latency = first(fields, "latency")
    ended = begun + int(latency * 1e9) if isinstance(latency, int | float) and 0 < latency < 1e9 else begun
    said = _about(fields, with_trace=True) | {"kind": "code"}
    said["request"], said["response"] = parsed(fields.get("input")), parsed(fields.get("output"))
    return shape.span(
        trace, shape.span_id(f"trace {fields.get('id')}"), b"", fields.get("name") or "trace", begun, ended, said,
        {"langfuse.root": True, **_rest(fields)},
    )  # fmt: skip


def _observation(fields: Mapping[str, Any]) -> Span:
    trace = shape.trace_id(first(fields, "traceId", "trace_id"))
    own = shape.span_id(fields.get("id"))
    above = first(fields, "parentObservationId", "parent_observation_id")
    begun = shape.moment(first(fields, "startTime", "start_time"))
    if not begun:
        raise Skip("it does not say when it began")
    ended = shape.moment(first(fields, "endTime", "end_time")) or begun
    kind = _KINDS.get(str(fields.get("type")).upper(), "code")
    said = _about(fields, with_trace=not above) | {"kind": kind}
    said |= _payloads(fields, kind)
    if kind == "model":
        said |= _used(fields, begun)
    failed = str(fields.get("level")).upper() == "ERROR"
    message = str(first(fields, "statusMessage", "status_message") or "error") if failed else ""
    if kind == "tool":
        said["tool"] = fields.get("name")
    return shape.span(
        trace, own, shape.span_id(above) if above else b"", fields.get("name") or fields.get("type"), begun, ended,
        said, _rest(fields), message,
    )  # fmt: skip


def _about(fields: Mapping[str, Any], *, with_trace: bool) -> dict[str, Any]:
    if not with_trace:
        return {}
    tags = first(fields, "tags", "traceTags", "trace_tags")
    return {
        "session": first(fields, "sessionId", "session_id"),
        "user": first(fields, "userId", "user_id"),
        "tags": [str(tag) for tag in tags][:50] if isinstance(tags, list) else None,
    }


def _payloads(fields: Mapping[str, Any], kind: str) -> dict[str, Any]:
    asked, told = parsed(fields.get("input")), parsed(fields.get("output"))
    if kind != "model" or str(fields.get("type")).upper() == "EMBEDDING":
        return {"request": asked, "response": told}
    messages, answers = messages_of(asked), answer_of(told)
    said: dict[str, Any] = {"messages_in": messages} if messages else {"request": asked}
    said |= {"messages_out": answers} if answers else {"response": told}
    if isinstance(asked, Mapping) and isinstance(asked.get("tools"), list):
        said["tools"] = asked["tools"]
    return said


def _used(fields: Mapping[str, Any], begun: int) -> dict[str, Any]:
    used = object_of(first(fields, "usageDetails", "usage_details", "usage"))
    costs = object_of(first(fields, "costDetails", "cost_details"))
    said: dict[str, Any] = {
        "model": first(fields, "model", "providedModelName", "provided_model_name"),
        "parameters": object_of(first(fields, "modelParameters", "model_parameters")),
        "input": count(first(used, "input", "promptTokens", "prompt_tokens", "input_tokens")
                       or first(fields, "promptTokens", "inputUsage")),
        "output": count(first(used, "output", "completionTokens", "completion_tokens", "output_tokens")
                        or first(fields, "completionTokens", "outputUsage")),
        "cached": count(first(used, "input_cached_tokens", "cache_read_input_tokens", "input_cache_read")),
        "cost_usd": first(fields, "calculatedTotalCost", "totalCost", "total_cost") or costs.get("total"),
    }  # fmt: skip
    token = shape.moment(first(fields, "completionStartTime", "completion_start_time"))
    if token > begun:
        said["ttft_s"] = (token - begun) / 1e9
    return said


def _rest(fields: Mapping[str, Any]) -> dict[str, Any]:
    names = ("metadata", "environment", "version", "release", "promptName", "promptVersion")
    return {f"langfuse.{name}": parsed(fields.get(name)) for name in names}
