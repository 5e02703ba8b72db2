"""Tools and the choice among them, both ways. What only OpenAI's servers run travels as a `provider` tool."""

from typing import Any

from outrider.dialects.pivot import Fields, Lost
from outrider.dialects.responses.marks import FORMAT

_FUNCTION = ("description", "parameters", "strict")
_ASK_AS_TEXT = {"type": "string", "description": "The whole input, as plain text."}


def to_chat(tools: Any, lost: Lost) -> list[Fields]:
    """A caller's tools. Custom ones become functions with one text, which every model can call: `FromChat` and
    `answers.from_chat` turn their calls back."""
    out: list[Fields] = []
    for at, tool in enumerate(tools or ()):
        kind = tool.get("type")
        if kind == "function":
            function = {"name": tool["name"], **{k: tool[k] for k in _FUNCTION if tool.get(k) is not None}}
            out.append({"type": "function", "function": function})
        elif kind == "custom":
            out.append({"type": "function", "function": _as_function(tool)})
        elif kind == "namespace":
            out += to_chat([_within(tool, one) for one in tool.get("tools") or ()], lost)
        else:
            out.append({"type": "provider", "provider": {**tool, "format": FORMAT}})
        for name in ("defer_loading", "async"):
            if tool.get(name):
                lost.append(f"tools[{at}].{name}")
    return out


def _as_function(tool: Fields) -> Fields:
    form = tool.get("format") or {}
    text = str(tool.get("description") or "")
    if form.get("type") == "grammar":
        text += f"\n\nThe input must follow this {form.get('syntax', '')} grammar:\n{form.get('definition', '')}"
    return {
        "name": tool["name"],
        "description": text.strip(),
        "parameters": {"type": "object", "properties": {"input": _ASK_AS_TEXT}, "required": ["input"]},
    }


def flat_name(space: str, name: str) -> str:
    """The name of a tool of a namespace where there are no namespaces."""
    return f"{space}__{name}"


def _within(space: Fields, tool: Fields) -> Fields:
    return {**tool, "name": flat_name(space.get("name", ""), tool.get("name", ""))}


class Names:
    """What a caller's tools are really called: which are custom, which have a namespace."""

    def __init__(self, tools: Any) -> None:
        self.custom: set[str] = set()
        self.spaces: dict[str, tuple[str, str]] = {}
        for tool in tools or ():
            if tool.get("type") == "namespace":
                self._add_space(tool)
            elif tool.get("type") == "custom":
                self.custom.add(tool.get("name", ""))

    def _add_space(self, space: Fields) -> None:
        for tool in space.get("tools") or ():
            flat = flat_name(space.get("name", ""), tool.get("name", ""))
            self.spaces[flat] = (space.get("name", ""), tool.get("name", ""))
            if tool.get("type") == "custom":
                self.custom.add(flat)


def choice_to_chat(choice: Any, lost: Lost) -> Any:
    """A caller's `tool_choice`; None: there is nothing to say."""
    if choice is None or isinstance(choice, str):
        return choice
    kind = choice.get("type")
    if kind in ("function", "custom"):
        return {"type": "function", "function": {"name": choice.get("name", "")}}
    if kind == "allowed_tools":
        named = [choice_to_chat(tool, lost) for tool in choice.get("tools") or ()]
        tools = [one for one in named if isinstance(one, dict)]
        return {"type": "allowed_tools", "allowed_tools": {"mode": choice.get("mode", "auto"), "tools": tools}}
    lost.append(f"tool_choice ({kind})")
    return None


# -- to a provider ----------------------------------------------------------------------------------------------------


def from_chat(tools: Any, lost: Lost) -> list[Fields]:
    """A provider's tools. `strict` is said in any case: left out it would mean yes here, and no in chat."""
    out: list[Fields] = []
    for at, tool in enumerate(tools or ()):
        kind = tool.get("type")
        if kind == "function":
            function = tool.get("function") or {}
            said = {k: function[k] for k in ("name", "description", "parameters") if function.get(k) is not None}
            out.append({"type": "function", "parameters": None, **said, "strict": bool(function.get("strict"))})
        elif kind == "custom":
            out.append(_custom(tool.get("custom") or {}))
        elif kind == "provider" and (tool.get("provider") or {}).get("format") == FORMAT:
            out.append({k: v for k, v in tool["provider"].items() if k != "format"})
        else:
            named = (tool.get("provider") or {}).get("type") or kind
            lost.append(f"tools[{at}] ({named})")
    return out


def _custom(tool: Fields) -> Fields:
    out: Fields = {"type": "custom", **{k: v for k, v in tool.items() if k != "format"}}
    form = tool.get("format")
    if form:
        out["format"] = {"type": "grammar", **(form.get("grammar") or {})} if form.get("type") == "grammar" else form
    return out


def choice_from_chat(choice: Any, lost: Lost) -> Any:
    """A provider's `tool_choice`; None: there is nothing to say."""
    if choice is None or isinstance(choice, str):
        return "required" if choice == "any" else choice
    kind = choice.get("type")
    if kind in ("function", "custom"):
        return {"type": kind, "name": (choice.get(kind) or {}).get("name", "")}
    if kind == "allowed_tools":
        allowed = choice.get("allowed_tools") or {}
        named = [choice_from_chat(tool, lost) for tool in allowed.get("tools") or ()]
        return {"type": kind, "mode": allowed.get("mode", "auto"), "tools": [n for n in named if n is not None]}
    lost.append(f"tool_choice ({kind})")
    return None
