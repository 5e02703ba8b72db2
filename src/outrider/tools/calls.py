"""The one way a tool is called: view → limits → stages → policy → upstream → label → stages → record."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from mcp import MCPError

from outrider.base import ids
from outrider.base.errors import OutriderError, RequestError, StoreUnavailable, UpstreamError
from outrider.journal.append import Journal
from outrider.limits import refusal
from outrider.policy.control import Control, Outcome, call_of
from outrider.policy.decide import Decision
from outrider.policy.declarations import UNDECLARED, Declaration
from outrider.policy.identity import Who
from outrider.policy.normal import fold
from outrider.tools import asking, labels
from outrider.tools.asking import Asking
from outrider.tools.catalog import Catalog, Place
from outrider.tools.gate import NOTHING, Admitted, Gate
from outrider.tools.masks import Offered, Opened, View
from outrider.tools.paths import GONE
from outrider.tools.ports import HOUSE, Caller, Needs, Stage, Tool, ToolCall, ToolResult, Upstream, text_result
from outrider.tools.records import Recording
from outrider.tools.seal import GOING_ON, Seal
from outrider.tools.session import Belongs
from outrider.tools.sound import sound

FIRST_PAUSE = 0.2
"""Seconds before a call of an idempotent tool is tried again; doubled each time."""

Observe = Callable[[str, str, int], None]
Views = Callable[[Caller, Sequence[Tool]], Awaitable[View]]
Declared = Callable[[Tool], Declaration | None]
Cleared = Callable[[Who, str, Mapping[str, Any]], bool]
Ask = Callable[[ToolCall], Awaitable[ToolResult]]
"""Does what was allowed. Raises UpstreamError, MCPError."""

log = logging.getLogger("outrider.tools")


async def everything(_: Caller, tools: Sequence[Tool]) -> View:
    """The view of a caller without masks."""
    return View([Offered(tool, tool) for tool in tools])


def _never(who: Who, tool: str, arguments: Mapping[str, Any]) -> bool:
    return False


def _unseen(tool: str, outcome: str, took: int) -> None:
    return


class Parts(msgspec.Struct):
    """What `Calls` is made of. `declared` gives the owner's labels of a tool, `views` what a caller sees; `stages` look
    at calls, too; `house` serves the tools of Outrider itself; `seal` signs what clients send back; `cleared` says,
    once, whether a call was judged and allowed when it was proposed on `/v1`. `observe` counts calls: by tool, by
    what became of them (`ok` or a code), with the nanoseconds that they took."""

    catalog: Catalog
    control: Control
    belongs: Belongs
    asking: Asking
    gate: Gate
    journal: Journal
    declared: Declared
    views: Views = everything
    stages: Sequence[Stage] = ()
    house: Upstream | None = None
    seal: Seal | None = None
    cleared: Cleared = _never
    observe: Observe = _unseen


class Calls:
    """Calls of tools, wherever they come from."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._slots: dict[tuple[str, str], tuple[int, asyncio.Semaphore]] = {}

    async def tools(self, caller: Caller) -> list[Tool]:
        """What a caller sees, in a stable order."""
        return list((await self._view(caller)).listed)

    async def call(
        self, caller: Caller, name: str, arguments: Mapping[str, Any], *, run: bytes = b""
    ) -> tuple[bytes, ToolResult]:
        """Call a tool by the name that the caller sees; the run's id (`run`, if one is given) and what the model is to
        read.

        Raises RequestError 404 `unknown_tool`; what else goes wrong is a result with `is_error`.
        """

        async def opened() -> Opened:
            return (await self._view(caller)).open(name, arguments)

        return await self._run(caller, name, arguments, opened, self._asked, run or ids.new_id())

    async def other(
        self, caller: Caller, tool: Tool, arguments: Mapping[str, Any], ask: Ask, *, run: bytes = b""
    ) -> tuple[bytes, ToolResult]:
        """What is no tool call and yet the same to policy, limits and records: reading a resource, getting a prompt.
        `tool` says what it is, `ask` does it."""

        async def opened() -> Opened:
            return Offered(tool, tool).opened(arguments)

        return await self._run(caller, tool.name, arguments, opened, ask, run or ids.new_id())

    async def _run(
        self,
        caller: Caller,
        name: str,
        arguments: Mapping[str, Any],
        open_: Callable[[], Awaitable[Opened]],
        ask: Ask,
        run: bytes,
    ) -> tuple[bytes, ToolResult]:
        parts = self.parts
        recording = Recording(run, caller, name, arguments)
        admitted: Admitted | None = None
        made: list[bool] = []
        result: ToolResult | None = None
        charges: list[Any] = []
        try:
            opened = await open_()
            tool = recording.tool = opened.offered.tool
            recording.name, given = tool.name, opened.arguments
            admitted = await parts.gate.admit(run, recording.at, caller, tool, len(str(given)), self._price(tool))
            declaration = self.declaration(tool)
            call = ToolCall(
                id=run,
                caller=caller,
                tool=tool,
                arguments=given,
                declaration=declaration,
                attrs={"searches": declaration.searches} if declaration.searches else {},
                asked=(name, arguments),
            )
            result = await self._through(call, opened, recording, ask, made)
        except OutriderError as error:
            charges = refusal.charges(error, recording.at)
            recording.failed(error.code, error.message)
            if error.code == "unknown_tool":
                raise
            result = text_result(_explained(recording.name, error), is_error=True)
        except asyncio.CancelledError:
            recording.failed("cancelled", "the caller went away", "cancelled")
            raise
        except Exception as error:
            recording.failed("internal_error", type(error).__name__)
            raise
        finally:
            parts.observe(tool_name(recording), recording.error or "ok", recording.since())
            settled = admitted.charged(recording.at, made=bool(made)) if admitted is not None else NOTHING
            writing = recording.write(parts.journal, result, charges, settled)
            try:
                await asyncio.shield(asyncio.ensure_future(writing))
            finally:
                if admitted is not None:
                    admitted.leave()
        return run, result

    def declaration(self, tool: Tool) -> Declaration:
        """The labels of a tool: the owner's, else its own where they may be believed, else the worst."""
        return self.parts.declared(tool) or tool.declaration or UNDECLARED

    async def _view(self, caller: Caller) -> View:
        server = caller.view if caller.view in self.parts.catalog.places else ""
        return await self.parts.views(caller, await self.parts.catalog.tools(server))

    async def _through(
        self, call: ToolCall, opened: Opened, recording: Recording, ask: Ask, made: list[bool]
    ) -> ToolResult:
        parts = self.parts
        for stage in parts.stages:
            call.arguments = await stage.before(call)
        began = recording.since()
        outcome = await self._judged(call, opened)
        if outcome.verdict == "ask":
            asked = parts.asking.input(call.caller, outcome)
            waits = asked is None and outcome.approval is not None
            if waits and await parts.asking.decided(call.caller, outcome.approval):
                outcome = await self._judged(call, opened)
            recording.judged(outcome, began, call.declaration is not UNDECLARED)
            if outcome.verdict == "ask":
                recording.failed("approval_pending", outcome.approval.id if outcome.approval is not None else "")
                return asked or asking.waiting(call.caller, outcome)
        else:
            recording.judged(outcome, began, call.declaration is not UNDECLARED)
        if outcome.verdict == "deny":
            recording.failed(outcome.code or "not_allowed", "; ".join(outcome.reasons))
            return asking.refused(outcome)
        made.append(True)
        return await self._made(call, opened.offered, recording, ask)

    async def _judged(self, call: ToolCall, opened: Opened) -> Outcome:
        who, control, parts = call.caller.who, self.parts.control, self.parts

        def judge() -> Outcome:
            words = opened.words()
            if words and not _is_said(control, call, words):
                control.heard(who, words, operator=True)
            if self._goes_on(call) or (not call.doubts and parts.cleared(who, *call.asked)):
                return Outcome("allow", Decision("allow", (), {}), ("it was judged and allowed a moment ago",))
            proposed = call_of(
                call.tool.name, call.arguments, call.declaration, description=call.tool.description, who=who
            )
            return control.check(who, proposed, doubts=call.doubts)

        return await asyncio.to_thread(judge)

    def _goes_on(self, call: ToolCall) -> bool:
        """Whether this is the call that an upstream wanted to know more about: it was allowed then. Its state becomes
        the upstream's own again."""
        caller, seal = call.caller, self.parts.seal
        if caller.state is None or not caller.state.startswith(GOING_ON) or seal is None:
            return False
        seal.learn()
        goes_on, state = seal.goes_on(caller.state, _digest(call))
        call.caller = msgspec.structs.replace(caller, state=state, answers=caller.answers if goes_on else None)
        return goes_on

    def _sealed(self, call: ToolCall, needs: Needs) -> Needs:
        """What the upstream needs, with a state that says which call goes on with the answers."""
        seal = self.parts.seal
        if seal is None:
            return needs
        seal.learn()
        return Needs(needs.requests, seal.going_on(_digest(call), needs.state))

    async def _made(self, call: ToolCall, offered: Offered, recording: Recording, ask: Ask) -> ToolResult:
        """Ask the upstream; label what it says before anybody reads it."""
        began = recording.since()
        error = ""
        result: ToolResult | None = None
        try:
            result = sound(await ask(call), call.tool.name)
        except MCPError as refusal_:
            error = "tool_refused"
            result = text_result(refusal_.error.message[:4000], is_error=True)
        except UpstreamError as failed:
            error = failed.code
            raise
        finally:
            recording.called(call.tool, began, call.attrs, result, error)
        if result.needs is not None:
            recording.failed("input_required", "")
            result.needs = await asyncio.to_thread(self._sealed, call, result.needs)
            return result
        result = _cut(offered, result)
        await asyncio.to_thread(self._label, call, result)
        for stage in self.parts.stages:
            result = await stage.after(call, result)
        if result.is_error:
            recording.failed(error or "tool_error", "")
        return result

    def _label(self, call: ToolCall, result: ToolResult) -> None:
        caller, parts = call.caller, self.parts
        for value in labels.values(result):
            parts.control.returned(caller.who, call.tool.name, value, call.declaration)
        parts.belongs.spread(caller.identity, caller.named, caller.who)

    # -- the upstream ---------------------------------------------------------------------------------------------

    async def _asked(self, call: ToolCall) -> ToolResult:
        """Ask within the tool's time and its place in the line; again where that does no harm."""
        tool, caller = call.tool, call.caller
        if asking.back_again(caller):  # that was between the client and us
            caller = msgspec.structs.replace(caller, answers=None, state=None)
        if tool.upstream == HOUSE and self.parts.house is not None:
            return await self.parts.house.call(tool, call.arguments, caller)
        place = self.parts.catalog.places.get(tool.upstream)
        if place is None:
            raise UpstreamError(f"the tool server {tool.upstream!r} is not there any more", retryable=False)
        rule = place.mount.rule(tool.own)
        seconds = rule.timeout or place.mount.timeout
        again = call.declaration.idempotent or tool.idempotent
        try:
            async with (
                asyncio.timeout(seconds),
                self._slot(place, tool.own, rule.at_once or 0),
                self._slot(place, "", place.mount.at_once),
            ):
                return await self._tried(call, place, caller, place.mount.retries if again else 0)
        except TimeoutError:
            raise UpstreamError(
                f"{tool.name} did not answer within {seconds:g} s; whether it did anything is not known",
                code="tool_timeout",
                retryable=False,
            ) from None

    async def _tried(self, call: ToolCall, place: Place, caller: Caller, more: int) -> ToolResult:
        pause = FIRST_PAUSE
        for attempt in range(more + 1):
            call.attrs["attempts"] = attempt + 1
            try:
                return await place.upstream.call(call.tool, call.arguments, caller)
            except UpstreamError as error:
                if attempt == more or not error.retryable:
                    raise
            await asyncio.sleep(pause)
            pause *= 2
        raise AssertionError("the last attempt returns or raises")

    def _slot(self, place: Place, own: str, most: int) -> asyncio.Semaphore:
        """What bounds the calls to a server, or of one tool, that run at the same time."""
        key = (place.mount.name, own)
        found = self._slots.get(key)
        if found is None or found[0] != most:
            found = self._slots[key] = most, asyncio.Semaphore(most or 1_000_000)
        return found[1]

    def _price(self, tool: Tool) -> int:
        place = self.parts.catalog.places.get(tool.upstream)
        return place.mount.rule(tool.own).price if place is not None else 0


