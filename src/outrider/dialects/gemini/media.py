"""Chat's content parts as Gemini's: text, pictures, sound, films and documents."""

from typing import Any

from outrider.dialects import Fields, Lost
from outrider.dialects.gemini.names import audio_type, data_url, major, media_type

_LEVELS = {"low": "MEDIA_RESOLUTION_LOW", "high": "MEDIA_RESOLUTION_HIGH"}


def parts_of(content: Any, model: str, path: str, lost: Lost) -> list[Fields]:
    """Gemini's parts for a message's content; what cannot be one is named in `lost`."""
    if isinstance(content, str):
        return [{"text": content}] if content else []
    parts: list[Fields] = []
    for at, part in enumerate(content or ()):
        kind = part.get("type")
        if kind == "text":
            if part.get("text"):
                parts.append({"text": part["text"]})
        elif kind == "refusal":
            parts.append({"text": part.get("refusal") or ""})
        elif kind in _READERS:
            _READERS[kind](part, model, f"{path}[{at}]", parts, lost)
        else:
            lost.append(f"{path}[{at}] ({kind})")
    return parts


def _image(part: Fields, model: str, path: str, parts: list[Fields], lost: Lost) -> None:
    image = part.get("image_url")
    url = image if isinstance(image, str) else (image or {}).get("url") or ""
    said = _from_url(url, part, "image/jpeg")
    detail = image.get("detail") if isinstance(image, dict) else None
    if detail in _LEVELS:
        if (major(model) or 0) >= 3:
            said["mediaResolution"] = {"level": _LEVELS[detail]}
        else:
            lost.append(f"{path}.image_url.detail")
    parts.append(said)


def _audio(part: Fields, model: str, path: str, parts: list[Fields], lost: Lost) -> None:
    audio = part.get("input_audio") or {}
    parts.append(
        {"inlineData": {"mimeType": audio_type(audio.get("format") or "wav"), "data": audio.get("data") or ""}}
    )


def _video(part: Fields, model: str, path: str, parts: list[Fields], lost: Lost) -> None:
    video = part.get("video_url")
    url = video if isinstance(video, str) else (video or {}).get("url") or ""
    parts.append(_from_url(url, part, "" if "youtu" in url else "video/mp4"))


def _audio_url(part: Fields, model: str, path: str, parts: list[Fields], lost: Lost) -> None:
    audio = part.get("audio_url")
    url = audio if isinstance(audio, str) else (audio or {}).get("url") or ""
    parts.append(_from_url(url, part, "audio/mpeg"))


def _file(part: Fields, model: str, path: str, parts: list[Fields], lost: Lost) -> None:
    file = part.get("file") or {}
    if part.get("context"):
        parts.append({"text": part["context"]})
    if (part.get("citations") or {}).get("enabled"):
        lost.append(f"{path}.citations")
    name = part.get("title") or file.get("filename") or ""
    url = file.get("file_data") or file.get("file_url") or ""
    known = file.get("file_id") or ""
    if not url and (known.startswith(("files/", "gs://")) or "://" in known):
        url = known
    if not url:
        lost.append(f"{path} (file_id)")
        return
    if not file.get("file_data"):
        parts.append(_from_url(url, part, media_type(name, "application/pdf"), name))
    elif data_url(url) is None:  # base64 alone, as some send it
        parts.append(_blob(media_type(name, "application/pdf"), url, name))
    else:
        parts.append(_from_url(url, part, "", name))


_READERS = {"image_url": _image, "input_audio": _audio, "video_url": _video, "audio_url": _audio_url, "file": _file}


def _from_url(url: str, part: Fields, otherwise: str, name: str = "") -> Fields:
    inline = data_url(url)
    if inline is not None:
        return _blob(*inline, name)
    media = part.get("mime_type") or media_type(url, otherwise)
    said: Fields = {"fileUri": url}
    if media:
        said["mimeType"] = media
    if name:
        said["displayName"] = name
    return {"fileData": said}


def _blob(media: str, data: str, name: str) -> Fields:
    """`document.pdf` and the like is what chat is told where there is no name."""
    said = {"mimeType": media, "data": data}
    if name and name.rpartition(".")[0] != "document":
        said["displayName"] = name
    return {"inlineData": said}
