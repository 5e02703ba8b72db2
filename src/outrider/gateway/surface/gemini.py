"""`POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent`: Gemini as a caller's language.

A stream comes as Server-Sent Events to who asks for `alt=sse`, as all SDKs do; to others as one JSON array.
"""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.dialects import Fields, FromChat
from outrider.dialects.gemini import answers, carried, requests, streams
from outrider.dialects.gemini.errors import error_of
from outrider.gateway.surface import errors, gemini_fields
from outrider.gateway.surface.contract import Asked

_json = msgspec.json.Encoder()
_object = msgspec.json.Decoder(dict[str, Any])
_JSON = (b"content-type", b"application/json; charset=UTF-8")
_OURS = ("message", "type", "param", "code")


class Kept(msgspec.Struct):
    """What is remembered of a request: whether its stream is an array, and who writes it."""

    array: bool
    writer: streams.FromChat | None = None


class Gemini:
    """Callers who speak Gemini's API. A `Surface`."""

    name = "gemini"
    run = "gemini"

    def read(self, path: bytes, query: bytes, headers: Mapping[bytes, bytes], body: bytes) -> Asked:
        model, method = gemini_fields.target(path)
        fields = gemini_fields.read(body)
        stream = method == "streamGenerateContent"
        array = stream and not gemini_fields.wants_events(query)
        native = b"" if array else body
        if native and carried.inside(body):  # thoughts of other languages, which Google would refuse
            native = _json.encode(carried.without(_object.decode(body)))
        made = requests.to_chat(fields, model, stream=stream)
        return Asked(_json.encode(made.fields), model, native, stream, made.lost, Kept(array))

    def answer(self, asked: Asked, chat: Fields, run: str) -> bytes:
        return _json.encode(answers.from_chat(chat, asked.model, run))

    def stream_type(self, asked: Asked) -> bytes:
        return _JSON[1] if asked.kept.array else b"text/event-stream"

    def writer(self, asked: Asked, run: str) -> FromChat:
        asked.kept.writer = streams.FromChat(asked.model, run, array=asked.kept.array)
        return asked.kept.writer  # type: ignore[no-any-return]

    def error(self, error: OutriderError) -> errors.Answer:
        status, headers, body = errors.answer(error)
        headers = [_JSON, *(header for header in headers if header[0] != b"content-type")]
        if isinstance(error, UpstreamError) and error.language == self.name and error.body and 400 <= status < 500:
            return status, headers, error.body
        return status, headers, _json.encode(_told(error, status, headers, body))

    def error_event(self, asked: Asked | None, error: OutriderError) -> bytes:
        _, _, body = self.error(error)
        if asked is None or not asked.kept.array:
            return b"data: %b\r\n\r\n" % body
        writer = asked.kept.writer
        return (b",\r\n" if writer is not None and writer.begun else b"[") + body + b"]"


def _told(error: OutriderError, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> Fields:
    """Our error in Google's shape; of a provider's, what chat callers are told of it."""
    said = _object.decode(body).get("error")
    said = said if isinstance(said, dict) else {"message": str(said)}
    later = dict(headers).get(b"retry-after", b"")
    return error_of(
        status,
        str(said.get("message") or error.message),
        error.code,
        param=said.get("param") if isinstance(error, RequestError) else None,
        retry_after=math.ceil(float(later)) if later.isdigit() else None,
        **{name: value for name, value in said.items() if name not in _OURS},
    )


SURFACE = Gemini()
