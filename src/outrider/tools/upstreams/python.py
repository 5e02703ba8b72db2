"""Python functions as tools: those of a module that are marked with `@outrider.tool`.

Schemas and the checks of arguments and results are the official MCP SDK's. Functions that are not async run in threads
of this upstream; one that outlives its timeout keeps its thread until it ends, and new calls are refused when all are
taken. A parameter annotated with `Who` gets who calls; the model neither sees nor passes it.
"""

import asyncio
import contextvars
import functools
import importlib
import importlib.util
import inspect
import logging
import re
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec

from outrider.base import clock
from outrider.base.errors import ConfigError, RequestError, UpstreamError
from outrider.policy.declarations import declared
from outrider.policy.identity import Who
from outrider.tools.ports import Caller, Health, Mount, Own, Tool, ToolResult, text_result

if TYPE_CHECKING:
    from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata

MARK = "__outrider_tool__"
THREADS = 32
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

log = logging.getLogger("outrider.tools")


class _Function(msgspec.Struct, frozen=True):
    tool: Tool
    call: Callable[..., Any]
    meta: Any
    asks: tuple[str, ...]
    """Parameters that get who calls."""
    timeout: float | None


class PythonUpstream:
    """The marked functions of one module. It is imported when it is first asked for, in a thread."""

    def __init__(self, mount: Mount, own: Own) -> None:
        self.name, self._mount, self._own = mount.name, mount, own
        self._functions: dict[str, _Function] | None = None
        self._loading = asyncio.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._busy, self._error, self._since = 0, "", 0

    async def list(self) -> Sequence[Tool]:
        return [one.tool for one in (await self._loaded()).values()]

    async def call(self, tool: Tool, arguments: Mapping[str, Any], caller: Caller) -> ToolResult:
        function = (await self._loaded()).get(tool.own)
        if function is None:
            raise RequestError(f"no tool {tool.own!r} is at {self.name!r} any more", status=404, code="unknown_tool")
        passed = _checked(function, arguments)
        passed.update(dict.fromkeys(function.asks, caller.who))
        try:
            async with asyncio.timeout(function.timeout):
                answer = await self._run(function, passed)
        except TimeoutError:
            raise UpstreamError(
                f"{tool.own!r} did not answer within {function.timeout} s", code="tool_timeout", retryable=False
            ) from None
        except (UpstreamError, RequestError):
            raise
        except Exception as error:
            if isinstance(error, ValueError | LookupError):  # what a function says about its arguments helps the model
                return text_result(f"{tool.own} failed: {error}"[:2000], is_error=True)
            log.warning("the tool %s failed: %r", tool.name, error, exc_info=error)
            raise UpstreamError(
                f"{tool.own!r} failed with {type(error).__name__}; the log has it", code="tool_failed", retryable=False
            ) from error
        return _answered(function, answer)

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def health(self) -> Health:
        if self._error:
            return Health("down", self._error, self._since)
        return Health("up" if self._functions is not None else "idle", since=self._since)

    async def _run(self, function: _Function, passed: dict[str, Any]) -> Any:
        if inspect.iscoroutinefunction(function.call):
            return await function.call(**passed)
        if self._busy >= THREADS:
            raise UpstreamError(
                f"all {THREADS} threads of {self.name!r} are taken; try again later", code="tools_busy", retryable=True
            )
        if self._pool is None:
            self._pool = ThreadPoolExecutor(THREADS, f"tools-{self.name}")
        self._busy += 1
        loop, context = asyncio.get_running_loop(), contextvars.copy_context()
        running = self._pool.submit(functools.partial(context.run, function.call, **passed))
        running.add_done_callback(lambda _: loop.call_soon_threadsafe(self._freed) if loop.is_running() else None)
        answer = await asyncio.wrap_future(running)
        return await answer if isinstance(answer, Awaitable) else answer

    def _freed(self) -> None:
        self._busy -= 1

    async def _loaded(self) -> Mapping[str, _Function]:
        async with self._loading:
            if self._functions is None:
                self._since = clock.now_ns()
                try:
                    self._functions = await asyncio.to_thread(self._load)
                except ConfigError as error:
                    self._error = error.message
                    raise UpstreamError(error.message, code="tool_server_unavailable", retryable=False) from None
                self._error = ""
            return self._functions

    def _load(self) -> dict[str, _Function]:
        where = str(self._mount.options["python"])
        module = _module(where, self._own.config.parent if self._own.config is not None else Path())
        found: dict[str, _Function] = {}
        for value in vars(module).values():
            mark = getattr(value, MARK, None)
            if callable(value) and isinstance(mark, dict):
                made = _described(value, mark, where)
                if found.setdefault(made.tool.own, made).call is not value:
                    raise ConfigError(f"{where}: two tools are named {made.tool.own!r}; name one with name=…")
        return found


