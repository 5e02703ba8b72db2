"""How much a model shall think: a type, a budget and an effort here; `reasoning` and `reasoning_effort` in chat."""

from outrider.dialects.anthropic.models import Model
from outrider.dialects.pivot import Fields, Lost

LEAST = 1024
"""The smallest budget that the API takes, in tokens; it must also be less than the answer's limit."""
BUDGETS = {"low": 2048, "medium": 8192, "high": 16384, "xhigh": 32768, "max": 65536}


def to_chat(fields: Fields, chat: Fields, lost: Lost) -> None:
    """Adds `reasoning` and `reasoning_effort`."""
    if effort := (fields.get("output_config") or {}).get("effort"):
        chat["reasoning_effort"] = effort
    if not (thinking := fields.get("thinking")):
        return
    kind = thinking["type"]
    reasoning: Fields = {"enabled": kind != "disabled"}
    if kind == "enabled":
        reasoning["max_tokens"] = thinking["budget_tokens"]
    elif kind not in ("adaptive", "disabled"):
        lost.append(f"thinking ({kind})")
    if display := thinking.get("display"):
        reasoning["display"] = display
    chat["reasoning"] = reasoning


def from_chat(chat: Fields, fields: Fields, model: Model, lost: Lost) -> None:
    """Adds `thinking` and `output_config.effort` to a request whose limit, tools and messages are there."""
    said = chat.get("reasoning")
    reasoning = said if isinstance(said, dict) else {}
    effort = chat.get("reasoning_effort") or reasoning.get("effort")
    budget, enabled = reasoning.get("max_tokens"), reasoning.get("enabled")
    if effort == "none" or enabled is False:
        _off(fields, model, lost, effort)
    elif effort or budget or enabled:
        _on(fields, model, lost, effort, budget, _display(reasoning))
    level = _level(effort, model)
    if level is not None:
        fields.setdefault("output_config", {})["effort"] = level


def _off(fields: Fields, model: Model, lost: Lost, effort: str | None) -> None:
    if model.silent:
        fields["thinking"] = {"type": "disabled"}
    else:
        lost.append("reasoning_effort (none)" if effort == "none" else "reasoning.enabled (false)")


def _on(fields: Fields, model: Model, lost: Lost, effort: str | None, budget: int | None, display: str | None) -> None:
    asked = "reasoning_effort" if effort else "reasoning"
    choice = fields.get("tool_choice")
    if choice is not None and choice["type"] in ("any", "tool"):
        lost.append(f"{asked} (with a tool that must be called)")
        return
    if model.adaptive and not (budget and model.budget):
        if budget:
            lost.append("reasoning.max_tokens")
        thinking: Fields = {"type": "adaptive"}
    else:
        room: int = fields["max_tokens"] - 1
        if room < LEAST:
            lost.append(f"{asked} (with max_tokens of {room + 1}: at least {LEAST + 1} are needed)")
            return
        if thought_lost(fields["messages"]):
            return
        wanted = budget or min(BUDGETS.get(effort or "medium", LEAST), room * 3 // 4)
        thinking = {"type": "enabled", "budget_tokens": min(max(wanted, LEAST), room)}
    if display:
        thinking["display"] = display
    fields["thinking"] = thinking


def _display(reasoning: Fields) -> str | None:
    display = reasoning.get("display")
    if display in ("summarized", "omitted"):
        return str(display)
    return "summarized" if reasoning.get("summary") else None


def _level(effort: str | None, model: Model) -> str | None:
    """The nearest effort that the model knows; None: leave it unsaid."""
    if not effort or not model.efforts or effort == "none":
        return None
    if effort == "minimal":
        return "low"
    return effort if effort in model.efforts else "high"


def thought_lost(messages: list[Fields]) -> bool:
    """Whether tools were called by a turn whose thoughts the client has not given back. A model with a budget that goes
    on with such a turn must not think: the API refuses it otherwise."""
    last = next((message for message in reversed(messages) if message["role"] == "assistant"), None)
    if last is None or isinstance(last["content"], str):
        return False
    kinds = [block["type"] for block in last["content"]]
    return "tool_use" in kinds and kinds[0] not in ("thinking", "redacted_thinking")
