"""What stands beside results: instructions of the operator, and a way to read on in what is too large.

Instructions are a block of their own, before the result, so that a model sees the operator's words apart from what
others wrote.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from outrider.policy.control import Control
from outrider.tools import paging
from outrider.tools.house import House
from outrider.tools.paging import READ_MORE, KeptResults
from outrider.tools.ports import HOUSE, ToolCall, ToolResult
from outrider.tools.search import SEARCH_TOOLS
from outrider.tools.views import Views

INSTRUCTIONS = "outrider/instructions"
_FIRST = "instructed"
"""The fact of a call that its result comes with instructions."""


class Manner(msgspec.Struct, frozen=True):
    """How one tool's results are given: `largest` characters at most, with `instructions` once in a session or each
    time (`always`)."""

    largest: int = 32_000
    instructions: str = ""
    always: bool = False


class Beside:
    """A stage of `Calls`. `manner` says how results of a tool (its server, its own name) are given."""

    def __init__(
        self, control: Control, views: Views, kept: KeptResults, house: House, manner: Callable[[str, str], Manner]
    ) -> None:
        self._control, self._views, self._kept, self._house, self._manner = control, views, kept, house, manner

    async def before(self, call: ToolCall) -> Mapping[str, Any]:
        if call.caller.client:
            call.attrs["client"] = call.caller.client[:100]
        if call.tool.upstream == HOUSE and call.tool.name == READ_MORE:
            await asyncio.to_thread(self._relabel, call)
        elif self._text(call):
            due = await asyncio.to_thread(self._is_due, call)
            if due:
                call.attrs[_FIRST] = True
        return call.arguments

    async def after(self, call: ToolCall, result: ToolResult) -> ToolResult:
        if call.caller.view == self._views.inside:
            return result
        if call.tool.upstream == HOUSE and call.tool.name == SEARCH_TOOLS:
            return await self._house.search(call.arguments, call.caller)
        if not (call.tool.upstream == HOUSE and call.tool.name == READ_MORE):
            result = await self._cut(call, result)
        if call.attrs.get(_FIRST) and not result.is_error:
            text = self._text(call)
            await asyncio.to_thread(self._control.heard, call.caller.who, text, operator=True)
            block = {
                "type": "text",
                "text": f"Instructions for using this result:\n{text}",
                "_meta": {INSTRUCTIONS: True},
            }
            result.content = [block, *result.content]
        return result

    def _text(self, call: ToolCall) -> str:
        said = self._manner(call.tool.upstream, call.tool.own).instructions
        return said or str(call.tool.wire.get(INSTRUCTIONS) or "")

    def _is_due(self, call: ToolCall) -> bool:
        """Whether the instructions come with this result."""
        if self._manner(call.tool.upstream, call.tool.own).always:
            return True
        who = call.caller.who
        return call.tool.name not in self._control.sessions.get(who.project, who.session).called

    def _relabel(self, call: ToolCall) -> None:
        """A part of a result has the labels of the result."""
        kept = self._kept.readable(call.caller.who, paging.wanted(call.arguments).handle)
        if kept is not None:
            call.declaration = paging.of_a_part(kept.declaration)

    async def _cut(self, call: ToolCall, result: ToolResult) -> ToolResult:
        """The beginning of a result that is too large; the rest is kept."""
        largest = self._manner(call.tool.upstream, call.tool.own).largest
        size = paging.size_of(result)
        if size <= largest:
            return result
        who, text = call.caller.who, paging.whole_text(result)
        handle = await asyncio.to_thread(self._kept.keep, who, call.tool.name, text, call.declaration)
        call.attrs["cut_from"] = size
        return paging.cut(result, largest, handle, call.tool)
