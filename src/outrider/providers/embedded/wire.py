"""Answers as they go over the wire: whole bodies and errors in OpenAI's form. Implements `base.ports.WireResponse`."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from outrider.base.errors import RequestError, UpstreamError

JSON = (b"content-type", b"application/json")
EVENTS = (b"content-type", b"text/event-stream")

encode = msgspec.json.Encoder().encode


class Whole:
    """An answer that is complete."""

    complete = True

    def __init__(self, body: bytes, status: int = 200, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        self.status, self._body = status, body
        self.headers: Sequence[tuple[bytes, bytes]] = (JSON, (b"content-length", b"%d" % len(body)), *headers)

    async def read(self, limit: int) -> bytes:
        if len(self._body) > limit:
            raise UpstreamError(
                f"the embedded model's answer is larger than {limit} bytes",
                code="upstream_answer_too_large",
                retryable=False,
            )
        return self._body

    async def pass_to(self, sink: Callable[[bytes], bool]) -> None:
        sink(self._body)

    def pause(self) -> None:
        return None

    def resume(self) -> None:
        return None

    def abort(self) -> None:
        return None


def error_object(error: RequestError) -> dict[str, Any]:
    return {"error": {"message": error.message, "type": error.kind, "param": error.param, "code": error.code}}


def refusal(error: RequestError) -> Whole:
    """The error as an answer."""
    headers = [(k.encode(), v.encode()) for k, v in error.headers]
    return Whole(encode(error_object(error)), error.status, headers)


def event(value: Any) -> bytes:
    """One server-sent event."""
    return b"data: " + encode(value) + b"\n\n"


DONE = b"data: [DONE]\n\n"
