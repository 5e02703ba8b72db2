"""OpenAI's Responses as a provider's language. Nothing is kept there: thoughts come back sealed, and are given back."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from outrider.base.errors import UpstreamError
from outrider.base.ports import Answer, Deployment, WireRequest
from outrider.base.sse import SSESplitter, payload
from outrider.base.usage import Usage
from outrider.dialects import ODD, odd_answer, understood, usage
from outrider.dialects.responses import answers, errors, requests
from outrider.dialects.responses.streams import ToChat
from outrider.providers import openai, translated

name = "responses"
SPEAKS = "responses"
STREAM_TYPE = b"event-stream"
PATHS = {"chat": "/responses"}

Headers = Sequence[tuple[bytes, bytes]]
classify = openai.classify
_json = msgspec.json.Encoder()
_include = msgspec.json.Decoder(list[str] | None)
_ENCRYPTED = requests.ENCRYPTED.encode()
_raw = msgspec.json.Decoder(dict[str, msgspec.Raw])
_PASSED = (b"openai-beta", b"x-client-request-id")
"""Headers of callers that belong to this language."""


def encode(
    deployment: Deployment, endpoint: str, body: bytes, model: str, *, stream: bool, wants_usage: bool
) -> WireRequest:
    """The provider's request for a checked chat request."""
    if endpoint != "chat":
        return openai.encode(deployment, endpoint, body, model, stream=stream, wants_usage=wants_usage)
    asked = understood(lambda chat: requests.from_chat(chat, deployment.model), translated.asked(body))
    path = deployment.paths[endpoint]
    return WireRequest("POST", path, deployment.headers, _json.encode(asked.fields), lost=asked.lost)


def decode(endpoint: str, status: int, headers: Headers, body: bytes) -> Answer:
    """A whole answer as chat. Raises UpstreamError if it is none."""
    if endpoint != "chat":
        return openai.decode(endpoint, status, headers, body)
    said = _good(status, headers, body)
    try:
        return translated.answered(answers.to_chat(said))
    except ODD:
        raise odd_answer() from None


def reader(*, wants_usage: bool) -> translated.Reader:
    return translated.Reader(ToChat(), wants_usage=wants_usage)


def _good(status: int, headers: Headers, body: bytes) -> dict[str, Any]:
    """The response in a body. Raises UpstreamError if there is none, or one that failed."""
    if status != 200:
        raise classify(status, headers, body)
    said = translated.object_of(body)
    if said.get("error"):
        raise errors.failed(said["error"])
    if said.get("status") in ("failed", "cancelled"):
        raise errors.failed(None)
    if said.get("status") in ("queued", "in_progress"):
        raise UpstreamError(
            f"the provider answered with a response that is {said['status']}", code="upstream_invalid_answer"
        )
    if not isinstance(said.get("output"), list):
        raise UpstreamError("the provider's answer has no `output`", code="upstream_invalid_answer")
    return said


# -- for callers of the same language ---------------------------------------------------------------------------------


def native_encode(
    deployment: Deployment,
    body: bytes,
    model: str,
    *,
    stream: bool,
    max_tokens: int | None,
    headers: Mapping[bytes, bytes],
) -> WireRequest:
    """The caller's own bytes, to the deployment's model. What a model that never thinks refuses is not asked of it."""
    unsealed = _ENCRYPTED in body and not requests.thinks(deployment.model)
    if model != deployment.model or max_tokens is not None or unsealed:
        fields = _raw.decode(body)
        if unsealed and "include" in fields:
            wanted = [one for one in _include.decode(fields["include"]) or () if one != requests.ENCRYPTED]
            fields["include"] = msgspec.Raw(_json.encode(wanted))
        fields["model"] = msgspec.Raw(_json.encode(deployment.model))
        if max_tokens is not None:
            fields["max_output_tokens"] = msgspec.Raw(b"%d" % max_tokens)
        body = _json.encode(fields)
    own = [(name, headers[name]) for name in _PASSED if name in headers]
    return WireRequest("POST", deployment.paths["chat"], [*deployment.headers, *own], body)


def native_decode(status: int, headers: Headers, body: bytes) -> Answer:
    """The body as it is; usage, reason and text are looked at."""
    return _seen(_good(status, headers, body), body)


def _seen(said: dict[str, Any], body: bytes) -> Answer:
    """What can be read of a response that passes in any case."""
    try:
        seen = translated.answered(answers.to_chat(said))
    except ODD:
        return Answer(body, None, "", "")
    return msgspec.structs.replace(seen, body=body)


class _Native:
    """Watches a stream that passes as it is. Only events whose name could be that of an end are read."""

    __slots__ = ("_failed", "_last", "done")

    def __init__(self) -> None:
        self._failed = ToChat()
        self._last: dict[str, Any] = {}
        self.done = False

    def feed(self, event: bytes) -> bytes:
        """The event itself. Raises UpstreamError for one that says that the response failed."""
        name = event[: event.find(b"\n")] if event.startswith(b"event:") else payload(event)
        if not any(word in name for word in _ENDS):
            return event
        said = translated.object_of(payload(event))
        if said.get("type") in ("response.failed", "response.cancelled", "error"):
            self._failed.feed("", said)
        if said.get("type") in ("response.completed", "response.incomplete"):
            last = said.get("response")
            self._last, self.done = last if isinstance(last, dict) else {}, True
        return event

    def told(self, blocks: Sequence[bytes]) -> Usage | None:
        """Only the event of an end has counts."""
        return usage(self._failed.counted) if not self._last else _seen(self._last, b"").usage

    def close(self, blocks: Sequence[bytes]) -> Answer:
        if not self.done:
            raise UpstreamError("the provider's stream ended without an end mark", code="upstream_stream_cut")
        if self._last.get("output"):
            return _seen(self._last, b"")
        watch, splitter = reader(wants_usage=False), SSESplitter()  # some say the output only piece by piece
        for block in blocks:
            for event in splitter.feed(block):
                watch.feed(event)
        return watch.close(())


_ENDS = (b"completed", b"incomplete", b"failed", b"cancelled", b"error")


def native_reader() -> _Native:
    return _Native()
