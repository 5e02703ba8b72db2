"""Records as OTLP spans, pure. A run is a SERVER span; its steps are spans below it.

Token counts and cost in the conventions' names stand on the step that caused them, and on no other span, so that a
collector that sums over spans counts nothing twice; the run's sums are `outrider.run.*`.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, SpanFlags, Status

from outrider import __version__
from outrider.base import ids
from outrider.journal.events import BlobRef, Event, RunRecorded, Step, StepsRecorded
from outrider.journal.otlp.mapping import OUT, provider_out
from outrider.journal.otlp.wire import pair

Body = Callable[[str, BlobRef], bytes | None]
"""Reads a payload: project and reference in, bytes out, None when it is gone."""

IMPORTED = "otlp"
"""The source of runs that came in by OTLP. They do not go out again: their sender has its own collector, and an
endpoint that points back here would send them round for ever."""

MAX_CONTENT = 64_000
"""Characters of one payload attribute; a collector refuses spans of many megabytes."""

_SERVER, _CLIENT, _INTERNAL = Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT, Span.SPAN_KIND_INTERNAL
_REMOTE = SpanFlags.SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK | SpanFlags.SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK
_SPAN_KINDS = {"model": _CLIENT, "tool": _CLIENT, "retrieval": _CLIENT}


def spans_of(event: Event, body: Body | None = None) -> Iterator[Span]:
    """The spans of a record; none for records that are no work (keys, retention) or were imported.

    `body` is given when payloads may leave; without it no prompt and no answer does.
    """
    if isinstance(event, RunRecorded) and event.source != IMPORTED:
        yield run_span(event, body)
        yield from step_spans(event, event.steps, body)
    elif isinstance(event, StepsRecorded) and event.source != IMPORTED:
        run = RunRecorded(id=event.run, project=event.project, at=event.at, name=event.name)
        yield from step_spans(run, event.steps, body)


def run_span(run: RunRecorded, body: Body | None = None) -> Span:
    """The run itself as a span, without its steps. Its payloads are the caller's request and the answer."""
    usage = run.usage
    given = {
        "kind": "code",
        "run": ids.text(run.id),
        "project": run.project,
        "source": run.source,
        "model": run.model,
        "route": run.route,
        "deployment": run.deployment,
        "key": run.key,
        "user": run.user,
        "session": run.session,
        "agent": run.agent,
        "tags": run.tags,
        "stream": run.stream or None,
        "cache": run.cache,
        "why": run.why,
        "http_status": run.http_status,
        "error": run.error,
        "status": run.status if run.status in ("cancelled", "running") else "",
        "queue": run.queue,
        "overhead": run.overhead,
        "ttft_s": run.ttft / 1e9 if run.ttft else None,
        "run_cost": run.cost,
        "run_input": usage.input if usage else None,
        "run_output": usage.output if usage else None,
    }
    span = Span(
        trace_id=run.trace or run.id,
        span_id=span_id(run.id, 0),
        parent_span_id=run.parent_span.to_bytes(8) if run.parent_span else b"",
        flags=_REMOTE if run.parent_span else 0,
        name=run.name,
        kind=_SERVER,
        start_time_unix_nano=max(0, run.at),
        end_time_unix_nano=max(0, run.at + run.duration),
        status=_status(run.status, run.message or run.error),
    )
    attributes = {OUT[field]: value for field, value in given.items() if value not in (None, "", [])}
    if body is not None:
        attributes |= _content(run, run.project, body)
    span.attributes.extend(pair(k, v) for k, v in attributes.items())
    return span


def step_spans(run: RunRecorded, steps: Iterable[Step], body: Body | None = None) -> Iterator[Span]:
    """Spans of some steps of `run`, whose own `steps` are not looked at; `at` is what their start counts from."""
    trace = run.trace or run.id
    # An imported run is its root span, which is among the steps; ours is a span of its own above them.
    root = b"" if run.source == IMPORTED else span_id(run.id, 0)
    for step in steps:
        yield _step_span(run, trace, root, step, body)


def span_id(run: bytes, step: int) -> bytes:
    """The 8-byte span id of a step; of the run itself for step 0.

    Small step ids are unique in their run only, while a caller's trace may hold many runs: they get an upper half
    that comes from the run. Ids that fill it already were span ids from the start and stay.
    """
    if step >> 32:
        return step.to_bytes(8)
    return (hashlib.sha256(run).digest()[:4] if any(run) else b"\0\0\0\1") + step.to_bytes(4)


def request_of(spans: Iterable[Span], resource: dict[str, str]) -> ExportTraceServiceRequest:
    """One export request from spans. `resource` describes the sender (`service.name`, …)."""
    message = ExportTraceServiceRequest()
    group = message.resource_spans.add()
    group.resource.attributes.extend(pair(k, v) for k, v in resource.items())
    scope = group.scope_spans.add()
    scope.scope.name, scope.scope.version = "outrider", __version__
    scope.spans.extend(spans)
    return message


