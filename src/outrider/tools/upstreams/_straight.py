"""Requests to an MCP server over HTTP in the present revision, each a POST of its own over connections that are kept.

The SDK's client session speaks (what a request says, which answers are valid); this carries what it says, as its
`Dispatcher`: no task, no stream in memory and no second JSON model between a call and its answer.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import anyio
import anyio.abc
import msgspec
from mcp import MCPError
from mcp.shared._otel import inject_trace_context
from mcp.shared.dispatcher import CallOptions, OnNotify, OnNotifyIntercept, OnRequest
from mcp_types import CONNECTION_CLOSED, INTERNAL_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND

from outrider.base.errors import UpstreamError
from outrider.base.ports import Transport, WireRequest, WireResponse
from outrider.base.sse import SSESplitter, payload
from outrider.tools.upstreams._answers import OTHER, answers, read

REFUSED = "credentials_refused"
NO_ANSWER = ("no answer came", "the stream ended without a response")
LARGEST = 32 << 20
"""Bytes of one answer, or of one event of a stream."""
MOST_WAITING = 16
"""Events of a stream that nobody has heard yet; what one read of the socket holds may be on top of that."""
_HEADERS = {
    "accept": "application/json, text/event-stream",
    "accept-encoding": "identity",
    "content-type": "application/json",
}
_encode = msgspec.json.Encoder().encode

Progress = Callable[[float, float | None, str | None], Awaitable[None]]


class Elsewhere(Exception):
    """The server does not answer where it was asked, or in another form: the SDK's own transport knows how to go on."""


