"""A conversation with any subject: a case whose context has `talk` is asked turn by turn, and gets its tools' results.

`talk` has `turns` (what the user says next, one after the other), `tools` (for each tool the text that it returns) and
`steps` (how often results are given). Other cases are asked as they are.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from outrider.evals.records import Case, Outcome, Variant
from outrider.evals.subjects import Subject

MOST_TURNS = 40
MOST_STEPS = 8


class Talking:
    """Asks `subject` as often as a case's `talk` has something to say. Each of its calls has a key of its own, so that
    a conversation that was cut off is not paid twice."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    async def ask(self, case: Case, variant: Variant, again: str) -> Outcome:
        talk = case.context.get("talk")
        if not isinstance(talk, Mapping):
            return await self.subject.ask(case, variant, again)
        turns = [str(one) for one in talk.get("turns") or ()][:MOST_TURNS]
        tools = talk.get("tools") or {}
        left = min(int(talk.get("steps") or 0), MOST_STEPS)
        context = {name: value for name, value in case.context.items() if name != "talk"}
        messages = list(case.messages())
        heard: list[Outcome] = []
        while True:
            asked = msgspec.structs.replace(case, input={**case.fields(), "messages": messages}, context=context)
            found = await self.subject.ask(asked, variant, f"{again}-t{len(heard)}" if heard else again)
            heard.append(found)
            if found.status == "error":
                break
            if left and found.calls and all(call.tool in tools for call in found.calls):
                left -= 1
                messages = [*messages, *_results(found, tools, len(heard))]
            elif turns:
                said = found.text or "[calls a tool]"
                messages = [
                    *messages,
                    {"role": "assistant", "content": said},
                    {"role": "user", "content": turns.pop(0)},
                ]
            else:
                break
        return _together(heard)

    async def close(self) -> None:
        await self.subject.close()


def _results(found: Outcome, tools: Mapping[str, Any], at: int) -> list[dict[str, Any]]:
    """What was called, and what the tools say."""
    calls, results = list[dict[str, Any]](), list[dict[str, Any]]()
    for number, call in enumerate(found.calls):
        id_ = f"call_{at}_{number}"
        arguments = call.arguments if isinstance(call.arguments, str) else msgspec.json.encode(call.arguments).decode()
        calls.append({"id": id_, "type": "function", "function": {"name": call.tool, "arguments": arguments}})
        results.append({"role": "tool", "tool_call_id": id_, "content": str(tools[call.tool])})
    return [{"role": "assistant", "content": found.text or None, "tool_calls": calls}, *results]


def _together(heard: Sequence[Outcome]) -> Outcome:
    """One outcome of all of them: the last one's answer, everybody's calls, time and cost."""
    last = heard[-1]
    if len(heard) == 1:
        return last
    steps = [{"kind": "model", "name": f"turn {at}", "text": one.text} for at, one in enumerate(heard, 1)]
    return msgspec.structs.replace(
        last,
        calls=[call for one in heard for call in one.calls],
        cost=sum(one.cost for one in heard),
        seconds=sum(one.seconds for one in heard),
        tokens=(sum(one.tokens[0] for one in heard), sum(one.tokens[1] for one in heard)),
        steps=[step for one, own in zip(heard, steps, strict=True) for step in (*one.steps, own)],
        about={**last.about, "runs": [one.run for one in heard if one.run]},
    )