def _step_span(run: RunRecorded, trace: bytes, root: bytes, step: Step, body: Body | None) -> Span:
    start = max(0, run.at + step.start)
    span = Span(
        trace_id=trace,
        span_id=span_id(run.id, step.id),
        parent_span_id=span_id(run.id, step.parent) if step.parent else root,
        name=step.name,
        kind=_SPAN_KINDS.get(step.kind, _INTERNAL),
        start_time_unix_nano=start,
        end_time_unix_nano=start + max(0, step.duration),
        status=_status(step.status, step.error),
    )
    known, others = _step_fields(step, run.name)
    attributes = {OUT[field]: value for field, value in known.items() if value not in (None, "")} | others
    if body is not None:
        attributes |= _content(step, run.project, body)
    span.attributes.extend(pair(k, v) for k, v in attributes.items())
    return span


def _step_fields(step: Step, run_name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What has a name in the table, by our field, and what has none, under `outrider.step.*`."""
    facts = dict(step.attrs)
    # A deployment is written `provider/model`; an attempt that does not say its own is named after it.
    deployment = str(facts.get("deployment") or step.name)
    provider, _, model = deployment.partition("/")
    known: dict[str, Any] = {
        "kind": step.kind,
        "operation": facts.pop("operation", None) or _operation(step, run_name),
        "error": step.error,
        "status": step.status if step.status in ("cancelled", "running") else "",
        "cost": step.cost if step.usage or step.cost else None,
    }
    if step.kind == "model":
        known |= {"provider": provider if model else "", "model": model}
    if step.kind == "tool":
        known["tool"] = facts.pop("tool", step.name)
    if step.usage:
        counts = {f: getattr(step.usage, f) for f in ("cached", "cache_write", "reasoning", "estimated")}
        known |= {"input": step.usage.input, "output": step.usage.output}
        known |= {f: n for f, n in counts.items() if n}
    if step.price:
        known |= {
            "price_source": step.price.source,
            "price_input": step.price.input,
            "price_output": step.price.output,
        }
    for field in [f for f in facts if f in OUT]:
        known[field] = facts.pop(field)
    if known.get("provider"):
        known["provider"] = provider_out(str(known["provider"]))
    return known, {f"outrider.step.{k}": v for k, v in facts.items() if v is not None}


def _operation(step: Step, run_name: str) -> str | None:
    if step.kind == "model":
        return "embeddings" if "embedding" in f"{run_name} {step.name}".lower() else "chat"
    return {"tool": "execute_tool", "retrieval": "retrieval"}.get(step.kind)


def _content(of: RunRecorded | Step, project: str, body: Body) -> dict[str, str]:
    """Payload attributes: messages in the conventions' form where the body is a chat, else text as it is."""
    found: dict[str, str] = {}
    for ref, messages, plain, pick in (
        (of.request, "messages_in", "request", _asked),
        (of.response, "messages_out", "response", _got),
    ):
        content = body(project, ref) if ref else None
        if content is None:
            continue
        chat = pick(_json(content))
        text = msgspec.json.encode(chat).decode() if chat else content.decode(errors="replace")
        field = messages if chat else plain
        # Half a JSON document helps nobody: messages that are too long leave as a shortened plain text.
        if len(text) > MAX_CONTENT:
            field, text = plain, f"{text[:MAX_CONTENT]}… ({len(text)} characters in all)"
        found[OUT[field]] = text
    return found


def _asked(body: Any) -> list[dict[str, Any]]:
    messages = body.get("messages") if isinstance(body, dict) else None
    return [_parts(m) for m in messages if isinstance(m, dict)] if isinstance(messages, list) else []


def _got(body: Any) -> list[dict[str, Any]]:
    choices = body.get("choices") if isinstance(body, dict) else None
    found = []
    for choice in choices if isinstance(choices, list) else []:
        message = choice.get("message") if isinstance(choice, dict) else None
        if isinstance(message, dict):
            found.append(_parts(message) | {"finish_reason": choice.get("finish_reason") or ""})
    return found


def _parts(message: dict[str, Any]) -> dict[str, Any]:
    """One chat message in the conventions' form: a role and typed parts."""
    content = message.get("content")
    parts: list[Any] = []
    if message.get("role") == "tool":
        parts.append({"type": "tool_call_response", "id": message.get("tool_call_id"), "response": content})
    elif isinstance(content, str):
        parts.append({"type": "text", "content": content})
    elif isinstance(content, list):
        texts = (p if p.get("type") != "text" else {"type": "text", "content": p.get("text", "")} for p in content)
        parts.extend(texts if all(isinstance(p, dict) for p in content) else content)
    for call in message.get("tool_calls") or []:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            parts.append(
                {
                    "type": "tool_call",
                    "id": call.get("id"),
                    "name": function.get("name"),
                    "arguments": function.get("arguments"),
                }
            )
    return {"role": message.get("role"), "parts": parts}


def _json(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content)
    except (ValueError, RecursionError):
        return None


def _status(status: str, message: str) -> Status:
    if status == "error":
        return Status(code=Status.STATUS_CODE_ERROR, message=message)
    return Status(code=Status.STATUS_CODE_OK if status == "ok" else Status.STATUS_CODE_UNSET)
