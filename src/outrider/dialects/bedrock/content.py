"""What messages hold, from chat's parts to Converse's blocks: content, thoughts, tool calls and their results."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

import msgspec

from outrider.dialects import Fields, Lost
from outrider.dialects.bedrock import citing, media
from outrider.dialects.bedrock.families import CLAUDE_FORMAT, OWN_FORMAT, Family

_object = msgspec.json.Decoder(dict[str, Any])
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class Heard:
    """One request on its way: what was lost, names of documents, whether tools were called in it."""

    __slots__ = ("documents", "family", "lost", "tools_used")

    def __init__(self, family: Family) -> None:
        self.family = family
        self.lost: Lost = []
        self.documents: set[str] = set()
        self.tools_used: dict[str, None] = {}


def blocks(content: Any, path: str, heard: Heard) -> list[Fields]:
    """The blocks of a message's content. Text without a word is left out: Converse refuses it."""
    if isinstance(content, str):
        return [{"text": content}] if content and not content.isspace() else []
    out: list[Fields] = []
    for at, part in enumerate(content or ()):
        block = _block(part, f"{path}[{at}]", heard)
        if block is not None:
            out.append(block)
        mark(part, out, heard)
    return out


def mark(marked: Fields, out: list[Fields], heard: Heard) -> None:
    """A cache point after what has a mark. A model that does not know them needs none: they change no answer."""
    control = marked.get("cache_control")
    if control and heard.family.caches and out and "cachePoint" not in out[-1]:
        out.append({"cachePoint": cache_point(control)})


def cache_point(control: Any) -> Fields:
    ttl = control.get("ttl") if isinstance(control, dict) else None
    return {"type": "default", "ttl": ttl} if ttl == "1h" else {"type": "default"}


def _block(part: Fields, path: str, heard: Heard) -> Fields | None:
    kind = part.get("type")
    if kind == "text" or kind == "refusal":
        text = part.get(kind) or ""
        return _guarded(part, {"text": text}) if text and not text.isspace() else None
    if kind == "file":
        return media.document(part, path, heard.lost, heard.documents)
    if kind == "provider":
        return _own(part.get("provider"), path, heard)
    known = _MEDIA.get(str(kind))
    if known is None:
        heard.lost.append(f"{path} ({kind})")
        return None
    block = known(part, path, heard.lost)
    return block if block is None else _guarded(part, block)


_MEDIA: dict[str, Callable[[Fields, str, Lost], Fields | None]] = {
    "image_url": media.image,
    "input_audio": media.audio,
    "video_url": media.video,
}


def _own(said: Any, path: str, heard: Heard) -> Fields | None:
    """What chat only carries: Converse's own blocks, and results of a search, which Anthropic's language has too."""
    said = said if isinstance(said, dict) else {}
    if said.get("format") == OWN_FORMAT and isinstance(said.get("block"), dict):
        return dict(said["block"])
    if said.get("format") != CLAUDE_FORMAT or said.get("type") != "search_result":
        heard.lost.append(f"{path} ({said.get('type') or said.get('format')})")
        return None
    result: Fields = {
        "source": said.get("source") or "",
        "title": said.get("title") or "",
        "content": [{"text": one.get("text") or ""} for one in said.get("content") or ()],
    }
    if isinstance(citations := said.get("citations"), dict):
        result["citations"] = {"enabled": bool(citations.get("enabled"))}
    return {"searchResult": result}


def _guarded(part: Fields, block: Fields) -> Fields:
    """The block as one that the guardrail looks at, if the part says so: true, or what it is to the guardrail."""
    wanted = part.get("guard_content")
    if not wanted:
        return block
    if "text" not in block:
        return {"guardContent": block}
    guarded: Fields = {"text": block["text"]}
    if isinstance(wanted, list):
        guarded["qualifiers"] = wanted
    return {"guardContent": {"text": guarded}}


# -- what assistants say ------------------------------------------------------------------------------------------


def spoken(message: Fields, path: str, heard: Heard) -> list[Fields]:
    """The blocks of an assistant message. Thoughts, and items of Bedrock's own, go back to the place that they had
    (`index`); what it said, and then its calls, take the places between."""
    placed: dict[int, Fields] = {}
    free = thoughts(message, heard.family, placed)
    for at, item in enumerate(message.get("provider_items") or ()):
        if not isinstance(item, dict) or item.get("format") != OWN_FORMAT or not isinstance(item.get("block"), dict):
            heard.lost.append(f"{path}.provider_items[{at}]")
        elif isinstance(index := item.get("index"), int) and index >= 0 and index not in placed:
            placed[index] = item["block"]
        else:
            free.append(item["block"])
    free += _said(message, path, heard)
    refusal = message.get("refusal")
    if refusal:
        free.append({"text": refusal})
    if message.get("audio"):
        heard.lost.append(f"{path}.audio")
    for at, call in enumerate(message.get("tool_calls") or ()):
        if isinstance(call.get("function"), dict):
            free.append(_called(call, heard))
            mark(call, free, heard)
        else:
            heard.lost.append(f"{path}.tool_calls[{at}] ({call.get('type')})")
    return _in_order(placed, free)


