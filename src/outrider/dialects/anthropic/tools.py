"""Tools, and which of them must be called."""

from typing import Any

from outrider.dialects.anthropic import FORMAT, content, schemas
from outrider.dialects.pivot import Fields, Lost

_OWN = frozenset({"name", "description", "input_schema", "strict", "type"})
_HINTS = frozenset({"eager_input_streaming", "defer_loading"})
"""When the provider sends and reads what: no answer depends on it."""
_CHAT_CHOICES = {"auto": "auto", "any": "required", "none": "none"}
_CHOICES = {"auto": "auto", "required": "any", "any": "any", "none": "none"}
SEARCH = "web_search_20250305"


def to_chat(fields: Fields, chat: Fields) -> None:
    """Adds `tools`, `tool_choice` and `parallel_tool_calls`. What else a tool says of itself stands beside `function`;
    tools that the provider runs, or that the model alone knows, are carried whole."""
    if tools := fields.get("tools"):
        chat["tools"] = [_function(tool) for tool in tools]
    if not (choice := fields.get("tool_choice")):
        return
    kind = choice["type"]
    chat["tool_choice"] = (
        {"type": "function", "function": {"name": choice["name"]}} if kind == "tool" else _CHAT_CHOICES[kind]
    )
    if choice.get("disable_parallel_tool_use"):
        chat["parallel_tool_calls"] = False


def _function(tool: Fields) -> Fields:
    if (tool.get("type") or "custom") != "custom":
        return {"type": "provider", "provider": {"format": FORMAT, **tool}}
    function: Fields = {"name": tool["name"], "parameters": tool["input_schema"]}
    if (description := tool.get("description")) is not None:
        function["description"] = description
    if (strict := tool.get("strict")) is not None:
        function["strict"] = strict
    said: Fields = {"type": "function", "function": function}
    for name, value in tool.items():
        if name not in _OWN and name not in _HINTS and value is not None:
            said[name] = value
    return said


# -- out of chat ----------------------------------------------------------------------------------------------------


def from_chat(chat: Fields, fields: Fields, lost: Lost) -> None:
    """Adds `tools` and `tool_choice`."""
    tools = []
    for number, tool in enumerate(chat.get("tools") or ()):
        if (made := _tool(tool, f"tools[{number}]", lost)) is None:
            lost.append(f"tools[{number}] ({_kind(tool)})")
        else:
            tools.append(made)
    if (search := chat.get("web_search_options")) is not None:
        tools.append(_search(search, lost))
    choice = _choice(chat.get("tool_choice"), lost)
    if not tools:
        tools = _called(fields["messages"])  # the API demands that tools which were called are described
        choice = {"type": "none"}
    if not tools:
        return
    fields["tools"] = tools
    if chat.get("parallel_tool_calls") is False and (choice is None or choice["type"] != "none"):
        choice = {**(choice or {"type": "auto"}), "disable_parallel_tool_use": True}
    if choice is not None:
        fields["tool_choice"] = choice


def _tool(tool: Fields, path: str, lost: Lost) -> Fields | None:
    function = tool.get("function")
    if tool.get("type") == "provider":
        return content.own(tool.get("provider"))
    if tool.get("type", "function") != "function" or not isinstance(function, dict):
        return None
    strict = function.get("strict")
    schema = function.get("parameters") or {"type": "object", "properties": {}}
    loose: list[str] = []
    made: Fields = {
        "name": function["name"],
        "input_schema": schemas.fitted(schema, loose) if strict else _object(schema),
    }
    if loose:
        lost.append(f"{path}.function.parameters (additionalProperties)")
    if description := function.get("description"):
        made["description"] = description
    if strict:
        made["strict"] = True
    for name, value in tool.items():
        if name not in ("type", "function"):
            made[name] = value
    return made


def _object(schema: Fields) -> Fields:
    """A tool's input is an object, which others leave unsaid."""
    return schema if "type" in schema else {"type": "object", **schema}


def _kind(tool: Fields) -> str:
    provider = tool.get("provider")
    return str(provider.get("type") if isinstance(provider, dict) else tool.get("type"))


def _search(options: Any, lost: Lost) -> Fields:
    tool: Fields = {"type": SEARCH, "name": "web_search"}
    options = options if isinstance(options, dict) else {}
    where = options.get("user_location")
    if isinstance(where, dict) and isinstance(near := where.get("approximate"), dict):
        tool["user_location"] = {"type": "approximate", **near}
    if options.get("search_context_size") not in (None, "medium"):
        lost.append("web_search_options.search_context_size")
    return tool


def _choice(said: Any, lost: Lost) -> Fields | None:
    if said is None:
        return None
    if isinstance(said, str) and said in _CHOICES:
        return {"type": _CHOICES[said]}
    if isinstance(said, dict) and isinstance(function := said.get("function"), dict):
        return {"type": "tool", "name": function["name"]}
    lost.append(f"tool_choice ({said.get('type') if isinstance(said, dict) else said})")
    return None


def _called(messages: list[Fields]) -> list[Fields]:
    """Tools as far as the conversation tells: by their names."""
    names = {
        block["name"]
        for message in messages
        if message["role"] == "assistant" and isinstance(message["content"], list)
        for block in message["content"]
        if block["type"] == "tool_use"
    }
    return [{"name": name, "input_schema": {"type": "object"}} for name in sorted(names)]
