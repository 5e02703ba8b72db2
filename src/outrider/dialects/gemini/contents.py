"""A conversation in Gemini's words (`systemInstruction`, `contents`) as chat messages."""

from typing import Any

import msgspec

from outrider.dialects import Fields, Lost
from outrider.dialects.gemini.names import audio_format, base64_of, camel
from outrider.dialects.gemini.turn import Turn, unindexed

_json = msgspec.json.Encoder()
_SILENT = ("thought", "thoughtSignature", "partMetadata")
_LEVELS = {"MEDIA_RESOLUTION_LOW": "low", "MEDIA_RESOLUTION_HIGH": "high"}


def to_messages(fields: Fields, lost: Lost) -> list[Fields]:
    """The messages that `systemInstruction` and `contents` are; what cannot be one is named in `lost`."""
    told = _History(lost)
    system = fields.get("systemInstruction")
    if isinstance(system, str):
        told.messages.append({"role": "system", "content": system})
    elif system:
        told.system(system)
    for at, content in enumerate(fields.get("contents") or ()):
        parts = content.get("parts") or ()
        if content.get("role") == "model":
            told.model(parts)
        else:
            told.user(parts, f"contents[{at}].parts")
    return told.messages


class _History:
    def __init__(self, lost: Lost) -> None:
        self.messages: list[Fields] = []
        self._lost = lost
        self._calls = 0
        self._open: list[tuple[str, str]] = []  # calls that have no result yet

    def system(self, content: Fields) -> None:
        texts = []
        for at, part in enumerate(content.get("parts") or ()):
            if isinstance(part.get("text"), str):
                texts.append(part["text"])
            else:
                self._lost.append(f"systemInstruction.parts[{at}]{_named(part)}")
        if texts:
            said: Any = texts[0] if len(texts) == 1 else [{"type": "text", "text": text} for text in texts]
            self.messages.append({"role": "system", "content": said})

    def model(self, parts: Any) -> None:
        turn = Turn(first=self._calls)
        message: Fields = {"role": "assistant", "content": None}
        for part in parts:
            turn.take(_present(part), message)
        self._calls += len(turn.calls)
        self._open += turn.calls
        if len(message) > 2 or message["content"] is not None:
            self.messages.append(unindexed(message))

    def user(self, parts: Any, path: str) -> None:
        """Results of calls come first, as chat wants it."""
        said: list[Fields] = []
        for at, part in enumerate(map(_present, parts)):
            if "functionResponse" in part:
                self.messages.append(self._result(camel(part["functionResponse"]), f"{path}[{at}]"))
                continue
            one = self._part(part, f"{path}[{at}]")
            if one is not None:
                said.append(one)
        if len(said) == 1 and said[0].keys() == {"type", "text"}:
            self.messages.append({"role": "user", "content": said[0]["text"]})
        elif said:
            self.messages.append({"role": "user", "content": said})

    def _part(self, part: Fields, path: str) -> Fields | None:
        for name in part:
            if name not in ("text", "inlineData", "fileData", "mediaResolution", *_SILENT):
                self._lost.append(f"{path}.{name}")
        if isinstance(part.get("text"), str):
            return {"type": "text", "text": part["text"]}
        if "inlineData" in part:
            chat = _inline(camel(part["inlineData"]))
        elif "fileData" in part:
            chat = _address(camel(part["fileData"]))
        else:
            return None
        if level := part.get("mediaResolution"):
            detail = _LEVELS.get(level.get("level", "") if isinstance(level, dict) else level)
            if detail and chat["type"] == "image_url":
                chat["image_url"]["detail"] = detail
            else:
                self._lost.append(f"{path}.mediaResolution")
        return chat

    def _result(self, result: Fields, path: str) -> Fields:
        name = result.get("name") or ""
        message: Fields = {"role": "tool", "tool_call_id": self._answers(result.get("id"), name), "name": name}
        text, failed = result_text(result.get("response") or {})
        if failed:
            message["is_error"] = True
        parts = [_media(_present(part)) for part in result.get("parts") or ()]
        message["content"] = [{"type": "text", "text": text}, *filter(None, parts)] if parts else text
        if None in parts:
            self._lost.append(f"{path}.functionResponse.parts[{parts.index(None)}]")
        return message

    def _answers(self, id_: str | None, name: str) -> str:
        """The id of the call that this is the result of: its own, or by name and order."""
        for at, (open_id, called) in enumerate(self._open):
            if open_id == id_ or (id_ is None and called == name):
                del self._open[at]
                return open_id
        if id_ is None and self._open:
            return self._open.pop(0)[0]
        self._calls += id_ is None
        return id_ or f"call_{self._calls - 1}"


def result_text(response: Any) -> tuple[str, bool]:
    """(text, whether it is an error) of a function's `response`; `messages.response_of` is its other way."""
    if isinstance(response, dict) and len(response) == 1:
        output, error = response.get("output"), response.get("error")
        if isinstance(output, str):
            return output, False
        if isinstance(error, str):
            return error, True
        if isinstance(error, dict):
            return _json.encode(error).decode(), True
    return _json.encode(response).decode(), False


def _present(part: Fields) -> Fields:
    """A part by its usual names; what is null is not there."""
    return {name: value for name, value in camel(part).items() if value is not None}


def _media(part: Fields) -> Fields | None:
    if "inlineData" in part:
        return _inline(camel(part["inlineData"]))
    return _address(camel(part["fileData"])) if "fileData" in part else None


def _inline(blob: Fields) -> Fields:
    media, data = blob.get("mimeType") or "application/octet-stream", base64_of(blob.get("data") or "")
    kind = media.partition("/")[0]
    if kind == "audio":
        return {"type": "input_audio", "input_audio": {"data": data, "format": audio_format(media)}}
    url = f"data:{media};base64,{data}"
    if kind == "image":
        return {"type": "image_url", "image_url": {"url": url}}
    if kind == "video":
        return {"type": "video_url", "video_url": {"url": url}}
    return {"type": "file", "file": {"filename": blob.get("displayName") or _file_name(media), "file_data": url}}


def _address(file: Fields) -> Fields:
    media, url = file.get("mimeType") or "", file.get("fileUri") or ""
    kind = media.partition("/")[0]
    said: Fields
    if kind == "image":
        said = {"type": "image_url", "image_url": {"url": url}}
    elif kind == "video" or (not media and "youtu" in url):
        said = {"type": "video_url", "video_url": {"url": url}}
    else:
        said = {"type": "file", "file": {"file_url": url}}
        if name := file.get("displayName"):
            said["file"]["filename"] = name
    if media:
        said["mime_type"] = media
    return said


def _file_name(media: str) -> str:
    """A name for a document that has none: chat wants one."""
    ending = media.partition(";")[0].rpartition("/")[2]
    return "document.txt" if ending == "plain" else f"document.{ending}"


def _named(part: Fields) -> str:
    known = [name for name in part if name not in _SILENT]
    return f" ({known[0]})" if known else ""
