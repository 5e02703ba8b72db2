"""What only some models behind Converse take: `additionalModelRequestFields`, by the family's own names.

Effort and budgets of thinking are told to each family as its documentation has it; Claude from 4.6 on decides by
itself how long to think (`adaptive`), up to an effort; older ones are given a budget of tokens.
"""

import re
from typing import Any

import msgspec

from outrider.dialects import Fields
from outrider.dialects.bedrock.content import Heard

BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 24576, "max": 32768}
"""Tokens of thinking, for models that take no effort."""
LEAST_BUDGET = 1024
_VERSION = re.compile(r"claude-(?:[a-z]+-)?(\d{1,2})(?:-(\d{1,2}))?(?!\d)")
_LEVELS = {"minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "high", "max": "high"}
"""Of models that know three."""
ADAPTIVE, ADAPTIVE_ONLY = (4, 6), (4, 7)
"""Versions of Claude from which on it thinks as long as it likes; and from which on it takes no budget."""


def special(fields: Fields, out: Fields, heard: Heard, model: str) -> None:
    """Sets `additionalModelRequestFields` and what else concerns thinking."""
    extra: Fields = {}
    for name, theirs in heard.family.fields.items():
        if fields.get(name) is not None:
            _put(extra, theirs, fields[name])
    if fields.get("top_k") is not None and "top_k" not in heard.family.fields:
        heard.lost.append("top_k")
    _think(fields, out, extra, heard, model)
    _one_tool(fields, out, extra, heard)
    if heard.family.name == "claude" and "stopSequences" in out.get("inferenceConfig", ()):
        out["additionalModelResponseFieldPaths"] = ["/stop_sequence"]
    given = fields.get("additionalModelRequestFields")
    if isinstance(given, dict):
        extra.update(given)
    if extra:
        out["additionalModelRequestFields"] = extra


def _put(extra: Fields, path: str, value: Any) -> None:
    *folders, name = path.split(".")
    for folder in folders:
        extra = extra.setdefault(folder, {})
    extra[name] = value


def _one_tool(fields: Fields, out: Fields, extra: Fields, heard: Heard) -> None:
    """`parallel_tool_calls: false`. Converse has no word for it; Claude's own goes beside."""
    if fields.get("parallel_tool_calls") is not False or "toolConfig" not in out:
        return
    if not heard.family.one_tool:
        heard.lost.append("parallel_tool_calls")
    elif "toolChoice" in out["toolConfig"]:  # where its type is told, which may be told but once
        extra["tool_choice"] = {"disable_parallel_tool_use": True}
    else:
        extra["tool_choice"] = {"type": "auto", "disable_parallel_tool_use": True}


# -- thinking -------------------------------------------------------------------------------------------------------


class _Wish(msgspec.Struct):
    """What the caller says about thinking. `name` is the field that says how much."""

    effort: str | None
    budget: int | None
    enabled: bool | None
    display: str | None
    name: str


def _think(fields: Fields, out: Fields, extra: Fields, heard: Heard, model: str) -> None:
    said = fields.get("reasoning")
    said = said if isinstance(said, dict) else {}
    flat = fields.get("reasoning_effort")
    wish = _Wish(
        flat or said.get("effort"),
        said.get("max_tokens"),
        said.get("enabled"),
        said.get("display"),
        "reasoning_effort" if flat else "reasoning",
    )
    if wish.effort is None and wish.budget is None and wish.enabled is None:
        return
    kind = heard.family.think
    if kind == "claude":
        _claude(wish, out, extra, heard, _version(model))
        return
    if wish.budget is not None:
        heard.lost.append("reasoning.max_tokens")
    if wish.effort == "none" or (wish.enabled is False and wish.effort is None):
        _do_not_think(wish, extra, heard)
    elif kind == "nova":
        extra["reasoningConfig"] = {"type": "enabled", "maxReasoningEffort": _LEVELS.get(wish.effort or "", "medium")}
    elif wish.effort is None:
        pass  # those that think do so unasked
    elif kind == "flat":
        extra["reasoning_effort"] = _LEVELS.get(wish.effort, "high")
    elif kind == "nested":
        extra["reasoning"] = {"effort": "low" if wish.effort == "minimal" else wish.effort}
    else:
        heard.lost.append(wish.name)


def _do_not_think(wish: _Wish, extra: Fields, heard: Heard) -> None:
    kind = heard.family.think
    if kind == "nested":
        extra["reasoning"] = {"effort": "none"}
    elif kind == "flat":
        extra["reasoning_effort"] = "low"  # the least there is
        heard.lost.append(f"{wish.name} (none)")


def _claude(wish: _Wish, out: Fields, extra: Fields, heard: Heard, version: tuple[int, int]) -> None:
    """Claude does not think unless it is told to."""
    if wish.effort == "none":
        return
    if wish.enabled is False:
        if wish.effort is not None:
            _effort(wish.effort, out, extra)
        return
    budget = wish.budget
    if budget is not None and version >= ADAPTIVE_ONLY:
        heard.lost.append("reasoning.max_tokens")
        budget = None
    if budget is None and version >= ADAPTIVE:
        thinking: Fields = {"type": "adaptive"}
    else:
        budget = _budget(wish, budget, out)
        if budget is None:
            heard.lost.append(wish.name)
            return
        thinking = {"type": "enabled", "budget_tokens": budget}
    if wish.effort is not None and version >= ADAPTIVE:
        _effort(wish.effort, out, extra)
    if wish.display in ("summarized", "omitted"):
        thinking["display"] = wish.display
    extra["thinking"] = thinking


def _effort(effort: str, out: Fields, extra: Fields) -> None:
    level = "low" if effort == "minimal" else effort
    if "outputConfig" in out:  # the model's own field of that name would replace what stands there
        out["outputConfig"]["effort"] = level
    else:
        extra["output_config"] = {"effort": level}


def _budget(wish: _Wish, said: int | None, out: Fields) -> int | None:
    """Tokens to think with: what the caller says, else what fits its effort and the answer's limit. None: no room."""
    if said is not None:
        return said
    tokens = BUDGETS.get(wish.effort or "medium", BUDGETS["high"])
    most = out.get("inferenceConfig", {}).get("maxTokens")
    if most is not None:
        tokens = min(tokens, most - 1)
    return tokens if tokens >= LEAST_BUDGET else None


def _version(model: str) -> tuple[int, int]:
    """Of a Claude model, by its name; what has none is taken to be of today."""
    found = _VERSION.search(model)
    if found is None:
        return (3, 0) if "claude-v" in model or "claude-instant" in model else (9, 0)
    return int(found[1]), int(found[2] or 0)
