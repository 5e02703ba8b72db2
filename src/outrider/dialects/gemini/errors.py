"""Errors, in both directions: `{error: {code, message, status, details}}`, Google's way for all of its APIs."""

import re
from typing import Any

import msgspec

from outrider.base.errors import UpstreamError
from outrider.dialects import Fields

TYPE = "type.googleapis.com/google.rpc."
WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "FAILED_PRECONDITION",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_STATUS = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ABORTED": 409,
    "ALREADY_EXISTS": 409,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "INTERNAL": 500,
    "UNKNOWN": 500,
    "DATA_LOSS": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
_CODES = {401: "provider_key_refused", 403: "provider_key_refused", 404: "provider_model_not_found",
          429: "provider_rate_limited"}  # fmt: skip
_RETRYABLE = {408, 409, 425, 429, 499, 500, 502, 503, 504}
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)s")


class Said(msgspec.Struct):
    """What an error body says. `reason` is that of its ErrorInfo, `retry_after` is in seconds."""

    message: str = ""
    status: str = ""
    code: int = 0
    reason: str = ""
    retry_after: float | None = None


def read(said: Any) -> Said:
    """The error in a decoded body: an object, or a list of one, as streams without SSE have it."""
    if isinstance(said, list) and said:
        said = said[0]
    error = said.get("error") if isinstance(said, dict) else None
    if not isinstance(error, dict):
        return Said(message=error if isinstance(error, str) else "")
    found = Said(str(error.get("message") or ""), str(error.get("status") or ""))
    found.code = error["code"] if isinstance(error.get("code"), int) else _STATUS.get(found.status, 0)
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        if not isinstance(detail, dict):
            continue
        kind = str(detail.get("@type", "")).rpartition(".")[2]
        if kind == "RetryInfo" and (delay := _SECONDS.fullmatch(str(detail.get("retryDelay", "")))):
            found.retry_after = float(delay[1])
        elif kind == "ErrorInfo":
            found.reason = str(detail.get("reason") or "")
    return found


def failure(said: Said, status: int, *, body: bytes | None = None, retry_after: float | None = None) -> UpstreamError:
    """The UpstreamError for what a provider said with `status` (0: within a stream). A key that it does not know is
    refused as a bad request, which is not the caller's."""
    where = f"the provider answered HTTP {status}" if status else "the provider sent an error inside its stream"
    status = status or said.code or 500
    if said.reason.startswith("API_KEY_") and status == 400:
        status, body = 401, None
    return UpstreamError(
        f"{where}: {said.message[:500]}" if said.message else where,
        code=_CODES.get(status, "upstream_error" if status >= 500 or status < 400 else "provider_refused_request"),
        status=status,
        retryable=status in _RETRYABLE,
        retry_after=said.retry_after if said.retry_after is not None else retry_after,
        body=body,
    )


def raise_error(said: Fields) -> None:
    """Raises the UpstreamError for an error within a stream or within an answer of status 200."""
    raise failure(read(said), 0)


def error_of(
    status: int, message: str, code: str, *, param: str | None = None, retry_after: float | None = None, **more: Any
) -> Fields:
    """The error object for a caller. Our `code` is its ErrorInfo's reason, `more` are its metadata."""
    metadata = {name: value if isinstance(value, str) else _text(value) for name, value in more.items()}
    about: Fields = {"@type": f"{TYPE}ErrorInfo", "reason": code.upper(), "domain": "outrider"}
    details: list[Fields] = [{**about, "metadata": metadata} if metadata else about]
    if param:
        violation = {"field": param, "description": message}
        details.append({"@type": f"{TYPE}BadRequest", "fieldViolations": [violation]})
    if retry_after is not None:
        details.append({"@type": f"{TYPE}RetryInfo", "retryDelay": f"{retry_after:g}s"})
    word = WORDS.get(status) or ("INVALID_ARGUMENT" if status < 500 else "UNAVAILABLE")
    return {"error": {"code": status, "message": message, "status": word, "details": details}}


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
