"""Resources and prompts of all servers. To policy, reading one is a call like any other: it returns what others wrote.

Resources keep their addresses; where several servers have the same one, the first in the configuration has it. Prompts
have the names of the house, as tools do.
"""

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

import msgspec
from mcp import MCPError

from outrider.base import clock
from outrider.base.errors import RequestError, UpstreamError
from outrider.policy.declarations import Declaration
from outrider.tools.calls import Calls
from outrider.tools.catalog import AGAIN_NS, FRESH_NS, PATIENCE, Place
from outrider.tools.ports import Caller, Tool, ToolCall, ToolResult, Upstream

READ, GET = "resources_read", "prompts_get"
"""How labels, rules and records call them, behind the server's prefix."""
_LISTED = Declaration(does="none", steers={})
_TEMPLATE = Declaration(does="none", steers={"uri": "url"}, leaves=True)
"""An address that a model fills in is sent out with what it was filled with."""
_PROMPT = Declaration(does="none", steers={})
_HOLE = re.compile(r"\\\{[^}]*\\\}")

log = logging.getLogger("outrider.tools")


class Offers(Protocol):
    """An upstream that has more than tools."""

    async def listed(self, kind: str) -> Sequence[Mapping[str, Any]]: ...
    async def read(self, uri: str, caller: Caller) -> dict[str, Any]: ...
    async def prompt(self, own: str, arguments: Mapping[str, str] | None, caller: Caller) -> dict[str, Any]: ...
    async def complete(self, params: Mapping[str, Any], caller: Caller) -> dict[str, Any]: ...
    async def subscribe(self, uri: str, *, on: bool) -> None: ...


class _List(msgspec.Struct):
    found: Sequence[Mapping[str, Any]] = ()
    at: int = 0
    failed: int = 0


