"""The parts of a message, both ways. Media stay the strings that they are."""

from typing import Any

from outrider.dialects.pivot import Fields, Lost
from outrider.dialects.responses.marks import FORMAT

_BREAK = "prompt_cache_breakpoint"
_FILE = ("filename", "file_data", "file_url", "file_id")


def to_chat(content: Any, path: str, lost: Lost) -> str | list[Fields]:
    """A caller's content. One text alone becomes a string."""
    if content is None or isinstance(content, str):
        return content or ""
    out: list[Fields] = []
    for at, part in enumerate(content):
        made = _part_to_chat(part)
        if made is None:
            lost.append(f"{path}[{at}] ({part.get('type')})")
            continue
        if part.get(_BREAK):
            made["cache_control"] = {"type": "ephemeral"}
            if part[_BREAK].get("ttl") == "12h":
                made["cache_control"]["ttl"] = "1h"
        out.append(made)
    if len(out) == 1 and out[0].keys() == {"type", "text"}:
        return str(out[0]["text"])
    return out


def _part_to_chat(part: Fields) -> Fields | None:
    kind = part.get("type")
    if kind in ("input_text", "output_text", "text", "summary_text", "reasoning_text"):
        return {"type": "text", "text": part.get("text") or ""}
    if kind == "input_image":
        if part.get("image_url"):
            image = {"url": part["image_url"]}
            if part.get("detail"):
                image["detail"] = part["detail"]
            return {"type": "image_url", "image_url": image}
        return {"type": "file", "file": {"file_id": part.get("file_id")}, "mime_type": "image/*"}
    if kind == "input_file":
        return {"type": "file", "file": {k: part[k] for k in _FILE if part.get(k)}}
    if kind == "input_audio":
        return {"type": "input_audio", "input_audio": part.get("input_audio") or {}}
    if kind == "refusal":
        return {"type": "refusal", "refusal": part.get("refusal") or ""}
    return None


def from_chat(content: Any, path: str, lost: Lost) -> str | list[Fields]:
    """A provider's content for what it is told: by users, developers, tools."""
    if content is None or isinstance(content, str):
        return content or ""
    out: list[Fields] = []
    for at, part in enumerate(content):
        made = _part_from_chat(part)
        if made is None:
            lost.append(f"{path}[{at}] ({part.get('type')})")
            continue
        if part.get(_BREAK):
            made[_BREAK] = part[_BREAK]
        out.append(made)
        if part.get("citations", {}).get("enabled"):
            lost.append(f"{path}[{at}].citations")
    return out


def _part_from_chat(part: Fields) -> Fields | None:
    kind = part.get("type")
    if kind == "text":
        return {"type": "input_text", "text": part.get("text") or ""}
    if kind == "refusal":
        return {"type": "input_text", "text": part.get("refusal") or ""}
    if kind == "image_url":
        image = part.get("image_url") or {}
        url, detail = (image, None) if isinstance(image, str) else (image.get("url"), image.get("detail"))
        return {"type": "input_image", "image_url": url, "detail": detail or "auto"}
    if kind == "file":
        file = part.get("file") or {}
        if str(part.get("mime_type", "")).startswith("image/") and not file.get("file_data"):
            where = {"file_id": file["file_id"]} if file.get("file_id") else {"image_url": file.get("file_url")}
            return {"type": "input_image", **where, "detail": "auto"}
        return _file(part, {k: file[k] for k in _FILE if file.get(k)})
    return None


def _file(part: Fields, said: Fields) -> Fields:
    """Contents need a name here."""
    if "file_data" in said and "filename" not in said:
        said["filename"] = part.get("title") or "file"
    return {"type": "input_file", **said}


# -- citations --------------------------------------------------------------------------------------------------------


def annotation_to_chat(said: Fields) -> Fields:
    """A citation of an answer, in chat's form."""
    if said.get("type") == "url_citation":
        return {"type": "url_citation", "url_citation": {k: v for k, v in said.items() if k != "type"}}
    return {"type": "citation", "citation": {"format": FORMAT, **said}}


def annotation_from_chat(said: Fields) -> Fields | None:
    """A citation in the form of this language; None if it has none for it."""
    if said.get("type") == "url_citation":
        where = said.get("url_citation") or {}
        return {"type": "url_citation", "start_index": 0, "end_index": 0, "title": "", **where}
    cited = said.get("citation") or {}
    if cited.get("format") == FORMAT:
        return {k: v for k, v in cited.items() if k != "format"}
    return None


# -- pictures that a model made ---------------------------------------------------------------------------------------

PICTURE = "image_generation_call"


def picture_to_chat(item: Fields) -> Fields | None:
    """A picture that was made, as one of a message's `images`; None if there is none in it."""
    if item.get("type") != PICTURE or not item.get("result"):
        return None
    mime = f"image/{item.get('output_format') or 'png'}"
    return {"type": "image_url", "image_url": {"url": f"data:{mime};base64,{item['result']}"}}


def picture_from_chat(image: Fields) -> Fields | None:
    """One of a message's `images` as an output item; None if it is not there by its content."""
    head, comma, content = str((image.get("image_url") or {}).get("url") or "").partition(";base64,")
    if not comma or not head.startswith("data:image/"):
        return None
    return {"type": PICTURE, "status": "completed", "output_format": head[len("data:image/") :], "result": content}
