"""Google Gemini's `generateContent`, with an API key or on Vertex AI. The words are translated in `dialects.gemini`.

Streams are SSE without an end mark: they end with their connection, which `splitter` tells as a last event.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from outrider.base.errors import RequestError, UpstreamError
from outrider.base.ports import Answer, Deployment, WireRequest
from outrider.base.sse import SSESplitter, kind, payload
from outrider.base.usage import Usage
from outrider.dialects import ODD, Fields, odd_answer, searched
from outrider.dialects import usage as counted
from outrider.dialects.gemini import carried, embeddings, errors, usage
from outrider.dialects.gemini.answers import ended, to_chat
from outrider.dialects.gemini.names import major
from outrider.dialects.gemini.requests import from_chat
from outrider.dialects.gemini.streams import END, ToChat
from outrider.providers import openai, translated

name = "gemini"
SPEAKS = "gemini"
STREAM_TYPE = b"event-stream"
PARALLEL_ALWAYS = True

PATHS = {
    "chat": "/v1beta/models/{model}:generateContent",
    "stream": "/v1beta/models/{model}:streamGenerateContent?alt=sse",
    "embeddings": "/v1beta/models/{model}:batchEmbedContents",
    "models": "/v1beta/models?pageSize=1000",
}

Headers = Sequence[tuple[bytes, bytes]]
_json = msgspec.json.Encoder()
_any = msgspec.json.Decoder()
PASSED = (b"x-goog-user-project", b"x-vertex-ai-llm-request-type", b"x-vertex-ai-llm-shared-request-type")
"""The caller's headers that are Gemini's."""


def encode(
    deployment: Deployment, endpoint: str, body: bytes, model: str, *, stream: bool, wants_usage: bool
) -> WireRequest:
    """The provider's request. Usage comes in every stream, asked for or not. Raises RequestError for what Gemini does
    not do at all."""
    if endpoint == "chat":
        said = from_chat(translated.asked(body), deployment.model)
    elif endpoint == "embeddings" and "embeddings" in deployment.paths:
        predict = deployment.paths["embeddings"].endswith(":predict")
        said = embeddings.from_chat(translated.asked(body), deployment.model, predict=predict)
    else:
        raise RequestError(f"{deployment.name} has no {endpoint}; choose another model", code="endpoint_not_supported")
    path = deployment.paths["stream" if stream else endpoint]
    return WireRequest("POST", path, deployment.headers, _json.encode(said.fields), lost=said.lost)


def decode(endpoint: str, status: int, headers: Headers, body: bytes) -> Answer:
    """The answer as chat. Raises UpstreamError if it is none."""
    said = _answer(status, headers, body)
    if endpoint == "embeddings":
        try:
            listed = embeddings.to_chat(said)
        except ODD:
            raise odd_answer() from None
        return Answer(_json.encode(listed), counted(listed.get("usage")), "stop")
    return translated.answered(to_chat(said))


def _answer(status: int, headers: Headers, body: bytes) -> Fields:
    if status != 200:
        raise classify(status, headers, body)
    said = translated.object_of(body, html=b"html" in dict(headers).get(b"content-type", b""))
    if "error" in said:
        errors.raise_error(said)
    return said


def classify(status: int, headers: Headers, body: bytes) -> UpstreamError:
    """What a refusal means: its class, whether to try again, and when."""
    try:
        said: Any = _any.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = None
    if isinstance(said, list) and said:
        said, body = said[0], _json.encode(said[0])
    shown = body if isinstance(said, dict) and isinstance(said.get("error"), dict) else None
    return errors.failure(
        errors.read(said), status, body=shown, retry_after=openai.classify(status, headers, b"").retry_after
    )


def reader(*, wants_usage: bool) -> translated.Reader:
    return translated.Reader(ToChat(), wants_usage=wants_usage)


class _Splitter(SSESplitter):
    """Tells the end of the connection as an event of its own; half an event before it is that event's data."""

    __slots__ = ()

    def rest(self) -> bytes:
        left = payload(super().rest())
        return b"event: %b\ndata: %b" % (END.encode(), left or b"{}")


def splitter() -> SSESplitter:
    return _Splitter()


def models(body: bytes) -> list[str]:
    """The models that `GET /v1beta/models` lists, or Vertex AI of Google's own, as requests name them in their path.
    Raises UpstreamError."""
    said = translated.object_of(body)
    names = [str(one.get("name") or "") for one in said.get("models") or said.get("publisherModels") or ()]
    return [name.rpartition("models/")[2] for name in names if name]


# -- callers of the same language ---------------------------------------------------------------------------------


