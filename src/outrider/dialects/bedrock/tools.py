"""Chat's tools as Converse's `toolConfig`."""

from typing import Any

from outrider.dialects import Fields
from outrider.dialects.anthropic import schemas
from outrider.dialects.bedrock.content import Heard, cache_point
from outrider.dialects.bedrock.families import OWN_FORMAT

_KNOWN = {"type", "function", "cache_control"}


def configure(fields: Fields, out: Fields, heard: Heard) -> None:
    """Sets `toolConfig`. It must be there when the conversation has calls, even if no tool is offered now."""
    specs = [spec for at, tool in enumerate(fields.get("tools") or ()) for spec in _tool(tool, f"tools[{at}]", heard)]
    choice = fields.get("tool_choice")
    if choice == "none":
        if not heard.tools_used:
            return
        if specs:
            heard.lost.append("tool_choice (none)")
    if not specs:
        if heard.tools_used:
            out["toolConfig"] = {"tools": [_remembered(name) for name in heard.tools_used]}
        return
    config: Fields = {"tools": specs}
    if choice not in (None, "auto", "none"):
        config["toolChoice"] = _choice(choice, heard)
        if config["toolChoice"] is None:
            del config["toolChoice"]
    out["toolConfig"] = config


def _tool(tool: Fields, path: str, heard: Heard) -> list[Fields]:
    said = tool.get("provider")
    if tool.get("type") == "provider" and isinstance(said, dict) and said.get("format") == OWN_FORMAT:
        return [{name: value for name, value in said.items() if name != "format"}]
    function = tool.get("function")
    if tool.get("type") != "function" or not isinstance(function, dict):
        kind = (said or {}).get("type") if isinstance(said, dict) else tool.get("type")
        heard.lost.append(f"{path} ({kind or tool.get('type')})")
        return []
    spec: Fields = {"name": function["name"]}
    if function.get("description"):
        spec["description"] = function["description"]
    schema = function.get("parameters") or {"type": "object", "properties": {}}
    if function.get("strict"):
        loose: list[str] = []
        schema = schemas.fitted(schema, loose)
        if loose:
            heard.lost.append(f"{path}.function.parameters (additionalProperties)")
        spec["strict"] = True
    spec["inputSchema"] = {"json": schema if "type" in schema else {"type": "object", **schema}}
    for name, value in tool.items():
        if name not in _KNOWN and value:
            heard.lost.append(f"{path}.{name}")
    out: list[Fields] = [{"toolSpec": spec}]
    control = tool.get("cache_control") or function.get("cache_control")
    if control and heard.family.caches_tools:
        out.append({"cachePoint": cache_point(control)})
    return out


def _choice(choice: Any, heard: Heard) -> Fields | None:
    if choice in ("required", "any"):
        return {"any": {}}
    named = (choice.get("function") or {}).get("name") if isinstance(choice, dict) else None
    if named:
        return {"tool": {"name": named}}
    heard.lost.append(f"tool_choice ({choice.get('type') if isinstance(choice, dict) else choice})")
    return None


def _remembered(name: str) -> Fields:
    """A tool that was called earlier, and is not offered any more."""
    return {"toolSpec": {"name": name, "inputSchema": {"json": {"type": "object", "properties": {}}}}}
