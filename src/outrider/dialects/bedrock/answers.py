"""A Converse answer as a chat answer."""

import msgspec

from outrider.base import clock
from outrider.dialects import Fields
from outrider.dialects.bedrock import citing
from outrider.dialects.bedrock.families import OWN_FORMAT, format_of

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
    "malformed_model_output": "stop",
    "malformed_tool_use": "stop",
}
TIERS = {"default": "default", "flex": "flex", "priority": "priority", "reserved": "scale"}
_FERNET = "Z0FBQUFB"  # "gAAAAA" in base64
IMAGES = {"png": "image/png", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}


def to_chat(said: Fields, *, id: str = "", model: str = "") -> Fields:
    """The chat answer. `id` is that of the request at AWS; a Converse answer names neither it nor the model."""
    message = _message(((said.get("output") or {}).get("message") or {}).get("content") or [], model)
    choice: Fields = {"index": 0, "message": message, "logprobs": None, **finish(said)}
    guardrail = (said.get("trace") or {}).get("guardrail")
    if guardrail:
        choice["safety_ratings"] = guardrail
    if told := metadata(said, said):
        choice["provider_metadata"] = told
    chat: Fields = {
        "id": f"chatcmpl-{id}",
        "object": "chat.completion",
        "created": clock.now_ns() // 1_000_000_000,
        "model": routed(said) or model,
        "choices": [choice],
    }
    if said.get("usage"):
        chat["usage"] = usage(said["usage"])
    if tier := TIERS.get((said.get("serviceTier") or {}).get("type", "")):
        chat["service_tier"] = tier
    return chat


def metadata(stop: Fields, last: Fields) -> Fields | None:
    """What Converse says about an answer and chat has no word for. A stream says it in its last two events."""
    told: Fields = {}
    asked_for = stop.get("additionalModelResponseFields") or {}
    if set(asked_for) - {"stop_sequence"}:
        told["additionalModelResponseFields"] = asked_for
    if last.get("performanceConfig"):
        told["performanceConfig"] = last["performanceConfig"]
    if router := (last.get("trace") or {}).get("promptRouter"):
        told["promptRouter"] = router
    return {"format": OWN_FORMAT, **told} if told else None


def finish(said: Fields) -> Fields:
    """Why it ended, in chat's words and in the provider's own."""
    reason = said.get("stopReason")
    told: Fields = {"finish_reason": FINISH.get(reason or "", "stop"), "native_finish_reason": reason}
    sequence = (said.get("additionalModelResponseFields") or {}).get("stop_sequence")
    if reason == "stop_sequence" and sequence:
        told["stop_sequence"] = sequence
    return told


def usage(said: Fields) -> Fields:
    """Converse counts what was read from a cache, or written to it, beside the input; chat counts it within."""
    read, written = said.get("cacheReadInputTokens") or 0, said.get("cacheWriteInputTokens") or 0
    input_, output = (said.get("inputTokens") or 0) + read + written, said.get("outputTokens") or 0
    told: Fields = {"prompt_tokens": input_, "completion_tokens": output, "total_tokens": input_ + output}
    details = {"cached_tokens": read, "cache_write_tokens": written}
    long = sum(one.get("inputTokens") or 0 for one in said.get("cacheDetails") or () if one.get("ttl") == "1h")
    if long:
        details["cache_write_1h_tokens"] = long
    told["prompt_tokens_details"] = details
    return told


def routed(said: Fields) -> str:
    """The model that a prompt router chose, "" if there was none."""
    found = ((said.get("trace") or {}).get("promptRouter") or {}).get("invokedModelId")
    return found if isinstance(found, str) else ""


def _message(content: list[Fields], model: str) -> Fields:
    message = _Message(model)
    for index, block in enumerate(content):
        message.take(index, block)
    return message.whole()


class _Message:
    """An assistant message, gathered from blocks."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.texts: list[str] = []
        self.size = 0
        self.thoughts: list[Fields] = []
        self.calls: list[Fields] = []
        self.notes: list[Fields] = []
        self.items: list[Fields] = []
        self.images: list[Fields] = []

    def take(self, index: int, block: Fields) -> None:
        if "text" in block:
            self._say(block["text"])
        elif "toolUse" in block and block["toolUse"].get("type") != "server_tool_use":
            self.calls.append(called(block["toolUse"]))
        elif "reasoningContent" in block:
            self.thoughts.append(thought(block["reasoningContent"], index, self.model))
        elif "citationsContent" in block:
            cited = block["citationsContent"]
            start = self.size
            for piece in cited.get("content") or ():
                self._say(piece.get("text") or "")
            self.notes += [citing.annotation(one, start, self.size) for one in cited.get("citations") or ()]
        elif "image" in block and "bytes" in (block["image"].get("source") or {}):
            self.images.append(image(block["image"]))
        else:
            self.items.append(item(block, index))

    def _say(self, text: str) -> None:
        self.texts.append(text)
        self.size += len(text)

    def whole(self) -> Fields:
        message: Fields = {"role": "assistant", "content": "".join(self.texts) if self.texts else None}
        plain = "".join([one["text"] for one in self.thoughts if one["type"] == "reasoning.text"])
        if plain:
            message["reasoning_content"] = plain
        for name, found in (
            ("reasoning_details", self.thoughts),
            ("annotations", self.notes),
            ("images", self.images),
            ("provider_items", self.items),
            ("tool_calls", self.calls),
        ):
            if found:
                message[name] = found
        return message


def called(use: Fields) -> Fields:
    return {
        "id": use.get("toolUseId"),
        "type": "function",
        "function": {"name": use.get("name"), "arguments": _encode(use.get("input") or {}).decode()},
    }


def thought(said: Fields, index: int, model: str) -> Fields:
    """A thought with what is needed to give it back. Where nobody says the model, its looks tell whose it is: Claude
    signs, and what OpenAI's models hide is a Fernet token."""
    if "redactedContent" in said:
        hidden = said["redactedContent"]
        form = OWN_FORMAT if not model and str(hidden).startswith(_FERNET) else format_of(model)
        return {"type": "reasoning.encrypted", "data": hidden, "format": form, "index": index}
    text = said.get("reasoningText") or {}
    signature = text.get("signature")
    form = OWN_FORMAT if not model and not signature else format_of(model)
    told: Fields = {"type": "reasoning.text", "text": text.get("text") or "", "format": form, "index": index}
    if signature:
        told["signature"] = signature
    return told


def image(said: Fields) -> Fields:
    mime = IMAGES.get(said.get("format", ""), "image/png")
    return {"type": "image_url", "image_url": {"url": f"data:{mime};base64,{said['source']['bytes']}"}}


def item(block: Fields, index: int) -> Fields:
    """What only Converse has (its own tools' calls and results), to be given back as it is, in its place."""
    return {"format": OWN_FORMAT, "index": index, "block": block}


def arguments(said: str) -> object:
    """A tool's input that came as text."""
    try:
        return _decode(said) if said else {}
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