def native_encode(
    deployment: Deployment,
    body: bytes,
    model: str,
    *,
    stream: bool,
    max_tokens: int | None,
    headers: Mapping[bytes, bytes],
) -> WireRequest:
    """The caller's bytes. The model's name is in the path alone; some send it in the body too. Calls that other models
    made in the conversation are marked as such, where a Gemini refuses them otherwise."""
    calls = (major(deployment.model) or 0) >= 3 and (b'"functionCall"' in body or b'"function_call"' in body)
    if max_tokens is not None or calls or b'"model"' in body:
        body = _changed(body, deployment.model, max_tokens, calls=calls)
    passed = [(name, headers[name]) for name in PASSED if name in headers]
    return WireRequest("POST", deployment.paths["stream" if stream else "chat"], [*deployment.headers, *passed], body)


def _changed(body: bytes, model: str, max_tokens: int | None, *, calls: bool) -> bytes:
    """The caller's request as it must be here: the same bytes if nothing had to be changed."""
    fields = translated.asked(body)
    named = "model" in fields
    if named:
        fields["model"] = f"models/{model}"
    if max_tokens is not None:
        config = fields.setdefault("generation_config" if "generation_config" in fields else "generationConfig", {})
        config["max_output_tokens" if "max_output_tokens" in config else "maxOutputTokens"] = max_tokens
    marked = calls and carried.signed(fields)
    return _json.encode(fields) if named or marked or max_tokens is not None else body


def native_decode(status: int, headers: Headers, body: bytes) -> Answer:
    """The body as it is, looked at."""
    said = _Seen()
    said.see(_answer(status, headers, body))
    return said.answer(body)


class _Seen:
    """What the record needs of an answer, whole or in events."""

    __slots__ = ("calls", "counts", "finish", "searches", "text")

    def __init__(self) -> None:
        self.calls = False
        self.searches = 0
        self.counts: Fields = {}
        self.finish = ""
        self.text: list[str] = []

    def see(self, said: Fields) -> None:
        """Raises UpstreamError for an error, and for what is no answer."""
        if "error" in said:
            errors.raise_error(said)
        try:
            self._see(said)
        except ODD:
            raise odd_answer() from None

    def _see(self, said: Fields) -> None:
        self.counts = said.get("usageMetadata") or self.counts
        self.searches = usage.searches(said.get("candidates")) or self.searches
        for at, candidate in enumerate(said.get("candidates") or ()):
            parts = (candidate.get("content") or {}).get("parts") or ()
            if not (candidate.get("index") or at):
                self.text += [part["text"] for part in parts if part.get("text") and not part.get("thought")]
            choice: Fields = {}
            self.calls = self.calls or any("functionCall" in part for part in parts)
            ended(candidate, choice, calls=self.calls)
            if choice["finish_reason"] and self.finish in ("", "stop", "tool_calls"):
                self.finish = choice["finish_reason"]
        if (said.get("promptFeedback") or {}).get("blockReason"):
            self.finish = "content_filter"

    def answer(self, body: bytes) -> Answer:
        usage_ = counted(usage.to_chat(self.counts) | searched(self.searches)) if self.counts else None
        return Answer(body, usage_, self.finish, "".join([text for text in self.text if isinstance(text, str)]))


class _NativeReader:
    """Passes events on as they are. The one that says why it ended, and what comes after it, waits for the next, so
    that the last is there when the end is known."""

    __slots__ = ("_held", "_seen", "done")

    def __init__(self) -> None:
        self._seen = _Seen()
        self._held = b""
        self.done = False

    def feed(self, event: bytes) -> bytes:
        said = payload(event)
        if not said:
            return event
        if event.startswith(b"event:") and kind(event) == END:
            self.done = True
            out, self._held = self._held, b""
            if said == b"{}":
                return out
            return out + self._looked_at(b"data: %b\r\n\r\n" % said, said)
        return self._looked_at(event, said)

    def _looked_at(self, event: bytes, said: bytes) -> bytes:
        try:
            fields = translated.asked(said)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise UpstreamError("the provider's stream carries broken JSON", code="upstream_invalid_answer") from None
        self._seen.see(fields)
        if self.done or not self._seen.finish:
            return event
        out, self._held = self._held, event
        return out

    def told(self, blocks: Sequence[bytes]) -> Usage | None:
        return self._seen.answer(b"").usage

    def close(self, blocks: Sequence[bytes]) -> Answer:
        if not self._seen.finish:
            raise UpstreamError("the provider's stream ended without an end mark", code="upstream_stream_cut")
        return self._seen.answer(b"")


def native_reader() -> _NativeReader:
    return _NativeReader()
