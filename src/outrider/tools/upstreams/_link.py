"""One connection to an MCP server by the official SDK, held open by a task of its own.

The SDK's connections have to be opened and closed in the same task; calls come from others. A link ends when its server
does, or when it is closed; it is never opened a second time.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import msgspec
from mcp import Client, ClientSession, MCPError
from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost
from mcp_types import (
    CONNECTION_CLOSED,
    CreateMessageResult,
    ElicitResult,
    ErrorData,
    Implementation,
    ListRootsResult,
    ListToolsResult,
    PaginatedRequestParams,
)
from pydantic import BaseModel, TypeAdapter, ValidationError

import outrider
from outrider.base.errors import OutriderError, UpstreamError
from outrider.tools.ports import Back, Caller, Silent
from outrider.tools.upstreams._answers import MARK
from outrider.tools.upstreams._awaited import UNREADABLE
from outrider.tools.upstreams._straight import NO_ANSWER, Elsewhere, Straight

Streams = Callable[[], AbstractAsyncContextManager[Any]]
"""Opens the SDK's pair of streams."""


class Way(msgspec.Struct, frozen=True):
    """How a server is reached with some credentials, which `key` names. `straight` carries requests of the present
    revision without the streams (None: the server is no HTTP server)."""

    key: str
    streams: Streams
    straight: Callable[[], Straight] | None = None
    refusals: Callable[[], int] = int
    """How often the server refused these credentials so far."""


Told = Callable[[str, Mapping[str, Any]], None]
"""Gets a notification that belongs to no call: its method and parameters."""

OPENING = 30.0
"""Seconds within which a server has to shake hands."""
CLOSING = 10.0
RELISTEN = 5.0
"""Seconds after which a stream of changes that broke is asked for again."""
NOT_ASKABLE = -32001
CLOSED = ("Connection closed", "SSE stream ", *NO_ANSWER)
"""How the SDK and our own straight way begin what they say of a connection that ended."""
ASKABLE = ("elicitation", "sampling", "roots")
_JSON = TypeAdapter(dict[str, Any])

log = logging.getLogger("outrider.tools")


