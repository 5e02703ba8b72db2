"""OTLP in: spans of agents instrumented elsewhere become runs and steps. Pure; the caller appends the result.

A trace is a run: the 16 bytes of the trace id are the run's id. Every span is a step whose id is the span id, so a
span that is sent again, or late, or before its parent, lands in the same place. The span without a local parent also
gives the run's own record; the others arrive as `steps.recorded` and the run shows as `running` until then.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, SpanFlags

from outrider.base.money import nano
from outrider.base.usage import Usage
from outrider.journal.append import blob
from outrider.journal.events import BlobRef, Event, RunRecorded, Step, StepsRecorded
from outrider.journal.events.step import Status
from outrider.journal.otlp import wire
from outrider.journal.otlp.mapping import KNOWN, OUT, PARAMETERS, first, kind_of, provider_in
from outrider.journal.otlp.messages import Attrs, Events, is_payload, last_user_text, request_body, response_body

SMALL = 2_000
"""Characters up to which an attribute without a meaning for us stays on the step; longer ones go into the body."""

_REMOTE = SpanFlags.SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK | SpanFlags.SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK
_MAX_COUNT = 1 << 53


Imported = tuple[Event, list[tuple[BlobRef, bytes]]]
"""One event to append, with the bodies that it refers to."""


class Decoded(msgspec.Struct):
    """What a request gave: `events` to append, then `answer` (with `content_type`) to send with status 200.

    `rejected` spans were left out for the `reason`; the answer says so as OTLP's partial success.
    """

    events: list[Imported]
    content_type: str
    answer: bytes
    rejected: int = 0
    reason: str = ""


class _Seen(msgspec.Struct):
    """A span with its attributes as plain values. Times are nanoseconds since the epoch."""

    span: Span
    attrs: dict[str, Any]
    events: Events
    resource: Attrs
    start: int
    duration: int


def decode(
    content_type: str,
    body: bytes,
    project: str = "default",
    *,
    encoding: str = "",
    key: str = "",
    limit: int = 64 << 20,
) -> Decoded:
    """Events and bodies from an OTLP/HTTP trace request.

    `encoding` is the Content-Encoding, `key` the public part of the key that sent it, `limit` the largest body in
    bytes after decompression. Raises RequestError: 400 not OTLP, 413 too large, 415 another type or encoding.
    """
    request = wire.parse(content_type, body, encoding=encoding, limit=limit)
    traces: dict[bytes, list[_Seen]] = {}
    rejected, reason = 0, ""
    for seen, wrong in _spans(request):
        if wrong:
            rejected, reason = rejected + 1, reason or wrong
        else:
            traces.setdefault(seen.span.trace_id, []).append(seen)
    records = [r for trace, spans in traces.items() for r in _records(trace, spans, project, key)]
    return Decoded(records, *wire.reply(content_type, rejected, reason), rejected, reason)


def _spans(request: ExportTraceServiceRequest) -> Iterator[tuple[_Seen, str]]:
    for group in request.resource_spans:
        resource = {kv.key: wire.value_of(kv.value) for kv in group.resource.attributes}
        for scope in group.scope_spans:
            for span in scope.spans:
                yield _seen(span, resource), fault_of(span)


def _seen(span: Span, resource: Attrs) -> _Seen:
    attrs = {kv.key: wire.value_of(kv.value) for kv in span.attributes}
    events = [(e.name, {kv.key: wire.value_of(kv.value) for kv in e.attributes}) for e in span.events]
    for name, carried in events:
        # Newer and older instrumentations put the payload on an event instead of the span.
        if name in ("gen_ai.client.inference.operation.details", "gen_ai.content.prompt", "gen_ai.content.completion"):
            attrs = {**carried, **attrs}
        elif name == "exception":
            attrs.setdefault("exception.type", carried.get("exception.type"))
            attrs.setdefault("exception.message", carried.get("exception.message"))
    # Clocks of two machines differ and a span may be open: a negative duration helps nobody.
    duration = max(0, span.end_time_unix_nano - span.start_time_unix_nano)
    return _Seen(span, attrs, events, resource, span.start_time_unix_nano, duration)


def fault_of(span: Span) -> str:
    """Why a span cannot be taken in; "" if it can."""
    if len(span.trace_id) != 16 or not any(span.trace_id):
        return f"span {span.name[:80]!r}: the trace id must be 16 bytes and not all zero"
    if len(span.span_id) != 8 or not any(span.span_id):
        return f"span {span.name[:80]!r}: the span id must be 8 bytes and not all zero"
    if len(span.parent_span_id) not in (0, 8):
        return f"span {span.name[:80]!r}: the parent span id must be 8 bytes or absent"
    # Times are signed 64-bit in the store; the year 2262 is late enough.
    if span.start_time_unix_nano >= 1 << 63 or span.end_time_unix_nano >= 1 << 63:
        return f"span {span.name[:80]!r}: its time is out of range"
    return ""


def records_of(spans: Iterable[Span], project: str, service: str = "", *, rooted: bool = False) -> list[Imported]:
    """Events and bodies from spans of one trace, which must be good ones (`fault_of`). `rooted`: its root was taken in
    before, so that none of these is one."""
    resource = {"service.name": service} if service else {}
    seen = [_seen(span, resource) for span in spans]
    return list(_records(seen[0].span.trace_id, seen, project, "", rooted=rooted)) if seen else []


def _records(
    trace: bytes, spans: list[_Seen], project: str, key: str, *, rooted: bool = False
) -> Iterator[Imported]:  # fmt: skip
    """The run's own record for its root span, one record for all other spans of the trace in this request."""
    known = {s.span.span_id for s in spans}
    roots = [s for s in spans if not rooted and _is_root(s.span, known)]
    root = min(roots, key=lambda s: (bool(s.span.parent_span_id), s.start)) if roots else None
    others = [s for s in spans if s is not root]
    if root is not None:
        yield _run(trace, root, project, key)
    if others:
        at = min(s.start for s in others)
        steps = [_step(s, at) for s in others]
        event = StepsRecorded(
            trace, project, at, [step for step, _, _ in steps], name=_sender(others[0]), source="otlp"
        )
        yield event, [b for _, _, bodies in steps for b in bodies]


