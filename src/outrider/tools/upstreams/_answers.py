"""What an MCP server over HTTP answers to a request: under the request's own number, and no larger than can be held.

The SDK sets the number right in a stream of events, and passes an answer in JSON on as it came: whoever waits for the
number that was asked would wait until the time is over. An answer under another number may be another's (a cache in
between that looks at the address alone), so it is not taken for the right one.
"""

from collections.abc import Mapping
from typing import Any

import httpx2
import msgspec

from outrider.base import ids

WRONG = -32_603
"""JSON-RPC's code for what went wrong inside."""
OTHER = "an answer to something else (it has another JSON-RPC id, or is none); whether it did anything is not known"
MARK = ids.token(16)
"""The data of the errors that are made here: no server knows it."""
_decode, _encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode


class AnsweringClient(httpx2.AsyncClient):
    """An answer that is none to the request is replaced by an error with `MARK`; so is one of more than `largest`
    bytes."""

    def __init__(self, largest: int, **given: Any) -> None:
        super().__init__(**given)
        self._largest = largest

    async def send(self, request: httpx2.Request, **given: Any) -> httpx2.Response:
        response = await super().send(request, **given)
        kind = response.headers.get("content-type", "").lower()
        if request.method != "POST" or response.status_code != 200 or not kind.startswith("application/json"):
            return response
        asked = read(await request.aread())
        if "method" not in asked or "id" not in asked:
            return response
        parts, size = [], 0
        try:
            async for part in response.aiter_bytes():
                parts.append(part)
                if (size := size + len(part)) > self._largest:
                    return _made(request, response, _error(asked["id"], f"more than {self._largest} bytes"))
        finally:
            await response.aclose()
        body = b"".join(parts)
        message = read(body)
        if not answers(message, asked["id"]):
            return _made(request, response, _error(asked["id"], OTHER))
        if "error" in message and message.get("id") is None:  # it could not read what it was asked
            body = _encode({**message, "id": asked["id"]})
        return _made(request, response, body)


def answers(message: Mapping[str, Any], number: int | str) -> bool:
    """Whether a message answers the request `number`. One that is no JSON-RPC, or names no number, may."""
    given = message.get("id")
    if "method" in message:
        return False
    return given is None or (type(given) in (int, str) and str(given) == str(number))


def _error(number: int | str, why: str) -> bytes:
    return _encode({"jsonrpc": "2.0", "id": number, "error": {"code": WRONG, "message": why, "data": MARK}})


def read(body: bytes) -> dict[str, Any]:
    """An object of JSON; an empty one for anything else."""
    try:
        found = _decode(body) if body else {}
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _made(request: httpx2.Request, response: httpx2.Response, body: bytes) -> httpx2.Response:
    """The response with this body, which is neither packed nor in parts."""
    gone = ("content-encoding", "content-length", "transfer-encoding")
    headers = [(key, value) for key, value in response.headers.multi_items() if key.lower() not in gone]
    return httpx2.Response(200, headers=headers, content=body, request=request)
