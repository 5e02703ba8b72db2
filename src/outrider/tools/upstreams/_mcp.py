"""An MCP server as an `Upstream`: its links, opened when they are needed and again with back-off when they broke."""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from mcp import MCPError
from mcp_types import (
    HEADER_MISMATCH,
    METHOD_NOT_FOUND,
    CallToolRequest,
    CallToolRequestParams,
    CompleteRequest,
    CompleteRequestParams,
    GetPromptRequest,
    GetPromptRequestParams,
    ListPromptsRequest,
    ListResourcesRequest,
    ListResourceTemplatesRequest,
    PaginatedRequestParams,
    ReadResourceRequest,
    ReadResourceRequestParams,
    SubscribeRequest,
    SubscribeRequestParams,
    UnsubscribeRequest,
    UnsubscribeRequestParams,
)
from pydantic import BaseModel, ValidationError

from outrider.base import clock
from outrider.base.errors import RequestError, UpstreamError
from outrider.policy.declarations import Declaration, declared
from outrider.tools.ports import Caller, Health, Mount, Needs, Silent, Tool, ToolResult
from outrider.tools.upstreams._link import ASKABLE, Link, Way, can_be_asked
from outrider.tools.upstreams._straight import REFUSED

LABELS = "outrider/labels"
OURS = ("outrider/", "io.modelcontextprotocol/")
MOST_PAGES = 100
MOST_LINKS = 64
"""Connections that are shared, one for each set of credentials."""
MOST_RESTING = 8
"""Connections of one caller each that are kept for the next one."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
MOST_ROUNDS = 10
_SILENT = Silent()

log = logging.getLogger("outrider.tools")

Reach = Callable[[Caller | None], Awaitable[Way]]
"""How the server is reached for a caller (None: for Outrider itself)."""
Told = Callable[[str, Mapping[str, Any]], None]


class McpUpstream:
    """`reach` opens streams. `alone`: a caller that can be asked gets a connection to itself, so that what the server
    asks reaches nobody else. Otherwise all share one."""

    def __init__(self, mount: Mount, reach: Reach, *, alone: bool, said: Callable[[], str] = str) -> None:
        self.name, self._mount = mount.name, mount
        self._reach, self._alone, self._said = reach, alone, said
        self._shared: OrderedDict[str, Link] = OrderedDict()
        self._resting: list[tuple[str, Link]] = []
        self._opening: dict[str, asyncio.Lock] = {}
        self._failures = self._not_before = self._since = 0
        self._error = ""
        self._server = self._revision = ""
        self._told: list[Told] = []
        self._watched: set[str] = set()

    # -- the seam -------------------------------------------------------------------------------------------------

    async def list(self) -> Sequence[Tool]:
        found: list[Tool] = []
        async with self._borrowed(None) as link:
            cursor = None
            for _ in range(MOST_PAGES):
                try:
                    page = await link.tools(cursor)
                except MCPError as error:
                    if error.error.code == METHOD_NOT_FOUND:
                        return []
                    raise UpstreamError(
                        f"the tool server {self.name!r} does not list its tools: MCP error {error.error.code}",
                        code="tool_server_refused",
                    ) from None
                found += [
                    self._tool(one.model_dump(by_alias=True, mode="json", exclude_none=True), one) for one in page.tools
                ]
                cursor = page.next_cursor
                if not cursor:
                    break
        return found

    async def call(self, tool: Tool, arguments: Mapping[str, Any], caller: Caller) -> ToolResult:
        def made(answers: Mapping[str, Any] | None, state: str | None) -> BaseModel:
            params = {"name": tool.own, "arguments": dict(arguments), "inputResponses": answers, "requestState": state}
            return CallToolRequest(params=_valid(CallToolRequestParams, params))

        raw = await self._rounds(made, caller)
        if raw.get("resultType") == "input_required":
            return ToolResult(needs=Needs(raw.get("inputRequests") or {}, raw.get("requestState")))
        return ToolResult(
            content=[without_ours(block) for block in raw.get("content") or []],
            structured=raw.get("structuredContent"),
            is_error=bool(raw.get("isError")),
            meta=without_ours(raw).get("_meta") or {},
        )

    async def close(self) -> None:
        links = [*self._shared.values(), *(link for _, link in self._resting)]
        self._shared.clear()
        self._resting.clear()
        await asyncio.gather(*(link.close() for link in links))

    def health(self) -> Health:
        up = any(not link.dead for link in (*self._shared.values(), *(one for _, one in self._resting)))
        state = "up" if up else "down" if self._failures else "idle"
        return Health(state, self._error, self._since, self._said(), self._server, self._revision)

    # -- beyond tools ---------------------------------------------------------------------------------------------

    def tell(self, told: Told) -> None:
        """Pass on what the server says by itself (`notifications/…`)."""
        self._told.append(told)

    async def listed(self, kind: str) -> "Sequence[dict[str, Any]]":
        """All of `resources`, `resourceTemplates` or `prompts`; none where the server has no such thing."""
        shape = {
            "resources": ListResourcesRequest,
            "resourceTemplates": ListResourceTemplatesRequest,
            "prompts": ListPromptsRequest,
        }[kind]
        found: list[dict[str, Any]] = []
        async with self._borrowed(None) as link:
            offers = link.client.server_capabilities
            if getattr(offers, "prompts" if kind == "prompts" else "resources", None) is None:
                return []
            cursor = None
            for _ in range(MOST_PAGES):
                request = shape(params=PaginatedRequestParams(cursor=cursor))
                try:
                    raw = await link.request(request, _SILENT, watched=False)
                except MCPError as error:
                    if error.error.code == METHOD_NOT_FOUND:
                        return found
                    raise UpstreamError(
                        f"{self.name!r} does not list its {kind}: MCP error {error.error.code}"
                    ) from None
                found += raw.get(kind) or []
                cursor = raw.get("nextCursor")
                if not cursor:
                    break
        return found

    async def read(self, uri: str, caller: Caller) -> dict[str, Any]:
        """`resources/read`, as it came. Raises UpstreamError, MCPError."""

        def made(answers: Mapping[str, Any] | None, state: str | None) -> BaseModel:
            params = {"uri": uri, "inputResponses": answers, "requestState": state}
            return ReadResourceRequest(params=_valid(ReadResourceRequestParams, params))

        return await self._rounds(made, caller)

    async def prompt(self, own: str, arguments: Mapping[str, str] | None, caller: Caller) -> dict[str, Any]:
        """`prompts/get`, as it came. Raises UpstreamError, MCPError."""

        def made(answers: Mapping[str, Any] | None, state: str | None) -> BaseModel:
            params = {"name": own, "arguments": arguments, "inputResponses": answers, "requestState": state}
            return GetPromptRequest(params=_valid(GetPromptRequestParams, params))

        return await self._rounds(made, caller)

    async def complete(self, params: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """`completion/complete`, as it came. Raises UpstreamError, MCPError."""
        request = CompleteRequest(params=_valid(CompleteRequestParams, params))
        async with self._borrowed(caller) as link:
            return await link.request(request, caller.back, watched=False)

    async def subscribe(self, uri: str, *, on: bool) -> None:
        """Hear of changes to a resource, or not any more. Raises UpstreamError, MCPError."""
        (self._watched.add if on else self._watched.discard)(uri)
        if self._revision >= "2026":
            async with self._borrowed(None) as link:
                link.listen(self._watched)
            return
        request: BaseModel = (
            SubscribeRequest(params=SubscribeRequestParams(uri=uri))
            if on
            else UnsubscribeRequest(params=UnsubscribeRequestParams(uri=uri))
        )
        async with self._borrowed(None) as link:
            await link.request(request, _SILENT, watched=False)

    async def _rounds(
        self, made: Callable[[Mapping[str, Any] | None, str | None], BaseModel], caller: Caller
    ) -> dict[str, Any]:
        """Send a request; where the server needs something of the client before it answers, and the client speaks an
        older revision, ask the client and send it again."""
        answers, state = caller.answers, caller.state
        async with self._borrowed(caller) as link:
            for _ in range(MOST_ROUNDS):
                raw = await self._sent(link, made(answers, state), caller)
                if raw.get("resultType") != "input_required" or caller.revision >= "2026":
                    return raw
                asked = raw.get("inputRequests") or {}
                answers = {
                    name: await caller.back.ask(one["method"], one.get("params") or {}) for name, one in asked.items()
                }
                state = raw.get("requestState")
        raise UpstreamError(
            f"the tool server {self.name!r} asks again and again", code="tool_server_asks", retryable=False
        )

    async def _sent(self, link: Link, request: BaseModel, caller: Caller) -> dict[str, Any]:
        watched = "progressToken" in caller.meta
        try:
            return await link.request(request, caller.back, watched=watched)
        except MCPError as error:
            if error.error.code != HEADER_MISMATCH:
                raise
            await link.tools(None)  # it wants headers that the tool's schema names
            return await link.request(request, caller.back, watched=watched)

    def _tool(self, raw: dict[str, Any], one: Any) -> Tool:
        known = ("name", "title", "description", "inputSchema", "outputSchema", "annotations", "execution")
        labels = self._labels(raw)
        return Tool(
            name=one.name,
            own=one.name,
            upstream=self.name,
            title=raw.get("title") or "",
            description=raw.get("description") or "",
            input_schema=one.input_schema,
            output_schema=one.output_schema,
            annotations=raw.get("annotations") or {},
            declaration=labels,
            idempotent=labels is not None and labels.idempotent,
            wire={key: value for key, value in raw.items() if key not in known},
        )

    def _labels(self, raw: Mapping[str, Any]) -> Declaration | None:
        said = (raw.get("_meta") or {}).get(LABELS)
        if not self._mount.trusted or not isinstance(said, Mapping):
            return None
        try:
            return declared(said, raw["name"])
        except ValueError as error:
            log.warning("what %s declares is not used: %s", self.name, error)
            return None

    # -- links ----------------------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def _borrowed(self, caller: Caller | None) -> AsyncIterator[Link]:
        way = await self._reach(caller)
        refused = way.refusals()
        try:
            async with self._one(way, caller) as link:
                yield link
        except (MCPError, UpstreamError) as error:
            if way.refusals() == refused and getattr(error, "code", "") != REFUSED:
                raise
            raise UpstreamError(
                f"{self.name!r} refuses the credentials that Outrider has for it (401)",
                code=REFUSED,
                status=401,
                retryable=False,
            ) from None

    @contextlib.asynccontextmanager
    async def _one(self, way: Way, caller: Caller | None) -> AsyncIterator[Link]:
        if not (self._alone and caller is not None and can_be_asked(caller)):
            yield await self._for_all(way)
            return
        link = next((one for name, one in self._resting if name == way.key and not one.dead), None)
        if link is not None:
            self._resting = [pair for pair in self._resting if pair[1] is not link]
        else:
            link = await self._open(way, ASKABLE)
        try:
            yield link
        except BaseException:
            link.end()  # the server may still be at it: nobody else gets this one
            raise
        self._resting.append((way.key, link))
        while len(self._resting) > MOST_RESTING:
            self._resting.pop(0)[1].end()

    async def _for_all(self, way: Way) -> Link:
        key = way.key
        link = self._shared.get(key)
        if link is not None and not link.dead:
            self._shared.move_to_end(key)
            return link
        async with self._opening.setdefault(key, asyncio.Lock()):
            link = self._shared.get(key)
            if link is None or link.dead:
                # Where all share one connection, it is told what clients can do: some may.
                link = await self._open(way, () if self._alone else ("elicitation", "sampling"))
                self._shared[key] = link
                if self._revision >= "2026":
                    link.listen(self._watched)
        while len(self._shared) > MOST_LINKS:
            name, oldest = next(iter(self._shared.items()))
            if oldest.busy:
                break
            del self._shared[name]
            self._opening.pop(name, None)
            oldest.end()
        return link

    async def _open(self, way: Way, askable: Collection[str]) -> Link:
        """A new link, unless the last attempts failed and it is too early for another."""
        now = clock.mono_ns()
        if now < self._not_before:
            raise UpstreamError(
                f"the tool server {self.name!r} does not answer; it is tried again in"
                f" {(self._not_before - now) / 1e9:.1f} s",
                code="tool_server_unavailable",
                retry_after=(self._not_before - now) / 1e9,
            )
        link, refused = Link(self.name, way, self._hear, askable=askable), way.refusals()
        try:
            await link.open()
        except UpstreamError as error:
            if way.refusals() > refused:  # it answers: the next one may have credentials that it takes
                self._error, self._since = error.message, clock.now_ns()
                raise
            self._failures += 1
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (self._failures - 1))
            self._not_before = clock.mono_ns() + int(pause * 1e9)
            self._error, self._since = error.message, clock.now_ns()
            raise
        self._failures = self._not_before = 0
        self._error, self._since = "", clock.now_ns()
        about = link.client.server_info
        self._server = f"{about.name} {about.version}".strip()[:200] if about is not None else ""
        self._revision = link.client.protocol_version
        return link

    def _hear(self, method: str, params: Mapping[str, Any]) -> None:
        for told in self._told:
            told(method, params)


def without_ours(part: dict[str, Any]) -> dict[str, Any]:
    """A result or a block of it without metadata in names that are Outrider's or the protocol's: a server must not
    pass its words off as the operator's."""
    meta = part.get("_meta")
    if not isinstance(meta, dict):
        return part
    return {**part, "_meta": {key: value for key, value in meta.items() if not key.startswith(OURS)}}


def _valid(shape: type[Any], params: Mapping[str, Any]) -> Any:
    """The SDK's parameters. Raises RequestError for what MCP does not allow."""
    try:
        return shape.model_validate({key: value for key, value in params.items() if value is not None}, by_name=False)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RequestError(f"{where or 'params'}: {first['msg']}", param=where or None) from None
