"""Guardrails at the tool URL: arguments before the policy judges them, results before the model reads them."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from outrider.base.errors import RequestError
from outrider.guardrails import Context, Inspected, Rules, inspect
from outrider.guardrails.way.asking import Waiter, asked
from outrider.guardrails.way.placeholders import changed_leaves
from outrider.policy.control import Control
from outrider.policy.declarations import UNDECLARED
from outrider.tools.ports import ToolCall, ToolResult


class Guarding:
    """A stage of `Calls`. A finding that a rule blocks refuses the call, or takes the result away; one in an argument
    that a rule asks about lets a person decide. What a detector flags in a result taints the session."""

    def __init__(self, rules: Callable[[], Rules], control: Control) -> None:
        self._rules, self._control = rules, control

    async def before(self, call: ToolCall) -> Mapping[str, Any]:
        rules = self._rules()
        if not rules or not rules.concern("tool_args"):
            return call.arguments
        if rules.waits(_context(call)):
            return await asked(partial(self._arguments, call, rules))
        return await asyncio.to_thread(self._arguments, call, rules)

    async def after(self, call: ToolCall, result: ToolResult) -> ToolResult:
        rules = self._rules()
        if not rules or not rules.concern("tool_result"):
            return result
        return await asyncio.to_thread(self._result, call, result, rules)

    def _arguments(self, call: ToolCall, rules: Rules, waiter: Waiter | None = None) -> Mapping[str, Any]:
        def check(path: str, text: str) -> str:
            context = msgspec.structs.replace(_context(call), where="tool_args", argument=path, waiter=waiter)
            seen = inspect([text], context, rules)
            _note(call, seen)
            if seen.act == "ask":
                call.doubts += [f"a guardrail found in {path!r}: {reason}" for reason in seen.reasons]
            elif seen.act == "block":
                raise RequestError(
                    f"a guardrail refuses the argument {path!r} of {call.tool.name!r}: {'; '.join(seen.reasons)}",
                    status=403,
                    code="guardrail_blocked",
                    param=path,
                )
            return seen.texts[0]

        told: Mapping[str, Any] = changed_leaves(dict(call.arguments), check)
        return told

    def _result(self, call: ToolCall, result: ToolResult, rules: Rules) -> ToolResult:
        refused: list[str] = []
        tainting: list[str] = []
        context = msgspec.structs.replace(_context(call), where="tool_result")

        def check(path: str, text: str) -> str:
            seen = inspect([text], context, rules)
            _note(call, seen)
            if seen.act == "block":
                refused.extend(seen.reasons)
            if seen.taints:
                tainting.append(text)
            return seen.texts[0]

        content = [
            {**block, "text": check("", block["text"])} if isinstance(block.get("text"), str) else block
            for block in result.content
        ]
        structured = changed_leaves(result.structured, check)
        if tainting:
            self._control.returned(call.caller.who, call.tool.name, tainting, UNDECLARED)
        if refused:
            told = f"A guardrail withholds the result of {call.tool.name!r}: {'; '.join(dict.fromkeys(refused))}."
            return ToolResult(content=[{"type": "text", "text": told}], is_error=True)
        return msgspec.structs.replace(result, content=content, structured=structured)


def _context(call: ToolCall) -> Context:
    who, identity = call.caller.who, call.caller.identity
    return Context(
        project=who.project, key=identity.key, user=who.user, agent=who.agent, session=who.session, tool=call.tool.name
    )


def _note(call: ToolCall, seen: Inspected) -> None:
    """Count what was found for the record, without what it was."""
    if seen.found:
        counts: dict[str, int] = call.attrs.setdefault("guardrails", {})
        for one in seen.found:
            name = f"{one.guardrail}.{one.finding.kind}"
            counts[name] = counts.get(name, 0) + 1
