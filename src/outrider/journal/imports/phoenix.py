"""Phoenix and OpenInference: spans of its REST API and command line, and rows of its data frame (`get_spans_dataframe`,
written as records or lines). Attributes may be nested or spelled with dots.

https://arize.com/docs/phoenix/sdk-api-reference
"""

from collections.abc import Iterator, Mapping
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from outrider.journal.imports import shape
from outrider.journal.imports.shape import Skip, first, object_of, parsed
from outrider.journal.otlp.messages import is_payload

_DEEPEST = 24
_MOST = 20_000
_WHOLE = ("llm.tools", "metadata", "llm.invocation_parameters")


def fits(document: Mapping[str, Any]) -> bool:
    """Whether it looks like one of these."""
    inner = first(document, "data", "spans")
    one = inner[0] if isinstance(inner, list) and inner and isinstance(inner[0], dict) else document
    return "context.span_id" in one or (isinstance(one.get("context"), dict) and "span_id" in one["context"])


def spans(document: Mapping[str, Any]) -> Iterator[Span | Skip]:
    """The spans in one object: a span, or a list of them."""
    inner = first(document, "data", "spans")
    for one in inner if isinstance(inner, list) else [document]:
        try:
            if not isinstance(one, dict):
                raise Skip("no object")
            yield _span(one)
        except Skip as skip:
            yield skip


def _span(row: Mapping[str, Any]) -> Span:
    context = object_of(row.get("context"))
    begun = shape.moment(row.get("start_time"))
    if not begun:
        raise Skip("it does not say when it began")
    above = row.get("parent_id")
    attrs = _attributes(row)
    if row.get("span_kind"):
        attrs.setdefault("openinference.span.kind", row["span_kind"])
    failed = str(row.get("status_code")).upper() == "ERROR"
    return shape.span(
        shape.trace_id(first(context, "trace_id") or row.get("context.trace_id")),
        shape.span_id(first(context, "span_id") or row.get("context.span_id")),
        shape.span_id(above) if above else b"", row.get("name"), begun, shape.moment(row.get("end_time")) or begun, {},
        attrs, str(row.get("status_message") or "error") if failed else "",
    )  # fmt: skip


def _attributes(row: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes by their dotted names. Lists of messages and documents are spelled leaf by leaf, as OpenInference has
    them on the wire."""
    given = dict(object_of(row.get("attributes")))
    given |= {name.removeprefix("attributes."): value for name, value in row.items() if name.startswith("attributes.")}
    found: dict[str, Any] = {}
    for name, value in given.items():
        _spell(found, name, value, 0)
    return found


def _spell(found: dict[str, Any], name: str, value: Any, depth: int) -> None:
    if len(found) > _MOST or depth > _DEEPEST:
        raise Skip("its attributes are nested too deeply, or are too many")
    if name in _WHOLE and not isinstance(value, list):
        found[name] = value
    elif isinstance(value, Mapping):
        for part, inner in value.items():
            _spell(found, f"{name}.{part}", inner, depth + 1)
    elif isinstance(value, list) and (is_payload(f"{name}.") or is_payload(name)):
        for number, inner in enumerate(value):
            inner = parsed(inner) if isinstance(inner, str) and name.endswith(("messages", "documents")) else inner
            _spell(found, f"{name}.{number}", inner, depth + 1)
    else:
        found[name] = value
