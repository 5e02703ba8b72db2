"""What a failed response says, as an error."""

from typing import Any

import msgspec

from outrider.base.errors import UpstreamError
from outrider.dialects.pivot import Fields

_encode = msgspec.json.Encoder().encode
_STATUS = {"server_error": 500, "rate_limit_exceeded": 429, "vector_store_timeout": 504, "slow_down": 503,
           "insufficient_quota": 429, "overloaded": 503}  # fmt: skip
_CODES = {429: "provider_rate_limited", 400: "provider_refused_request"}
_BY_CODE = {"rate_limit_error": "rate_limit_exceeded", "provider_rate_limited": "rate_limit_exceeded",
            "budget_exceeded": "rate_limit_exceeded"}  # fmt: skip


def failed(error: Any) -> UpstreamError:
    """The error of a response that failed, or of an `error` event (also one with the fields inside `error`)."""
    said: Fields = error if isinstance(error, dict) else {}
    code, message = str(said.get("code") or "server_error"), str(said.get("message") or "it does not say why")
    status = _STATUS.get(code, 500 if str(said.get("type")) == "server_error" else 400)
    shown = {"message": message, "type": said.get("type"), "param": said.get("param"), "code": code}
    if shown["type"] in (None, "error"):
        shown["type"] = "server_error" if status >= 500 else "invalid_request_error"
    return UpstreamError(
        f"the provider's response failed: {code}: {message[:500]}",
        code=_CODES.get(status, "upstream_error"),
        status=status,
        retryable=status != 400,
        body=_encode({"error": shown}),
    )


def told(code: str, message: str) -> Fields:
    """A failed response's `error`: its codes are a closed list in clients."""
    return {"code": _BY_CODE.get(code, code if code in _STATUS else "server_error"), "message": message}
