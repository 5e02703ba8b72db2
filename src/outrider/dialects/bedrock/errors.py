"""What Bedrock's exceptions mean."""

import re
from typing import Any

import msgspec

from outrider.base.errors import UpstreamError
from outrider.dialects import Fields


class Meaning(msgspec.Struct, frozen=True):
    """`status` None: the one that the answer has."""

    code: str
    retryable: bool
    status: int | None = None


_KEY = Meaning("provider_key_refused", False, 403)
_LIMIT = Meaning("provider_rate_limited", True, 429)
_DOWN = Meaning("upstream_error", True, 503)
_REFUSED = Meaning("provider_refused_request", False, 400)
_LONG = Meaning("context_length_exceeded", False, 400)
"""Agents know this one and make their history shorter."""
_TOO_LONG = re.compile(
    r"too long|maximum context length|input tokens exceed|exceeds? .{0,30}maximum length", re.IGNORECASE
)
_MEANINGS = {
    "AccessDeniedException": _KEY,
    "ExpiredTokenException": _KEY,
    "IncompleteSignatureException": _KEY,
    "InternalServerException": Meaning("upstream_error", True, 500),
    "InvalidClientTokenId": _KEY,
    "InvalidSignatureException": _KEY,
    "MissingAuthenticationTokenException": _KEY,
    "ModelErrorException": Meaning("upstream_error", True, 424),
    "ModelNotReadyException": _DOWN,
    "ModelStreamErrorException": Meaning("upstream_error", True, 424),
    "ModelTimeoutException": Meaning("upstream_error", True, 408),
    "NotAuthorized": _KEY,
    "ResourceNotFoundException": Meaning("provider_model_not_found", False, 404),
    "ServiceQuotaExceededException": _LIMIT,
    "ServiceUnavailableException": _DOWN,
    "ThrottlingException": _LIMIT,
    "TooManyRequestsException": _LIMIT,
    "UnrecognizedClientException": _KEY,
    "ValidationException": _REFUSED,
}


def meaning(kind: str) -> Meaning | None:
    """Of an exception's name, as a header (`ThrottlingException:http://...`), a body or a stream has it."""
    name = kind.rpartition("#")[2].partition(":")[0].strip()
    return _MEANINGS.get(name[:1].upper() + name[1:])


def in_stream(kind: str, said: Fields) -> UpstreamError:
    """An exception in the middle of a stream."""
    known = _meant(meaning(kind) or Meaning("upstream_error", True, 500), said)
    detail = text(said)
    return UpstreamError(
        f"the provider's stream broke off with {kind}" + (f": {detail}" if detail else ""),
        code=known.code,
        status=known.status or 500,
        retryable=known.retryable,
    )


def text(said: Any) -> str:
    """The message in an exception's body, cut to what fits a log."""
    if not isinstance(said, dict):
        return ""
    found = said.get("message") or said.get("Message") or said.get("originalMessage") or ""
    return str(found)[:500]


def _meant(found: Meaning, said: Any) -> Meaning:
    """What it means in particular: a context that is used up, a model's error that is a refusal of the request."""
    if found is _REFUSED and _TOO_LONG.search(text(said)):
        return _LONG
    original = said.get("originalStatusCode") if isinstance(said, dict) else None
    refused = isinstance(original, int) and 400 <= original < 500 and original not in (408, 429)
    return msgspec.structs.replace(_REFUSED, status=found.status) if refused and found.retryable else found


def whole(kind: str, said: Any, known: UpstreamError) -> UpstreamError:
    """An exception as an answer. `known` is what its HTTP status alone says; it holds where nobody knows `kind`."""
    found = _meant(meaning(kind) or Meaning(known.code, known.retryable), said)
    name, detail = kind.rpartition("#")[2].partition(":")[0], text(said)
    message = f"the provider answered HTTP {known.status}" + (f" ({name})" if name else "")
    return UpstreamError(
        f"{message}: {detail}" if detail else message,
        code=found.code,
        status=found.status or known.status,
        retryable=found.retryable,
        retry_after=known.retry_after,
    )
