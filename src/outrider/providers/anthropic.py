"""Anthropic's Messages as a provider's language. Callers who speak it themselves get the bytes as they are."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from outrider.base.errors import RequestError, UpstreamError
from outrider.base.ports import Answer, Deployment, WireRequest
from outrider.base.sse import SSESplitter, payload
from outrider.base.usage import Usage
from outrider.dialects import ODD, odd_answer, understood
from outrider.dialects import usage as counted
from outrider.dialects.anthropic import answers, counts, requests
from outrider.dialects.anthropic.streams import ToChat, refused
from outrider.providers import openai, translated
from outrider.providers.facts import max_output

name = "anthropic"
SPEAKS = "anthropic"
STREAM_TYPE = b"event-stream"
PATHS = {"chat": "/v1/messages", "count_tokens": "/v1/messages/count_tokens", "models": "/v1/models?limit=1000"}

Headers = Sequence[tuple[bytes, bytes]]
VERSION = (b"anthropic-version", b"2023-06-01")
FILES = (b"anthropic-beta", b"files-api-2025-04-14")
_PASSED = (b"anthropic-version", b"anthropic-beta")
_BETA = b"anthropic-beta"
_OURS = b"oauth-"
"""A beta with this in its name says how the caller signed in, which was with us."""
_ELSEWHERE = (
    b"claude-code-", b"context-management-", b"effort-", b"extended-cache-ttl-", b"files-api-",
    b"fine-grained-tool-streaming-", b"interleaved-thinking-", b"max-tokens-", b"message-batches-", b"output-128k-",
    b"output-300k-", b"pdfs-", b"prompt-caching-", b"search-results-", b"structured-outputs-", b"token-counting-",
    b"token-efficient-tools-",
)  # fmt: skip
"""Beginnings of betas that need no other language's word: what they allow is in the request itself and translated
there, or changes no answer, or others do it always."""
_LEAST_BUDGET = 1024
_json = msgspec.json.Encoder()
_raw = msgspec.json.Decoder(dict[str, msgspec.Raw])


def encode(
    deployment: Deployment, endpoint: str, body: bytes, model: str, *, stream: bool, wants_usage: bool
) -> WireRequest:
    """The provider's request for a checked chat request. Raises RequestError: there is nothing but chat."""
    if endpoint != "chat":
        raise RequestError(
            f"{deployment.name} makes no {endpoint}: its provider speaks Anthropic's Messages, which has none. "
            "Choose another model",
            code="cannot_be_expressed",
        )
    name, most = deployment.model, max_output(deployment)
    asked = understood(lambda chat: requests.from_chat(chat, name=name, most=most), translated.asked(body))
    said = _json.encode(asked.fields)
    headers = _versioned(deployment.headers)
    if b'"file_id":' in said and not any(name == b"anthropic-beta" for name, _ in headers):
        headers = [*headers, FILES]
    return WireRequest("POST", deployment.paths[endpoint], headers, said, lost=asked.lost)


def decode(endpoint: str, status: int, headers: Headers, body: bytes) -> Answer:
    """A whole answer as chat. Raises UpstreamError if it is none."""
    said = _good(status, headers, body)
    try:
        return translated.answered(answers.to_chat(said))
    except ODD:
        raise odd_answer() from None


def classify(status: int, headers: Headers, body: bytes) -> UpstreamError:
    """What a refusal means. Nothing in the account is as good as a key that is refused."""
    found = openai.classify(status, headers, body)
    if status == 400 and "credit balance is too low" in found.message:
        found.code, found.status = "provider_key_refused", 402
    elif status == 402:
        found.code = "provider_key_refused"
    return found


def reader(*, wants_usage: bool) -> translated.Reader:
    return translated.Reader(ToChat(), wants_usage=wants_usage)


def _versioned(headers: Headers) -> Headers:
    return headers if any(name == VERSION[0] for name, _ in headers) else [*headers, VERSION]


def _good(status: int, headers: Headers, body: bytes) -> dict[str, Any]:
    """The message in a body. Raises UpstreamError if there is none."""
    if status != 200:
        raise classify(status, headers, body)
    said = translated.object_of(body, html=b"html" in dict(headers).get(b"content-type", b""))
    if said.get("type") == "error" or (said.get("error") and "content" not in said):
        raise refused(said)
    content = said.get("content")
    if not isinstance(content, list) or not all(isinstance(block, dict) and "type" in block for block in content):
        raise UpstreamError("the provider's answer has no `content`", code="upstream_invalid_answer")
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
    """The caller's own bytes, to the deployment's model, with the caller's version and betas."""
    if model != deployment.model or max_tokens is not None:
        fields = _raw.decode(body)
        fields["model"] = msgspec.Raw(_json.encode(deployment.model))
        if max_tokens is not None:
            _lower(fields, max_tokens)
        body = _json.encode(fields)
    return WireRequest("POST", deployment.paths["chat"], spoken(deployment.headers, headers), body)


def _lower(fields: dict[str, msgspec.Raw], limit: int) -> None:
    """Less room for the answer, and for thoughts with it: a budget must be below the limit."""
    fields["max_tokens"] = msgspec.Raw(_json.encode(limit))
    thinking = msgspec.json.decode(fields.get("thinking", b"null"))
    if isinstance(thinking, dict) and thinking.get("budget_tokens", 0) >= limit:
        thinking["budget_tokens"] = limit - 1
        if limit <= _LEAST_BUDGET:
            thinking = {"type": "disabled"}
        fields["thinking"] = msgspec.Raw(_json.encode(thinking))


