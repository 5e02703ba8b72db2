"""A call that a person has to allow: how the client learns of it, and how it goes on.

No answer of the client counts as the person's: it only learns where to decide. What counts is the approval itself.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from outrider.base import clock
from outrider.policy.approvals import Approval, Approvals
from outrider.policy.control import Outcome
from outrider.tools.ports import Caller, Needs, ToolResult, text_result

STATE = "outrider:"
LOOK = 0.5
"""Seconds between looks at an approval that is waited for."""
ALIVE = 5.0
"""Seconds between signs of life to the client."""
INBOX = "/approvals"


class Delivery(msgspec.Struct, frozen=True):
    """How clients are told. `how`: `auto` asks the client's person to open the page where the client can do so, and
    holds the call otherwise; `hold` always holds it; `retry` answers at once. `hold` is seconds."""

    how: str = "auto"
    hold: float = 20.0


class Asking:
    """`delivery` gives what is configured now."""

    def __init__(self, approvals: Approvals, delivery: Callable[[], Delivery]) -> None:
        self._approvals, self._delivery = approvals, delivery

    def input(self, caller: Caller, outcome: Outcome) -> ToolResult | None:
        """MCP's `input_required`: the client shows its person where to decide, then calls again. None: it cannot, or
        it has been there already."""
        approval = outcome.approval
        if approval is None or self._delivery().how != "auto" or caller.revision < "2026" or back_again(caller):
            return None
        request = _shown(caller, approval)
        return None if request is None else ToolResult(needs=Needs({"approval": request}, STATE + approval.id))

    async def decided(self, caller: Caller, approval: Approval | None) -> bool:
        """Hold the call until somebody decides; False: nobody did in time."""
        delivery = self._delivery()
        if approval is None or delivery.how == "retry" or delivery.hold <= 0:
            return False
        began = clock.mono_ns()
        told = -ALIVE
        while (passed := (clock.mono_ns() - began) / 1e9) < delivery.hold:
            if passed - told >= ALIVE:
                told = passed
                await caller.back.progress(passed, delivery.hold, f"waiting for a person to decide about {approval.id}")
            await asyncio.sleep(min(LOOK, delivery.hold))
            found = await asyncio.to_thread(self._approvals.get, approval.project, approval.id)
            if found.state != "pending":
                return True
        return False


def back_again(caller: Caller) -> bool:
    """Whether the client was told before and calls again."""
    return caller.state is not None and caller.state.startswith(STATE)


def page(caller: Caller, approval: Approval) -> str:
    """Where to decide."""
    return f"{caller.origin}{INBOX}/{approval.id}"


def _shown(caller: Caller, approval: Approval) -> Mapping[str, Any] | None:
    can = caller.can.get("elicitation")
    if not isinstance(can, Mapping):
        return None
    said = f"{approval.about.tool} needs the approval of a person ({approval.id})."
    if can.get("url") is not None:
        params: dict[str, Any] = {"mode": "url", "message": said, "url": page(caller, approval)}
    else:
        text = f"{said} Decide at {page(caller, approval)}, then go on here. This form itself approves nothing."
        params = {"mode": "form", "message": text, "requestedSchema": {"type": "object", "properties": {}}}
    return {"method": "elicitation/create", "params": params}


def waiting(caller: Caller, outcome: Outcome) -> ToolResult:
    """What the model reads while nobody has decided."""
    if outcome.approval is None:
        return text_result(
            "This call was not made: a person would have to allow it, and nobody can be asked.", is_error=True
        )
    where = f" at {page(caller, outcome.approval)}" if caller.origin else ""
    return text_result(
        f"This call was not made yet. A person has to approve it first{where}: pending approval {outcome.approval.id}."
        " Tell the user that it waits. Once it is approved, call this tool again with the very same arguments; do not"
        " try to reach the same in another way.",
        is_error=True,
    )


def refused(outcome: Outcome) -> ToolResult:
    """What the model reads of a call that is not allowed: that, and what it can do instead. Not the rules."""
    approval = outcome.approval
    if outcome.code == "not_your_session":
        why = "This session belongs to somebody else."
    elif outcome.code == "not_permitted":
        why = "This user or agent has no permission to use this tool."
    elif outcome.code == "outside_grant":
        why = "It is not among what this task was allowed to do."
    elif outcome.code == "loop":
        why = "A person has ended this session."
    elif approval is not None and approval.state == "denied":
        why = "A person has refused it."
    else:
        why = "The rules of this place do not allow it here."
    return text_result(
        f"This call was not made. {why} Do not try it again or in another way; go on without it, and tell the user"
        " what you could not do.",
        is_error=True,
    )
