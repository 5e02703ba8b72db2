"""The OTLP wire: protobuf or JSON, perhaps gzipped, to and from protobuf messages. No meaning here."""

import base64
import binascii
import zlib
from typing import Any

import msgspec
from google.protobuf import json_format
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from outrider.base.errors import RequestError

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
_IDS = ("traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id")


def parse(content_type: str, body: bytes, *, encoding: str = "", limit: int = 64 << 20) -> ExportTraceServiceRequest:
    """The request in `body`. `limit` is bytes after decompression. Raises RequestError 400, 413 or 415."""
    plain = _inflate(body, encoding.strip().lower(), limit)
    kind = media_type(content_type)
    if kind == PROTOBUF:
        try:
            request = ExportTraceServiceRequest()
            request.ParseFromString(plain)
            return request
        except (DecodeError, RecursionError) as e:
            raise RequestError(f"the body is not an OTLP trace request in protobuf: {e}") from e
    return _from_json(plain)


def media_type(content_type: str) -> str:
    """PROTOBUF or JSON. Raises RequestError 415 for anything else."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in (PROTOBUF, "application/protobuf"):
        return PROTOBUF
    if kind == JSON:
        return JSON
    raise RequestError(f"content type {kind!r} is not OTLP: send {PROTOBUF} or {JSON}", status=415)


def reply(content_type: str, rejected: int, reason: str) -> tuple[str, bytes]:
    """Content type and body of the answer that OTLP asks for, in the encoding of the request."""
    message = ExportTraceServiceResponse()
    if rejected or reason:
        message.partial_success.rejected_spans = rejected
        message.partial_success.error_message = reason
    if media_type(content_type) == PROTOBUF:
        return PROTOBUF, message.SerializeToString()
    return JSON, json_format.MessageToJson(message, indent=None).encode()


def to_json_line(request: ExportTraceServiceRequest) -> bytes:
    """The request as one line of the OTLP file format (ids in hexadecimal, no line break)."""
    tree = json_format.MessageToDict(request, use_integers_for_enums=True)
    _convert_ids(tree, lambda value: base64.b64decode(value).hex())
    return msgspec.json.encode(tree)


def value_of(value: AnyValue) -> Any:
    """A plain value from OTLP's tagged one; bytes become base64 text."""
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [value_of(v) for v in value.array_value.values]
    if kind == "kvlist_value":
        return {kv.key: value_of(kv.value) for kv in value.kvlist_value.values}
    if kind == "bytes_value":
        return base64.b64encode(value.bytes_value).decode()
    return getattr(value, kind)


def pair(key: str, value: Any) -> KeyValue:
    """An attribute; lists keep their items, whatever has no OTLP type becomes text."""
    return KeyValue(key=key, value=_any(value))


def _any(value: Any) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int) and -(1 << 63) <= value < 1 << 63:
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    if isinstance(value, list | tuple):
        result = AnyValue()
        result.array_value.values.extend(_any(v) for v in value)
        return result
    if isinstance(value, dict):
        result = AnyValue()
        result.kvlist_value.values.extend(pair(str(k), v) for k, v in value.items())
        return result
    return AnyValue(string_value=value if isinstance(value, str) else str(value))


def _inflate(body: bytes, encoding: str, limit: int) -> bytes:
    if encoding in ("", "identity"):
        plain = body
    elif encoding in ("gzip", "deflate"):
        stream = zlib.decompressobj(wbits=47)  # reads the gzip and the zlib header
        try:
            plain = stream.decompress(body, limit + 1)
        except zlib.error as e:
            raise RequestError(f"the body is not {encoding}: {e}") from e
        if len(plain) <= limit and not stream.eof:
            raise RequestError(f"the {encoding} body ends early")
    else:
        raise RequestError(f"content encoding {encoding!r} is not known here: send gzip or none", status=415)
    if len(plain) > limit:
        raise RequestError(f"the body has more than {limit} bytes: export smaller batches", status=413)
    return plain


def _from_json(plain: bytes) -> ExportTraceServiceRequest:
    try:
        tree = msgspec.json.decode(plain)
    except (ValueError, RecursionError) as e:
        raise RequestError(f"the body is not JSON: {e}") from e
    if not isinstance(tree, dict):
        raise RequestError("the body must be a JSON object with `resourceSpans`")
    try:
        _convert_ids(tree, lambda value: base64.b64encode(bytes.fromhex(value)).decode())
        request = ExportTraceServiceRequest()
        json_format.ParseDict(tree, request, ignore_unknown_fields=True)
        return request
    except (json_format.ParseError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as e:
        raise RequestError(f"the body is not an OTLP trace request in JSON: {e}") from e


def _convert_ids(tree: dict[str, Any], convert: Any) -> None:
    """OTLP's JSON spells ids in hexadecimal where protobuf's JSON uses base64: rewrite them in place."""
    for resource in _dicts(tree, "resourceSpans", "resource_spans"):
        for scope in _dicts(resource, "scopeSpans", "scope_spans"):
            for span in _dicts(scope, "spans"):
                for part in (span, *_dicts(span, "links")):
                    for name in _IDS:
                        value = part.get(name)
                        if isinstance(value, str):
                            try:
                                part[name] = convert(value)
                            except (ValueError, binascii.Error) as e:
                                raise RequestError(f"{name} {value[:40]!r} is not hexadecimal", param=name) from e


def _dicts(tree: dict[str, Any], *names: str) -> list[dict[str, Any]]:
    found = next((tree[n] for n in names if n in tree), None)
    return [x for x in found if isinstance(x, dict)] if isinstance(found, list) else []
