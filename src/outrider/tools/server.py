"""The MCP server that callers see: the SDK's, with handlers that ask the catalogue and `Calls`."""

import asyncio
import hashlib
import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import mcp_types as types
import msgspec
from mcp import MCPError
from mcp.server.lowlevel import Server
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ResourceUpdated, ToolsListChanged
from mcp.shared.exceptions import MCPDeprecationWarning, NoBackChannelError
from mcp.shared.message import ServerMessageMetadata
from pydantic import BaseModel

import outrider
from outrider.base.errors import OutriderError, RequestError
from outrider.policy.identity import Who
from outrider.tools import sound
from outrider.tools.beyond import Beyond
from outrider.tools.calls import Calls
from outrider.tools.endpoint import Arrived
from outrider.tools.ports import Caller, Tool
from outrider.tools.records import wire
from outrider.tools.session import Belongs, Named

PAGE = 1_000
"""Entries of one list that are given at once: many clients never ask for a second page."""
LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")
_ANSWERS: Mapping[str, tuple[type[BaseModel], type[BaseModel], str]] = {
    "elicitation/create": (types.ElicitRequest, types.ElicitResult, "elicitation"),
    "sampling/createMessage": (types.CreateMessageRequest, types.CreateMessageResult, "sampling"),
    "roots/list": (types.ListRootsRequest, types.ListRootsResult, "roots"),
}

log = logging.getLogger("outrider.tools")


