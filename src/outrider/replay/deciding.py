"""What people and the policy decided in a recording, for calls that would wait for a person now. A replay asks nobody:
the gateway is told so (`x-outrider-on-ask: refuse`) and says which calls it would have asked about: in chat beside the
answer, in every language in the steps of the run."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from outrider.base import ids
from outrider.gateway.control.calls import MARK, NOT_ASKED, digest
from outrider.journal.events import Step
from outrider.journal.read import list_steps
from outrider.replay.answers import Answer
from outrider.store import Store

ASKS_NOBODY = {"x-outrider-on-ask": "refuse"}


class Waits(msgspec.Struct, frozen=True):
    """A call that would wait for a person: its tool, and its arguments by content."""

    tool: str
    digest: str


Fact = Mapping[str, Any]
"""What became of a proposed call, as the gateway says it: `tool`, `verdict`, `code`, `digest`."""
Judged = Callable[[str], Sequence[Fact]]
"""What was withheld in a run, by its id. Blocks."""
Passed = Sequence[tuple[str, Any]]
"""Calls that were let through and done: tool, arguments."""


def withheld(answer: Answer) -> list[Fact]:
    """What an answer says of calls that are not in it."""
    about = answer.message.get("outrider")
    found = about.get("withheld") if isinstance(about, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def is_without(answer: Answer) -> bool:
    """Whether an answer in any language says that something was taken out of it."""
    return MARK in answer.text()


def of_steps(steps: Iterable[Step]) -> list[Fact]:
    """The same from the steps of a run, which has it in whatever language it was answered."""
    return [
        {"tool": step.name, **step.attrs}
        for step in steps
        if step.kind == "policy" and step.attrs.get("mode") == "enforce" and step.attrs.get("verdict") != "allow"
    ]


def judged(store: Store, run: str) -> list[Fact]:
    """The same of a run that is in the store; nothing where the run is no id or is not there (yet)."""
    try:
        return of_steps(list_steps(store, ids.parse(run), limit=500))
    except ValueError:
        return []


def waiting(facts: Iterable[Fact]) -> list[Waits]:
    """The calls that nobody was asked about."""
    return [Waits(str(one.get("tool")), str(one.get("digest") or "")) for one in facts if one.get("code") == NOT_ASKED]


def decided(waits: Sequence[Waits], recorded: Answer | None, held: Sequence[Fact] = (), passed: Passed = ()) -> str:
    """What the recording has about all of these: `approved` (its answer has the very same calls), `passed` (they were
    let through at the tool URL), `waited` (nobody had decided by then), or "" for calls that it does not have. `held`
    is what was withheld from the recorded answer."""
    if recorded is not None and all(_known(recorded, one) for one in waits):
        return "approved"
    if all(_same(one, passed) is not None for one in waits):
        return "passed"
    if recorded is not None and sorted(one.tool for one in waits) == sorted(str(one.get("tool")) for one in held):
        return "waited"
    return ""


def restored(answer: Answer, waits: Sequence[Waits], passed: Passed) -> Answer:
    """The answer with the calls that were taken out of it, as they were made at the tool URL."""
    calls = list(answer.message.get("tool_calls") or ())
    for number, one in enumerate(waits):
        found = _same(one, passed)
        written = found if isinstance(found, str) else _encode(found).decode()
        function = {"name": one.tool, "arguments": written}
        calls.append({"id": f"call_{one.digest[:20]}{number}", "type": "function", "function": function})
    said = answer.text().partition(MARK)[0].rstrip()
    message = {"role": "assistant", "content": said or None, "tool_calls": calls}
    return msgspec.structs.replace(answer, messages=[message, *answer.messages[1:]])


_encode = msgspec.json.Encoder().encode


def _known(recorded: Answer, wanted: Waits) -> bool:
    return _same(wanted, [(tool, arguments) for _, tool, arguments in recorded.calls()]) is not None


def _same(wanted: Waits, calls: Passed) -> Any:
    """The arguments of the very same call among others; None if it is not there."""
    for tool, arguments in calls:
        read = _decoded(arguments)
        if tool == wanted.tool and digest(read if read is not None else {}) == wanted.digest:
            return read if read is not None else {}
    return None


def _decoded(arguments: Any) -> Any:
    if not isinstance(arguments, str):
        return arguments
    try:
        return msgspec.json.decode(arguments) if arguments.strip() else {}
    except msgspec.DecodeError:
        return arguments
