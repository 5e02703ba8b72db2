"""A request that the server ends by itself: what is known of it by then, and the answer. Pure."""

from typing import NamedTuple

CODES = {
    400: "invalid_http",
    408: "request_timeout",
    413: "request_too_large",
    431: "headers_too_large",
    503: "overloaded",
}
LARGE_HEAD = "the request's header fields are larger than 64 KiB; send fewer or shorter ones"


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

    def body(self) -> bytes:
        """The answer in OpenAI's shape. Messages are ours: there is nothing in them to escape."""
        return b'{"error":{"message":"%b","type":"invalid_request_error","param":null,"code":"%b"}}' % (
            self.message.encode(),
            self.code.encode(),
        )
