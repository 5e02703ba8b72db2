"""The OpenAI wire dialect: chat completions and embeddings, spoken by most providers and by our own callers.

Pure functions. A request passes with only `model` (and for streams `stream_options`) replaced; an answer passes as it
is and is only looked at: usage, why it ended, errors that hide in a 200.
"""

import contextlib
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from outrider.base import clock
from outrider.base.errors import UpstreamError
from outrider.base.ports import Answer, Deployment, WireRequest
from outrider.base.sse import SSESplitter, payload
from outrider.base.usage import MOST_TOKENS, Usage
from outrider.dialects import understood
from outrider.dialects.plain import plain
from outrider.providers import rerank

name = "openai"
SPEAKS = "chat"
STREAM_TYPE = b"event-stream"

Headers = Sequence[tuple[bytes, bytes]]
RETRYABLE = {408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529}
DONE = b"[DONE]"
ABSENT = msgspec.Raw(b"")
WHOLE = ("stop", "tool_calls", "function_call")


class _Details(msgspec.Struct):
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _Details | None = None
    completion_tokens_details: _Details | None = None


class _Message(msgspec.Struct):
    content: Any = None


class _Choice(msgspec.Struct):
    finish_reason: str | None = None
    message: _Message | None = None


class _Body(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: msgspec.Raw = ABSENT
    error: msgspec.Raw = ABSENT
    service_tier: Any = None


class _List(msgspec.Struct):
    """Answer to an embeddings request: the vectors themselves are not looked at."""

    items: msgspec.Raw = msgspec.field(default=ABSENT, name="data")
    usage: msgspec.Raw = ABSENT
    error: msgspec.Raw = ABSENT


class _Error(msgspec.Struct):
    message: Any = ""
    type: Any = ""
    code: Any = None


_body = msgspec.json.Decoder(_Body)
_list = msgspec.json.Decoder(_List)
_counts = msgspec.json.Decoder(_Usage)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_json = msgspec.json.Encoder()


def encode(
    deployment: Deployment, endpoint: str, body: bytes, model: str, *, stream: bool, wants_usage: bool
) -> WireRequest:
    """The provider's request for a validated body that names `model`. Fields that we do not know pass unchanged."""
    if endpoint == "rerank":
        return WireRequest("POST", deployment.paths[endpoint], deployment.headers, rerank.asked(body, deployment.model))
    ask_usage = stream and not wants_usage and deployment.stream_usage
    other_limit = deployment.limit == "max_tokens" and b'"max_completion_tokens"' in body
    if ask_usage or other_limit or model != deployment.model:
        fields = _fields.decode(body)
        fields["model"] = msgspec.Raw(_json.encode(deployment.model))
        if other_limit and _given(limit := fields.pop("max_completion_tokens", ABSENT)):
            fields["max_tokens"] = limit
        if ask_usage:
            fields["stream_options"] = _with_usage(fields.get("stream_options"))
        body = _json.encode(fields)
    return WireRequest("POST", deployment.paths[endpoint], deployment.headers, body)


def encode_pivot(
    deployment: Deployment, endpoint: str, body: bytes, model: str, *, stream: bool, wants_usage: bool
) -> WireRequest:
    """The provider's request for what was asked in another language: chat without additions that it does not know."""
    if endpoint != "chat":
        return encode(deployment, endpoint, body, model, stream=stream, wants_usage=wants_usage)
    chat = msgspec.json.decode(body, type=dict[str, Any])
    asked = understood(lambda said: plain(said, deployment.model, deployment.knows), chat)
    fields = asked.fields
    fields["model"] = deployment.model
    limits = [fields.pop(name, None) for name in ("max_tokens", "max_completion_tokens")]
    if given := [limit for limit in limits if limit is not None]:
        fields[deployment.limit or "max_tokens"] = max(given)
    if stream:
        fields["stream_options"] = {"include_usage": True}
    if not (stream and deployment.stream_usage):
        fields.pop("stream_options", None)
    return WireRequest("POST", deployment.paths[endpoint], deployment.headers, _json.encode(fields), lost=asked.lost)


def _with_usage(options: msgspec.Raw | None) -> msgspec.Raw:
    """The caller's stream options with usage switched on, so that the record has exact counts."""
    present = _fields.decode(options) if options and options != b"null" else {}
    present["include_usage"] = msgspec.Raw(b"true")
    return msgspec.Raw(_json.encode(present))


def decode(endpoint: str, status: int, headers: Headers, body: bytes) -> Answer:
    """Usage and finish reason of a complete answer. Raises UpstreamError if it is none."""
    if status != 200:
        raise classify(status, headers, body)
    if endpoint == "rerank":
        return rerank.decode(body)
    try:
        parsed: _Body | _List = (_body if endpoint == "chat" else _list).decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_json(headers, body, error) from None
    if _given(parsed.error):
        raise _in_200(parsed.error, body)
    if isinstance(parsed, _List):
        if not _given(parsed.items):
            raise UpstreamError("the provider's answer has no `data`", code="upstream_invalid_answer")
        return Answer(body, _usage(parsed.usage), "stop")
    if not parsed.choices:
        raise UpstreamError("the provider's answer has no `choices`", code="upstream_invalid_answer")
    first = parsed.choices[0]
    content = first.message.content if first.message is not None else None
    finish = ""
    for choice in parsed.choices:
        finish = _worse(finish, choice.finish_reason)
    said = content if isinstance(content, str) else ""
    return Answer(body, _usage(parsed.usage), finish, said, _tier(parsed.service_tier))


def _tier(said: Any) -> str:
    return said if isinstance(said, str) else ""


def _worse(finish: str, other: str | None) -> str:
    """Of several choices' reasons the one that says most: an answer is whole only if all of its choices are."""
    return finish if not other or finish not in ("", *WHOLE) else other


def classify(status: int, headers: Headers, body: bytes) -> UpstreamError:
    """What a provider's refusal means: its class, whether to try again, and when."""
    message = f"the provider answered HTTP {status}"
    shown: bytes | None = None
    try:
        error = msgspec.json.decode(body, type=dict[str, Any]).get("error")
        if isinstance(error, dict):
            detail, shown = str(error.get("message", "")), body
        else:
            detail = error if isinstance(error, str) else ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        detail = ""
    code = {
        401: "provider_key_refused",
        403: "provider_key_refused",
        404: "provider_model_not_found",
        429: "provider_rate_limited",
    }
    return UpstreamError(
        f"{message}: {detail[:500]}" if detail else message,
        code=code.get(status, "upstream_error" if status >= 500 or status < 400 else "provider_refused_request"),
        status=status,
        retryable=status in RETRYABLE,
        retry_after=_retry_after(headers),
        body=shown,
    )


def _retry_after(headers: Headers) -> float | None:
    """Seconds to wait, from `retry-after-ms` or `retry-after` (seconds or an HTTP date)."""
    found = dict(headers)
    try:
        if b"retry-after-ms" in found:
            return max(0.0, float(found[b"retry-after-ms"]) / 1000)
        value = found.get(b"retry-after")
        if value is None:
            return None
        if value.replace(b".", b"", 1).isdigit():
            return float(value)
        return max(0.0, parsedate_to_datetime(value.decode("latin-1")).timestamp() - clock.now_ns() / 1e9)
    except (ValueError, TypeError, OverflowError):
        return None


def _not_json(headers: Headers, body: bytes, error: Exception) -> UpstreamError:
    kind = dict(headers).get(b"content-type", b"").decode("latin-1")
    what = "HTML" if "html" in kind or body.lstrip()[:1] == b"<" else "invalid JSON"
    return UpstreamError(
        f"the provider answered {what} where JSON was expected ({error})"[:300], code="upstream_invalid_answer"
    )


def _given(raw: msgspec.Raw) -> bool:
    """Whether a field is there and not null."""
    return bool(raw) and bytes(raw) != b"null"


def _in_200(error: msgspec.Raw, body: bytes) -> UpstreamError:
    try:
        detail = str(msgspec.json.decode(error, type=_Error).message)
    except msgspec.ValidationError:
        detail = bytes(error).decode(errors="replace")
    return UpstreamError(
        f"the provider sent an error inside a 200 answer: {detail[:500]}", code="upstream_error_in_200"
    )


def _usage(said: msgspec.Raw) -> Usage | None:
    """What the provider says it counted; None if it says nothing, or what cannot be: budgets are charged with it, and
    a good answer with a strange count is a good answer."""
    try:
        usage = _counts.decode(said) if _given(said) else None
    except msgspec.DecodeError:
        return None
    if usage is None or usage.prompt_tokens is None:
        return None
    input_, output = usage.prompt_tokens, usage.completion_tokens or 0
    if not (0 <= input_ <= MOST_TOKENS and 0 <= output <= MOST_TOKENS):
        return None
    read, written = usage.prompt_tokens_details, usage.completion_tokens_details
    cached = (read.cached_tokens or 0) if read is not None else 0
    reasoning = (written.reasoning_tokens or 0) if written is not None else 0
    return Usage(input_, output, cached=min(max(0, cached), input_), reasoning=min(max(0, reasoning), output))


# -- streams ----------------------------------------------------------------------------------------------------


class _Delta(msgspec.Struct):
    content: Any = None


class _ChunkChoice(msgspec.Struct):
    finish_reason: str | None = None
    delta: _Delta | None = None


class _Plain(msgspec.Struct):
    """What is read of an event in which nothing looks like an error."""

    choices: list[_ChunkChoice] = []
    usage: msgspec.Raw = ABSENT
    service_tier: Any = None


class _Chunk(_Plain):
    error: msgspec.Raw = ABSENT
    object: Any = None


_chunk = msgspec.json.Decoder(_Chunk)
_all = msgspec.json.Decoder(list[_Plain])


class _Reader:
    """Follows a stream by looking for marks in its bytes; parses only the first event, what looks broken or like an
    error, and at the end all. A broken event or an error is not passed on: the stream may be continued elsewhere.
    """

    __slots__ = ("_first", "_usage", "_wants_usage", "done")

    def __init__(self, wants_usage: bool) -> None:
        self._wants_usage = wants_usage
        self._first = True
        self._usage = ABSENT
        self.done = False

    def feed(self, event: bytes) -> bytes:
        if self._first:
            self._check_first(payload(event))
        if event[-3:] != b"}\n\n" or event.find(b'error"') >= 0:  # `find` is several times quicker than `in`
            said = payload(event)
            self.done = self.done or said == DONE
            self._check(said)
        if self._wants_usage or event.find(b"[]") < 0:
            return event
        return self._without_usage(event) if b'"choices":[]' in event or b'"choices": []' in event else event

    def _check_first(self, said: bytes) -> None:
        """An error before any text can still be answered by another deployment."""
        if not said:
            return  # a comment that keeps the connection alive
        self._first = False
        self._check(said)

    def _check(self, said: bytes) -> None:
        if said and said != DONE:
            _raise_error_in(_chunk_of(said), said)

    def _without_usage(self, event: bytes) -> bytes:
        """Leave out the usage event that the caller did not ask for; keep its figures."""
        chunk = _chunk_of(payload(event))
        if not _given(chunk.usage) or chunk.choices:
            return event
        self._usage = chunk.usage
        return b""

    def told(self, blocks: Sequence[bytes]) -> Usage | None:
        """Some have the counts so far in every event."""
        found = _usage(self._usage)
        for event in b"".join(blocks).split(b"\n\n"):
            if event.find(b'"usage"') >= 0 and (said := payload(event)):
                with contextlib.suppress(UpstreamError):  # the event that it broke with
                    found = _usage(_chunk_of(said).usage) or found
        return found

    def close(self, blocks: Sequence[bytes]) -> Answer:
        finish, usage, tier = "", self._usage, ""
        text: list[str] = []
        for chunk in _chunks(b"".join(blocks)):
            if chunk.service_tier:
                tier = _tier(chunk.service_tier)
            if chunk.usage:
                usage = chunk.usage if _given(chunk.usage) else usage
            for position, choice in enumerate(chunk.choices):
                if choice.finish_reason:
                    finish = _worse(finish, choice.finish_reason)
                if position == 0 and choice.delta is not None and isinstance(choice.delta.content, str):
                    text.append(choice.delta.content)
        if not self.done and not finish:
            raise UpstreamError("the provider's stream ended without an end mark", code="upstream_stream_cut")
        return Answer(b"", _usage(usage), finish, "".join(text), tier)


def reader(*, wants_usage: bool) -> _Reader:
    return _Reader(wants_usage)


def _chunks(stream: bytes) -> Sequence[_Plain]:
    """What the events of a stream say. Nearly all come in one plain form, and are then read in one go."""
    said = stream[6:-2].split(b"\n\ndata: ")
    if said[-1] == DONE:
        said.pop()
    if stream[:6] == b"data: " and b"\r" not in stream and b'error"' not in stream:
        try:  # another field's line inside a part would be no JSON
            chunks = _all.decode(b"[%b]" % b",".join(said))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            chunks = []
        if len(chunks) == len(said):
            return chunks
    splitter = SSESplitter()
    found: list[_Chunk] = []
    for event in [*splitter.feed(stream), splitter.rest()]:
        one = payload(event)
        if one and one != DONE:
            found.append(_chunk_of(one))
            _raise_error_in(found[-1], one)
    return found


def _chunk_of(said: bytes) -> _Chunk:
    try:
        return _chunk.decode(said)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UpstreamError("the provider's stream carries broken JSON", code="upstream_invalid_answer") from None


def _raise_error_in(chunk: _Chunk, said: bytes) -> None:
    if _given(chunk.error):
        raise _in_200(chunk.error, said)
    if chunk.object == "error":  # some servers send the error itself as the event
        raise _in_200(msgspec.Raw(said), said)
