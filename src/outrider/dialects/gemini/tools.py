"""Tools and how they may be chosen, in both directions."""

from typing import Any

from outrider.dialects import Fields, Lost
from outrider.dialects.gemini.names import FORMAT, camel, of_ours
from outrider.dialects.gemini.schemas import json_schema

_MODES = {"AUTO": "auto", "ANY": "required", "NONE": "none", "VALIDATED": "auto"}


def tools_to_chat(fields: Fields, chat: Fields, lost: Lost) -> None:
    """`tools` and `toolConfig` of a request as chat's."""
    config = camel(fields.get("toolConfig") or {})
    calling = camel(config.get("functionCallingConfig") or {})
    mode, allowed = calling.get("mode") or "AUTO", calling.get("allowedFunctionNames") or []
    strict = mode == "VALIDATED"
    tools: list[Fields] = []
    for at, tool in enumerate(fields.get("tools") or ()):
        for name, said in camel(tool).items():
            if name == "functionDeclarations":
                tools += [_function(camel(one), strict, f"tools[{at}].functionDeclarations[{n}]", lost)
                          for n, one in enumerate(said or ())]  # fmt: skip
            else:
                tools.append({"type": "provider", "provider": {"format": FORMAT, "tool": {name: said}}})
    if tools:
        chat["tools"] = tools
    if config.get("retrievalConfig"):
        chat.setdefault("provider_options", {"format": FORMAT})["retrievalConfig"] = config["retrievalConfig"]
    if allowed:
        chat["tool_choice"] = _allowed(allowed, "auto" if strict or mode == "AUTO" else "required")
    elif mode in ("ANY", "NONE"):
        chat["tool_choice"] = _MODES[mode]


def _function(said: Fields, strict: bool, path: str, lost: Lost) -> Fields:
    function: Fields = {"name": said.get("name") or ""}
    if said.get("description"):
        function["description"] = said["description"]
    if said.get("parametersJsonSchema") is not None:
        function["parameters"] = said["parametersJsonSchema"]
    elif said.get("parameters") is not None:
        function["parameters"] = json_schema(said["parameters"])
    if strict:
        function["strict"] = True
    lost += [f"{path}.{name}" for name in said if name == "behavior" and said[name] == "NON_BLOCKING"]
    return {"type": "function", "function": function}


def _allowed(names: list[str], mode: str) -> Fields:
    if len(names) == 1 and mode == "required":
        return {"type": "function", "function": {"name": names[0]}}
    tools = [{"type": "function", "function": {"name": name}} for name in names]
    return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools}}


def tools_from_chat(chat: Fields, fields: Fields, lost: Lost) -> None:
    """Chat's tools and choice as `tools` and `toolConfig`."""
    declared: list[Fields] = []
    strict = False
    tools: list[Fields] = []
    for at, tool in enumerate(chat.get("tools") or ()):
        function = tool.get("function")
        if tool.get("type") == "function" and isinstance(function, dict):
            declared.append(_declaration(function))
            strict = strict or bool(function.get("strict"))
        elif tool.get("type") == "provider" and of_ours(tool.get("provider") or {}):
            tools.append(tool["provider"]["tool"])
        else:
            lost.append(f"tools[{at}] ({_kind(tool)})")
    if declared:
        tools.insert(0, {"functionDeclarations": declared})
    if chat.get("web_search_options") is not None:
        tools.append({"googleSearch": {}})
        if (chat["web_search_options"] or {}).get("user_location"):
            lost.append("web_search_options.user_location")
    if tools:
        fields["tools"] = tools
    calling = _calling(chat.get("tool_choice"), strict, lost)
    if calling and declared:
        fields["toolConfig"] = {"functionCallingConfig": calling}


def _declaration(function: Fields) -> Fields:
    said: Fields = {"name": function.get("name") or ""}
    if function.get("description"):
        said["description"] = function["description"]
    parameters = function.get("parameters")
    if parameters and (parameters.get("properties") or parameters.keys() - {"type", "properties"}):
        said["parametersJsonSchema"] = parameters
    return said


def _calling(choice: Any, strict: bool, lost: Lost) -> Fields:
    """How functions may be called. Where one is strict, its schema is held to, which is Gemini's VALIDATED."""
    if choice in (None, "auto"):
        return {"mode": "VALIDATED"} if strict else {}
    if choice in ("required", "any"):
        return {"mode": "ANY"}
    if choice == "none":
        return {"mode": "NONE"}
    if isinstance(choice, dict) and choice.get("type") == "function":
        return {"mode": "ANY", "allowedFunctionNames": [(choice.get("function") or {}).get("name")]}
    if isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        allowed = choice.get("allowed_tools") or {}
        names = [(tool.get("function") or {}).get("name") for tool in allowed.get("tools") or ()]
        return {"mode": "ANY" if allowed.get("mode") == "required" else "VALIDATED", "allowedFunctionNames": names}
    lost.append(f"tool_choice ({choice.get('type') if isinstance(choice, dict) else choice})")
    return {}


def _kind(tool: Fields) -> str:
    """What a tool is that Gemini does not have, as far as it says."""
    provider = tool.get("provider")
    if not isinstance(provider, dict):
        return str(tool.get("type"))
    return str(provider.get("type") or provider.get("name") or provider.get("format") or "provider")
