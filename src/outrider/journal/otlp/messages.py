"""Payloads of foreign spans: the many spellings of prompts and completions, as one chat-shaped body each way.

Pure: attributes in, JSON values out. Bodies take the shape of a chat request and a chat completion, so that the
console shows them as messages and a dataset can be made from them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from outrider.journal.otlp.mapping import FLATTENED_DOCUMENTS, FLATTENED_IN, FLATTENED_OUT, OUT, PARAMETERS, first

Attrs = Mapping[str, Any]
Events = Sequence[tuple[str, Attrs]]
"""A span's events: their names with their attributes."""

_ROLES = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
_MAX_DEPTH = 16


def request_body(attrs: Attrs, events: Events) -> Any:
    """The request of a model span as a chat request, another step's input as it is; None when there is none."""
    messages = _messages(_parsed(attrs.get(OUT["messages_in"]))) or _flattened(attrs, FLATTENED_IN)
    messages = messages or [_message({**body, "role": _ROLES[name]}) for name, body in events if name in _ROLES]
    raw = _parsed(first(attrs, "request"))
    if not messages:
        return raw
    instructions = _text(_parsed(attrs.get(OUT["instructions"])))
    if instructions:
        messages = [{"role": "system", "content": instructions}, *messages]
    model = first(attrs, "model")
    body: dict[str, Any] = ({"model": model} if model else {}) | {"messages": messages}
    body |= {ours: attrs[theirs] for theirs, ours in PARAMETERS.items() if theirs in attrs}
    parameters = _parsed(first(attrs, "parameters"))
    if isinstance(parameters, dict):
        body = parameters | body
    tools = _parsed(attrs.get(OUT["tools"])) or [_tool(t) for t in unflatten(attrs, "llm.tools.")]
    if tools:
        body["tools"] = tools
    return body


def response_body(attrs: Attrs, events: Events) -> Any:
    """The response of a model span as a chat completion, another step's output as it is; None when there is none."""
    messages = _messages(_parsed(attrs.get(OUT["messages_out"]))) or _flattened(attrs, FLATTENED_OUT)
    messages = messages or [_message(_choice(body)) for name, body in events if name == "gen_ai.choice"]
    if not messages:
        raw = _parsed(first(attrs, "response"))
        return raw if raw is not None else _documents(attrs)
    finish = _parsed(first(attrs, "finish"))
    reasons = finish if isinstance(finish, list) else [finish]
    choices = []
    for index, message in enumerate(messages):
        reason = message.pop("finish_reason", None) or (reasons[index] if index < len(reasons) else None)
        choices.append({"index": index, "message": message, "finish_reason": reason})
    head = {"id": first(attrs, "response_id"), "model": first(attrs, "response_model")}
    return {k: v for k, v in head.items() if v is not None} | {"choices": choices}


def is_payload(name: str) -> bool:
    """Whether an attribute is a leaf of a flattened payload, which is stored as a body and not as an attribute."""
    return name.startswith((*FLATTENED_IN, *FLATTENED_OUT, *FLATTENED_DOCUMENTS, "llm.tools."))


def last_user_text(body: Any) -> str:
    """The text of the last user message of a chat-shaped body, or the start of what there is."""
    if isinstance(body, dict) and isinstance(body.get("messages"), list):
        for message in reversed(body["messages"]):
            if isinstance(message, dict) and message.get("role") == "user":
                return _text(message.get("content"))
    return body if isinstance(body, str) else ""


def unflatten(attrs: Attrs, prefix: str) -> list[Any]:
    """The list that was spelled as `prefix<index>.<field>… = leaf`, in the order of its indexes."""
    root: dict[str, Any] = {}
    for name, value in attrs.items():
        if not name.startswith(prefix):
            continue
        *path, leaf = name[len(prefix) :].split(".", _MAX_DEPTH)
        node = root
        for part in path:
            below = node.setdefault(part, {})
            node = below if isinstance(below, dict) else node
        if not isinstance(node.get(leaf), dict):
            node[leaf] = value
    listed = _listed(root)
    return listed if isinstance(listed, list) else []


