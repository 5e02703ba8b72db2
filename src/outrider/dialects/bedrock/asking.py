"""What only some models behind Converse take: sampling, and thinking, each family by its own names.

What Converse has no word for goes into `additionalModelRequestFields`. What Claude takes is the same here as in its own
language, so that decides it.
"""

from typing import Any

from outrider.dialects import Fields
from outrider.dialects.anthropic import models, thinking
from outrider.dialects.anthropic.models import Model
from outrider.dialects.bedrock.content import Heard
from outrider.dialects.bedrock.families import Family

_LEVELS = {"minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "high", "max": "high"}
"""Of models that know three."""
_UNSAID_LIMIT = 64_000
"""Tokens of an answer that nobody limits: Converse then takes the model's own most."""
_ANY = Model(adaptive=True, budget=True, silent=True, efforts=models.LEVELS, sampling=True, both=True, mid_system=False)
"""A model that nobody knows is told what the caller says; it will refuse what it does not take."""


def claude(family: Family, model: str) -> Model | None:
    """What a Claude takes; None for other families."""
    if family.think != "claude":
        return None
    return models.model(model) if family.signed else _ANY


def special(fields: Fields, out: Fields, heard: Heard, facts: Model | None) -> None:
    """Adds sampling and `additionalModelRequestFields` to a request whose limit, tools and form are there."""
    extra: Fields = {}
    if facts is not None:
        _claude_thinks(fields, out, extra, heard, facts)
    else:
        _think(fields, extra, heard)
    _sample(fields, out, extra, heard, facts)
    _one_tool(fields, out, extra, heard)
    if heard.family.signed and "stopSequences" in out.get("inferenceConfig", ()):
        out["additionalModelResponseFieldPaths"] = ["/stop_sequence"]
    given = fields.get("additionalModelRequestFields")
    if isinstance(given, dict):
        extra.update(given)
    if extra:
        out["additionalModelRequestFields"] = extra


# -- sampling -------------------------------------------------------------------------------------------------------


def _sample(fields: Fields, out: Fields, extra: Fields, heard: Heard, facts: Model | None) -> None:
    config: Fields = {}
    if facts is None:
        temperature = fields.get("temperature")
        if temperature is not None and temperature > 1:
            heard.lost.append("temperature")
        elif temperature is not None:
            config["temperature"] = temperature
        if fields.get("top_p") is not None:
            config["topP"] = fields["top_p"]
    else:
        config = _claude_samples(fields, extra, heard, facts)
    for name, theirs in heard.family.fields.items():
        if fields.get(name) is not None and not (facts is not None and name == "top_k"):
            _put(extra, theirs, fields[name])
    if fields.get("top_k") is not None and "top_k" not in heard.family.fields:
        heard.lost.append("top_k")
    if config:
        out.setdefault("inferenceConfig", {}).update(config)


def _claude_samples(fields: Fields, extra: Fields, heard: Heard, facts: Model) -> Fields:
    """Claude takes no other temperature than 1 while it thinks, not two kinds of sampling at once since 4.1, and none
    since 4.7."""
    thinks = "thinking" in extra
    config: Fields = {}
    temperature, top_p, top_k = fields.get("temperature"), fields.get("top_p"), fields.get("top_k")
    if temperature is not None and temperature != 1:
        if temperature > 1 or not facts.sampling or thinks:
            heard.lost.append("temperature" + (" (with thoughts)" if thinks and facts.sampling else ""))
        else:
            config["temperature"] = temperature
    elif temperature is not None and facts.sampling and (top_p is None or facts.both):
        config["temperature"] = temperature
    if top_p is not None and top_p != 1:
        if not facts.sampling or (thinks and top_p < 0.95) or ("temperature" in config and not facts.both):
            heard.lost.append("top_p")
        else:
            config["topP"] = top_p
    if top_k is not None:
        if facts.sampling and not thinks:
            extra["top_k"] = top_k
        else:
            heard.lost.append("top_k")
    return config


def _put(extra: Fields, path: str, value: Any) -> None:
    *folders, name = path.split(".")
    for folder in folders:
        extra = extra.setdefault(folder, {})
    extra[name] = value


def _one_tool(fields: Fields, out: Fields, extra: Fields, heard: Heard) -> None:
    """`parallel_tool_calls: false`. Converse has no word for it; Claude's own goes beside. Of the calls of others the
    gateway gives on the first."""
    if fields.get("parallel_tool_calls") is not False or "toolConfig" not in out or not heard.family.one_tool:
        return
    if "toolChoice" in out["toolConfig"]:  # where its type is told, which may be told but once
        extra["tool_choice"] = {"disable_parallel_tool_use": True}
    else:
        extra["tool_choice"] = {"type": "auto", "disable_parallel_tool_use": True}


# -- thinking -------------------------------------------------------------------------------------------------------


def _claude_thinks(fields: Fields, out: Fields, extra: Fields, heard: Heard, facts: Model) -> None:
    """As in Anthropic's language, of which this is told as much as thinking depends on."""
    asked: Fields = {
        "max_tokens": out.get("inferenceConfig", {}).get("maxTokens", _UNSAID_LIMIT),
        "messages": _last_turn(out["messages"]),
    }
    choice = out.get("toolConfig", {}).get("toolChoice")
    if choice is not None:
        asked["tool_choice"] = {"type": next(iter(choice))}
    thinking.from_chat(fields, asked, facts, heard.lost)
    told = asked.get("thinking")
    if told is not None and told["type"] != "disabled":  # which it is unless it is told to think
        extra["thinking"] = told
    effort = (asked.get("output_config") or {}).get("effort")
    if effort is None:
        return
    if "outputConfig" in out:  # the model's own field of that name would replace what stands there
        out["outputConfig"]["effort"] = effort
    else:
        extra["output_config"] = {"effort": effort}


_BLOCKS = {"toolUse": "tool_use", "reasoningContent": "thinking"}


def _last_turn(turns: list[Fields]) -> list[Fields]:
    """The kinds of blocks of the last assistant turn, in Anthropic's words."""
    last = next((turn for turn in reversed(turns) if turn["role"] == "assistant"), None)
    if last is None:
        return []
    kinds = [_BLOCKS.get(next(iter(block)), "text") for block in last["content"]]
    return [{"role": "assistant", "content": [{"type": kind} for kind in kinds]}]


def _think(fields: Fields, extra: Fields, heard: Heard) -> None:
    said = fields.get("reasoning")
    said = said if isinstance(said, dict) else {}
    flat = fields.get("reasoning_effort")
    effort, name = flat or said.get("effort"), "reasoning_effort" if flat else "reasoning"
    enabled, kind = said.get("enabled"), heard.family.think
    if said.get("max_tokens") is not None:
        heard.lost.append("reasoning.max_tokens")
    if effort == "none" or enabled is False:
        if kind == "nested":
            extra["reasoning"] = {"effort": "none"}
        elif kind == "flat":
            heard.lost.append(f"{name} (none)")
    elif kind == "nova":
        if effort or enabled:
            extra["reasoningConfig"] = {"type": "enabled", "maxReasoningEffort": _LEVELS.get(effort or "", "medium")}
    elif effort is None:
        pass  # those that think do so unasked
    elif kind == "flat":
        extra["reasoning_effort"] = _LEVELS.get(effort, "high")
    elif kind == "nested":
        extra["reasoning"] = {"effort": "low" if effort == "minimal" else effort}
    else:
        heard.lost.append(name)
