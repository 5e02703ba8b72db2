"""What is answered when nobody wrote a scene: `scripted:` commands in the user's text, tools, schemas, plain text."""

from collections.abc import Mapping

from outrider.testing import script
from outrider.testing.plans import Command
from outrider.testing.speaking.words import (
    STATUS,
    Ask,
    Call,
    Counts,
    Failure,
    Media,
    Part,
    Reply,
    Result,
    Text,
    dumps,
    text_of,
)

_KINDS = {status: kind for kind, status in STATUS.items()} | {529: "overloaded"}


def last_text(ask: Ask) -> str:
    """The last text of a user."""
    for turn in reversed(ask.turns):
        if turn.role == "user" and (text := text_of(turn.parts)):
            return text
    return ""


def failure(command: Command) -> Failure | None:
    """The error that is commanded, at the head or (`error-in-200`) within a stream."""
    retry = int(float(command["retry-after"])) if "retry-after" in command else None
    if "status" in command or "fail-times" in command:
        status = int(command.get("status") or 500)
        return Failure(_KINDS.get(status, "broken"), f"scripted: status {status}", retry)
    if "error-in-200" in command:
        return Failure("overloaded", "scripted: an error inside a stream", retry, int(command["error-in-200"] or 2))
    if "cut" in command:
        return Failure("broken", "", None, int(command["cut"] or 1), cut=True)
    return None


def reply(ask: Ask, command: Command, number: int) -> Reply:
    """A plain answer: a tool's call where one is commanded or required, an instance of a schema, or text."""
    used = sum(len(text_of(turn.parts).split()) for turn in ask.turns)
    last = ask.turns[-1].parts[-1] if ask.turns and ask.turns[-1].parts else Text("")
    name = _called(ask, command)
    if name and not isinstance(last, Result):
        schema: Mapping[str, object] = next((tool.schema for tool in ask.tools if tool.name == name), {})
        call = Call(f"call_{number}", name, script.instance(schema))
        return Reply((call,), "tool_calls", counts=Counts(used, 5))
    text = _text(ask, command, last)
    for mark in ask.params.get("stop", []):
        if mark in text:
            return Reply((Text(text.split(mark)[0]),), "stop", mark, Counts(used, len(text.split())))
    words, limit = text.split(" "), ask.params.get("max_tokens")
    if limit and len(words) > limit:
        return Reply((Text(" ".join(words[:limit])),), "length", counts=Counts(used, limit))
    return Reply((Text(text),), counts=Counts(used, len(words)))


def _called(ask: Ask, command: Command) -> str:
    if "tool" in command:
        return command["tool"]
    if ask.choice.startswith("="):
        return ask.choice[1:]
    return ask.tools[0].name if ask.tools and ask.choice == "required" else ""


def _text(ask: Ask, command: Command, last: Part) -> str:
    if "text" in command:
        return command["text"]
    if "words" in command:
        return script.numbered(int(command["words"]), command.get("key", ""))
    if "chunks" in command:
        return " ".join(f"word{i}" for i in range(int(command["chunks"])))
    if isinstance(last, Result):
        return f"The tool said: {text_of(last.parts)}"
    if "schema" in ask.params:
        return dumps(script.instance(ask.params["schema"]))
    if "json" in ask.params:
        return "{}"
    seen = [part for turn in ask.turns for part in turn.parts if isinstance(part, Media)]
    if seen:
        return f"I see {len(seen)}: {', '.join(f'{one.kind} {one.mime or one.url}' for one in seen)}."
    return "This is a scripted answer."