def _listed(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    items = {k: _listed(v) for k, v in node.items()}
    if items and all(k.isascii() and k.isdigit() and len(k) < 10 for k in items):
        return [items[k] for k in sorted(items, key=int)]
    return items


def _flattened(attrs: Attrs, prefixes: Iterable[str]) -> list[dict[str, Any]]:
    for prefix in prefixes:
        found = [_message(m) for m in unflatten(attrs, prefix) if isinstance(m, dict)]
        if found:
            return found
    return []


def _messages(value: Any) -> list[dict[str, Any]]:
    return [_message(m) for m in value if isinstance(m, dict)] if isinstance(value, list) else []


def _message(given: Attrs) -> dict[str, Any]:
    """One message of any spelling in the chat form."""
    inner = given.get("message")
    source: dict[str, Any] = dict(inner) if isinstance(inner, dict) else dict(given)
    parts = source.get("parts", source.get("contents", source.get("content")))
    content, calls, answered = _parts(parts)
    calls += [_call(c) for c in _items(_parsed(source.get("tool_calls")))]
    message: dict[str, Any] = {"role": str(source.get("role") or "user"), "content": content}
    if calls:
        message["tool_calls"] = calls
    answers = answered or source.get("tool_call_id") or (source.get("id") if message["role"] == "tool" else None)
    if answers:
        message["tool_call_id"] = answers
    for extra in ("name", "finish_reason"):
        if source.get(extra):
            message[extra] = source[extra]
    return message


def _parts(parts: Any) -> tuple[Any, list[dict[str, Any]], Any]:
    """Content, tool calls, and the id of the tool call that is answered, from a list of parts or plain content."""
    parsed = _parsed(parts) if isinstance(parts, str) and parts.startswith("[{") else parts
    if not isinstance(parsed, list):
        return parts, [], None
    content: list[Any] = []
    calls: list[dict[str, Any]] = []
    answered = None
    for item in parsed:
        part = item.get("message_content", item) if isinstance(item, dict) else {"type": "text", "text": str(item)}
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "tool_call":
            calls.append(_call(part))
        elif kind == "tool_call_response":
            answered = part.get("id")
            content.append({"type": "text", "text": _as_text(part.get("response", part.get("result")))})
        elif kind == "text":
            content.append({"type": "text", "text": part.get("content", part.get("text", ""))})
        else:
            content.append(part)
    if content and all(isinstance(p, dict) and p.get("type") == "text" for p in content):
        return "".join(_as_text(p["text"]) for p in content), calls, answered
    return content or None, calls, answered


def _call(given: Any) -> dict[str, Any]:
    call = given.get("tool_call", given) if isinstance(given, dict) else {}
    function = call.get("function") if isinstance(call, dict) else None
    where = function if isinstance(function, dict) else call if isinstance(call, dict) else {}
    arguments = where.get("arguments", "")
    function = {"name": where.get("name", ""), "arguments": _as_text(arguments)}
    return {"id": call.get("id") if isinstance(call, dict) else None, "type": "function", "function": function}


def _tool(given: Any) -> Any:
    """OpenInference keeps a tool as the JSON text of what was sent."""
    tool = given.get("tool", given) if isinstance(given, dict) else given
    return _parsed(tool["json_schema"]) if isinstance(tool, dict) and "json_schema" in tool else tool


def _choice(event: Attrs) -> dict[str, Any]:
    message = _parsed(event.get("message"))
    found = dict(message) if isinstance(message, dict) else {"content": event.get("content", message)}
    return {"role": "assistant", **found, "finish_reason": event.get("finish_reason")}


def _documents(attrs: Attrs) -> Any:
    for prefix in FLATTENED_DOCUMENTS:
        found = [d.get("document", d) if isinstance(d, dict) else d for d in unflatten(attrs, prefix)]
        if found:
            return {"documents": found}
    return None


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list) else []
    return " ".join(str(p.get("content", p.get("text", ""))) for p in parts if isinstance(p, dict)).strip()


def _parsed(value: Any) -> Any:
    """A value that may be spelled as JSON text, parsed; anything else as it is."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return msgspec.json.decode(value)
        except (ValueError, RecursionError):
            return value
    return value