def open(mount: Mount, own: Own) -> PythonUpstream:
    return PythonUpstream(mount, own)


def _module(where: str, folder: Path) -> ModuleType:
    """The module, by its name or its file. Raises ConfigError with what went wrong in it."""
    try:
        if not where.endswith(".py"):
            return importlib.import_module(where)
        path = (folder / where).resolve()
        spec = importlib.util.spec_from_file_location(f"outrider_tools_{abs(hash(path))}", path)
        if spec is None or spec.loader is None or not path.is_file():
            raise ConfigError(f"python: there is no file {str(path)!r}")
        module = importlib.util.module_from_spec(spec)
        sys.modules[module.__name__] = module
        spec.loader.exec_module(module)
    except ConfigError:
        raise
    except (Exception, SystemExit) as error:
        log.warning("the tools of %s cannot be loaded", where, exc_info=error)
        raise ConfigError(f"python: {where!r} cannot be imported: {type(error).__name__}: {error}") from None
    return module


def _described(function: Callable[..., Any], mark: Mapping[str, Any], where: str) -> _Function:
    """A marked function as a tool. Raises ConfigError."""
    from mcp.server.mcpserver.exceptions import InvalidSignature
    from mcp.server.mcpserver.utilities.func_metadata import func_metadata
    from pydantic import PydanticUserError

    name = mark["name"] or getattr(function, "__name__", "")
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{where}: {name!r} is no name for a tool; use letters, digits, _ and -")
    try:
        hints = inspect.signature(function, eval_str=True).parameters
        asks = tuple(one.name for one in hints.values() if one.annotation is Who)
        meta = func_metadata(function, skip_names=asks)
        declaration = declared(mark["labels"], name)
        schema = meta.arg_model.model_json_schema(by_alias=True)
    except (InvalidSignature, PydanticUserError, NameError, TypeError, ValueError) as error:
        raise ConfigError(f"{where}: {name}: {error}") from None
    schema.pop("title", None)
    tool = Tool(
        name=name,
        own=name,
        title=mark["title"],
        description=mark["description"] or inspect.cleandoc(function.__doc__ or ""),
        input_schema={**schema, "additionalProperties": False},
        output_schema=meta.output_schema,
        declaration=declaration,
        idempotent=declaration.idempotent,
        wire={"outrider/instructions": mark["instructions"]} if mark["instructions"] else {},
    )
    return _Function(tool, function, meta, asks, mark["timeout"])


def _checked(function: _Function, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as the function takes them. Raises RequestError that names what is wrong."""
    from pydantic import ValidationError

    known = function.tool.input_schema.get("properties", {})
    if unknown := [name for name in arguments if name not in known]:
        raise RequestError(
            f"{function.tool.own} has no argument {unknown[0][:100]!r}; there are: {', '.join(known) or 'none'}",
            code="invalid_arguments",
            param=unknown[0][:100],
        )
    try:
        meta: FuncMetadata = function.meta
        return dict(meta.validate_arguments(dict(arguments)))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise RequestError(
            f"{function.tool.own} cannot take `{where}`: {first['msg']}", code="invalid_arguments", param=where
        ) from None


def _answered(function: _Function, answer: Any) -> ToolResult:
    """What a function returned, as MCP says it. Raises UpstreamError for what its own annotation does not allow."""
    from mcp_types import CallToolResult
    from pydantic import ValidationError
    from pydantic_core import PydanticSerializationError

    if isinstance(answer, ToolResult):
        return answer
    try:
        made = function.meta.convert_result(answer)
    except (ValidationError, PydanticSerializationError, RecursionError) as error:
        raise UpstreamError(
            f"{function.tool.own!r} returned what its annotation does not allow ({type(error).__name__})",
            code="tool_failed",
            retryable=False,
        ) from None
    if not isinstance(made, CallToolResult):
        raise UpstreamError(f"{function.tool.own!r} asked for input, which functions cannot", code="tool_failed")
    said = made.model_dump(by_alias=True, mode="json", exclude_none=True)
    return ToolResult(
        content=said.get("content", []),
        structured=said.get("structuredContent"),
        is_error=bool(said.get("isError", False)),
    )
