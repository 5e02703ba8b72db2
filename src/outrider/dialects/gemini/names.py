"""Gemini's names: of fields (its REST API takes both camelCase and snake_case), of reasons, of media types."""

import binascii
import mimetypes
import re
from base64 import b64decode, b64encode
from typing import Any

import msgspec

from outrider.dialects import Fields

FORMAT = "google-gemini-v1"
"""What marks thoughts and items as Gemini's."""

FINISH = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "LANGUAGE": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
    "IMAGE_RECITATION": "content_filter",
    "MODEL_ARMOR": "content_filter",
}
BROKEN = frozenset(
    {
        "OTHER",
        "MALFORMED_FUNCTION_CALL",
        "MALFORMED_RESPONSE",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "MISSING_THOUGHT_SIGNATURE",
        "IMAGE_OTHER",
        "NO_IMAGE",
        "CONTINUATION",
    }
)
"""Reasons that mean: the model failed. Without any content there is no answer; with some, it is what there is."""
BLOCKED = "blocked:"
"""Begins a `native_finish_reason` that was a prompt's `blockReason`."""

_WRAP = b"outrider:"
WRAPPED = b64encode(_WRAP).decode()
_json = msgspec.json.Encoder()
_object = msgspec.json.Decoder(dict[str, Any])
_USUAL = str.maketrans("-_", "+/")
_SNAKE = re.compile(r"(?!^)_([a-z0-9])")
_MADE = re.compile(r"call_\d{1,4}(_.*)?")
_OLDER = re.compile(r"gemini-(1|2\.0)")
_MAJOR = re.compile(r"gemini-(\d+)")
_AUDIO = {"mp3": "audio/mp3", "pcm16": "audio/pcm", "g711_ulaw": "audio/pcmu", "g711_alaw": "audio/pcma"}
_FORMATS = {"audio/mpeg": "mp3", "audio/mp3": "mp3", "audio/x-wav": "wav", "audio/wave": "wav", "audio/pcm": "pcm16"}
_EFFORTS = {"minimal": 1024, "low": 1024, "medium": 8192, "high": 24576, "xhigh": 24576, "max": 24576}


def camel(said: Any) -> Any:
    """An object of the API with all of its own names in camelCase, in place where there is nothing to change.

    Only for parts of a request whose keys are all the API's: not for arguments, results and schemas.
    """
    if isinstance(said, dict):
        for name in list(said):
            if "_" in name:
                said[_SNAKE.sub(lambda found: found[1].upper(), name)] = said.pop(name)
    return said


def made_id(position: int, answer: str) -> str:
    """The id of an answer's call at `position`, where Gemini gives none: the same for the same answer."""
    return f"call_{position}_{answer}"[:40] if answer else f"call_{position}"


def is_made(id_: str) -> bool:
    """Whether an id is ours: Gemini does not get it back."""
    return _MADE.fullmatch(id_) is not None


def major(model: str) -> int | None:
    """The 3 of `gemini-3-pro`; None for models that are not named so."""
    found = _MAJOR.search(model)
    return int(found[1]) if found else None


def budget(effort: str, model: str) -> int:
    """Tokens to think with, for models that take no level, as Google's own OpenAI endpoint has them."""
    return within(0 if effort == "none" else _EFFORTS.get(effort, 8192), model)


def within(tokens: int, model: str) -> int:
    """A budget for thinking that a model of the second generation takes: more or less is refused. The pro models cannot
    do without."""
    if "gemini-2.5" not in model:
        return tokens
    if "pro" in model:
        return min(max(tokens, 128), 32768)
    least = 512 if "lite" in model and tokens else 0
    return min(max(tokens, least), 24576)


def thinks(model: str) -> bool:
    """Whether a model can be told how to think: those before 2.5 cannot."""
    return _OLDER.search(model) is None


def level(effort: str, model: str) -> str:
    """The thinking level for models that take one. None of them can do without thinking, the pro ones not with as
    little."""
    if effort in ("none", "minimal"):
        return "LOW" if "pro" in model else "MINIMAL"
    if effort == "medium" and "gemini-3-pro" in model:
        return "HIGH"  # it has but two
    return effort.upper() if effort in ("low", "medium") else "HIGH"


def media_type(url: str, otherwise: str) -> str:
    """The media type of what is at an address, by its ending."""
    path = url.split("?", 1)[0].split("#", 1)[0]
    return mimetypes.guess_type(path)[0] or otherwise


def data_url(url: str) -> tuple[str, str] | None:
    """(media type, base64) of a data URL; None if it is none, or not base64."""
    if not url.startswith("data:"):
        return None
    head, comma, data = url[5:].partition(",")
    kind, marker, _ = head.partition(";base64")
    return (kind or "text/plain", data) if comma and marker else None


def base64_of(data: str) -> str:
    """Base64 in the usual alphabet, padded: Google takes, and its SDKs send, the one for URLs too."""
    if "-" in data or "_" in data:
        data = data.translate(_USUAL)
    return data if len(data) % 4 == 0 else data + "=" * (-len(data) % 4)


def audio_type(form: str) -> str:
    return _AUDIO.get(form, f"audio/{form}")


def audio_format(media: str) -> str:
    """`wav` of `audio/wav`: what chat calls it."""
    media = media.partition(";")[0]
    return _FORMATS.get(media, media.removeprefix("audio/"))


def of_ours(item: Fields) -> bool:
    """Whether thoughts, items or tools are Gemini's own."""
    return item.get("format") == FORMAT


def wrapped(detail: Fields) -> str:
    """What another model's thought must keep, as a signature: base64, which clients decode and encode anew."""
    return b64encode(_WRAP + _json.encode(detail)).decode()


def unwrapped(signature: str) -> Fields | None:
    """The other way; None for Gemini's own signatures."""
    if not signature.startswith(WRAPPED):
        return None
    try:
        return _object.decode(b64decode(base64_of(signature))[len(_WRAP) :])
    except (binascii.Error, msgspec.DecodeError):
        return None


def normal(fields: Fields) -> Fields:
    """A request with all of Gemini's own names in camelCase and lists where one thing was sent for one, in place."""
    camel(fields)
    for name in ("contents", "tools", "safetySettings"):
        if isinstance(fields.get(name), dict):
            fields[name] = [fields[name]]
    for content in (fields.get("systemInstruction"), *_list(fields.get("contents"))):
        if isinstance(camel(content), dict):
            if isinstance(content.get("parts"), dict):
                content["parts"] = [content["parts"]]
            for part in _list(content.get("parts")):
                _names_of(part, ("inlineData", "fileData", "functionCall", "functionResponse"))
    for tool in _list(fields.get("tools")):
        if isinstance(camel(tool), dict):
            for one in _list(tool.get("functionDeclarations")):
                camel(one)
    for setting in _list(fields.get("safetySettings")):
        camel(setting)
    _names_of(fields.get("toolConfig"), ("functionCallingConfig", "retrievalConfig"))
    _names_of(fields.get("generationConfig"), ("thinkingConfig", "speechConfig"))
    return fields


def _names_of(said: Any, inner: tuple[str, ...]) -> None:
    if isinstance(camel(said), dict):
        for name in inner:
            if name in said:
                camel(said[name])


def _list(said: Any) -> list[Any]:
    return said if isinstance(said, list) else []