class ToClient:
    """The way to the client during its request: a `Back`."""

    def __init__(self, context: Any, levels: Mapping[str, str]) -> None:
        self._context, self._levels = context, levels

    async def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        await self._context.session.report_progress(progress, total, message)

    async def log(self, level: str, said: Any, logger: str | None = None) -> None:
        context = self._context
        wanted = (context.meta or {}).get(types.LOG_LEVEL_META_KEY) if context.protocol_version >= "2026" else "debug"
        wanted = self._levels.get(_arrived(context).connection, wanted)
        if wanted not in LEVELS or level not in LEVELS or LEVELS.index(level) < LEVELS.index(wanted):
            return
        params = types.LoggingMessageNotificationParams.model_validate({"level": level, "data": said, "logger": logger})
        await context.session.send_notification(
            types.LoggingMessageNotification(params=params), related_request_id=context.request_id
        )

    async def ask(self, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        if method not in _ANSWERS:
            raise RequestError(f"{method} is not passed on to clients", code="cannot_ask_client")
        request, answer, ability = _ANSWERS[method]
        session = self._context.session
        if _can(self._context).get(ability) is None or not session.can_send_request:
            raise RequestError(
                f"the client cannot be asked: it does not offer {ability} here", code="cannot_ask_client"
            )
        asked = request.model_validate({"method": method, "params": dict(params) or None}, by_name=False)
        metadata = ServerMessageMetadata(related_request_id=self._context.request_id)
        try:
            found = await session.send_request(asked, answer, metadata=metadata)
        except NoBackChannelError:
            raise RequestError(f"the client has no way to answer {method}", code="cannot_ask_client") from None
        said: dict[str, Any] = found.model_dump(by_alias=True, mode="json", exclude_none=True)
        return said


class Front:
    """The handlers. `server` is the SDK's, `bus` what streams of changes hang on."""

    def __init__(self, calls: Calls) -> None:
        self.calls, self.beyond = calls, Beyond(calls)
        self.bus = InMemorySubscriptionBus()
        self._listening = ListenHandler(self.bus)
        self._levels: dict[str, str] = {}
        self._subscribed: dict[str, dict[str, Any]] = {}
        with warnings.catch_warnings():  # the level of logs is asked for by clients of older revisions
            warnings.simplefilter("ignore", MCPDeprecationWarning)
            self.server = self._server()

    def _server(self) -> Server[Any]:
        return Server(
            "outrider",
            version=outrider.__version__,
            title="Outrider",
            get_tool_input_schema=self._schema,
            on_list_tools=self.list_tools,
            on_call_tool=self.call_tool,
            on_list_resources=self.list_resources,
            on_list_resource_templates=self.list_templates,
            on_read_resource=self.read_resource,
            on_subscribe_resource=self.subscribe,
            on_unsubscribe_resource=self.unsubscribe,
            on_subscriptions_listen=self.listen,
            on_list_prompts=self.list_prompts,
            on_get_prompt=self.get_prompt,
            on_completion=self.complete,
            on_set_logging_level=self.set_level,
        )

    # -- handlers -------------------------------------------------------------------------------------------------

    async def list_tools(self, context: Any, params: Any) -> Any:
        tools = await self.calls.tools(await self.caller(context))
        return _form(context, _page("tools", [_wire(tool) for tool in tools], params))

    async def call_tool(self, context: Any, params: Any) -> Any:
        caller = await self.caller(context, params, (params.name, params.arguments or {}))
        try:
            _, result = await self.calls.call(caller, params.name, params.arguments or {}, run=_arrived(context).run)
        except RequestError as error:
            raise MCPError(types.INVALID_PARAMS, error.message, {"code": error.code}) from None
        if result.needs is None:
            return _form(context, wire(result))
        return {
            "resultType": "input_required",
            "inputRequests": result.needs.requests,
            "requestState": result.needs.state,
        }

    async def list_resources(self, context: Any, params: Any) -> Any:
        return await self._list("resources", context, params)

    async def list_templates(self, context: Any, params: Any) -> Any:
        return await self._list("resourceTemplates", context, params)

    async def list_prompts(self, context: Any, params: Any) -> Any:
        return await self._list("prompts", context, params)

    async def _list(self, kind: str, context: Any, params: Any) -> Any:
        return _form(context, _page(kind, await self.beyond.all(kind, await self.caller(context)), params))

    async def read_resource(self, context: Any, params: Any) -> Any:
        with _said():
            caller = await self.caller(context, params)
            return _form(context, await self.beyond.read(str(params.uri), caller, _arrived(context).run))

    async def get_prompt(self, context: Any, params: Any) -> Any:
        with _said():
            caller = await self.caller(context, params)
            found = await self.beyond.prompt(params.name, params.arguments, caller, _arrived(context).run)
            return _form(context, found)

    async def complete(self, context: Any, params: Any) -> Any:
        with _said():
            said = params.model_dump(by_alias=True, mode="json", exclude_none=True)
            said.pop("_meta", None)
            return _form(context, await self.beyond.complete(said, await self.caller(context)))

    async def set_level(self, context: Any, params: Any) -> Any:
        connection = _arrived(context).connection
        if connection:
            self._levels[connection] = params.level
        return types.EmptyResult()

    async def subscribe(self, context: Any, params: Any) -> Any:
        with _said():
            await self.beyond.subscribe(str(params.uri), await self.caller(context), on=True)
        self._subscribed.setdefault(_arrived(context).connection, {})[str(params.uri)] = context.session
        return types.EmptyResult()

    async def unsubscribe(self, context: Any, params: Any) -> Any:
        self._subscribed.get(_arrived(context).connection, {}).pop(str(params.uri), None)
        if not self._wanted(str(params.uri)):
            with _said():
                await self.beyond.subscribe(str(params.uri), await self.caller(context), on=False)
        return types.EmptyResult()

    async def listen(self, context: Any, params: Any) -> Any:
        caller = await self.caller(context)
        for uri in params.notifications.resource_subscriptions or ():
            with _said():
                await self.beyond.subscribe(str(uri), caller, on=True)
        return await self._listening(context, params)

    # -- what servers say by themselves ---------------------------------------------------------------------------

    async def changed(self) -> None:
        """Tell clients of the present revision that the tools are others."""
        await self.bus.publish(ToolsListChanged())

    async def updated(self, uri: str) -> None:
        """A resource has changed."""
        await self.bus.publish(ResourceUpdated(uri))
        for sessions in list(self._subscribed.values()):
            if uri in sessions:
                await sessions[uri].send_resource_updated(uri)

    def forget(self, connection: str) -> None:
        """A connection is not served here any more."""
        self._levels.pop(connection, None)
        self._subscribed.pop(connection, None)

    def drain(self) -> None:
        """End the streams of changes: the clients ask again elsewhere."""
        self._listening.close()

    def _wanted(self, uri: str) -> bool:
        return any(uri in sessions for sessions in self._subscribed.values())

    # -- callers --------------------------------------------------------------------------------------------------

    async def caller(
        self, context: Any, params: Any = None, call: tuple[str, Mapping[str, Any]] | None = None
    ) -> Caller:
        """Who asks; `call` is the tool and its arguments, which may belong to a session of `/v1`. Raises MCPError where
        that cannot be."""
        arrived, meta = _arrived(context), dict((context.params or {}).get("_meta") or {})
        with _said():
            sound.check(context.params)
        belongs = self.calls.parts.belongs
        about = context.session.client_params.client_info if context.session.client_params is not None else None
        trace, parent = _trace(arrived.headers, meta)
        try:
            said, who = await asyncio.to_thread(_found, belongs, arrived, meta, call)
        except OutriderError as error:
            raise MCPError(types.INVALID_REQUEST, error.message, {"code": error.code}) from None
        return Caller(
            identity=arrived.identity,
            who=who,
            named=said,
            back=ToClient(context, self._levels),
            view=arrived.view,
            client=f"{about.name} {about.version}".strip()[:120] if about is not None else "",
            revision=context.protocol_version,
            can=_can(context),
            headers=arrived.headers,
            meta=meta,
            tags=_tags(arrived.headers),
            trace=trace,
            parent_span=parent,
            answers=_dumped(getattr(params, "input_responses", None)),
            state=getattr(params, "request_state", None),
            origin=arrived.origin,
        )

    def _schema(self, name: str) -> Mapping[str, Any] | None:
        """For headers that repeat arguments: only tools that ask for such are looked at."""
        found = next((tool for tool in self.calls.parts.catalog.known() if tool.name == name), None)
        return found.input_schema if found is not None and "x-mcp-header" in str(found.input_schema) else None


class _said:
    """Our errors as MCP's."""

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, RequestError):
            code = types.INVALID_PARAMS if error.status < 500 else types.INTERNAL_ERROR
            raise MCPError(code, error.message, {"code": error.code}) from None
        if isinstance(error, OutriderError):
            raise MCPError(types.INTERNAL_ERROR, error.message, {"code": error.code}) from None


