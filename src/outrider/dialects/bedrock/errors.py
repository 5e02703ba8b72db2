"""What Bedrock's exceptions mean."""

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
    "ValidationException": Meaning("provider_refused_request", False, 400),
}


def meaning(kind: str) -> Meaning | None:
    """Of an exception's name, as a header (`ThrottlingException:http://...`), a body or a stream has it."""
    name = kind.rpartition("#")[2].partition(":")[0].strip()
    return _MEANINGS.get(name[:1].upper() + name[1:])


def in_stream(kind: str, said: Fields) -> UpstreamError:
    """An exception in the middle of a stream."""
    known = meaning(kind) or Meaning("upstream_error", True, 500)
    detail = text(said)
    return UpstreamError(
        f"the provider's stream broke off with {kind}" + (f": {detail}" if detail else ""),
        code=known.code,
        status=known.status or 500,
        retryable=_retryable(known, said),
    )


def text(said: Any) -> str:
    """The message in an exception's body, cut to what fits a log."""
    if not isinstance(said, dict):
        return ""
    found = said.get("message") or said.get("Message") or said.get("originalMessage") or ""
    return str(found)[:500]


def _retryable(known: Meaning, said: Fields) -> bool:
    """A model's error that stands for a refusal of the request will come again."""
    original = said.get("originalStatusCode")
    return known.retryable and not (isinstance(original, int) and 400 <= original < 500 and original not in (408, 429))


def whole(kind: str, said: Any, known: UpstreamError) -> UpstreamError:
    """An exception as an answer. `known` is what its HTTP status alone says; it holds where nobody knows `kind`."""
    found = meaning(kind) or Meaning(known.code, known.retryable)
    name, detail = kind.rpartition("#")[2].partition(":")[0], text(said)
    message = f"the provider answered HTTP {known.status}" + (f" ({name})" if name else "")
    return UpstreamError(
        f"{message}: {detail}" if detail else message,
        code=found.code,
        status=found.status or known.status,
        retryable=_retryable(found, said) if isinstance(said, dict) else found.retryable,
        retry_after=known.retry_after,
    )
