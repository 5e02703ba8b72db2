"""Chat messages as input items for a provider."""

from typing import Any

from outrider.dialects.pivot import Fields, Lost
from outrider.dialects.responses import parts
from outrider.dialects.responses.marks import FORMAT
from outrider.dialects.responses.turns import in_order


def from_chat(messages: list[Fields], lost: Lost) -> list[Fields]:
    """The `input` that says what these messages say."""
    out: list[Fields] = []
    custom: set[str] = set()  # ids of calls to custom tools: their outputs are another kind of item
    for at, message in enumerate(messages):
        path, role = f"messages[{at}]", message.get("role")
        if message.get("name") and role in ("user", "assistant", "system", "developer"):
            lost.append(f"{path}.name")
        if role == "assistant":
            _said(message, path, at, out, custom, lost)
        elif role in ("tool", "function"):
            out.append(_output(message, path, at, custom, lost))
        else:
            content = parts.from_chat(message.get("content"), f"{path}.content", lost)
            out.append({"type": "message", "role": role, "content": content})
    return out


def _output(message: Fields, path: str, at: int, custom: set[str], lost: Lost) -> Fields:
    """A tool's result. That it is an error has no field here, so it is said in words."""
    id_ = message.get("tool_call_id") or f"call_{at - 1}"
    content = parts.from_chat(message.get("content"), f"{path}.content", lost)
    if message.get("is_error"):
        content = _as_error(content)
    return {"type": "custom_tool_call_output" if id_ in custom else "function_call_output", "call_id": id_,
            "output": content}  # fmt: skip


def _as_error(content: str | list[Fields]) -> str | list[Fields]:
    if not isinstance(content, str):
        return [{"type": "input_text", "text": "Error:"}, *content]
    return content if content[:5].lower() == "error" else f"Error: {content}"


def _said(message: Fields, path: str, at: int, out: list[Fields], custom: set[str], lost: Lost) -> None:
    """What the model said, in its order: see `turns` for `at`."""
    plain: list[Fields] = []
    spoken = _spoken(message, path, lost)
    if spoken is not None:
        plain.append(spoken)
    if message.get("audio"):
        lost.append(f"{path}.audio")
    if message.get("images") and not any(i.get("type") == parts.PICTURE for i in message.get("provider_items") or ()):
        lost.append(f"{path}.images")
    for call in message.get("tool_calls") or ():
        if call.get("type") == "custom":
            said = call.get("custom") or {}
            custom.add(call.get("id") or "")
            plain.append({"type": "custom_tool_call", "call_id": call.get("id"), "name": said.get("name"),
                          "input": said.get("input") or ""})  # fmt: skip
        else:
            plain.append(_call(call.get("function") or {}, call.get("id")))
    if message.get("function_call"):
        plain.append(_call(message["function_call"], f"call_{at}"))
    out += in_order(plain, _thoughts(message), _own_items(message, path, lost))
    while out and out[-1]["type"] == "reasoning":  # it led to nothing: the provider wants what follows it
        out.pop()


def _call(said: Fields, id_: str | None) -> Fields:
    return {"type": "function_call", "call_id": id_ or "", "name": said.get("name") or "",
            "arguments": said.get("arguments") or "{}"}  # fmt: skip


def _spoken(message: Fields, path: str, lost: Lost) -> Fields | None:
    content = message.get("content")
    said: list[Fields] = []
    if isinstance(content, str):
        said = [{"type": "output_text", "text": content}] if content else []
    for at, part in enumerate(content if isinstance(content, list) else ()):
        if part.get("type") == "text":
            said.append({"type": "output_text", "text": part.get("text") or ""})
        elif part.get("type") == "refusal":
            said.append({"type": "refusal", "refusal": part.get("refusal") or ""})
        elif part.get("type") not in ("thinking", "redacted_thinking"):
            lost.append(f"{path}.content[{at}] ({part.get('type')})")
    if message.get("refusal"):
        said.append({"type": "refusal", "refusal": message["refusal"]})
    cited = [c for one in message.get("annotations") or () if (c := parts.annotation_from_chat(one)) is not None]
    if cited and said and said[0]["type"] == "output_text":
        said[0]["annotations"] = cited
    return {"type": "message", "role": "assistant", "content": said} if said else None


def _thoughts(message: Fields) -> list[tuple[int, Fields]]:
    """Reasoning items that the provider can open: others it would refuse, and nobody else's are its own."""
    found: list[tuple[int, Fields]] = []
    item: Fields | None = None
    for thought in message.get("reasoning_details") or ():
        if thought.get("format") != FORMAT:
            continue
        id_, at = thought.get("id"), thought.get("at", 0)
        if item is None or item.get("id") != id_ or "encrypted_content" in item:
            item = {"type": "reasoning", **({"id": id_} if id_ else {}), "summary": []}
            found.append((at, item))
        kind = thought.get("type")
        if kind == "reasoning.summary":
            item["summary"].append({"type": "summary_text", "text": thought.get("summary") or ""})
        elif kind == "reasoning.text":
            item.setdefault("content", []).append({"type": "reasoning_text", "text": thought.get("text") or ""})
        elif kind == "reasoning.encrypted":
            item["encrypted_content"] = thought.get("data")
    return [(at, one) for at, one in found if one.get("encrypted_content")]


def _own_items(message: Fields, path: str, lost: Lost) -> list[tuple[int, Fields]]:
    found: list[tuple[int, Any]] = []
    for at, item in enumerate(message.get("provider_items") or ()):
        if item.get("format") == FORMAT:
            found.append((item.get("at", 0), {k: v for k, v in item.items() if k not in ("format", "at")}))
        else:
            lost.append(f"{path}.provider_items[{at}] ({item.get('type')})")
    return found
