"""One line's result as it stands in a batch's output or error file, in the words of the API that made it. Pure."""

import hashlib
from collections.abc import Iterator
from typing import Literal

import msgspec

from outrider.base.usage import MOST_TOKENS, Usage
from outrider.gateway.batches.rows import Kind

Missing = Literal["expired", "cancelled", "failed"]

_WHY: dict[Missing, str] = {
    "expired": "This request could not be executed before the completion window expired.",
    "cancelled": "The batch was cancelled before this request was executed.",
    "failed": "The batch failed before this request was executed.",
}
_encode = msgspec.json.encode
NOTHING = Usage()
UNANSWERED = (
    b'{"error":{"message":"Outrider could not handle this request; the log has the reason.",'
    b'"type":"server_error","param":null,"code":"internal_error"}}'
)
_UNANSWERED_THERE = b'{"type":"error","error":{"type":"api_error","message":"Outrider could not handle this request."}}'
Texts = Iterator[tuple[bool, bytes]]


class _Details(msgspec.Struct):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None


class _Counts(msgspec.Struct):
    """Usage as the languages of callers say it."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    prompt_tokens_details: _Details | None = None
    completion_tokens_details: _Details | None = None
    input_tokens_details: _Details | None = None
    output_tokens_details: _Details | None = None


class _Google(msgspec.Struct):
    """Usage as Gemini says it."""

    promptTokenCount: int | None = None
    toolUsePromptTokenCount: int | None = None


class _Answer(msgspec.Struct):
    usage: _Counts | None = None
    usageMetadata: _Google | None = None


class _Failure(msgspec.Struct):
    code: str | None = None
    type: str | None = None


class _Failed(msgspec.Struct):
    error: _Failure | None = None


_answer = msgspec.json.Decoder(_Answer).decode
_failed = msgspec.json.Decoder(_Failed).decode
_raw = msgspec.json.Decoder(msgspec.Raw).decode


def used(body: bytes) -> Usage:
    """What the answer says that it used; nothing if it does not."""
    try:
        counts = _answer(body).usage
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Usage()
    if counts is None:
        return Usage()
    told = counts.prompt_tokens_details or counts.input_tokens_details or _Details()
    read, write = counts.cache_read_input_tokens or 0, counts.cache_creation_input_tokens or 0
    thought = counts.completion_tokens_details or counts.output_tokens_details or _Details()
    return Usage(
        _number(counts.prompt_tokens or counts.input_tokens) + _number(read) + _number(write),
        _number(counts.completion_tokens or counts.output_tokens),
        _number(told.cached_tokens or read),
        _number(told.cache_write_tokens or write),
        _number(thought.reasoning_tokens),
    )


def prompt(body: bytes) -> int:
    """The input tokens that a provider's answer of any language counts; 0 if it does not."""
    try:
        said = _answer(body).usageMetadata
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 0
    if said is None:
        return used(body).input
    return _number(said.promptTokenCount) + _number(said.toolUsePromptTokenCount)


def error_code(body: bytes) -> str:
    """The stable code of an error's body, "" if it has none."""
    try:
        error = _failed(body).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return (error.code or error.type or "") if error is not None else ""


def done(kind: Kind, batch: str, custom_id: str, status: int, request_id: str, body: bytes) -> bytes:
    """The line of a request that was executed, with its line end."""
    name, said = _encode(custom_id), _one_line(body)
    if kind == "anthropic":
        if status == 200:
            return b'{"custom_id":%b,"result":{"type":"succeeded","message":%b}}\n' % (name, said)
        said = _UNANSWERED_THERE if body == UNANSWERED else said
        return b'{"custom_id":%b,"result":{"type":"errored","error":%b}}\n' % (name, said)
    return b'{"id":"%b","custom_id":%b,"response":{"status_code":%d,"request_id":%b,"body":%b},"error":null}\n' % (
        _line_id(batch, custom_id),
        name,
        status,
        _encode(request_id),
        said,
    )


def missing(kind: Kind, batch: str, custom_id: str, why: Missing) -> bytes:
    """The line of a request that was not executed."""
    name = _encode(custom_id)
    if kind == "anthropic":
        if why == "failed":
            error = _encode({"type": "error", "error": {"type": "api_error", "message": _WHY[why]}})
            return b'{"custom_id":%b,"result":{"type":"errored","error":%b}}\n' % (name, error)
        word = b"canceled" if why == "cancelled" else b"expired"
        return b'{"custom_id":%b,"result":{"type":"%b"}}\n' % (name, word)
    error = _encode({"code": f"batch_{why}", "message": _WHY[why]})
    return b'{"id":"%b","custom_id":%b,"response":null,"error":%b}\n' % (_line_id(batch, custom_id), name, error)


def _line_id(batch: str, custom_id: str) -> bytes:
    """The same for the same line, however often it is written."""
    return b"batch_req_" + hashlib.sha256(f"{batch}/{custom_id}".encode()).hexdigest()[:32].encode()


def _one_line(body: bytes) -> bytes:
    """JSON without line ends, which in JSON stand between values alone; what is no JSON becomes a string."""
    try:
        _raw(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _encode(body.decode("utf-8", "replace"))
    return body.replace(b"\r", b"").replace(b"\n", b"").strip() or b"null"


def _number(tokens: int | None) -> int:
    return min(max(tokens or 0, 0), MOST_TOKENS)
