"""Asking a running Outrider for a replay: its models over /v1, its tools over /mcp. Everything carries the tag of the
replay, so that it is booked apart from production.
"""

import asyncio
import copy
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from outrider.base import money
from outrider.base.errors import OutriderError, UpstreamError
from outrider.base.ports import WireRequest
from outrider.gateway.upstream import HttpPool, Origin
from outrider.replay import recording

LARGEST_ANSWER = 64 << 20
PATIENCE = 600.0
TRIES = 4
LONGEST_PAUSE = 30.0
REVISION = "2025-11-25"
_json = msgspec.json.Encoder().encode
_fields = msgspec.json.Decoder(dict[str, Any]).decode
_CLIENT = {"name": "outrider-replay", "version": "1"}
_INITIALIZE = {"protocolVersion": REVISION, "capabilities": {}, "clientInfo": _CLIENT}


class Said(msgspec.Struct, frozen=True):
    """An answer over HTTP. `status` 0: nobody answered, and the body says why. `cost` is nano-dollars."""

    status: int
    body: bytes
    run: str = ""
    cost: int = 0
    seconds: float = 0.0


class Asks(Protocol):
    """Who is asked for what is live. Raises OutriderError where there is no answer."""

    async def ask(
        self, path: str, body: bytes, *, again: str = "", user: str = "", more: Mapping[str, str] = {}
    ) -> Said: ...
    async def tool(self, name: str, arguments: Any) -> str: ...


class Gateway:
    """The Outrider at `url`. `headers` says who asks, `tags` what for. The `session` of what is asked is the first tag,
    so that a replay's runs stand together."""

    def __init__(self, url: str, headers: Callable[[], Mapping[str, str]], tags: Sequence[str]) -> None:
        self._origin, self._headers, self._tags = Origin(url), headers, ",".join(tags)
        self.session = tags[0]
        self._pools: list[HttpPool] = []  # one at most, shared with those that are `within`
        self._connection: dict[str, str] = {}
        self._number = 0

    def within(self, session: str) -> "Gateway":
        """The same in a session of its own. Only the first one is closed."""
        other = copy.copy(self)
        other.session, other._connection = f"{self.session}/{session}", {}
        return other

    async def ask(
        self, path: str, body: bytes, *, again: str = "", user: str = "", more: Mapping[str, str] = {}
    ) -> Said:
        """Ask at any path, never the cache; again after a while where the house is full. `more` are headers. Raises
        OutriderError if nobody answers."""
        sent = {"cache-control": "no-store", "idempotency-key": again, "x-outrider-user": user, **more}
        pause = 0.5
        for turn in range(TRIES):
            said, headers = await self._post(path, body, sent)
            if said.status not in (429, 503) or turn == TRIES - 1 or b"budget_exceeded" in said.body:
                break
            await asyncio.sleep(min(LONGEST_PAUSE, _wanted_pause(headers) or pause))
            pause *= 2
        return said

    async def tool(self, name: str, arguments: Any) -> str:
        """Call a tool; what the model is to read. Raises OutriderError."""
        if not self._connection:
            await self._connect()
        params = {"name": name, "arguments": arguments}
        answer = await self._message("tools/call", params)
        return recording.told(answer)

    async def close(self) -> None:
        for pool in self._pools:
            await pool.close()
        self._pools.clear()

    async def _connect(self) -> None:
        self._connection = {"mcp-protocol-version": REVISION}
        await self._message("initialize", _INITIALIZE)
        await self._send_message({"jsonrpc": "2.0", "method": "notifications/initialized"})

    async def _message(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        self._number += 1
        said = await self._send_message({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        found = next((one for one in _messages(said.body) if one.get("id") == self._number), None)
        if found is None or "result" not in found:
            why = (found or {}).get("error") or {}
            what = why.get("message") if isinstance(why, Mapping) else ""
            raise OutriderError(f"{method}: {what or said.body[:300].decode('utf-8', 'replace')}", code="tool_refused")
        result: dict[str, Any] = found["result"]
        return result

    async def _send_message(self, message: Mapping[str, Any]) -> Said:
        accept = {"accept": "application/json, text/event-stream", **self._connection}
        said, headers = await self._post("/mcp", _json(message), accept)
        if said.status >= 400:
            raise OutriderError(f"HTTP {said.status}: {said.body[:300].decode('utf-8', 'replace')}", code="refused")
        if (session := headers.get(b"mcp-session-id")) is not None:
            self._connection["mcp-session-id"] = session.decode("latin-1")
        return said

    async def _post(self, path: str, body: bytes, more: Mapping[str, str]) -> tuple[Said, dict[bytes, bytes]]:
        if not self._pools:
            self._pools.append(HttpPool(self._origin))
        sent = {
            "content-type": "application/json", "x-outrider-tags": self._tags, "x-outrider-session": self.session,
            **more, **self._headers(),
        }  # fmt: skip
        lines = [(name.encode(), value.encode("utf-8", "replace")) for name, value in sent.items() if value]
        began = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                response = await self._pools[0].send(WireRequest("POST", f"{self._origin.prefix}{path}", lines, body))
                content = await response.read(LARGEST_ANSWER)
        except UpstreamError as error:
            raise OutriderError(
                f"no Outrider answers ({error.message}); start one with `outrider up`", code="not_running"
            ) from None
        except TimeoutError:
            raise OutriderError(f"no answer within {PATIENCE:g} s", code="not_running") from None
        headers = dict(response.headers)
        run = (headers.get(b"x-outrider-replay-of") or headers.get(b"x-request-id", b"")).decode("latin-1")
        return Said(response.status, content, run, _cost(headers), time.monotonic() - began), headers


def why(said: Said) -> str:
    """What a refusal says."""
    try:
        message = _fields(said.body)["error"]["message"]
    except (msgspec.DecodeError, KeyError, TypeError):
        message = said.body[:300].decode("utf-8", "replace")
    return f"HTTP {said.status}: {message}"


def _messages(body: bytes) -> list[dict[str, Any]]:
    """JSON-RPC messages of a body or of an event stream."""
    if body.lstrip()[:1] == b"{":
        return [_fields(body)]
    lines = [line[5:].strip() for line in body.splitlines() if line.startswith(b"data:")]
    return [_fields(line) for line in lines if line]


def _cost(headers: Mapping[bytes, bytes]) -> int:
    """What an answer cost; of one that is given again for its key, what it cost when it was made."""
    paid = headers.get(b"x-outrider-replay-cost") or headers.get(b"x-outrider-cost", b"0")
    try:
        return money.nano(paid.decode("latin-1"))
    except (ValueError, ArithmeticError):
        return 0


def _wanted_pause(headers: Mapping[bytes, bytes]) -> float:
    try:
        return float(headers.get(b"retry-after", b"0"))
    except ValueError:
        return 0.0
