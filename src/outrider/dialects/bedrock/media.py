"""Images, documents, audio and video: chat's parts as Converse's blocks. Bytes stay the base64 text that they are.

Converse takes bytes and addresses in S3; it loads nothing from the web.
"""

import re
from typing import Any

from outrider.dialects import Fields, Lost

IMAGES = {"image/png": "png", "image/jpeg": "jpeg", "image/jpg": "jpeg", "image/gif": "gif", "image/webp": "webp"}
DOCUMENTS = {
    "application/pdf": "pdf",
    "text/csv": "csv",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/html": "html",
    "text/plain": "txt",
    "text/markdown": "md",
}
VIDEOS = {
    "video/x-matroska": "mkv",
    "video/quicktime": "mov",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/x-flv": "flv",
    "video/mpeg": "mpeg",
    "video/x-ms-wmv": "wmv",
    "video/3gpp": "three_gp",
}
_ENDINGS = {"png", "jpeg", "jpg", "gif", "webp", *DOCUMENTS.values(), *VIDEOS.values()}
_AUDIO = {
    "mp3", "opus", "wav", "aac", "flac", "mp4", "ogg", "mkv", "mka", "x-aac", "m4a", "mpeg", "mpga", "pcm", "webm",
}  # fmt: skip
_UNNAMED = re.compile(r"[^A-Za-z0-9\-()\[\]]+")


def image(part: Fields, path: str, lost: Lost) -> Fields | None:
    """Of an `image_url` part."""
    said = part.get("image_url")
    url = said if isinstance(said, str) else _text(said, "url")
    return _block("image", url, IMAGES, part, f"{path} (image_url)", lost)


def video(part: Fields, path: str, lost: Lost) -> Fields | None:
    """Of a `video_url` part."""
    said = part.get("video_url")
    url = said if isinstance(said, str) else _text(said, "url")
    return _block("video", url, VIDEOS, part, f"{path} (video_url)", lost)


def audio(part: Fields, path: str, lost: Lost) -> Fields | None:
    """Of an `input_audio` part."""
    said = part.get("input_audio") or {}
    form = _text(said, "format")
    if form not in _AUDIO or not said.get("data"):
        lost.append(f"{path} (input_audio)")
        return None
    return {"audio": {"format": form, "source": {"bytes": said["data"]}}}


def document(part: Fields, path: str, lost: Lost, names: set[str]) -> Fields | None:
    """Of a `file` part. `names` are those of the request's other documents: no two may be the same."""
    said = part.get("file") or {}
    url = _text(said, "file_data") or _text(said, "file_url")
    mime, source = _source(url)
    filename = _text(said, "filename")
    form = DOCUMENTS.get(mime) or IMAGES.get(mime) or VIDEOS.get(mime) or _ending(filename or url)
    if source is None or not form:
        lost.append(f"{path} ({_why(said, url) if source is None else f'file of type {mime or filename!r}'})")
        return None
    if form in IMAGES.values():
        return {"image": {"format": form, "source": source}}
    if form in VIDEOS.values():
        return {"video": {"format": form, "source": source}}
    title = said.get("title") or part.get("title") or filename.rpartition(".")[0] or filename
    block: Fields = {"format": form, "name": _name(str(title), names), "source": source}
    if context := said.get("context") or part.get("context"):
        block["context"] = context
    if citations := said.get("citations") or part.get("citations"):
        block["citations"] = {"enabled": bool(citations.get("enabled"))}
    return {"document": block}


def _block(kind: str, url: str, forms: dict[str, str], part: Fields, what: str, lost: Lost) -> Fields | None:
    mime, source = _source(url)
    form = forms.get(mime or _text(part, "mime_type")) or _ending(url, forms)
    if source is None or not form:
        lost.append(f"{what[:-1]} {'by address' if source is None else f'of type {mime}'})")
        return None
    return {kind: {"format": form, "source": source}}


def _source(url: str) -> tuple[str, Fields | None]:
    """Media type and Converse's source of a data URL or an address in S3; None: it cannot be said."""
    if url.startswith("data:"):
        head, _, content = url.partition(",")
        mime, _, coding = head[5:].partition(";")
        return (mime.lower(), {"bytes": content}) if coding.endswith("base64") and content else (mime.lower(), None)
    if url.startswith("s3://"):
        return "", {"s3Location": {"uri": url}}
    return "", None


def _ending(name: str, forms: dict[str, str] | None = None) -> str:
    """The format that a name's ending tells, "" if none."""
    end = name.rpartition(".")[2].lower() if "." in name[-6:] else ""
    end = {"jpg": "jpeg", "3gp": "three_gp", "htm": "html"}.get(end, end)
    return end if end in (_ENDINGS if forms is None else forms.values()) else ""


def _name(wanted: str, names: set[str]) -> str:
    """A name that Converse allows, and that no other document has."""
    name = base = _UNNAMED.sub(" ", wanted).strip()[:180].rstrip() or "document"
    count = 1
    while name in names:
        count += 1
        name = f"{base} {count}"
    names.add(name)
    return name


def _why(said: Fields, url: str) -> str:
    if said.get("file_id") and not url:
        return "file by id"
    return "file by address" if url and not url.startswith("data:") else "file"


def _text(said: Any, name: str) -> str:
    found = said.get(name) if isinstance(said, dict) else None
    return found if isinstance(found, str) else ""