def _is_root(span: Span, known: set[bytes]) -> bool:
    if not any(span.parent_span_id):
        return True
    return span.flags & _REMOTE == _REMOTE and span.parent_span_id not in known


def _run(trace: bytes, root: _Seen, project: str, key: str) -> Imported:
    step, request, bodies = _step(root, root.start)
    attrs = root.attrs
    event = RunRecorded(
        id=trace,
        project=project,
        at=root.start,
        name=root.span.name,
        duration=root.duration,
        source="otlp",
        status=step.status,
        error=step.error,
        message=root.span.status.message or _str(attrs.get("exception.message")),
        http_status=_count(first(attrs, "http_status")),
        model=_str(first(attrs, "model")),
        route=_str(first(attrs, "route")),
        deployment=_str(first(attrs, "deployment")),
        provider=provider_in(_str(first(attrs, "provider"))),
        key=key,
        user=_str(first(attrs, "user")),
        agent=_str(first(attrs, "agent")) or _sender(root),
        session=_str(first(attrs, "session")),
        tags=[_str(t) for t in tags] if isinstance(tags := first(attrs, "tags"), list) else [],
        stream=first(attrs, "stream") is True,
        cache=_str(first(attrs, "cache")),
        usage=step.usage,
        cost=step.cost,
        ttft=_seconds(first(attrs, "ttft_s")),
        request=step.request,
        response=step.response,
        steps=[step],
        trace=trace,
        parent_span=step.parent,
        why=_str(first(attrs, "why")),
        preview=" ".join(last_user_text(request)[:400].split())[:200],
    )
    return event, bodies


