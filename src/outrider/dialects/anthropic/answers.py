"""Whole answers: `to_chat` for what a provider of this language said, `from_chat` for its callers."""

from outrider.base import clock
from outrider.dialects.anthropic import counts, turns
from outrider.dialects.pivot import Fields


def to_chat(message: Fields) -> Fields:
    """A `message` as a chat completion."""
    said = turns.message(message["content"], answer=True)
    choice: Fields = {
        "index": 0,
        "message": {"role": "assistant", "content": said.pop("content"), "refusal": None, **said},
    }
    ending(choice, message)
    choice["message"]["refusal"] = explained(message)
    choice["logprobs"] = None
    usage = message.get("usage") or {}
    chat: Fields = {
        "id": message.get("id", ""),
        "object": "chat.completion",
        "created": clock.now_ns() // 1_000_000_000,
        "model": message.get("model", ""),
        "choices": [choice],
    }
    if (counted := counts.to_chat(usage)) is not None:
        chat["usage"] = counted
    if (tier := counts.tier(usage)) is not None:
        chat["service_tier"] = tier
    return chat


def ending(choice: Fields, said: Fields) -> None:
    """Adds why the answer ended."""
    choice["finish_reason"] = counts.ended(reason := said.get("stop_reason")) or "stop"
    choice["native_finish_reason"] = reason
    for name in ("stop_sequence", "stop_details"):
        if (value := said.get(name)) is not None:
            choice[name] = value


def explained(said: Fields) -> str | None:
    """Why the provider refused, if it says."""
    details = said.get("stop_details")
    why = details.get("explanation") if isinstance(details, dict) else None
    return why if isinstance(why, str) else None


def from_chat(chat: Fields, *, id: str) -> Fields:
    """A chat completion as a `message` of this id."""
    choices = chat.get("choices") or [{}]
    choice = choices[0]
    said = choice.get("message") or {}
    refused, details = bool(said.get("refusal")), choice.get("stop_details")
    if refused and details:
        said = {**said, "refusal": None}  # it is explained there already
    message: Fields = {
        "id": id,
        "type": "message",
        "role": "assistant",
        "model": chat.get("model", ""),
        "content": turns.blocks(said, "", [], answer=True),
        "stop_reason": counts.reason(choice, calls=bool(said.get("tool_calls")), refused=refused),
        "stop_sequence": choice.get("stop_sequence"),
        "usage": counts.from_chat(chat.get("usage"), chat.get("service_tier")),
    }
    if details:
        message["stop_details"] = details
    return message