class Link:
    """`askable` is what the server is told that it may ask the client for: `elicitation`, `sampling`, `roots`. What it
    asks goes to the one call that is under way; where there are several, nobody knows whose it is, and it is refused.
    """

    def __init__(self, name: str, way: Way, told: Told, *, askable: Collection[str] = ()) -> None:
        self.name, self.askable = name, askable
        self._way, self._told = way, told
        self._under_way: list[Back] = []
        self._client: Client | None = None
        self._session: ClientSession | None = None
        self._ready: asyncio.Future[None] | None = None
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None
        self.dead = False

    @property
    def busy(self) -> int:
        return len(self._under_way)

    @property
    def client(self) -> Client:
        if self._client is None or self.dead:
            raise UpstreamError(f"the tool server {self.name!r} ended the connection", code="tool_server_gone")
        return self._client

    async def open(self) -> None:
        """Connect and shake hands. Raises UpstreamError."""
        self._ready = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._hold(self._ready))
        try:
            async with asyncio.timeout(OPENING):
                await asyncio.shield(self._ready)
        except TimeoutError:
            await self.close()
            raise UpstreamError(
                f"the tool server {self.name!r} did not shake hands within {OPENING:g} s", code="tool_server_silent"
            ) from None
        except asyncio.CancelledError:
            self._closing.set()
            self._task.cancel()
            raise

    async def close(self) -> None:
        """End it, and wait until it has ended."""
        self._closing.set()
        task = self._task
        if task is None:
            return
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(asyncio.shield(task), CLOSING)
        if not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=CLOSING)

    def end(self) -> None:
        """End it without waiting."""
        self._closing.set()

    async def _hold(self, ready: "asyncio.Future[None]") -> None:
        spoken: dict[str, Any] = {
            "client_info": Implementation(name="outrider", version=outrider.__version__),
            "logging_callback": self._log,
            "log_level": "info",
            "message_handler": self._message,
            "elicitation_callback": self._elicit if "elicitation" in self.askable else None,
            "sampling_callback": self._sample if "sampling" in self.askable else None,
            "list_roots_callback": self._roots if "roots" in self.askable else None,
        }
        try:
            async with contextlib.AsyncExitStack() as stack:
                client = await stack.enter_async_context(Client(_Opened(self._way.streams), cache=None, **spoken))
                agreed = client.session.discover_result
                if agreed is not None and self._way.straight is not None:
                    session = ClientSession(dispatcher=self._way.straight(), **spoken)
                    self._session = await stack.enter_async_context(session)
                    session.adopt(agreed)
                self._client = client
                if not ready.done():
                    ready.set_result(None)
                await self._closing.wait()
                if self._listening is not None:
                    self._listening.cancel()
        except Exception as error:  # noqa: BLE001 - the edge to a server and the SDK: whatever it was, it ended
            failed = failure(self.name, error)
            if ready.done():
                log.warning("the connection to the tool server %s ended: %s", self.name, failed.message)
            else:
                ready.set_exception(failed)
                ready.exception()  # who asked for it may have gone
        finally:
            self.dead = True
            if self._listening is not None:
                self._listening.cancel()

    # -- requests -------------------------------------------------------------------------------------------------

    async def request(self, request: BaseModel, back: Back, *, watched: bool) -> dict[str, Any]:
        """Send a request of the SDK's types; its result as it came. `watched`: the caller wants to know its progress.

        Raises UpstreamError if no answer came, MCPError if the answer is an error.
        """
        progress = back.progress if watched else None

        def sent(session: Any) -> Any:  # its types do not say that a plain dictionary can be asked for
            return session.send_request(request, _JSON, progress_callback=progress)

        found: dict[str, Any] = await self._said(sent, back)
        return found

    async def tools(self, cursor: str | None) -> ListToolsResult:
        """A page of its tools; the SDK remembers what it has to know of them for calls. Raises as `request`."""
        params = PaginatedRequestParams(cursor=cursor)
        return await self._said(lambda session: session.list_tools(params=params), Silent())

    async def _said(self, say: "Callable[[ClientSession], Awaitable[_Answer]]", back: Back) -> "_Answer":
        """Say it the straight way, where there is one and the server takes it."""
        client = self.client
        with self._counted(back):
            if self._session is not None:
                try:
                    return await say(self._session)
                except Elsewhere:
                    self._session = None
            return await say(client.session)

    def listen(self, resources: Collection[str]) -> None:
        """Hear of changes, where the server speaks a revision that wants to be asked for that: of lists, and of these
        resources. What comes goes to `told`."""
        if self._listening is not None:
            self._listening.cancel()
        self._listening = asyncio.create_task(self._listen(tuple(resources)))

    async def _listen(self, resources: tuple[str, ...]) -> None:
        """Held open until the link ends; a server that does not serve it says nothing by itself."""
        while not self.dead:
            try:
                async with self.client.listen(
                    tools_list_changed=True,
                    prompts_list_changed=True,
                    resources_list_changed=True,
                    resource_subscriptions=resources,
                ) as changes:
                    async for _ in changes:
                        pass  # `_message` has got it, too
            except SubscriptionLost:
                await asyncio.sleep(RELISTEN)
            except (MCPError, UpstreamError, ListenNotSupportedError):
                return

    @contextlib.contextmanager
    def _counted(self, back: Back) -> Iterator[None]:
        self._under_way.append(back)
        try:
            yield
        except MCPError as error:
            if error.error.data is UNREADABLE:
                raise UpstreamError(
                    f"the tool server {self.name!r} gave an answer that is no JSON-RPC; whether it did anything is not"
                    " known",
                    code="tool_server_invalid_answer",
                    retryable=False,
                ) from None
            if error.error.data == MARK:
                raise failure(self.name, error) from None
            if not _closed(error):
                raise
            self.dead = True
            self.end()
            raise failure(self.name, error) from None
        except ValidationError as error:
            raise UpstreamError(
                f"the tool server {self.name!r} gave an answer that MCP does not allow"
                f" ({error.error_count()} faults in {error.title})",
                code="tool_server_invalid_answer",
                retryable=False,
            ) from None
        finally:
            self._under_way.remove(back)

    # -- what the server says by itself ---------------------------------------------------------------------------

    def _theirs(self) -> Back | None:
        return self._under_way[0] if len(self._under_way) == 1 else None

    async def _elicit(self, context: Any, params: BaseModel) -> ElicitResult | ErrorData:
        return _checked(ElicitResult, await self._ask("elicitation/create", params))

    async def _sample(self, context: Any, params: BaseModel) -> CreateMessageResult | ErrorData:
        return _checked(CreateMessageResult, await self._ask("sampling/createMessage", params))

    async def _roots(self, context: Any) -> ListRootsResult | ErrorData:
        return _checked(ListRootsResult, await self._ask("roots/list", None))

    async def _ask(self, method: str, params: BaseModel | None) -> Mapping[str, Any] | ErrorData:
        back = self._theirs()
        if back is None:
            return ErrorData(
                code=NOT_ASKABLE,
                message=f"{method} is not passed on: Outrider cannot tell which of several callers it is meant for",
            )
        said = params.model_dump(by_alias=True, mode="json", exclude_none=True) if params is not None else {}
        said.pop("_meta", None)
        try:
            return await back.ask(method, said)
        except OutriderError as error:
            return ErrorData(code=NOT_ASKABLE, message=error.message)
        except MCPError as error:
            return error.error

    async def _log(self, params: Any) -> None:
        back = self._theirs()
        if back is not None:
            await back.log(params.level, params.data, params.logger)

    async def _message(self, message: Any) -> None:
        method = getattr(message, "method", None)
        if isinstance(method, str) and isinstance(message, BaseModel):
            said = message.model_dump(by_alias=True, mode="json", exclude_none=True)
            self._told(method, said.get("params") or {})