def _step(seen: _Seen, at: int) -> tuple[Step, Any, list[tuple[BlobRef, bytes]]]:
    """The step, its request as a value, and its bodies. `at` is what the step's start counts from."""
    attrs, kind = seen.attrs, kind_of(seen.attrs)
    request, response = request_body(attrs, seen.events), response_body(attrs, seen.events)
    rest = {k: v for k, v in attrs.items() if k not in KNOWN and k not in PARAMETERS and not is_payload(k)}
    large = {k: v for k, v in rest.items() if isinstance(v, str | list | dict) and len(str(v)) > SMALL}
    small = {k: v for k, v in rest.items() if k not in large and v is not None}
    small |= _kept(attrs)
    if large:
        request = {"input": request, "attributes": large}
    bodies = [(blob(b), b) for b in map(_bytes, (request, response)) if b is not None]
    refs = iter(ref for ref, _ in bodies)
    step = Step(
        id=int.from_bytes(seen.span.span_id),
        kind=kind,
        name=seen.span.name,
        start=seen.start - at,
        duration=seen.duration,
        parent=int.from_bytes(seen.span.parent_span_id),
        status=_status(seen),
        error=_error(seen),
        # A workflow or agent span that carries sums would count its children's tokens twice.
        usage=_usage(attrs) if kind == "model" else None,
        cost=_cost(attrs) if kind in ("model", "tool", "retrieval") else 0,
        request=next(refs) if request is not None else None,
        response=next(refs) if response is not None else None,
        attrs=small,
    )
    return step, request, bodies


def _kept(attrs: Attrs) -> dict[str, Any]:
    """Facts of the step that have a name of ours."""
    fields = ("operation", "provider", "model", "response_model", "response_id", "tool", "http_status", "deployment")
    found = {f: first(attrs, f) for f in fields}
    if isinstance(found["provider"], str):
        found["provider"] = provider_in(found["provider"])
    return {f: v for f, v in found.items() if v is not None}


def _status(seen: _Seen) -> Status:
    if seen.attrs.get(OUT["status"]) == "cancelled":
        return "cancelled"
    return "error" if seen.span.status.code == 2 else "ok"


def _error(seen: _Seen) -> str:
    return _str(first(seen.attrs, "error")) or "error" if seen.span.status.code == 2 else ""


def _usage(attrs: Attrs) -> Usage | None:
    counts = {f: _count(first(attrs, f)) for f in ("input", "output", "cached", "cache_write", "reasoning")}
    if not any(counts.values()):
        return None
    if counts["input"] < counts["cached"] + counts["cache_write"]:
        # Some instrumentations report only the fresh tokens as input; ours include what the cache served.
        counts["input"] += counts["cached"] + counts["cache_write"]
    return Usage(**counts, estimated=first(attrs, "estimated") is True)


def _cost(attrs: Attrs) -> int:
    """Nano-dollars: our own attribute if it is there, else a dollar amount, else 0."""
    own = first(attrs, "cost")
    if own is not None:
        return _count(own)
    try:
        dollars = Decimal(str(first(attrs, "cost_usd") or 0))
    except InvalidOperation:
        return 0
    return nano(dollars) if 0 <= dollars < 1_000_000_000 else 0


def _count(value: Any) -> int:
    """A count from an integer, a float or text; 0 for what is none."""
    try:
        number = int(value or 0)
    except (ValueError, TypeError, OverflowError):
        return 0
    return number if 0 <= number < _MAX_COUNT else 0


def _seconds(value: Any) -> int:
    return int(value * 1e9) if isinstance(value, int | float) and 0 < value < 1e9 else 0


def _str(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _sender(seen: _Seen) -> str:
    return _str(seen.resource.get("service.name"))


def _bytes(value: Any) -> bytes | None:
    if value is None:
        return None
    return value.encode() if isinstance(value, str) else msgspec.json.encode(value)
