"""Refusals: Anthropic's error shape, its types and HTTP statuses, and chat's."""

from collections.abc import Mapping
from typing import Any

from outrider.dialects.pivot import Fields

TYPES: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}
STATUSES: Mapping[str, int] = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
TOO_LONG = "prompt is too long"
"""How a message begins which says that the context is used up. Agents look for it and make their history shorter."""
TOO_LONG_CODE = "context_length_exceeded"
_TOO_LONG = ("maximum context length", "exceeds the maximum number of tokens", "input is too long")
_EXTRA = ("type", "message", "param", "code")


def from_chat(error: Fields, status: int) -> Fields:
    """The error body for chat's error object. What else that says stays beside the message."""
    message = str(error.get("message", ""))
    kind = next((one for one in (error.get("code"), error.get("type")) if one in STATUSES), None)
    if kind is None or (kind == "invalid_request_error" and status in TYPES):
        kind = kind_of(status)
    if status in (400, 413) and TOO_LONG not in message and _is_too_long(error.get("code"), message):
        message = f"{TOO_LONG}: {message}"
    made: Fields = {"type": kind, "message": message}
    for name in ("param", "code"):
        if (value := error.get(name)) is not None and value != made["type"]:
            made[name] = value
    made |= {name: value for name, value in error.items() if name not in (*_EXTRA, "request_id")}
    body: Fields = {"type": "error", "error": made}
    if request := error.get("request_id"):
        body["request_id"] = request
    return body


def kind_of(status: int) -> str:
    """The type of an error that has this HTTP status."""
    return TYPES.get(status) or ("invalid_request_error" if status < 500 else "api_error")


def _is_too_long(code: Any, message: str) -> bool:
    """Whether an error says, in another provider's words, that the context is used up."""
    return code == TOO_LONG_CODE or any(words in message.lower() for words in _TOO_LONG)