class Straight:
    """A `Dispatcher` of the SDK. `path` and `headers` are those of every request; `transport` leads to the server and
    is closed with this."""

    def __init__(self, transport: Transport, path: str, headers: Mapping[str, str]) -> None:
        self._transport, self._path = transport, path
        self._headers = {**_HEADERS, **{name.lower(): value for name, value in headers.items()}}
        self._on_notify: OnNotify | None = None
        self._next = 0

    async def run(
        self,
        on_request: OnRequest,
        on_notify: OnNotify,
        on_notify_intercept: OnNotifyIntercept | None = None,
        *,
        task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """Until it is cancelled. Servers of the present revision send no requests."""
        self._on_notify = on_notify
        task_status.started()
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await self.close()

    async def close(self) -> None:
        await self._transport.close()

    async def notify(self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None) -> None:
        """The present revision knows no notifications of clients: a request is given up by ending its connection."""
        return

    async def send_raw_request(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None
    ) -> dict[str, Any]:
        """The result as it came. Raises MCPError (`CONNECTION_CLOSED` if no answer came), UpstreamError, Elsewhere."""
        opts = opts or {}
        self._next += 1
        number, said = self._next, dict(params or {})
        meta = dict(said.get("_meta") or {})
        progress = opts.get("on_progress")
        if progress is not None:
            meta["progressToken"] = number
        inject_trace_context(meta)
        if meta:
            said["_meta"] = meta
        body = _encode({"jsonrpc": "2.0", "id": number, "method": method, "params": said})
        headers = _wire({**self._headers, **{k.lower(): v for k, v in (opts.get("headers") or {}).items()}})
        try:
            response = await self._transport.send(WireRequest("POST", self._path, headers, body))
            try:
                return await self._answer(response, number, progress)
            finally:
                response.abort()  # of no account where it is complete
        except UpstreamError as error:
            if error.code in ("tool_server_invalid_answer", REFUSED):
                raise
            if error.code == "upstream_answer_too_large":
                raise UpstreamError(
                    f"the tool server's answer is larger than {LARGEST} bytes",
                    code="tool_server_invalid_answer",
                    retryable=False,
                ) from None
            raise MCPError(CONNECTION_CLOSED, NO_ANSWER[0]) from None

    async def _answer(self, response: WireResponse, number: int, progress: Progress | None) -> dict[str, Any]:
        headers = dict(response.headers)
        kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        if 300 <= response.status < 400 or headers.get(b"content-encoding", b"identity") != b"identity":
            raise Elsewhere
        if response.status == 202:
            raise MCPError(INVALID_REQUEST, "server answered a request with 202 Accepted")
        if response.status == 401:
            raise UpstreamError("the credentials are refused", code=REFUSED, status=401, retryable=False)
        if response.status >= 400:
            body = await response.read(LARGEST) if kind == b"application/json" else b""
            raise _error(read(body)) or _failed(response.status)
        if kind == b"text/event-stream":
            return await self._streamed(response, number, progress)
        if kind != b"application/json":
            raise MCPError(INVALID_REQUEST, "the answer is neither JSON nor a stream of events")
        return _result(read(await response.read(LARGEST)), number)

    async def _streamed(self, response: WireResponse, number: int, progress: Progress | None) -> dict[str, Any]:
        """An answer that says something before its result."""
        splitter, events = SSESplitter(LARGEST), asyncio.Queue[bytes | None]()

        def sink(piece: bytes) -> bool:
            for event in splitter.feed(piece):
                events.put_nowait(event)
            if events.qsize() > MOST_WAITING:  # whoever hears them is slower than the server: it has to wait
                response.pause()
            return True

        reading = asyncio.ensure_future(response.pass_to(sink))
        reading.add_done_callback(lambda _: events.put_nowait(None))
        try:
            while (event := await events.get()) is not None:
                if events.empty():
                    response.resume()
                message = read(payload(event))
                if "method" not in message and ("result" in message or "error" in message):
                    return _result(message)  # under any id, as the SDK takes it
                await self._heard(message, number, progress)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        raise MCPError(CONNECTION_CLOSED, NO_ANSWER[1])

    async def _heard(self, message: Mapping[str, Any], number: int, progress: Progress | None) -> None:
        """A notification that belongs to the request."""
        method, params = message.get("method"), message.get("params") or {}
        if not isinstance(method, str) or not isinstance(params, dict) or "id" in message:
            return
        if method == "notifications/progress":
            done, total, text = params.get("progress"), params.get("total"), params.get("message")
            if progress is not None and params.get("progressToken") == number and isinstance(done, int | float):
                await progress(done, total if isinstance(total, int | float) else None, text)
            return
        if self._on_notify is not None:
            context: Any = None  # a notification has nobody to answer
            await self._on_notify(context, method, params)


def _wire(headers: Mapping[str, str]) -> Sequence[tuple[bytes, bytes]]:
    """Header fields as bytes. Raises UpstreamError for one that would not stay in its line."""
    made = [(name.encode(), value.encode()) for name, value in headers.items()]
    for name, value in made:
        if any(sign < 32 and sign != 9 for sign in value) or any(sign <= 32 or sign == 58 for sign in name):
            raise UpstreamError("a header field for the tool server has a line of its own", retryable=False)
    return made


def _result(message: Mapping[str, Any], number: int | None = None) -> dict[str, Any]:
    if number is not None and not answers(message, number):
        raise UpstreamError(f"the tool server gave {OTHER}", code="tool_server_invalid_answer", retryable=False)
    result, error = message.get("result"), _error(message)
    if error is not None:
        raise error
    if not isinstance(result, dict):
        raise UpstreamError(
            "the tool server gave an answer that is no JSON-RPC", code="tool_server_invalid_answer", retryable=False
        )
    return result


def _error(message: Mapping[str, Any]) -> MCPError | None:
    said = message.get("error")
    if not isinstance(said, dict) or not isinstance(said.get("code"), int):
        return None
    return MCPError(said["code"], str(said.get("message", "")), said.get("data"))


def _failed(status: int) -> MCPError:
    if status == 404:
        return MCPError(METHOD_NOT_FOUND, "Not Found")
    return MCPError(INTERNAL_ERROR, "Server returned an error response")
