"""Messages: texts as one text, results of tools without pictures, thoughts where they are taken."""

import base64
import binascii
import hashlib
from collections.abc import Container
from typing import Any

from outrider.dialects.pivot import Fields, Lost

LONGEST_ID = 40
"""Characters of a tool call's id that OpenAI takes. Mistral (`short_ids`) takes exactly nine letters and digits."""
_SHORT = 9
_KEPT = ("role", "name", "refusal", "audio", "prefix", "partial")


def plain(messages: list[Fields], knows: Container[str], lost: Lost) -> list[Fields]:
    """The messages for a vendor. Pictures in results of tools follow them as a message of the user."""
    made: list[Fields] = []
    pictures: list[Fields] = []
    for number, message in enumerate(messages):
        path, role = f"messages[{number}]", message.get("role")
        if role != "tool" and pictures:
            made.append({"role": "user", "content": pictures})
            pictures = []
        if role == "tool":
            made.append(_result(message, path, knows, pictures, lost))
        elif role == "assistant":
            made.append(_assistant(message, path, knows, lost))
        else:
            said = {name: message[name] for name in _KEPT if message.get(name) is not None}
            if role == "developer" and "developer" not in knows:
                said["role"] = "system"
            said["content"] = _content(message.get("content"), path, knows, lost)
            made.append(_marked(said, message, knows))
    if pictures:
        made.append({"role": "user", "content": pictures})
    return made


def _marked(said: Fields, message: Fields, knows: Container[str]) -> Fields:
    if (mark := message.get("cache_control")) and "cache_control" in knows:
        said["cache_control"] = mark
    return said


def _content(content: Any, path: str, knows: Container[str], lost: Lost, between: str = "\n\n") -> Any:
    if not isinstance(content, list):
        return content
    parts = []
    for number, part in enumerate(content):
        if (made := _part(part, f"{path}.content[{number}]", knows, lost)) is not None:
            parts += made
    if all(part.keys() == {"type", "text"} and part["type"] == "text" for part in parts):
        return between.join(part["text"] for part in parts)
    return parts


def _part(part: Fields, path: str, knows: Container[str], lost: Lost) -> list[Fields] | None:
    kind = part.get("type")
    made: list[Fields] | None = None
    if kind in ("text", "image_url", "input_audio", "refusal"):
        made = [{"type": kind, kind: part.get(kind)}]
    elif kind == "file":
        made = _file(part, path, lost)
    elif kind == "video_url" and kind in knows:
        made = [{"type": kind, kind: part.get(kind)}]
    if made is None:
        provider = part.get("provider")
        lost.append(f"{path} ({provider.get('type') if isinstance(provider, dict) else kind})")
        return None
    if (mark := part.get("cache_control")) and "cache_control" in knows:
        made[-1]["cache_control"] = mark
    return made


def _file(part: Fields, path: str, lost: Lost) -> list[Fields] | None:
    """A file as chat takes it: an image as one, text as text, a PDF by its bytes or its id."""
    file = part.get("file")
    if not isinstance(file, dict):
        return None
    if (part.get("citations") or {}).get("enabled"):
        lost.append(f"{path}.citations")
    mime = part.get("mime_type") or file.get("mime_type") or ""
    said, url = file.get("file_data"), file.get("file_url")
    context = [{"type": "text", "text": part["context"]}] if part.get("context") else []
    if isinstance(said, str):
        head, _, encoded = said.partition(",")
        media = head[5:].partition(";")[0] if head.startswith("data:") else mime
        if media.startswith("image/"):
            return [{"type": "image_url", "image_url": {"url": said}}]
        if media.startswith("text/"):
            text = _decoded(encoded) if head.endswith(";base64") else None
            if text is None:
                return None
            title = f"{part['title']}\n\n" if part.get("title") else ""
            return [*context, {"type": "text", "text": title + text}]
        named = {"filename": file.get("filename") or part.get("title") or "document.pdf", "file_data": said}
        return [*context, {"type": "file", "file": named}]
    if isinstance(url, str) and mime.startswith("image/"):
        return [{"type": "image_url", "image_url": {"url": url}}]
    if isinstance(id_ := file.get("file_id"), str) and not id_.startswith("file_"):  # Anthropic's begin like that
        return [*context, {"type": "file", "file": {"file_id": id_}}]
    return None


def _decoded(encoded: str) -> str | None:
    try:
        return base64.b64decode(encoded).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


# -- tools ------------------------------------------------------------------------------------------------------------


def _result(message: Fields, path: str, knows: Container[str], pictures: list[Fields], lost: Lost) -> Fields:
    id_ = call_id(message.get("tool_call_id") or "", knows)
    content = message.get("content")
    if isinstance(content, list):
        texts: list[Fields] = []
        others: list[Fields] = []
        for number, part in enumerate(content):
            for one in _part(part, f"{path}.content[{number}]", knows, lost) or ():
                (texts if one["type"] == "text" else others).append(one)
        if others:
            pictures += [{"type": "text", "text": f"What tool call {id_} gave:"}, *others]
            if not texts:
                texts = [{"type": "text", "text": "It is shown in the next message of the user."}]
        content = "\n\n".join(part["text"] for part in texts)
    content = content if isinstance(content, str) else ""
    if message.get("is_error") and "error" not in content[:80].lower():
        content = f"Error: {content}"
    said: Fields = {"role": "tool", "tool_call_id": id_, "content": content}
    return _marked(said, message, knows)


def _assistant(message: Fields, path: str, knows: Container[str], lost: Lost) -> Fields:
    said = {name: message[name] for name in _KEPT if message.get(name) is not None}
    said["content"] = _content(message.get("content"), path, knows, lost, "")
    if calls := message.get("tool_calls"):
        said["tool_calls"] = [_call(call, knows) for call in calls]
    elif said["content"] is None:
        said["content"] = ""
    details = message.get("reasoning_details")
    if details and "reasoning_details" in knows:
        said["reasoning_details"] = details
    elif "reasoning_content" in knows and (text := message.get("reasoning_content") or _thoughts(details)):
        said["reasoning_content"] = text
    for name in ("provider_items", "images"):
        for number, item in enumerate(message.get(name) or ()):
            lost.append(f"{path}.{name}[{number}] ({item.get('type') or item.get('format')})")
    return _marked(said, message, knows)


def _thoughts(details: Any) -> str:
    """Thoughts as plain text, whoever thought them."""
    texts = [entry.get("text") or entry.get("summary") or "" for entry in details or () if isinstance(entry, dict)]
    return "\n\n".join(text for text in texts if text)


def _call(call: Fields, knows: Container[str]) -> Fields:
    kind = call.get("type") or "function"
    return {"id": call_id(call.get("id") or "", knows), "type": kind, kind: call.get(kind)}


def call_id(id_: str, knows: Container[str]) -> str:
    """An id as the vendor takes it: the same for a call and its result."""
    if "short_ids" in knows:
        fits = len(id_) == _SHORT and id_.isascii() and id_.isalnum()
        return id_ if fits else hashlib.sha256(id_.encode()).hexdigest()[:_SHORT]
    return id_ if len(id_) <= LONGEST_ID else hashlib.sha256(id_.encode()).hexdigest()[:LONGEST_ID]