def _in_order(placed: dict[int, Fields], free: list[Fields]) -> list[Fields]:
    if not placed:
        return free
    ordered: list[Fields] = []
    left = iter(free)
    for index in sorted(placed):
        while len(ordered) < index and (block := next(left, None)) is not None:
            ordered.append(block)
        ordered.append(placed[index])
    return [*ordered, *left]


def _said(message: Fields, path: str, heard: Heard) -> list[Fields]:
    said = message.get("content")
    if isinstance(said, str) and message.get("annotations") and not said.isspace():
        return citing.cited(said, message["annotations"])
    return blocks(said, f"{path}.content", heard)


def thoughts(message: Fields, family: Family, placed: dict[int, Fields]) -> list[Fields]:
    """The thoughts that this family takes back: its own, signed if it signs, or anybody's if it minds none. Those that
    know their place go into `placed`."""
    details = message.get("reasoning_details")
    free: list[Fields] = []
    for detail in _joined(details) if isinstance(details, list) else ():
        block = _thought(detail, family)
        if block is None:
            continue
        index = detail.get("index")
        if isinstance(index, int) and index >= 0 and index not in placed:
            placed[index] = {"reasoningContent": block}
        else:
            free.append({"reasoningContent": block})
    if not details and family.takes_plain and message.get("reasoning_content"):
        free.append({"reasoningContent": {"reasoningText": {"text": message["reasoning_content"]}}})
    return free


def _joined(details: list[Any]) -> list[Fields]:
    """Entries of one index are one thought in pieces, as a client keeps them that only gathers what streams."""
    out: list[Fields] = []
    by_index: dict[Any, Fields] = {}
    for detail in details:
        if not isinstance(detail, dict):
            continue
        index = detail.get("index")
        kept = by_index.get(index) if index is not None else None
        if kept is None or kept.get("type") != detail.get("type") or detail.get("type") != "reasoning.text":
            kept = dict(detail)
            out.append(kept)
            if index is not None:
                by_index[index] = kept
            continue
        kept["text"] = (kept.get("text") or "") + (detail.get("text") or "")
        for name in ("signature", "format"):
            if detail.get(name):
                kept[name] = detail[name]
    return out


def _thought(detail: Fields, family: Family) -> Fields | None:
    form, kind, signature = detail.get("format"), detail.get("type"), detail.get("signature")
    if form == CLAUDE_FORMAT:
        if kind == "reasoning.encrypted" and (family.signed or not family.name):
            return {"redactedContent": detail.get("data")}
        if kind != "reasoning.text":
            return None
        if signature and (family.signed or not family.name):
            return {"reasoningText": {"text": detail.get("text") or "", "signature": signature}}
    elif form == OWN_FORMAT and not family.signed and family.keeps:
        if kind == "reasoning.encrypted":
            return {"redactedContent": detail.get("data")}
        if kind == "reasoning.text":
            text: Fields = {"text": detail.get("text") or ""}
            return {"reasoningText": {**text, "signature": signature} if signature else text}
    if kind == "reasoning.text" and family.takes_plain and detail.get("text"):
        return {"reasoningText": {"text": detail["text"]}}
    return None


# -- tools ----------------------------------------------------------------------------------------------------------


def _called(call: Fields, heard: Heard) -> Fields:
    function = call["function"]
    name = function.get("name") or ""
    heard.tools_used[name] = None
    use = {"toolUseId": tool_id(call.get("id")), "name": name, "input": arguments(function.get("arguments"))}
    return {"toolUse": use}


def arguments(said: Any) -> Fields:
    """A tool call's arguments as an object. Models do say what is none: then the text is kept within one."""
    if isinstance(said, dict):
        return said
    if not said or said.isspace():
        return {}
    try:
        return _object.decode(said)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {"invalid_json": said}


def tool_id(said: Any) -> str:
    """An id that Converse takes: the caller's own where that can be, else one that is made from it."""
    text = str(said or "")
    if _ID.fullmatch(text):
        return text
    return f"call_{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def result(message: Fields, path: str, heard: Heard) -> list[Fields]:
    """The block of a tool message, and a cache point if it is marked."""
    content = message.get("content")
    said: list[Fields] = []
    marked = message
    if isinstance(content, str):
        said = [{"text": content}] if content and not content.isspace() else []
    else:
        for at, part in enumerate(content or ()):
            block = _block(part, f"{path}.content[{at}]", heard)
            if block is not None:
                said.append(block)
            marked = part if part.get("cache_control") else marked
    told: Fields = {"toolUseId": tool_id(message.get("tool_call_id")), "content": said}
    if message.get("is_error"):
        told["status"] = "error"
    out: list[Fields] = [{"toolResult": told}]
    mark(marked, out, heard)
    return out