def spoken(ours: Headers, caller: Mapping[bytes, bytes]) -> Headers:
    """Our headers with what the caller says of the language itself."""
    said = {name: value for name in _PASSED if (value := caller.get(name))}
    if betas := said.get(_BETA):
        own = [beta for name, value in ours if name == _BETA for beta in _listed(value)]
        said[_BETA] = b",".join(dict.fromkeys([*own, *_listed(betas)]))
    merged = [(name, value) for name, value in ours if name not in said]
    return _versioned([*merged, *((name, value) for name, value in said.items() if value)])


def _listed(betas: bytes) -> list[bytes]:
    return [beta for one in betas.split(b",") if (beta := one.strip()) and not beta.startswith(_OURS)]


def left_out(betas: bytes) -> list[str]:
    """What of a caller's betas means nothing to a provider of another language, by name."""
    lost = [beta.decode("latin-1") for beta in _listed(betas) if not beta.startswith(_ELSEWHERE)]
    return [f"anthropic-beta ({beta[:100]})" for beta in lost]


def count_encode(deployment: Deployment, body: bytes, headers: Mapping[bytes, bytes]) -> WireRequest:
    """The request that has a caller's request counted: its bytes, for the deployment's model."""
    fields = _raw.decode(body)
    fields["model"] = msgspec.Raw(_json.encode(deployment.model))
    path = deployment.paths["count_tokens"]
    return WireRequest("POST", path, spoken(deployment.headers, headers), _json.encode(fields))


def count_decode(status: int, headers: Headers, body: bytes) -> int:
    """The tokens that were counted. Raises UpstreamError."""
    if status != 200:
        raise classify(status, headers, body)
    count = translated.object_of(body).get("input_tokens")
    if not isinstance(count, int):
        raise UpstreamError("the provider's answer has no `input_tokens`", code="upstream_invalid_answer")
    return count


def native_decode(status: int, headers: Headers, body: bytes) -> Answer:
    """The body as it is. Raises UpstreamError if it is no message."""
    said = _good(status, headers, body)
    text = "".join(str(block.get("text", "")) for block in said["content"] if block["type"] == "text")
    usage = said.get("usage")
    return Answer(body, _usage(usage), counts.ended(said.get("stop_reason")) or "", text, _tier(usage))


def native_reader() -> "_Native":
    return _Native()


class _Delta(msgspec.Struct):
    text: str = ""
    stop_reason: str | None = None


class _Message(msgspec.Struct):
    usage: dict[str, Any] | None = None


class _Event(msgspec.Struct):
    type: str = ""
    message: _Message | None = None
    delta: _Delta | None = None
    usage: dict[str, Any] | None = None


_events = msgspec.json.Decoder(list[_Event])
_any = msgspec.json.Decoder(dict[str, Any])


class _Native:
    """Follows a stream by its events' names; parses what is about the message, what looks broken or like an error, and
    at the end all."""

    __slots__ = ("_counts", "done")

    def __init__(self) -> None:
        self._counts: dict[str, Any] = {}
        self.done = False

    def feed(self, event: bytes) -> bytes:
        if event.startswith(b"event: content_block_") and event.endswith(b"}\n\n"):
            return event
        if said := payload(event):
            fields = _decoded(said)
            kind = fields.get("type")
            if kind == "error":
                raise refused(fields)
            self.done = self.done or kind == "message_stop"
            self._count(fields.get("message"))
            self._count(fields)
        return event

    def _count(self, said: Any) -> None:
        counts_ = said.get("usage") if isinstance(said, dict) else None
        if isinstance(counts_, dict):
            self._counts |= {name: value for name, value in counts_.items() if value is not None}

    def told(self, blocks: Sequence[bytes]) -> Usage | None:
        return _usage(self._counts)

    def close(self, blocks: Sequence[bytes]) -> Answer:
        splitter = SSESplitter()
        said = [one for event in [*splitter.feed(b"".join(blocks)), splitter.rest()] if (one := payload(event))]
        try:
            events = _events.decode(b"[%b]" % b",".join(said))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise _broken() from None
        usage: dict[str, Any] = {}
        finish = ""
        text: list[str] = []
        for event in events:
            if event.message is not None:
                usage |= event.message.usage or {}
            if event.usage:
                usage |= {name: value for name, value in event.usage.items() if value is not None}
            if event.delta is not None:
                text.append(event.delta.text)
                finish = counts.ended(event.delta.stop_reason) or finish
        if not self.done and not finish:
            raise UpstreamError("the provider's stream ended without an end mark", code="upstream_stream_cut")
        return Answer(b"", _usage(usage), finish, "".join(text), _tier(usage))


def _decoded(said: bytes) -> dict[str, Any]:
    try:
        return _any.decode(said)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _broken() from None


def _broken() -> UpstreamError:
    return UpstreamError("the provider's stream carries broken JSON", code="upstream_invalid_answer")


def _usage(said: Any) -> Usage | None:
    return counted(counts.to_chat(said))


def _tier(said: Any) -> str:
    """What the answer's price depends on besides its tokens: fast answers have another one."""
    if not isinstance(said, dict):
        return ""
    return "fast" if said.get("speed") == "fast" else counts.tier(said) or ""
