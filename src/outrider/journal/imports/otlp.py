"""OTLP's own files: one request (`{"resourceSpans": …}`) on each line, as collectors and `outrider journal export`
write them."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from outrider.base.errors import RequestError
from outrider.journal.imports.shape import Skip
from outrider.journal.otlp import wire

_SERVICE = "service.name"


def fits(document: Mapping[str, Any]) -> bool:
    """Whether it looks like one of these."""
    return "resourceSpans" in document or "resource_spans" in document


def spans(document: Mapping[str, Any]) -> Iterator[Span | Skip]:
    """The spans of one request, each with the name of the service that sent it."""
    if not fits(document):
        yield Skip("no `resourceSpans`: only traces become runs")
        return
    try:
        request = wire.parse(wire.JSON, msgspec.json.encode(document))
    except RequestError as error:
        yield Skip(error.message)
        return
    for group in request.resource_spans:
        service = next((kv for kv in group.resource.attributes if kv.key == _SERVICE), None)
        for scope in group.scope_spans:
            for span in scope.spans:
                if service is not None and all(kv.key != _SERVICE for kv in span.attributes):
                    span.attributes.append(service)
                yield span
