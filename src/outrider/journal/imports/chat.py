"""Messages of a chat in the spellings of other tools: OpenAI's, Anthropic's blocks, LangChain's objects."""

from collections.abc import Iterable, Mapping
from typing import Any

from outrider.journal.imports.shape import object_of, parsed, text

_ROLES = {"human": "user", "ai": "assistant", "function": "tool", "chat": "user", "developer": "developer"}
_CLASSES = {
    "SystemMessage": "system", "HumanMessage": "user", "AIMessage": "assistant", "ToolMessage": "tool",
    "FunctionMessage": "tool",
}  # fmt: skip
_DEEPEST = 4


def messages_of(value: Any) -> list[dict[str, Any]]:
    """The messages in what a model was asked; empty if there are none. A text alone is what a user says."""
    found = parsed(value)
    if isinstance(found, str):
        return [{"role": "user", "content": found}] if found else []
    if isinstance(found, Mapping):
        inner = next((found[n] for n in ("messages", "input", "prompt", "prompts") if found.get(n)), None)
        if inner is None:
            return _listed([found]) if _is_message(found) else []
        told = messages_of(inner)
        system = found.get("system") or found.get("instructions")
        return [{"role": "system", "content": content_of(system)}, *told] if system and told else told
    return _listed(found) if isinstance(found, list) else []


def answer_of(value: Any) -> list[dict[str, Any]]:
    """The messages that a model answered with; empty if there are none."""
    found = parsed(value)
    if isinstance(found, str):
        return [{"role": "assistant", "content": found}] if found else []
    if isinstance(found, list):
        return [_answered(one) for one in _listed(found)]
    if not isinstance(found, Mapping):
        return []
    choices = found.get("choices")
    if isinstance(choices, list):
        told = [one.get("message") or {"content": one.get("text")} for one in choices if isinstance(one, Mapping)]
        return [_answered(one) for one in _listed(told)]
    if isinstance(found.get("generations"), list):
        return [_answered(one) for one in _listed(_generated(found["generations"]))]
    inner = next((found[n] for n in ("messages", "message", "output", "completion", "text") if found.get(n)), None)
    if _is_message(found) or inner is None:
        return [_answered(one) for one in _listed([found])] if _is_message(found) else []
    return answer_of(inner)


def _answered(message: dict[str, Any]) -> dict[str, Any]:
    return {**message, "role": "assistant"}


def _generated(value: Any, depth: int = 0) -> list[Any]:
    """LangChain's generations, which are lists of lists."""
    if isinstance(value, list) and depth < _DEEPEST:
        return [one for part in value for one in _generated(part, depth + 1)]
    if isinstance(value, Mapping):
        return [value["message"]] if value.get("message") else [{"role": "assistant", "content": value.get("text")}]
    return []


def _is_message(value: Mapping[str, Any]) -> bool:
    return "role" in value or _class(value) != "" or (str(value.get("type")) in _ROLES and "content" in value)


def _class(value: Mapping[str, Any]) -> str:
    """The class of a LangChain object: `AIMessage`, also of a piece of one."""
    path = value.get("id") if value.get("lc") else None
    name = str(path[-1]).removesuffix("Chunk") if isinstance(path, list) and path else ""
    return name if name in _CLASSES else ""


def _listed(values: Iterable[Any], depth: int = 0) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for one in values:
        if isinstance(one, list) and depth < _DEEPEST:
            pair = len(one) == 2 and all(isinstance(part, str) for part in one)
            out += [_message({"role": one[0], "content": one[1]})] if pair else _listed(one, depth + 1)
        elif isinstance(one, Mapping):
            out += _messages(one)
        elif isinstance(one, str):
            out.append({"role": "user", "content": one})
    return out


def _messages(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One message of any spelling; Anthropic's results of tools are messages of their own."""
    kind = _class(given)
    if kind:
        return [_message({**object_of(given.get("kwargs")), "role": _CLASSES[kind]})]
    if "role" not in given and isinstance(given.get("data"), Mapping):
        given = {**given["data"], "type": given.get("type")}
    content = given.get("content")
    blocks = content if isinstance(content, list) else []
    results = [one for one in blocks if isinstance(one, Mapping) and one.get("type") == "tool_result"]
    if not results:
        return [_message(given)]
    told = [
        {"role": "tool", "tool_call_id": str(one.get("tool_use_id") or ""), "content": content_of(one.get("content"))}
        for one in results
    ]
    rest = [one for one in blocks if one not in results]
    return [*told, _message({**given, "content": rest})] if rest else told


def _message(given: Mapping[str, Any]) -> dict[str, Any]:
    role = str(given.get("role") or given.get("type") or "user")
    message: dict[str, Any] = {"role": _ROLES.get(role, role), "content": content_of(given.get("content"))}
    calls = [*_items(given.get("tool_calls")), *_items(object_of(given.get("additional_kwargs")).get("tool_calls"))]
    calls += [one for one in _items(given.get("content")) if one.get("type") == "tool_use"]
    if calls:
        message["tool_calls"] = _once([_call(one) for one in calls])
    if given.get("tool_call_id"):
        message["tool_call_id"] = str(given["tool_call_id"])
    if given.get("name") and message["role"] == "tool":
        message["name"] = str(given["name"])
    return message


def _once(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """LangChain says a call twice: in its own words and in the provider's."""
    seen: dict[str, dict[str, Any]] = {}
    for number, call in enumerate(calls):
        seen.setdefault(call["id"] or f"#{number}", call)
    return list(seen.values())


def _call(given: Mapping[str, Any]) -> dict[str, Any]:
    function = object_of(given.get("function")) or given
    arguments: Any = next((function[n] for n in ("arguments", "args", "input") if function.get(n) is not None), {})
    return {
        "id": str(given.get("id") or ""),
        "type": "function",
        "function": {"name": str(function.get("name") or ""), "arguments": text(arguments)},
    }


def content_of(value: Any) -> Any:
    """What a message says: a text, or the parts of one that has more than texts."""
    if not isinstance(value, list):
        return value if isinstance(value, str) or value is None else text(value)
    kept = [one for one in value if not (isinstance(one, Mapping) and one.get("type") == "tool_use")]
    if all(isinstance(one, str) or (isinstance(one, Mapping) and one.get("type") == "text") for one in kept):
        return "".join(one if isinstance(one, str) else str(one.get("text") or "") for one in kept) or None
    return kept


def _items(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
