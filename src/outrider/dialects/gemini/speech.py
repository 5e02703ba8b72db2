"""A chat message of the assistant as the parts of a model's turn: for the next request, and for a Gemini caller."""

from typing import Any

import msgspec

from outrider.dialects import Fields, Lost
from outrider.dialects.gemini.media import parts_of
from outrider.dialects.gemini.names import audio_type, is_made, major, of_ours, wrapped

_object = msgspec.json.Decoder(dict[str, Any])
UNSIGNED = "skip_thought_signature_validator"
"""What Google's documentation gives for calls of other models, which newer Geminis refuse without a signature."""


def for_provider(message: Fields, model: str, path: str, lost: Lost) -> list[Fields]:
    """What a Gemini `model` is told that it said. Thoughts of other models are left out: no model takes them."""
    parts, signatures = _thoughts([one for one in message.get("reasoning_details") or () if of_ours(one)])
    parts += _spoken(message, signatures.pop("", []), model, path, lost)
    calls = _calls(message, signatures, path, lost)
    for part in calls:
        if is_made(part["functionCall"].get("id", "")):
            del part["functionCall"]["id"]
    if calls and (major(model) or 0) >= 3 and not any("thoughtSignature" in part for part in calls):
        calls[0]["thoughtSignature"] = UNSIGNED
    return parts + calls


def for_caller(message: Fields) -> list[Fields]:
    """What a Gemini caller is told, with everybody's thoughts: those of others wrapped, so that they come back."""
    details = message.get("reasoning_details")
    if details:
        parts, signatures = _thoughts(details)
    else:
        thought = message.get("reasoning_content")
        parts, signatures = [{"text": thought, "thought": True}] if thought else [], {}
    parts += _spoken(message, signatures.pop("", []), "", "", [])
    return parts + _calls(message, signatures, "", [])


def _thoughts(details: list[Fields]) -> tuple[list[Fields], dict[str, list[str]]]:
    """Thoughts as parts, and signatures of ours by the id of the call that they belong to ("": the text's)."""
    parts: list[Fields] = []
    signatures: dict[str, list[str]] = {}
    for detail in details:
        if not of_ours(detail):
            parts.append(foreign(detail))
        elif detail.get("type") == "reasoning.encrypted":
            signatures.setdefault(detail.get("id") or "", []).append(detail.get("data") or "")
        elif detail.get("text") or detail.get("signature"):
            part: Fields = {"text": detail.get("text") or "", "thought": True}
            if detail.get("signature"):
                part["thoughtSignature"] = detail["signature"]
            parts.append(part)
    return parts, signatures


def foreign(detail: Fields) -> Fields:
    """Another model's thought. Its text can be read; the rest travels as a signature."""
    text = detail.get("text") or detail.get("summary") or ""
    kept = {name: value for name, value in detail.items() if name not in ("text", "summary", "index")}
    part: Fields = {"text": text, "thought": True}
    if kept.keys() - {"type", "format"} or kept.get("type") == "reasoning.summary":
        part["thoughtSignature"] = wrapped(kept)
    return part


def _spoken(message: Fields, loose: list[str], model: str, path: str, lost: Lost) -> list[Fields]:
    """Text, items and pictures. `loose` are signatures that belong to the text."""
    parts = _text(message, model, path, lost)
    if loose:
        if not parts or "text" not in parts[-1]:
            parts.append({"text": ""})
        for signature in loose[:-1]:
            parts.insert(-1, {"text": "", "thoughtSignature": signature})
        parts[-1]["thoughtSignature"] = loose[-1]
    for image in message.get("images") or ():
        made = parts_of([{"type": "image_url", "image_url": image.get("image_url")}], model, path, lost)
        for name, kept in (("thought", "thought"), ("thought_signature", "thoughtSignature")):
            if image.get(name):
                made[0][kept] = image[name]
        parts += made
    audio = message.get("audio")
    if audio:
        parts += _audio(audio, path, lost)
    return parts


def _audio(audio: Fields, path: str, lost: Lost) -> list[Fields]:
    """Speech, with its words where somebody wrote them down. An id alone is its provider's."""
    if not audio.get("data"):
        if audio.get("id") and not audio.get("transcript"):
            lost.append(f"{path}.audio (id)")
        return [{"text": audio["transcript"]}] if audio.get("transcript") else []
    media = audio.get("mime_type") or audio_type(audio.get("format") or "wav")
    parts: list[Fields] = [{"text": audio["transcript"]}] if audio.get("transcript") else []
    return [*parts, {"inlineData": {"mimeType": media, "data": audio["data"]}}]


def _text(message: Fields, model: str, path: str, lost: Lost) -> list[Fields]:
    """What was said, with the items that only Gemini has where they were."""
    parts = parts_of(message.get("content"), model, f"{path}.content", lost)
    if message.get("refusal"):
        parts.append({"text": message["refusal"]})
    items = message.get("provider_items")
    if not items:
        return parts
    ours = [item for item in items if of_ours(item)]
    if len(ours) < len(items):
        lost.append(f"{path}.provider_items")
    content = "".join(part.get("text", "") for part in parts)
    out: list[Fields] = []
    before = 0
    for item in ours:
        if "part" not in item:  # what an answer said about itself: grounding and the like
            continue
        at = min(max(before, item.get("after") or 0), len(content))
        if at > before:
            out.append({"text": content[before:at]})
        out.append(item["part"])
        before = at
    return [*out, {"text": content[before:]}] if before < len(content) else out


def _calls(message: Fields, signatures: dict[str, list[str]], path: str, lost: Lost) -> list[Fields]:
    parts: list[Fields] = []
    for at, call in enumerate(message.get("tool_calls") or ()):
        id_, function = call.get("id") or "", call.get("function")
        if not isinstance(function, dict):
            lost.append(f"{path}.tool_calls[{at}] ({call.get('type')})")
            continue
        part = called(id_, function.get("name") or "", function.get("arguments"))
        if part is None:
            lost.append(f"{path}.tool_calls[{at}].function.arguments (no JSON object)")
            part = called(id_, function.get("name") or "", "{}") or {}
        signature = call.get("thought_signature") or _extra(call) or next(iter(signatures.get(id_, ())), "")
        if signature:
            part["thoughtSignature"] = signature
        parts.append(part)
    return parts


def called(id_: str, name: str, arguments: Any) -> Fields | None:
    """A call as a part; None if its arguments are no JSON object."""
    if not isinstance(arguments, dict):
        try:
            arguments = _object.decode(arguments) if arguments else {}
        except (msgspec.DecodeError, RecursionError):
            return None
    said = {"name": name, "args": arguments}
    return {"functionCall": {"id": id_, **said} if id_ else said}


def _extra(call: Fields) -> str:
    """The signature where Google's own OpenAI endpoint has it."""
    extra = call.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    return (google.get("thought_signature") or "") if isinstance(google, dict) else ""
