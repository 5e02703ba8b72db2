"""A request that the server ends by itself: what is known of it by then, and the answer. Pure."""

from typing import NamedTuple

from outrider.base.errors import RequestError

CODES = {
    400: "invalid_http",
    408: "request_timeout",
    413: "request_too_large",
    431: "headers_too_large",
    503: "overloaded",
}
LARGE_HEAD = "the request's address or header fields are larger than 64 KiB; send fewer or shorter ones"


class Refusal(NamedTuple):
    """`method` and `path` (without its query) are empty as far as they did not arrive, `path` may be cut short.

    `headers` have lower-case names; those that did not arrive whole are missing.
    """

    method: bytes
    path: bytes
    headers: list[tuple[bytes, bytes]]
    status: int
    message: str

    @property
    def code(self) -> str:
        return CODES[self.status]

    def error(self) -> RequestError:
        """The same as an error that callers are told."""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        return RequestError(self.message, status=self.status, code=self.code, kind=kind)
