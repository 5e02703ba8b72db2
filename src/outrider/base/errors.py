"""Every error that some caller catches.

OutriderError                 a stable `code`, a message that says what, where and what to do
├── ConfigError               outrider.yaml or an option is wrong (file, line, key, nearest name)
├── RequestError              the caller's request is at fault or refused: has an HTTP `status`, maybe `param`
│   └── BudgetExceeded        a budget has no room for the call: says how much there would be
├── UpstreamError             a provider failed: has `status` (HTTP or 0), `retryable`, `retry_after`
├── Unreadable                a document cannot be fetched or parsed: says why, and what would help
├── StoreUnavailable          the database cannot be reached now; try again
├── JournalFull               the spool cannot take a record
└── JournalCorrupt            a segment or its chain does not verify
"""

from collections.abc import Mapping
from typing import Any

from outrider.base.budget import Measure


class OutriderError(Exception):
    """Base of all errors that Outrider raises on purpose."""

    code = "internal_error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class ConfigError(OutriderError):
    code = "invalid_config"


class RequestError(OutriderError):
    """A request that is answered with an error of class 4xx (or 503 when Outrider itself must refuse).

    `details` are further fields of the error object that the caller gets.
    """

    code = "invalid_request"

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
        headers: tuple[tuple[str, str], ...] = (),
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.status, self.param, self.kind, self.headers = status, param, kind, headers
        self.details = details or {}


class BudgetExceeded(RequestError):
    """A budget has no room for a call: only for `room` more, in its unit. `fit`: less would be welcome.

    `account` is (budget, value, start of the window, length of its buckets in ns); None: only this run can use it.
    """

    code = "budget_exceeded"

    def __init__(
        self,
        message: str,
        *,
        measure: Measure,
        room: int,
        fit: bool,
        account: tuple[str, str, int, int] | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, status=429, headers=headers, details=details)
        self.measure, self.room, self.fit, self.account = measure, room, fit, account


class UpstreamError(OutriderError):
    """A provider's failure, classified. `retryable` says that another try, here or elsewhere, may succeed.

    `status` is the provider's HTTP status, or 0 if there was none; `retry_after` is in seconds. `body` is the
    provider's own error body when it may be shown to the caller, in the provider's `language`.
    """

    code = "upstream_error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int = 0,
        retryable: bool = True,
        retry_after: float | None = None,
        body: bytes | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.status, self.retryable, self.retry_after, self.body = status, retryable, retry_after, body
        self.language = "chat"


class Unreadable(OutriderError):
    """A document that cannot be had: not found, too large, encrypted, damaged, no text in it. The others go on."""

    code = "unreadable_document"


class StoreUnavailable(OutriderError):
    code = "store_unavailable"


class JournalFull(OutriderError):
    code = "journal_full"


class JournalCorrupt(OutriderError):
    code = "journal_corrupt"
