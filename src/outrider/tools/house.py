"""Outrider's own tools, as an upstream: searching tools, reading on in large results, and composite tools."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from outrider.base.errors import RequestError
from outrider.policy.declarations import Declaration
from outrider.tools import composite, paging
from outrider.tools.composite import INPUT, Composite
from outrider.tools.masks import View
from outrider.tools.paging import READ_MORE, KeptResults
from outrider.tools.ports import HOUSE, Caller, Health, Tool, ToolResult, text_result
from outrider.tools.search import SEARCH_TOOLS, Ranking
from outrider.tools.views import PUT, Views

Tools = Callable[[Caller], Awaitable[Sequence[Tool]]]
_DONE = Declaration(trust="untrusted", does="none", steers={})

log = logging.getLogger("outrider.tools")


class Calling(Protocol):
    """The one way a tool is called."""

    async def call(self, caller: Caller, name: str, arguments: Mapping[str, Any]) -> tuple[bytes, ToolResult]: ...


class House:
    """`tools` gives the tools of a caller's catalogue; `largest` is how much a result may have. `calls` is set once it
    exists: composite tools call through it like anybody else."""

    name = HOUSE

    def __init__(
        self, views: Views, kept: KeptResults, ranking: Callable[[], Ranking], tools: Tools, largest: Callable[[], int]
    ) -> None:
        self._views, self._kept, self._ranking, self._tools, self._largest = views, kept, ranking, tools, largest
        self.calls: Calling | None = None

    async def list(self) -> Sequence[Tool]:
        return []

    async def call(self, tool: Tool, arguments: Mapping[str, Any], caller: Caller) -> ToolResult:
        if tool.name == READ_MORE:
            asked = paging.wanted(arguments)
            found = await asyncio.to_thread(self._kept.readable, caller.who, asked.handle)
            return paging.read_more(found, asked, self._largest())
        if tool.name == SEARCH_TOOLS:
            return ToolResult()  # what is found is put in after labelling: it is nobody's words and no result's
        made = self._views.rules().composites.get(tool.name)
        if made is None:
            raise RequestError(f"no tool {tool.name[:100]!r} is there for you", status=404, code="unknown_tool")
        return await self._composite(tool.name, made, arguments, caller)

    async def close(self) -> None:
        return

    def health(self) -> Health:
        return Health("up")

    # -- search ---------------------------------------------------------------------------------------------------

    async def search(self, arguments: Mapping[str, Any], caller: Caller) -> ToolResult:
        """Tools of the caller's own view that fit. Raises RequestError."""
        query, limit = arguments.get("query"), arguments.get("limit", self._views.rules().found)
        if not isinstance(query, str) or not query.strip():
            raise RequestError("say what you want to do in `query`", code="invalid_arguments", param="query")
        if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= 50:
            raise RequestError("`limit` is from 1 to 50", code="invalid_arguments", param="limit")
        seen: View = await self._views(caller, await self._tools(caller))
        offered = [one.shown for one in seen.offered if one.tool.upstream != HOUSE or one.tool.name not in _OURS]
        found = await asyncio.to_thread(self._ranking().best, offered, query, limit)
        shown = [_listed(one.tool) for one in found]
        if not shown:
            return text_result("No tool has anything to do with that. Try other words.")
        return text_result(msgspec.json.encode(shown).decode())

    # -- composite tools ------------------------------------------------------------------------------------------

    async def _composite(self, name: str, made: Composite, arguments: Mapping[str, Any], caller: Caller) -> ToolResult:
        """Make the calls in order. What was done is kept, so that a call made again goes on where it stopped."""
        _check(name, made, arguments)
        who = caller.who
        handle = paging.handle_for(who.project, who.session, name, _text(arguments))
        found = await asyncio.to_thread(self._kept.get, who, handle)
        done: dict[str, Any] = msgspec.json.decode(found.text) if found is not None else {}
        known = {**done, INPUT: dict(arguments)}
        for number, step in enumerate(made.steps, 1):
            own = step.name or f"step{number}"
            if own in done:
                continue
            result = await self._step(step, known, made, caller)
            if result.needs is not None:
                return result
            if result.is_error:
                return _stopped(name, number, len(made.steps), step.tool, result)
            known[own] = done[own] = _value(result)
            if number < len(made.steps):
                text = _text(done)
                await asyncio.to_thread(self._kept.keep, who, name, text, _DONE, handle)
                caller = msgspec.structs.replace(caller, answers=None, state=None)
        if len(made.steps) > 1:
            await asyncio.to_thread(self._kept.forget, handle)
        last = made.steps[-1].name or f"step{len(made.steps)}"
        value = known[last] if made.result is None else composite.filled(made.result, known, made.optional)
        return ToolResult(
            content=[{"type": "text", "text": value if isinstance(value, str) else _text(value)}],
            structured=value if isinstance(value, dict) else None,
        )

    async def _step(
        self, step: composite.CallStep, known: Mapping[str, Any], made: Composite, caller: Caller
    ) -> ToolResult:
        assert self.calls is not None, "wired before anything is called"
        given = composite.filled(step.arguments, known, made.optional)
        inner = msgspec.structs.replace(
            caller, view=self._views.inside, meta={**caller.meta, PUT: list(_literals(step.arguments))}
        )
        _, result = await self.calls.call(inner, step.tool, given)
        return result


_OURS = (READ_MORE, SEARCH_TOOLS)


def _check(name: str, made: Composite, arguments: Mapping[str, Any]) -> None:
    """Raises RequestError for arguments that the composite does not take."""
    import jsonschema_rs

    required = [one for one in made.arguments if one not in made.optional]
    schema = {"type": "object", "properties": made.arguments, "required": required, "additionalProperties": False}
    try:
        jsonschema_rs.validate(schema, dict(arguments), offline=True)
    except jsonschema_rs.ValidationError as error:
        raise RequestError(f"{name} cannot take these arguments: {error.message}", code="invalid_arguments") from None
    except ValueError:
        log.warning("the arguments of the composite tool %s are no JSON Schema: they are not checked", name)


def _literals(value: Any) -> list[Any]:
    """The values that a definition itself has: the operator's words."""
    if isinstance(value, Mapping):
        return [one for part in value.values() for one in _literals(part)]
    if isinstance(value, list | tuple):
        return [one for part in value for one in _literals(part)]
    if isinstance(value, str):
        return [] if next(composite.references(value), None) is not None else [value]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


def _value(result: ToolResult) -> Any:
    """A result as later steps refer to it: its JSON, or its text."""
    if result.structured is not None:
        return result.structured
    text = paging.whole_text(result)
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return text


def _stopped(name: str, number: int, count: int, tool: str, result: ToolResult) -> ToolResult:
    """A step did not go through: what it said, and where it stopped."""
    done = f"{number - 1} of {count} calls were made" if number > 1 else "no call was made"
    note = f"{name} stopped at {tool}: {done}. Call it again with the same arguments to go on from there."
    return ToolResult(content=[*result.content, {"type": "text", "text": note}], is_error=True, meta=result.meta)


def _listed(tool: Tool) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "inputSchema": tool.input_schema}


def _text(value: Any) -> str:
    return str(msgspec.json.encode(value, order="sorted").decode())
