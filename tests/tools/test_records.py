"""What is kept of a tool call."""

from outrider.base import ids
from outrider.limits.keys import Identity
from outrider.policy.identity import Who
from outrider.tools.gate import Settled
from outrider.tools.ports import Caller, Tool, ToolResult
from outrider.tools.records import PREVIEW, Recording, wire

CALLER = Caller(identity=Identity("p", "k"), who=Who("p", "s", "ann", "bot"), tags=("t",))


class Spool:
    """A journal that only listens."""

    def __init__(self) -> None:
        self.events: list[object] = []
        self.bodies: list[object] = []

    async def append(self, event: object, bodies: list[object], project: str, written: object = None) -> None:
        self.events.append(event)
        self.bodies += bodies


async def test_a_call_becomes_one_run() -> None:
    spool, result = Spool(), ToolResult(content=[{"type": "text", "text": "x" * 1000}], is_error=True)
    recording = Recording(ids.new_id(), CALLER, "mail__send", {"to": "bob"})
    recording.tool = Tool(name="mail__send", own="send", upstream="mail")
    recording.called(recording.tool, 0, {"attempts": 2}, result)
    recording.failed("tool_error", "")
    await recording.write(spool, result, (), Settled(cost=5))  # type: ignore[arg-type]
    (run,) = spool.events
    assert (run.model, run.provider, run.deployment) == ("mail__send", "mail", "mail/send")  # type: ignore[attr-defined]
    assert (run.user, run.agent, run.session, run.key, run.cost) == ("ann", "bot", "s", "k", 5)  # type: ignore[attr-defined]
    (step,) = run.steps  # type: ignore[attr-defined]
    assert step.status == "error"
    assert step.attrs["attempts"] == 2
    assert len(run.preview) == PREVIEW  # type: ignore[attr-defined]
    assert len(spool.bodies) == 3


def test_a_result_is_written_as_mcp_says_it() -> None:
    assert wire(ToolResult()) == {"content": [], "isError": False}
    assert wire(ToolResult(structured={"a": 1}, meta={"m": 1}))["structuredContent"] == {"a": 1}