def _digest(call: ToolCall) -> bytes:
    who = call.caller.who
    said = [who.project, who.session, who.user, call.tool.name, call.arguments]
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).digest()


def _is_said(control: Control, call: ToolCall, words: str) -> bool:
    """Whether the session knows these words of the operator already."""
    state = control.sessions.get(call.caller.who.project, call.caller.who.session).state
    return all(state.said(fold(line)) is not None for line in words.splitlines() if line.strip())


def _cut(offered: Offered, result: ToolResult) -> ToolResult:
    """The fields of a result that the caller sees."""
    if not offered.cuts:
        return result
    made = ToolResult(is_error=result.is_error)
    for value in labels.values(result):
        left = offered.result(value)
        if left is GONE:
            continue
        if value is result.structured:
            made.structured = left
        text = left if isinstance(left, str) else msgspec.json.encode(left).decode()
        made.content.append({"type": "text", "text": text})
    return made


def _explained(name: str, error: OutriderError) -> str:
    """What the model reads of a call that failed by itself."""
    if isinstance(error, StoreUnavailable):
        return "This call was not made: Outrider cannot reach its database now. Try again later."
    if isinstance(error, RequestError):
        return f"This call was not made: {error.message}"
    return f"{name} failed: {error.message}"


def tool_name(recording: Recording) -> str:
    """Under which name a call is counted: names that nobody has are counted together."""
    return recording.tool.name if recording.tool is not None else "(unknown)"