_Shape = TypeVar("_Shape", bound=BaseModel)
_Answer = TypeVar("_Answer")


def _checked(shape: type[_Shape], answer: Mapping[str, Any] | ErrorData) -> _Shape | ErrorData:
    """The client's answer, in the SDK's form."""
    if isinstance(answer, ErrorData):
        return answer
    try:
        return shape.model_validate(answer, by_name=False)
    except ValidationError:
        return ErrorData(code=NOT_ASKABLE, message="the client's answer is not what MCP allows")


class _Opened:
    """Streams as the SDK's client wants them: a context manager that is entered once."""

    def __init__(self, streams: Streams) -> None:
        self._inner = streams()

    async def __aenter__(self) -> Any:
        return await self._inner.__aenter__()

    async def __aexit__(self, *error: Any) -> bool | None:
        return await self._inner.__aexit__(*error)


def failure(name: str, error: BaseException) -> UpstreamError:
    """What went wrong, in our words: texts of errors may hold URLs with secrets, or what others wrote."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    if isinstance(error, UpstreamError):
        return error
    if isinstance(error, MCPError) and error.error.data == MARK:
        gave = f"the tool server {name!r} gave {error.error.message}"
        return UpstreamError(gave, code="tool_server_invalid_answer", retryable=False)
    if isinstance(error, MCPError):
        why = "it ended the connection" if _closed(error) else f"MCP error {error.error.code}"
    elif isinstance(error, OSError):
        why = error.strerror or type(error).__name__
    else:
        why = type(error).__name__
    return UpstreamError(f"the tool server {name!r} cannot be used: {why}", code="tool_server_unavailable")


def _closed(error: MCPError) -> bool:
    """Whether no answer came. Servers send the same code with words of their own, for whatever went wrong."""
    return error.error.code == CONNECTION_CLOSED and error.error.message.startswith(CLOSED)


def can_be_asked(caller: Caller) -> bool:
    """Whether the caller's program says that servers may ask it for something."""
    return any(caller.can.get(one) is not None for one in ASKABLE)
