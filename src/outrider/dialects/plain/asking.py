"""Whole requests: fields, tools, and the limits that one vendor sets."""

from collections.abc import Container
from typing import Any

import msgspec

from outrider.dialects.pivot import Fields, Lost, Translated
from outrider.dialects.plain import efforts, messages

_json = msgspec.json.Encoder()
_OPENAI = frozenset(
    {"model", "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "modalities", "n"}
    | {"parallel_tool_calls", "prediction", "presence_penalty", "seed", "stop", "store", "stream", "stream_options"}
    | {"temperature", "top_logprobs", "top_p", "verbosity", "web_search_options", "max_tokens"}
    | {"max_completion_tokens", "continue_final_message", "add_generation_prompt", "echo"}  # of a continuation, too
)
"""What goes on as it is."""
_MADE = frozenset(
    {"messages", "tools", "tool_choice", "response_format", "reasoning", "reasoning_effort", "service_tier", "user"}
    | {"provider_options"}
)
_HINTS = frozenset({"cache_control", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "metadata"})
"""Labels, and what only makes the same answer cheaper: left out where it is not known."""
_FIXED = {"temperature": 1, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0, "logit_bias": {}, "stop": None}
_FIXED |= {"logprobs": False, "top_logprobs": 0}
LONGEST_USER = 64


def plain(chat: Fields, model: str, knows: Container[str]) -> Translated:
    """The request for this vendor's `model`; `lost` by path in `chat`."""
    lost: Lost = []
    made: Fields = {}
    for name, value in chat.items():
        if value is None or name in _MADE:
            continue
        if name in _OPENAI or name in knows:
            made[name] = value
        elif name not in _HINTS and value not in ([], {}):
            lost.append(name)
    made["messages"] = messages.plain(chat["messages"], knows, lost)
    _tools(chat, made, lost)
    _form(chat.get("response_format"), made)
    effort = _thought(chat, made, model, knows)
    if efforts.fixed(model, effort):
        for name, usual in _FIXED.items():
            if name in made and made.pop(name) != usual:
                lost.append(name)
    if (tier := chat.get("service_tier")) not in (None, "auto"):
        made["service_tier"] = tier
    if isinstance(user := chat.get("user"), str) and len(user) <= LONGEST_USER:
        made["user"] = user
    if made.get("store") is False:
        del made["store"]
    options = chat.get("provider_options")
    if isinstance(options, dict):
        lost += [f"provider_options.{name}" for name in options if name != "format"]
    return Translated(made, lost)


def _thought(chat: Fields, made: Fields, model: str, knows: Container[str]) -> str | None:
    """Adds how much to think, and says how much that is."""
    effort = efforts.effort(chat, model, knows)
    if "reasoning" in knows:
        said = {**(chat.get("reasoning") or {})}
        if chat.get("reasoning_effort") and "max_tokens" not in said and said.get("enabled") is not False:
            said["effort"] = chat["reasoning_effort"]
        said = {name: value for name, value in said.items() if name in ("effort", "max_tokens", "enabled")}
        if said:
            made["reasoning"] = said
    elif effort is not None:
        made["reasoning_effort"] = effort
    return effort


def _form(form: Any, made: Fields) -> None:
    """The form of the answer. `strict` promises more of a schema than others demand; the gateway checks the answer."""
    if not isinstance(form, dict):
        return
    schema = form.get("json_schema")
    if isinstance(schema, dict) and schema.get("strict") and not closed(schema.get("schema")):
        form = {**form, "json_schema": {**schema, "strict": False}}
    made["response_format"] = form


# -- tools ------------------------------------------------------------------------------------------------------------


def _tools(chat: Fields, made: Fields, lost: Lost) -> None:
    tools = []
    for number, tool in enumerate(chat.get("tools") or ()):
        kind, function = tool.get("type"), tool.get("function")
        if kind == "function" and isinstance(function, dict):
            tools.append(_function(tool, function, f"tools[{number}]", lost))
        elif kind == "custom":
            tools.append(tool)
        else:
            named = tool.get("provider") or {}
            lost.append(f"tools[{number}] ({named.get('type') or named.get('name') or kind})")
    choice = chat.get("tool_choice")
    if not tools:
        made.pop("parallel_tool_calls", None)
        return
    made["tools"] = tools
    if isinstance(choice, dict) and choice.get("type") not in ("function", "custom", "allowed_tools"):
        lost.append(f"tool_choice ({choice.get('type')})")
    elif choice is not None:
        made["tool_choice"] = "required" if choice == "any" else choice


def _function(tool: Fields, function: Fields, path: str, lost: Lost) -> Fields:
    said = dict(function)
    if said.get("strict") and not closed(said.get("parameters")):
        said["strict"] = False
        lost.append(f"{path}.function.strict (a property that is not required, or an object that is open)")
    if examples := tool.get("input_examples"):
        shown = _json.encode(examples).decode()
        said["description"] = f"{said.get('description') or ''}\n\nExamples of its input: {shown}".lstrip()
    if tool.get("allowed_callers") not in (None, ["direct"]):
        lost.append(f"{path}.allowed_callers")
    return {"type": "function", "function": said}


def closed(schema: Any) -> bool:
    """Whether OpenAI takes the schema as strict: every object has all its properties, and no others."""
    if isinstance(schema, list):
        return all(closed(one) for one in schema)
    if not isinstance(schema, dict):
        return True
    properties = schema.get("properties")
    if schema.get("type") == "object" or properties is not None:
        if schema.get("additionalProperties") is not False:
            return False
        if set(properties or ()) - set(schema.get("required") or ()):
            return False
    inner = [*(properties or {}).values(), *(schema.get("$defs") or {}).values()]
    return closed(inner) and all(closed(schema[name]) for name in ("items", "anyOf", "allOf") if name in schema)
