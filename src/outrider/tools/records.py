"""The record of a tool call: one run with a policy step and a tool step."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from outrider.base import clock
from outrider.base.errors import JournalFull
from outrider.journal.append import Journal, blob
from outrider.journal.events import BlobRef, Charge, RunRecorded, Step
from outrider.journal.events.step import Status, StepKind
from outrider.policy.control import Outcome
from outrider.tools.gate import NAME, Settled
from outrider.tools.ports import Caller, Tool, ToolResult

PREVIEW = 200
_json = msgspec.json.Encoder(order="deterministic").encode

log = logging.getLogger("outrider.tools")


class Recording:
    """What becomes of one call. Times are nanoseconds."""

    def __init__(self, run: bytes, caller: Caller, name: str, arguments: Mapping[str, Any]) -> None:
        self.run, self.caller, self.name = run, caller, name
        self.at, self._began = clock.now_ns(), clock.mono_ns()
        self._bodies: list[tuple[BlobRef, bytes]] = []
        self._request = self._kept({"name": name, "arguments": arguments})
        self._steps: list[Step] = []
        self.tool: Tool | None = None
        self.waited = 0
        self.status: Status = "ok"
        self.error = self.message = ""

    def since(self) -> int:
        return clock.mono_ns() - self._began

    def failed(self, code: str, message: str, status: Status = "error") -> None:
        self.status, self.error, self.message = status, code, message[:1000]

    def judged(self, outcome: Outcome, began: int, declared: bool) -> None:
        """The policy step. `began` is `since()` before the question."""
        context = outcome.decision.context
        attrs: dict[str, Any] = {
            "verdict": outcome.verdict,
            "rules": [rule.id for rule in outcome.decision.because],
            "reasons": [one[:300] for one in outcome.reasons[:20]],
            "tainted": bool(context.get("tainted")),
            "private": bool(context.get("private")),
            "declared": declared,
        }
        if outcome.code:
            attrs["code"] = outcome.code
        if outcome.approval is not None:
            attrs["approval"] = outcome.approval.id
        self._step("policy", outcome.verdict, began, attrs)

    def called(self, tool: Tool, began: int, attrs: dict[str, Any], result: ToolResult | None, error: str = "") -> None:
        """The tool step: an upstream was asked."""
        failed = bool(error) or (result is not None and result.is_error)
        attrs = {"upstream": tool.upstream, "own": tool.own, "is_error": failed, **attrs}
        step = self._step("tool", tool.name, began, attrs)
        self.waited += step.duration
        step.status, step.error = ("error" if failed else "ok"), error
        if result is not None:
            step.response = self._kept(wire(result))

    def _step(self, kind: StepKind, name: str, began: int, attrs: dict[str, Any]) -> Step:
        step = Step(len(self._steps) + 1, kind, name, start=began, duration=self.since() - began, attrs=attrs)
        self._steps.append(step)
        return step

    async def write(
        self, journal: Journal, result: ToolResult | None, refused: Sequence[Charge], took: Settled
    ) -> None:
        """Append it; returns when it is in the spool. A journal that is full costs the record, not the answer.

        `refused` says which budget had no room for the call.
        """
        try:
            await journal.append(self._record(result, refused, took), self._bodies, self._project, took.done)
        except JournalFull as error:
            log.error("a tool call is not recorded: %s", error.message)

    @property
    def _project(self) -> str:
        return self.caller.who.project

    def _record(self, result: ToolResult | None, refused: Sequence[Charge], took: Settled) -> RunRecorded:
        caller, tool, duration = self.caller, self.tool, self.since()
        return RunRecorded(
            id=self.run,
            project=self._project,
            at=self.at,
            name=NAME,
            duration=duration,
            status=self.status,
            error=self.error,
            message=self.message,
            http_status=200,
            model=self.name[:200],
            route=self.name[:200],
            deployment=f"{tool.upstream}/{tool.own}" if tool is not None else "",
            provider=tool.upstream if tool is not None else "",
            key=caller.identity.key,
            user=caller.who.user,
            agent=caller.who.agent,
            session=caller.who.session,
            tags=list(caller.tags),
            cost=took.cost,
            overhead=max(0, duration - self.waited),
            request=self._request,
            response=self._kept(wire(result)) if result is not None else None,
            steps=self._steps,
            trace=caller.trace,
            parent_span=caller.parent_span,
            preview=_preview(result),
            charges=[*refused, *took.charges],
            holder=took.holder,
        )

    def _kept(self, value: Any) -> BlobRef:
        body = _json(value)
        ref = blob(body)
        self._bodies.append((ref, body))
        return ref


def wire(result: ToolResult) -> dict[str, Any]:
    """A result as MCP says it."""
    found: dict[str, Any] = {"content": result.content, "isError": result.is_error}
    if result.structured is not None:
        found["structuredContent"] = result.structured
    if result.meta:
        found["_meta"] = result.meta
    return found


def _preview(result: ToolResult | None) -> str:
    if result is None:
        return ""
    said = " ".join(str(one.get("text", "")) for one in result.content if one.get("type") == "text")
    return " ".join(said[: 4 * PREVIEW].split())[:PREVIEW]
