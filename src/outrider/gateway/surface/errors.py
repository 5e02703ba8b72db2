"""Errors as OpenAI's clients expect them: a status, headers, and a JSON body with `message`, `type`, `param`,
`code`.

A provider that refuses *our* credentials is our fault and not the caller's, so it is a 502 and never a 401:
the caller's own key is good.
"""

import math
from typing import Any

import msgspec

from outrider.base.errors import OutriderError, RequestError, UpstreamError

Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
"""Status, headers (lower case, without content-length), body."""

_JSON = (b"content-type", b"application/json")
_NO_RETRY = (b"x-should-retry", b"false")
_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
_DEFAULT_KIND = "invalid_request_error"
OPENAIS = ("chat", "responses")
"""Languages whose errors have this shape."""
_CREDENTIALS = (401, 402, 403, 407)
_PASSED_5XX = {500: 502, 503: 503, 504: 504, 529: 503}


def error_body(message: str, type: str, code: str | None, param: str | None = None, **extra: Any) -> bytes:
    """The JSON body. `extra` fields stand beside the usual four inside `error`."""
    return msgspec.json.encode({"error": {"message": message, "type": type, "param": param, "code": code, **extra}})


def coded(encoding: str) -> RequestError:
    """The 415 for a request body that is compressed."""
    return RequestError(
        f"content-encoding {encoding[:40]!r} is not supported here; send the body as it is",
        status=415,
        code="unsupported_encoding",
        param="content-encoding",
    )


def answer(error: OutriderError) -> Answer:
    """What the caller gets for `error`."""
    if isinstance(error, RequestError):
        return _refused(error)
    if isinstance(error, UpstreamError):
        return _upstream(error)
    body = error_body(error.message, "server_error", error.code)
    return 503, [_JSON, (b"retry-after", b"1")], body


def _refused(error: RequestError) -> Answer:
    kind = _TYPES.get(error.status, error.kind) if error.kind == _DEFAULT_KIND else error.kind
    headers = [_JSON, *((name.lower().encode("latin-1"), _header(value)) for name, value in error.headers)]
    return error.status, headers, error_body(error.message, kind, error.code, error.param, **error.details)


def _upstream(error: UpstreamError) -> Answer:
    status, headers = upstream_status(error), [_JSON]
    if error.retry_after is not None and status in (429, 503):
        headers.append((b"retry-after", b"%d" % math.ceil(error.retry_after)))
        headers.append((b"retry-after-ms", b"%d" % math.ceil(error.retry_after * 1000)))
    if not error.retryable and status != 429:
        headers.append(_NO_RETRY)
    shown = error.body if error.language in OPENAIS else None
    if shown is not None and 400 <= status < 500 and _is_error_object(shown):
        return status, headers, shown
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    return status, headers, error_body(error.message, kind, error.code)


def upstream_status(error: UpstreamError) -> int:
    """The status the caller gets: the provider's own for what the caller can mend, else 502, 503 or 504."""
    if error.status in _CREDENTIALS:
        return 502
    if error.status == 408 or (error.status == 0 and "timeout" in error.code):
        return 504
    if 400 <= error.status < 500:
        return error.status
    return _PASSED_5XX.get(error.status, 502)


def _is_error_object(body: bytes) -> bool:
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(decoded, dict) and "error" in decoded


def _header(value: str) -> bytes:
    return value.replace("\r", " ").replace("\n", " ").encode("latin-1", "replace")
