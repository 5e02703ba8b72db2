"""Amazon Bedrock's Converse: any model there, over HTTPS with AWS signatures or a Bedrock API key.

Streams are binary frames and not Server-Sent Events. Nothing here needs AWS's own packages; signing does
(`providers.signing.aws`).
"""

from collections.abc import Sequence

import msgspec

from outrider.base.errors import RequestError, UpstreamError
from outrider.base.ports import Answer, Deployment, WireRequest
from outrider.dialects import understood
from outrider.dialects.bedrock import answers, errors, frames, requests
from outrider.dialects.bedrock.streams import ToChat
from outrider.providers import openai, translated

name = "bedrock"
SPEAKS = "bedrock"
NAMELESS = True
PARALLEL_ALWAYS = True
STREAM_TYPE = b"vnd.amazon.eventstream"
PATHS = {"chat": "/model/{model}/converse", "stream": "/model/{model}/converse-stream"}

Headers = Sequence[tuple[bytes, bytes]]
_encode = msgspec.json.Encoder().encode
_any = msgspec.json.Decoder()


def encode(
    deployment: Deployment, endpoint: str, body: bytes, model: str, *, stream: bool, wants_usage: bool
) -> WireRequest:
    """The Converse request for a checked chat request. Raises RequestError for an endpoint that Converse is not."""
    if endpoint != "chat":
        raise RequestError(
            f"{deployment.name} is asked through Amazon's Converse API, which has no {endpoint}; choose another model",
            code="endpoint_not_supported",
            param="model",
        )
    told = understood(lambda chat: requests.from_chat(chat, deployment.model), translated.asked(body))
    path = deployment.paths["stream" if stream else "chat"]
    return WireRequest("POST", path, deployment.headers, _encode(told.fields), lost=told.lost)


def decode(endpoint: str, status: int, headers: Headers, body: bytes) -> Answer:
    """A whole answer as chat. Raises UpstreamError."""
    if status != 200:
        raise classify(status, headers, body)
    found = dict(headers)
    said = translated.object_of(body, html=b"html" in found.get(b"content-type", b""))
    if "output" not in said:
        raise UpstreamError("the provider's answer has no `output`", code="upstream_invalid_answer")
    return translated.answered(answers.to_chat(said, id=found.get(b"x-amzn-requestid", b"").decode("latin-1")))


def classify(status: int, headers: Headers, body: bytes) -> UpstreamError:
    """What an exception means. Its name is in a header; some proxies keep only the body."""
    try:
        said = _any.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = None
    kind = dict(headers).get(b"x-amzn-errortype", b"").decode("latin-1")
    if not kind and isinstance(said, dict):
        kind = str(said.get("__type") or said.get("code") or "")
    return errors.whole(kind, said, openai.classify(status, headers, b""))


def splitter() -> frames.Frames:
    """Cuts a stream's bytes into frames."""
    return frames.Frames()


class _Reader(translated.Reader):
    """A stream of frames, given on as chat. `model` is put into every chunk: no frame names it."""

    __slots__ = ("_chat",)

    def __init__(self, chat: ToChat, *, wants_usage: bool) -> None:
        super().__init__(chat, wants_usage=wants_usage)
        self._chat = chat

    @property
    def model(self) -> str:
        return self._chat.model

    @model.setter
    def model(self, model: str) -> None:
        self._chat.model = model

    def feed(self, event: bytes) -> bytes:
        frame = frames.read(event)
        said = translated.object_of(frame.payload) if frame.payload else {}
        kind = frame.headers.get(":message-type", "event")
        if kind == "event":
            return self.give(frame.headers.get(":event-type", ""), said)
        if kind == "exception":
            raise errors.in_stream(frame.headers.get(":exception-type", "exception"), said)
        raise errors.in_stream(
            frame.headers.get(":error-code", "error"), {"message": frame.headers.get(":error-message", ""), **said}
        )


def reader(*, wants_usage: bool) -> _Reader:
    return _Reader(ToChat(), wants_usage=wants_usage)