def _arrived(context: Any) -> Arrived:
    found: Arrived = context.request.scope["outrider"]
    return found


def _found(
    belongs: Belongs, arrived: Arrived, meta: Mapping[str, Any], call: tuple[str, Mapping[str, Any]] | None
) -> tuple[Named, Who]:
    said = belongs.named(arrived.headers, meta, arrived.connection)
    return said, belongs.who(arrived.identity, said, *(call or ()))


def _can(context: Any) -> dict[str, Any]:
    return _dumped(context.session.client_capabilities) or {}


def _dumped(value: Any) -> Any:
    """The JSON form of what the SDK has decoded."""
    if isinstance(value, BaseModel):
        return value.model_dump(by_alias=True, mode="json", exclude_none=True)
    if isinstance(value, Mapping):
        return {key: _dumped(part) for key, part in value.items()}
    return value


def _tags(headers: Mapping[bytes, bytes]) -> tuple[str, ...]:
    said = headers.get(b"x-outrider-tags", b"").decode("utf-8", "replace").split(",")[:32]
    return tuple(tag for one in said if (tag := "".join(c for c in one if c.isprintable()).strip()[:256]))


def _trace(headers: Mapping[bytes, bytes], meta: Mapping[str, Any]) -> tuple[bytes, int]:
    """Trace id and parent span of a W3C `traceparent`, in the header or in `_meta`; (b"", 0) without a valid one."""
    said = headers.get(b"traceparent", b"").decode("latin-1") or str(meta.get("traceparent", ""))
    parts = said.split("-")
    try:
        trace, span = bytes.fromhex(parts[1]), int(parts[2], 16)
    except (IndexError, ValueError):
        return b"", 0
    return (trace, span) if len(trace) == 16 and any(trace) and 0 < span < 1 << 64 else (b"", 0)


def _wire(tool: Tool) -> dict[str, Any]:
    """A tool as MCP says it: the same bytes for the same tool."""
    found: dict[str, Any] = {"name": tool.name, "inputSchema": tool.input_schema}
    if tool.title:
        found["title"] = tool.title
    if tool.description:
        found["description"] = tool.description
    if tool.output_schema is not None:
        found["outputSchema"] = tool.output_schema
    if tool.annotations:
        found["annotations"] = tool.annotations
    kept = {key: value for key, value in (tool.wire.get("_meta") or {}).items() if not key.startswith("outrider/")}
    return found | {k: v for k, v in tool.wire.items() if k != "_meta"} | ({"_meta": kept} if kept else {})


def _form(context: Any, found: dict[str, Any]) -> dict[str, Any]:
    """A result as the client's revision has it: the present one says of each how long it holds, and for whom. What is
    shown depends on what the session has seen, so nothing is to be kept."""
    if context.protocol_version < "2026":
        return found
    return {"resultType": "complete", "ttlMs": 0, "cacheScope": "private", **found}


def _page(kind: str, entries: Sequence[dict[str, Any]], params: Any) -> dict[str, Any]:
    """A part of a list. A cursor holds for the very list that it was given for."""
    mark = hashlib.sha256(msgspec.json.encode(entries)).hexdigest()[:16]
    start = 0
    cursor = getattr(params, "cursor", None)
    if cursor:
        offset, _, of = cursor.partition(".")
        if of != mark or not offset.isdecimal() or int(offset) >= len(entries):
            raise MCPError(types.INVALID_PARAMS, "this cursor is of another list by now: begin again without one")
        start = int(offset)
    found: dict[str, Any] = {kind: list(entries[start : start + PAGE])}
    if start + PAGE < len(entries):
        found["nextCursor"] = f"{start + PAGE}.{mark}"
    return found
