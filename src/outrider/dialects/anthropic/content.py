"""One block of content: text, images, documents, and what only this language has."""

import base64
import binascii
from typing import Any

from outrider.dialects.anthropic import FORMAT
from outrider.dialects.pivot import Fields, Lost

IMAGES = {"image/jpeg": "image/jpeg", "image/jpg": "image/jpeg", "image/png": "image/png"}
IMAGES |= {"image/gif": "image/gif", "image/webp": "image/webp"}
UNNAMED = "document.pdf"
_WEB = ("https://", "http://")


def to_part(block: Fields) -> Fields:
    """Chat's content part for a block of a request."""
    kind = block["type"]
    part: Fields | None = None
    if kind == "text":
        part = {"type": "text", "text": block["text"]}
    elif kind == "image":
        part = _image_part(block["source"])
    elif kind == "document":
        part = _document_part(block)
    if part is None:
        return {"type": "provider", "provider": {"format": FORMAT, **block}}
    if mark := block.get("cache_control"):
        part["cache_control"] = mark
    return part


def _image_part(source: Fields) -> Fields | None:
    if source["type"] == "base64":
        return {"type": "image_url", "image_url": {"url": f"data:{source['media_type']};base64,{source['data']}"}}
    if source["type"] == "url":
        return {"type": "image_url", "image_url": {"url": source["url"]}}
    return None


def _document_part(block: Fields) -> Fields | None:
    source = block["source"]
    kind, title = source["type"], block.get("title")
    if kind == "base64":
        file = {"filename": title or UNNAMED, "file_data": f"data:{source['media_type']};base64,{source['data']}"}
    elif kind == "text":
        said = base64.b64encode(source["data"].encode()).decode()
        file = {"filename": title or "document.txt", "file_data": f"data:text/plain;base64,{said}"}
    elif kind == "url":
        file = {"file_url": source["url"]}
    elif kind == "file":
        file = {"file_id": source["file_id"]}
    else:
        return None
    part: Fields = {"type": "file", "file": file}
    for name in ("title", "context", "citations"):
        if block.get(name) is not None:
            part[name] = block[name]
    return part


# -- out of chat ----------------------------------------------------------------------------------------------------


def to_block(part: Fields, path: str, lost: Lost) -> Fields | None:
    """The block for a content part of chat; None: there is none, which `lost` says unless nothing is gone with it."""
    kind = part.get("type")
    block: Fields | None = None
    if kind in ("text", "refusal"):
        if not (text := part.get("text") or part.get("refusal") or "") or text.isspace():
            return None  # a provider of this language refuses text without a word
        block = {"type": "text", "text": text}
    elif kind == "image_url":
        block = _image_block(part.get("image_url"), path, lost)
    elif kind == "file":
        block = _file_block(part)
    elif kind == "provider":
        block = own(part.get("provider"))
    if block is None:
        lost.append(f"{path} ({kind})")
        return None
    if mark := part.get("cache_control"):
        block["cache_control"] = mark
    return block


def own(said: Any) -> Fields | None:
    """What chat only carried for this language, as it was; None if it is another's."""
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        return None
    return {name: value for name, value in said.items() if name not in ("format", "index")}


def _image_block(image: Any, path: str, lost: Lost) -> Fields | None:
    url = image.get("url") if isinstance(image, dict) else image
    if not isinstance(url, str):
        return None
    if isinstance(image, dict) and image.get("detail") == "low":
        lost.append(f"{path}.image_url.detail")
    if url.startswith(_WEB):
        return {"type": "image", "source": {"type": "url", "url": url}}
    media, encoded = _taken_apart(url)
    if (known := IMAGES.get(media)) is None or encoded is None:
        return None
    return {"type": "image", "source": {"type": "base64", "media_type": known, "data": encoded}}


def _file_block(part: Fields) -> Fields | None:
    file = part.get("file")
    if not isinstance(file, dict):
        return None
    source = _file_source(file, part.get("mime_type") or file.get("mime_type") or "")
    if source is None:
        return None
    if source.get("media_type") in IMAGES or source.pop("image", False):
        return {"type": "image", "source": source}
    block: Fields = {"type": "document", "source": source}
    filename = file.get("filename")
    if title := part.get("title") or (filename if filename not in (UNNAMED, "document.txt") else None):
        block["title"] = title
    for name in ("context", "citations"):
        if part.get(name) is not None:
            block[name] = part[name]
    return block


def _file_source(file: Fields, mime: str) -> Fields | None:
    """Where the file is: by address, by an id of this provider, or in the request itself."""
    if isinstance(url := file.get("file_url"), str) and url.startswith(_WEB):
        return {"type": "url", "url": url, **({"image": True} if mime.startswith("image/") else {})}
    if isinstance(id_ := file.get("file_id"), str):
        return {"type": "file", "file_id": id_} if id_.startswith("file_") else None
    if not isinstance(said := file.get("file_data"), str):
        return None
    media, encoded = _taken_apart(said) if said.startswith("data:") else (mime or "application/pdf", said)
    if encoded is None:
        return None
    if media == "application/pdf" or media in IMAGES:
        return {"type": "base64", "media_type": IMAGES.get(media, media), "data": encoded}
    if media.startswith("text/") or media == "application/json":
        try:
            text = base64.b64decode(encoded).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return None
        return {"type": "text", "media_type": "text/plain", "data": text}
    return None


def _taken_apart(url: str) -> tuple[str, str | None]:
    """The media type of a data URL and what is in it, encoded in base64; None if it is not."""
    head, comma, encoded = url.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        return "", None
    return head[5:-7].partition(";")[0].lower(), encoded
