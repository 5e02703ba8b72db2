"""A conversation in chat, read for what it says of its session: who said what, and what tools answered. Pure."""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from outrider.policy.turns import Proposal, Role, Turn

Fields = dict[str, Any]
LONGEST_FILE = 2 << 20
_ROLES: Mapping[str, Role] = {
    "system": "operator",
    "developer": "operator",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}
_json = msgspec.json.Encoder(order="deterministic")


def turns(messages: Sequence[Any]) -> list[Turn]:
    """The messages as turns: one for each, in order."""
    return [_turn(one) if isinstance(one, dict) else Turn("user") for one in messages]


def _turn(message: Fields) -> Turn:
    text, others = _content(message.get("content"))
    others += [one for one in message.get("provider_items") or () if isinstance(one, dict)]
    turn = Turn(_ROLES.get(str(message.get("role")), "user"), text)
    if turn.role == "tool":
        turn.call, turn.tool = str(message.get("tool_call_id") or ""), str(message.get("name") or "")
    elif turn.role == "assistant":
        turn.calls = tuple(proposals(message))
    if others:
        turn.attached = hashlib.sha256(_json.encode(others)).hexdigest()
    return turn


def _content(content: Any) -> tuple[str, list[Any]]:
    """The text, and what is none."""
    if isinstance(content, str):
        return content, []
    texts, others = [], []
    for part in content if isinstance(content, list) else ():
        if isinstance(part, dict) and isinstance(part.get("text"), str) and part.get("type") in ("text", "refusal"):
            texts.append(part["text"])
        elif isinstance(part, dict) and part.get("type") not in ("thinking", "redacted_thinking"):
            others.append(part)
    return "\n".join(texts), others


def proposals(message: Fields) -> Iterator[Proposal]:
    """The calls of an assistant's message: functions, custom tools, and the old single one."""
    for call in message.get("tool_calls") or ():
        if isinstance(call, dict):
            yield proposal(call)
    old = message.get("function_call")
    if isinstance(old, dict):
        yield Proposal("", _text(old.get("name")), _text(old.get("arguments")))


def proposal(call: Fields) -> Proposal:
    """One call. What a custom tool is given is no JSON: it becomes an argument `input`."""
    custom = call.get("custom")
    if isinstance(custom, dict):
        arguments = _json.encode({"input": _text(custom.get("input"))}).decode()
        return Proposal(_text(call.get("id")), _text(custom.get("name")), arguments)
    function = call.get("function")
    function = function if isinstance(function, dict) else {}
    return Proposal(_text(call.get("id")), _text(function.get("name")), _text(function.get("arguments")))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else _json.encode(value).decode()


def attachments(message: Fields) -> list[str]:
    """What a message has beside text (pictures, files, search results): the texts that are in it, else its kind."""
    _, others = _content(message.get("content"))
    return [said for part in others for said in (_texts_in(part) or [f"({part.get('type')})"])]


def _texts_in(value: Any) -> list[str]:
    """The texts within a part; of a file its text, if it is one. Pictures and sound are not looked into."""
    if isinstance(value, dict):
        return [text for name, part in value.items() if name not in ("type", "format") for text in _texts_in(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts_in(part)]
    if not isinstance(value, str) or not value:
        return []
    if value.startswith("data:"):
        return _decoded(value)
    return [value] if len(value) <= LONGEST_FILE else []


def _decoded(url: str) -> list[str]:
    head, _, said = url[: 2 * LONGEST_FILE].partition(",")
    if not head.startswith(("data:text/", "data:application/json")):
        return []
    try:
        return [base64.b64decode(said, validate=False).decode("utf-8", "replace")] if "base64" in head else [said]
    except (binascii.Error, ValueError):
        return []


def server_results(message: Fields) -> Iterator[tuple[str, Any]]:
    """What the provider's own tools brought: (tool, result). What a client answered to a call of theirs is one too."""
    for item in message.get("provider_items") or ():
        if isinstance(item, dict) and not acts_here(item):
            yield kind_of(item), {name: part for name, part in item.items() if name not in ("format", "at", "after")}
    notes = [one for one in message.get("annotations") or () if isinstance(one, dict)]
    if notes:
        yield "web_search", notes


def acts_here(item: Fields) -> bool:
    """Whether a provider's item is a call that the client is to make (`computer_call`, `local_shell_call`): those have
    an id that the answer to them names, which those that the provider makes itself have not."""
    return str(item.get("type", "")).endswith("_call") and bool(item.get("call_id"))


def as_proposal(item: Fields) -> Proposal:
    """Such an item as a call of a tool."""
    said = {n: v for n, v in item.items() if n not in ("type", "id", "call_id", "status", "format", "at")}
    return Proposal(_text(item.get("call_id")), kind_of(item), _json.encode(said).decode())


def kind_of(item: Fields) -> str:
    """The tool that an item of a provider belongs to."""
    part = item.get("part")
    if isinstance(part, dict):  # Gemini's have their kind as a name
        return snake(next(iter(part), "provider"))
    kind = str(item.get("type") or "provider")
    for end in ("_tool_result", "_call_output", "_output", "_call"):
        if kind.endswith(end):
            return kind.removesuffix(end)
    return str(item.get("name") or kind)


def snake(name: str) -> str:
    """`googleSearch` as `google_search`."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def offered(request: Fields) -> dict[str, str]:
    """The descriptions of the functions that the request offers, by name."""
    found: dict[str, str] = {}
    for tool in request.get("tools") or ():
        if isinstance(tool, dict):
            said = tool.get("function") or tool.get("custom")
            if isinstance(said, dict):
                found[_text(said.get("name"))] = _text(said.get("description"))
    for old in request.get("functions") or ():
        if isinstance(old, dict):
            found[_text(old.get("name"))] = _text(old.get("description"))
    return found
