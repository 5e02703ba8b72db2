"""Tokens and endings: usage, and why an answer ended, in both languages' words."""

from collections.abc import Mapping
from typing import Any

from outrider.dialects.pivot import Fields, is_count

ENDINGS: Mapping[str, str] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "compaction": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}
_TIERS = {"standard": "default", "priority": "priority", "batch": "batch"}
_TIERS_BACK = {"default": "standard", "priority": "priority", "batch": "batch"}


def ended(reason: Any) -> str | None:
    """Chat's word for a `stop_reason`. A reason that is not known yet is an end like another."""
    return None if reason is None else ENDINGS.get(reason, "stop")


def reason(choice: Fields, *, calls: bool, refused: bool) -> str:
    """The `stop_reason` for what a chat choice says; `calls`: there are tool calls in it, `refused`: a refusal."""
    finish, native = choice.get("finish_reason"), choice.get("native_finish_reason")
    if isinstance(native, str) and ENDINGS.get(native) == finish:
        return native
    if choice.get("stop_sequence") is not None:
        return "stop_sequence"
    if finish == "stop" and (calls or refused):
        return "tool_use" if calls else "refusal"
    return _REASONS.get(finish or "stop", "end_turn")


def to_chat(said: Any) -> Fields | None:
    """Chat's usage; None if nothing was counted, or what cannot be. Anthropic counts what its cache gave and took
    beside `input_tokens`, chat within."""
    if not isinstance(said, dict) or not is_count(said.get("input_tokens")):
        return None
    if not is_count(said.get("output_tokens") or 0):
        return None
    read, written = _count(said, "cache_read_input_tokens"), _count(said, "cache_creation_input_tokens")
    prompt = _count(said, "input_tokens") + read + written
    output = _count(said, "output_tokens")
    prompt_details = {"cached_tokens": read, "cache_write_tokens": written}
    if long := _count(said.get("cache_creation") or {}, "ephemeral_1h_input_tokens"):
        prompt_details["cache_write_1h_tokens"] = long
    usage: Fields = {
        "prompt_tokens": prompt,
        "completion_tokens": output,
        "total_tokens": prompt + output,
        "prompt_tokens_details": prompt_details,
    }
    if isinstance(details := said.get("output_tokens_details"), dict):
        usage["completion_tokens_details"] = {"reasoning_tokens": _count(details, "thinking_tokens")}
    if said.get("server_tool_use"):
        usage["server_tool_use"] = said["server_tool_use"]
    return usage


def from_chat(usage: Any, tier: Any = None) -> Fields:
    """Anthropic's usage for a chat answer's; zeros where it says nothing."""
    usage = usage if isinstance(usage, dict) else {}
    details = usage.get("prompt_tokens_details") or {}
    read, written = _count(details, "cached_tokens"), _count(details, "cache_write_tokens")
    said: Fields = {
        "input_tokens": max(0, _count(usage, "prompt_tokens") - read - written),
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read,
        "output_tokens": _count(usage, "completion_tokens"),
    }
    if written:
        long = min(written, _count(details, "cache_write_1h_tokens"))
        said["cache_creation"] = {"ephemeral_5m_input_tokens": written - long, "ephemeral_1h_input_tokens": long}
    if thought := _count(usage.get("completion_tokens_details") or {}, "reasoning_tokens"):
        said["output_tokens_details"] = {"thinking_tokens": thought}
    if usage.get("server_tool_use"):
        said["server_tool_use"] = usage["server_tool_use"]
    if (known := _TIERS_BACK.get(tier)) is not None:
        said["service_tier"] = known
    return said


def tier(said: Mapping[str, Any]) -> str | None:
    """Chat's name for the service tier that an answer was served with."""
    found = said.get("service_tier")
    return _TIERS.get(found) if isinstance(found, str) else None


def _count(said: Any, name: str) -> int:
    found = said.get(name) if isinstance(said, Mapping) else None
    return found if is_count(found) else 0