class Beyond:
    """What servers have beside tools."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._lists: dict[tuple[int, str], _List] = {}

    async def all(self, kind: str, caller: Caller) -> list[dict[str, Any]]:
        """`resources`, `resourceTemplates` or `prompts` of the servers that the caller has before it."""
        places = self._places(caller)
        lists = await asyncio.gather(*(self._list(place, kind) for place in places))
        found: dict[str, dict[str, Any]] = {}
        for place, one in zip(places, lists, strict=True):
            for entry in one:
                made = dict(entry)
                if kind == "prompts":
                    made["name"] = f"{place.mount.prefix}{entry.get('name', '')}"
                found.setdefault(str(made.get("uri") or made.get("uriTemplate") or made["name"]), made)
        return list(found.values())

    async def read(self, uri: str, caller: Caller, run: bytes) -> dict[str, Any]:
        """Raises RequestError 404, MCPError."""
        place, listed = await self._whose(uri, caller)
        offers = _offers(place.upstream)

        async def ask(call: ToolCall) -> ToolResult:
            raw = await offers.read(uri, call.caller)
            return _kept(raw, raw.get("contents") or [])

        tool = self._tool(place, READ, _LISTED if listed else _TEMPLATE)
        return await self._through(caller, tool, {"uri": uri}, ask, run)

    async def prompt(
        self, name: str, arguments: Mapping[str, str] | None, caller: Caller, run: bytes
    ) -> dict[str, Any]:
        """Raises RequestError 404, MCPError."""
        place, own = await self._prompted(name, caller)
        offers = _offers(place.upstream)

        async def ask(call: ToolCall) -> ToolResult:
            raw = await offers.prompt(own, arguments, call.caller)
            return _kept(raw, [message.get("content") for message in raw.get("messages") or ()])

        tool = self._tool(place, GET, _PROMPT)
        return await self._through(caller, tool, {"name": own, "arguments": arguments or {}}, ask, run)

    async def complete(self, params: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Words for an argument of a prompt or a resource template. Raises RequestError 404, MCPError."""
        ref = dict(params.get("ref") or {})
        if ref.get("type") == "ref/prompt":
            place, ref["name"] = await self._prompted(str(ref.get("name", "")), caller)
        else:
            place, _ = await self._whose(str(ref.get("uri", "")), caller)
        return await _offers(place.upstream).complete({**params, "ref": ref}, caller)

    async def subscribe(self, uri: str, caller: Caller, *, on: bool) -> None:
        """Raises RequestError 404, MCPError."""
        place, _ = await self._whose(uri, caller)
        try:
            await _offers(place.upstream).subscribe(uri, on=on)
        except UpstreamError as error:
            raise RequestError(error.message, status=503) from None

    # -- whose is it ----------------------------------------------------------------------------------------------

    def _places(self, caller: Caller) -> list[Place]:
        """The servers that a caller has before it: those with more than tools."""
        places = self._calls.parts.catalog.places
        chosen = [places[caller.view]] if caller.view in places else list(places.values())
        return [place for place in chosen if hasattr(place.upstream, "listed")]

    async def _whose(self, uri: str, caller: Caller) -> tuple[Place, bool]:
        """The server of an address, and whether it lists that very address."""
        places = self._places(caller)
        for place in places:
            if any(one.get("uri") == uri for one in await self._list(place, "resources")):
                return place, True
        for place in places:
            for one in await self._list(place, "resourceTemplates"):
                template = str(one.get("uriTemplate", ""))
                if template == uri or re.fullmatch(_HOLE.sub("[^?#]*", re.escape(template)), uri):
                    return place, False
        if len(places) == 1:
            return places[0], False
        raise RequestError(f"no server has the resource {uri[:200]!r}", status=404, code="unknown_resource")

    async def _prompted(self, name: str, caller: Caller) -> tuple[Place, str]:
        for place in self._places(caller):
            for one in await self._list(place, "prompts"):
                if f"{place.mount.prefix}{one.get('name', '')}" == name:
                    return place, str(one["name"])
        raise RequestError(f"there is no prompt {name[:100]!r}", status=404, code="unknown_prompt")

    async def _list(self, place: Place, kind: str) -> Sequence[Mapping[str, Any]]:
        """What a server has of a kind; what it had last where it does not answer."""
        known = self._lists.setdefault((id(place), kind), _List())
        now = clock.mono_ns()
        if (known.at and now - known.at < FRESH_NS) or (known.failed and now - known.failed < AGAIN_NS):
            return known.found
        try:
            async with asyncio.timeout(PATIENCE):
                known.found = await _offers(place.upstream).listed(kind)
            known.at, known.failed = clock.mono_ns(), 0
        except (UpstreamError, TimeoutError):
            known.failed = clock.mono_ns()
        return known.found

    def stale(self) -> None:
        """Some server says that a list is another one by now."""
        self._lists.clear()

    def _tool(self, place: Place, what: str, declaration: Declaration) -> Tool:
        name = f"{place.mount.prefix}{what}"
        return Tool(name=name, own=what, upstream=place.mount.name, declaration=declaration)

    async def _through(
        self, caller: Caller, tool: Tool, arguments: Mapping[str, Any], ask: Any, run: bytes
    ) -> dict[str, Any]:
        _, result = await self._calls.other(caller, tool, arguments, ask, run=run)
        if result.needs is not None:
            return {
                "resultType": "input_required",
                "inputRequests": result.needs.requests,
                "requestState": result.needs.state,
            }
        if result.is_error:
            raise MCPError(-32002, " ".join(str(one.get("text", "")) for one in result.content))
        raw: dict[str, Any] = result.structured
        return raw


def _offers(upstream: Upstream) -> Offers:
    return cast(Offers, upstream)  # `_places` has looked: it may be wrapped


def _kept(raw: dict[str, Any], said: Sequence[Any]) -> ToolResult:
    """A raw answer, with what is in it as content, so that all of it gets labels."""
    blocks = [one for one in said if isinstance(one, dict)]
    content = [one if "type" in one else {"type": "resource", "resource": one} for one in blocks]
    return ToolResult(content=content, structured=raw)
