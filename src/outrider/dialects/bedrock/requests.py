"""A chat request as a Converse request."""

from typing import Any

import msgspec

from outrider.dialects import Fields, Translated
from outrider.dialects.bedrock import asking, content, tools
from outrider.dialects.bedrock.content import Heard
from outrider.dialects.bedrock.families import family

_encode = msgspec.json.Encoder().encode

PASSED = (
    "additionalModelResponseFieldPaths",
    "guardrailConfig",
    "performanceConfig",
    "promptVariables",
    "requestMetadata",
)
"""Converse's own fields, which a chat request may have as they are."""
SILENT = {
    "additionalModelRequestFields", "cache", "max_completion_tokens", "max_tokens", "messages", "metadata", "model",
    "parallel_tool_calls", "prompt_cache_key", "prompt_cache_retention", "reasoning", "reasoning_effort",
    "response_format", "safety_identifier", "service_tier", "stop", "stream", "stream_options", "temperature",
    "tool_choice", "tools", "top_k", "top_p", "user", *PASSED,
}  # fmt: skip
"""Fields that are translated, or that change no answer."""
DEFAULTS: dict[str, tuple[Any, ...]] = {
    "frequency_penalty": (0,),
    "logit_bias": ({},),
    "logprobs": (False,),
    "min_p": (0,),
    "modalities": (["text"],),
    "n": (1,),
    "presence_penalty": (0,),
    "store": (False,),
    "top_logprobs": (0,),
    "verbosity": ("medium",),
}
_TIERS = {"default": "default", "flex": "flex", "priority": "priority", "scale": "reserved"}


def from_chat(fields: Fields, model: str) -> Translated:
    """The body of a Converse request to `model`, and what of the chat request is not in it."""
    heard = Heard(family(model))
    out: Fields = {}
    _messages(fields, out, heard)
    _inference(fields, out, heard)
    tools.configure(fields, out, heard)
    _form(fields.get("response_format"), out, heard)
    asking.special(fields, out, heard, model)
    _tier(fields.get("service_tier"), out, heard)
    for name in PASSED:
        if fields.get(name) is not None:
            out[name] = fields[name]
    for name, value in fields.items():
        known = name in SILENT or name in heard.family.fields
        if not known and value is not None and value not in DEFAULTS.get(name, ()):
            heard.lost.append(name)
    return Translated(out, heard.lost)


def _messages(fields: Fields, out: Fields, heard: Heard) -> None:
    """Turns alternate between user and assistant; results of tools belong to the user's."""
    system: list[Fields] = []
    turns: list[Fields] = []
    for at, message in enumerate(fields["messages"]):
        path, role = f"messages[{at}]", message["role"]
        if role in ("system", "developer"):
            system += content.blocks(message.get("content"), f"{path}.content", heard)
            content.mark(message, system, heard)
            continue
        if role == "tool":
            _add(turns, "user", content.result(message, path, heard))
            continue
        if role == "function":
            heard.lost.append(f"{path} (function)")
            continue
        if role == "assistant":
            said = content.spoken(message, path, heard)
        else:
            said = content.blocks(message.get("content"), f"{path}.content", heard)
        content.mark(message, said, heard)
        _add(turns, role, said)
    if system:
        out["system"] = system
    out["messages"] = turns


def _add(turns: list[Fields], role: str, said: list[Fields]) -> None:
    if not said:
        return
    if turns and turns[-1]["role"] == role:
        turns[-1]["content"] += said
    else:
        turns.append({"role": role, "content": said})


def _inference(fields: Fields, out: Fields, heard: Heard) -> None:
    config: Fields = {}
    given = [limit for name in ("max_completion_tokens", "max_tokens") if (limit := fields.get(name)) is not None]
    if given:
        config["maxTokens"] = max(given)
    temperature = fields.get("temperature")
    if temperature is not None:
        if temperature > 1:
            heard.lost.append("temperature (above 1)")
        config["temperature"] = min(temperature, 1)
    if fields.get("top_p") is not None:
        config["topP"] = fields["top_p"]
    stop = fields.get("stop")
    if stop:
        config["stopSequences"] = [stop] if isinstance(stop, str) else [one for one in stop if one]
    if config:
        out["inferenceConfig"] = config


def _form(wanted: Any, out: Fields, heard: Heard) -> None:
    """A JSON schema is told as text; other forms cannot be."""
    if not wanted or wanted.get("type") == "text":
        return
    said = wanted.get("json_schema") or {}
    if wanted.get("type") != "json_schema" or not said.get("schema"):
        heard.lost.append(f"response_format ({wanted.get('type')})")
        return
    schema: Fields = {"schema": _encode(said["schema"]).decode()}
    for name in ("name", "description"):
        if said.get(name):
            schema[name] = said[name]
    out.setdefault("outputConfig", {})["textFormat"] = {"type": "json_schema", "structure": {"jsonSchema": schema}}


def _tier(wanted: Any, out: Fields, heard: Heard) -> None:
    if wanted is None or wanted == "auto":
        return
    if wanted in _TIERS:
        out["serviceTier"] = {"type": _TIERS[wanted]}
    else:
        heard.lost.append("service_tier")
