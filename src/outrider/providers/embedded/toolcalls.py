"""Tool calls on a model that only writes text: one JSON envelope, enforced by a grammar, read as it streams in. Pure.

The runtime does not enforce `tools` itself. So the model writes `{"name": TOOL, "arguments": …}`, or the same with
the name `final_answer` to answer in words, and the grammar leaves it nothing else.
"""

import json
import re
from typing import Any

import msgspec

from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.providers.embedded import grammar
from outrider.providers.embedded.grammar import Schema

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_HEAD = re.compile(r'\s*\{\s*"name"\s*:\s*"([^"\\]*)"\s*,\s*"arguments"\s*:\s*')
_TEXT = re.compile(r'\s*\{\s*"text"\s*:\s*"')
_ANSWER = re.compile(r'\s*\{\s*"answer"\s*:\s*')
_WHOLE = re.compile(r'(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*')
_HALF_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\Z")


class Toolbox(msgspec.Struct, frozen=True):
    """What the model may do: `calls` are the argument schemas by tool name, `answer` the name that ends in words ("" if
    it must call a tool), `structured` whether those words are a JSON value of the caller's schema."""

    calls: dict[str, Schema]
    described: str
    answer: str
    structured: bool
    strict: bool

    def grammar(self) -> str:
        return grammar.of(grammar.one_of_calls(self.calls), strict=self.strict)


class _Function(msgspec.Struct):
    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Tool(msgspec.Struct):
    """One entry of a request's `tools`."""

    type: str
    function: _Function | None = None


def _chosen(choice: object, names: list[str]) -> tuple[list[str], bool]:
    """Names that may be called and whether an answer in words is allowed."""
    if choice is None or choice == "auto":
        return names, True
    if choice == "required":
        return names, False
    if isinstance(choice, dict) and choice.get("type") == "function":
        function = choice.get("function")
        name = function.get("name") if isinstance(function, dict) else None
        if name in names:
            return [name], False
        raise RequestError(
            f"'tool_choice' names {name!r}, which is not among the tools: {', '.join(names)}",
            code="invalid_tool_choice",
            param="tool_choice",
        )
    raise RequestError(
        '\'tool_choice\' must be "none", "auto", "required" or name one function',
        code="invalid_tool_choice",
        param="tool_choice",
    )


def toolbox(tools: list[Tool] | None, choice: object, answer_schema: Schema | None) -> Toolbox | None:
    """What `tools` and `tool_choice` ask for; None when no tool may be called. Raises RequestError (400)."""
    if not tools or choice == "none":
        if choice not in (None, "none", "auto"):
            raise RequestError("'tool_choice' needs 'tools'", code="invalid_tool_choice", param="tool_choice")
        return None
    found: dict[str, _Function] = {}
    for index, tool in enumerate(tools):
        function, param = tool.function, f"tools[{index}]"
        if tool.type != "function" or function is None:
            raise RequestError(f"{param!r} is not a function; the embedded model takes functions only", param=param)
        if not _NAME.fullmatch(function.name) or function.name in found:
            raise RequestError(
                f"{param!r} has an invalid or repeated name {function.name!r}", param=f"{param}.function.name"
            )
        found[function.name] = function
    names, may_answer = _chosen(choice, list(found))
    calls = {}
    for index, name in enumerate(found):
        if name in names:
            schema = grammar.checked(found[name].parameters, f"tools[{index}].function.parameters")
            calls[name] = {"type": "object", **schema}
    answer = ""
    if may_answer:
        answer = "final_answer"
        while answer in found:
            answer += "_"
        key, inner = ("text", {"type": "string"}) if answer_schema is None else ("answer", answer_schema)
        calls[answer] = _wrapped(key, inner)
    strict = any(found[n].strict for n in names)
    described = _described({n: found[n] for n in names}, answer, structured=answer_schema is not None)
    return Toolbox(calls, described, answer, answer_schema is not None, strict)


def _wrapped(key: str, inner: Schema) -> Schema:
    """An object with the one property `key`; references in `inner` keep pointing into it."""
    return {
        "type": "object",
        "properties": {key: grammar.moved(inner, f"#/properties/{key}")},
        "required": [key],
        "additionalProperties": False,
    }


def _described(functions: dict[str, _Function], answer: str, *, structured: bool) -> str:
    lines = ["You can call these tools:"]
    for name, function in functions.items():
        schema = msgspec.json.encode(function.parameters or {}).decode()
        lines.append(f"- {name}: {function.description or 'no description'} Arguments: {schema}")
    lines.append("Reply with one JSON object and nothing else.")
    lines.append('To call a tool: {"name":"<tool>","arguments":{...}}')
    if answer:
        said = '{"answer":...}' if structured else '{"text":"..."}'
        lines.append(f'When no tool is needed, or its result is there: {{"name":"{answer}","arguments":{said}}}')
    return "\n".join(lines)


class Reader:
    """Turns the envelope's text, as it comes in, into `delta` objects of OpenAI's stream: content or one tool call."""

    def __init__(self, box: Toolbox) -> None:
        self._box = box
        self._buffer = ""
        self._stage = "head"
        self._keep = 0  # closing brackets of the envelope, held back until it is clear that they are that
        self.called = False

    def feed(self, text: str) -> list[dict[str, Any]]:
        self._buffer += text
        out: list[dict[str, Any]] = []
        if self._stage == "head" and (match := _HEAD.match(self._buffer)):
            self._buffer = self._buffer[match.end() :]
            out += self._begin(match[1])
        if self._stage in ("text", "answer"):
            match = (_TEXT if self._stage == "text" else _ANSWER).match(self._buffer)
            if match:
                self._buffer = self._buffer[match.end() :]
                self._stage, self._keep = ("string", 0) if self._stage == "text" else ("value", 2)
        if self._stage == "string":
            out += self._string()
        elif self._stage in ("arguments", "value") and len(self._buffer) > self._keep:
            cut = len(self._buffer) - self._keep
            out.append(self._piece(self._buffer[:cut]))
            self._buffer = self._buffer[cut:]
        return out

    def finish(self, *, whole: bool) -> list[dict[str, Any]]:
        """What is left when the model ended; not `whole` when it was cut by a limit."""
        rest, self._buffer = self._buffer, ""
        if whole or not rest or self._stage not in ("arguments", "value"):
            return []
        return [self._piece(rest)]

    def _begin(self, name: str) -> list[dict[str, Any]]:
        if name == self._box.answer:
            self._stage = "answer" if self._box.structured else "text"
            return []
        self._stage, self._keep, self.called = "arguments", 1, True
        call = {
            "index": 0,
            "id": f"call_{ids.token(12)}",
            "type": "function",
            "function": {"name": name, "arguments": ""},
        }
        return [{"tool_calls": [call]}]

    def _piece(self, text: str) -> dict[str, Any]:
        if self._stage == "value":
            return {"content": text}
        return {"tool_calls": [{"index": 0, "function": {"arguments": text}}]}

    def _string(self) -> list[dict[str, Any]]:
        match = _WHOLE.match(self._buffer)
        safe = match[0] if match else ""
        if half := _HALF_PAIR.search(safe):
            safe = safe[: half.start()]
        if not safe:
            return []
        self._buffer = self._buffer[len(safe) :]
        text = json.loads(f'"{safe}"')
        # Half of a surrogate pair is legal JSON but no text: it becomes the replacement character.
        return [{"content": text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")}]
