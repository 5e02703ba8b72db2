"""OpenAI chat completions, as its servers speak it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from outrider.testing.speaking import chat_fields as fields
from outrider.testing.speaking.strict import as_, need, opened
from outrider.testing.speaking.words import (
    Ask,
    Call,
    Cite,
    Counts,
    Failure,
    Likely,
    Media,
    Part,
    Refusal,
    Refused,
    Reply,
    Result,
    Text,
    Thought,
    Tool,
    Turn,
    dumps,
    pieces,
    text_of,
)

NAME = "chat"
TYPE = b"text/event-stream; charset=utf-8"
CREATED = 1_763_800_000
_STOPS = {"filter": "content_filter", "refusal": "stop"}
ERRORS = {
    "refused": (400, "invalid_request_error", None),
    "key": (401, "invalid_request_error", "invalid_api_key"),
    "missing": (404, "invalid_request_error", "model_not_found"),
    "large": (413, "invalid_request_error", None),
    "limited": (429, "requests", "rate_limit_exceeded"),
    "broken": (500, "server_error", None),
    "overloaded": (503, "server_error", None),
}


# -- hearing ----------------------------------------------------------------------------------------------------------


def hear(path: str, headers: Mapping[str, str], body: bytes) -> Ask:
    """The request. Raises Refused for what the real provider refuses."""
    need(headers.get("authorization", "").startswith("Bearer "), "You didn't provide an API key.")
    raw, new = opened(body)
    beside = _beside(raw.get("messages"))
    asked = as_(raw, fields.Request)
    ask = Ask([], model=asked.model, stream=bool(asked.stream), unknown=new)
    _turns(asked.messages, ask.turns)
    ask.tools = [
        Tool(t.function.name, t.function.description or "", t.function.parameters or {}, t.function.strict)
        for t in asked.tools or []
    ]
    need(asked.tool_choice is None or bool(asked.tools), "'tool_choice' is only allowed when 'tools' are specified.")
    need(asked.parallel_tool_calls is None or bool(asked.tools), "'parallel_tool_calls' is only allowed with 'tools'.")
    need(asked.stream_options is None or ask.stream, "The 'stream_options' parameter is only allowed when 'stream'.")
    need(asked.top_logprobs is None or bool(asked.logprobs), "'top_logprobs' needs 'logprobs' to be true.")
    if asked.tool_choice is not None:
        choice = asked.tool_choice
        ask.choice = choice if isinstance(choice, str) else f"={choice.function.name}"
    _params(asked, ask.params)
    if beside:
        ask.params["beside"] = beside
    return ask


def _beside(messages: Any) -> list[str]:
    """Fields of assistants' messages that are not documented, taken out: OpenAI lets them pass, others do not."""
    found = []
    for at, message in enumerate(messages if isinstance(messages, list) else ()):
        if isinstance(message, dict) and message.get("role") == "assistant":
            for name in message.keys() - {"role", *fields.Assistant.__struct_fields__}:
                del message[name]
                found.append(f"messages[{at}].{name}")
    return found


def _turns(messages: Sequence[fields.Message], turns: list[Turn]) -> None:
    open_: list[str] = []
    for at, message in enumerate(messages):
        where = f"messages.[{at}]"
        if isinstance(message, fields.ToolMessage):
            need(message.tool_call_id in open_, "messages with role 'tool' must be a response to a 'tool_calls'", where)
            open_.remove(message.tool_call_id)
            result = Result(message.tool_call_id, tuple(_parts(message.content)))
            if turns[-1].role == "user" and isinstance(turns[-1].parts[-1], Result):
                turns[-1] = Turn("user", (*turns[-1].parts, result))
            else:
                turns.append(Turn("user", (result,)))
            continue
        need(not open_, f"An assistant message with 'tool_calls' must be followed by tool messages: {open_}", where)
        if isinstance(message, fields.Assistant):
            turns.append(Turn("assistant", tuple(_assistant(message, where))))
            open_ = [call.id for call in message.tool_calls or []]
        else:
            role = str(type(message).__struct_config__.tag)
            turns.append(Turn(role, tuple(_parts(message.content))))
    need(not open_, f"An assistant message with 'tool_calls' must be followed by tool messages: {open_}")


def _assistant(message: fields.Assistant, where: str) -> Iterator[Part]:
    need(message.content is not None or bool(message.tool_calls or message.refusal), "content is missing", where)
    if message.content is not None:
        yield from (part for part in _parts(message.content) if part != Text(""))
    if message.refusal:
        yield Refusal(message.refusal)
    for call in message.tool_calls or []:
        try:
            arguments = json.loads(call.function.arguments or "{}")
        except ValueError:
            raise Refused("the arguments are not JSON", where=where) from None
        yield Call(call.id, call.function.name, arguments)


def _parts(content: str | Sequence[Any]) -> Iterator[Any]:
    if isinstance(content, str):
        yield Text(content)
        return
    for part in content:
        match part:
            case fields.TextPart(text=text):
                yield Text(text)
            case fields.RefusalPart(refusal=refusal):
                yield Refusal(refusal)
            case fields.ImagePart(image_url=image):
                yield addressed("image", image.url)
            case fields.AudioPart(input_audio=audio):
                yield Media("audio", f"audio/{audio.format}", audio.data)
            case fields.FilePart(file=file):
                need(bool(file.file_data or file.file_id), "a file has file_data or file_id")
                yield addressed("file", file.file_data or f"file:{file.file_id}", file.filename or "")


def addressed(kind: str, url: str, name: str = "") -> Media:
    """A data URL or an address."""
    if not url.startswith("data:"):
        return Media(kind, "", "", url, name)
    mime, _, content = url[5:].partition(";base64,")
    need(bool(content), "Invalid data URL")
    return Media(kind, mime, content, name=name)


def _params(asked: fields.Request, params: dict[str, Any]) -> None:
    form = asked.response_format
    said = {
        "temperature": asked.temperature,
        "top_p": asked.top_p,
        "max_tokens": asked.max_completion_tokens or asked.max_tokens,
        "stop": [asked.stop] if isinstance(asked.stop, str) else asked.stop,
        "seed": asked.seed,
        "presence_penalty": asked.presence_penalty,
        "frequency_penalty": asked.frequency_penalty,
        "n": asked.n,
        "logprobs": (asked.top_logprobs or 0) if asked.logprobs else None,
        "effort": asked.reasoning_effort,
        "schema": form.json_schema.schema if isinstance(form, fields.SchemaFormat) else None,
        "json": True if isinstance(form, fields.ObjectFormat) else None,
        "tier": asked.service_tier,
        "cache_key": asked.prompt_cache_key,
        "user": asked.user or asked.safety_identifier,
        "metadata": asked.metadata,
        "parallel": asked.parallel_tool_calls,
        "verbosity": asked.verbosity,
        "usage": asked.stream_options.include_usage if asked.stream_options else None,
    }
    params.update({name: value for name, value in said.items() if value is not None})


# -- saying -----------------------------------------------------------------------------------------------------------


def _head(kind: str, reply: Reply, ask: Ask, number: int) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{number:029d}",
        "object": kind,
        "created": CREATED,
        "model": ask.model,
        "service_tier": reply.tier or "default",
        "system_fingerprint": "fp_44709d6fcb",
        **reply.unknown,
    }


def whole(reply: Reply, ask: Ask, number: int) -> dict[str, Any]:
    choices = [
        {
            "index": index,
            "message": _message(parts),
            "logprobs": {"content": [likely(one) for one in reply.likely], "refusal": None} if reply.likely else None,
            "finish_reason": _STOPS.get(reply.finish, reply.finish),
        }
        for index, parts in enumerate((reply.parts, *reply.more))
    ]
    return _head("chat.completion", reply, ask, number) | {"choices": choices, "usage": _usage(reply.counts)}


def _message(parts: tuple[Part, ...]) -> dict[str, Any]:
    refused = [part.text for part in parts if isinstance(part, Refusal)]
    text = text_of(parts)
    said = any(isinstance(part, Text) for part in parts)
    thoughts = "".join(part.text for part in parts if isinstance(part, Thought))
    message: dict[str, Any] = {"role": "assistant", "content": text if said else None}
    message["refusal"] = refused[0] if refused else None
    if thoughts:  # not OpenAI's, but most of its relatives'
        message["reasoning_content"] = thoughts
    message["annotations"] = _annotations(parts)
    if calls := [part for part in parts if isinstance(part, Call)]:
        message["tool_calls"] = [_call(call) for call in calls]
    return message


def _call(call: Call) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": dumps(call.arguments)}}


def _annotations(parts: tuple[Part, ...]) -> list[dict[str, Any]]:
    found, at = [], 0
    for part in parts:
        if isinstance(part, Text):
            found += [_annotation(cite, at, at + len(part.text)) for cite in part.cites if cite.document < 0]
            at += len(part.text)
    return found


def _annotation(cite: Cite, start: int, end: int) -> dict[str, Any]:
    said = {"url": cite.url, "title": cite.title, "start_index": start, "end_index": end}
    return {"type": "url_citation", "url_citation": said}


def likely(one: Likely) -> dict[str, Any]:
    """A token with its bytes, as OpenAI shows log-probabilities."""

    def shown(token: str, logprob: float) -> dict[str, Any]:
        return {"token": token, "logprob": logprob, "bytes": list(token.encode())}

    return {**shown(one.token, one.logprob), "top_logprobs": [shown(*other) for other in one.others]}


def _usage(counts: Counts) -> dict[str, Any]:
    return {
        "prompt_tokens": counts.input,
        "completion_tokens": counts.output,
        "total_tokens": counts.input + counts.output,
        "prompt_tokens_details": {
            "cached_tokens": counts.cached,
            "audio_tokens": 0,
            "cache_write_tokens": counts.written,
        },
        "completion_tokens_details": {
            "reasoning_tokens": counts.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def stream(reply: Reply, ask: Ask, number: int) -> Iterator[bytes]:
    """The events of a stream, the usage chunk last if it was asked for."""
    head = _head("chat.completion.chunk", reply, ask, number)
    usage = bool(ask.params.get("usage"))

    def chunk(index: int, delta: dict[str, Any], finish: str | None = None, logprobs: Any = None) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish}
        return _event(head | {"choices": [choice]} | ({"usage": None} if usage else {}))

    for index, parts in enumerate((reply.parts, *reply.more)):
        called = not any(isinstance(part, Text) for part in parts)
        yield chunk(index, {"role": "assistant", "content": None if called else "", "refusal": None})
        if reply.likely:
            for one in reply.likely:
                yield chunk(index, {"content": one.token}, None, {"content": [likely(one)], "refusal": None})
        else:
            for delta in _deltas(parts, reply.piece):
                yield chunk(index, delta)
        yield chunk(index, {}, _STOPS.get(reply.finish, reply.finish))
    if usage:
        yield _event(head | {"choices": [], "usage": _usage(reply.counts)})
    yield b"data: [DONE]\n\n"


def _deltas(parts: tuple[Part, ...], size: int) -> Iterator[dict[str, Any]]:
    calls = 0
    for part in parts:
        if isinstance(part, Thought):
            yield from ({"reasoning_content": piece} for piece in pieces(part.text, size))
        elif isinstance(part, Text):
            yield from ({"content": piece} for piece in pieces(part.text, size))
        elif isinstance(part, Refusal):
            yield from ({"refusal": piece} for piece in pieces(part.text, size))
        elif isinstance(part, Call):
            begun = _call(part)
            arguments = begun["function"]["arguments"]
            begun["function"]["arguments"] = ""
            yield {"tool_calls": [{"index": calls, **begun}]}
            for piece in pieces(arguments, size):
                yield {"tool_calls": [{"index": calls, "function": {"arguments": piece}}]}
            calls += 1
    if cited := _annotations(parts):
        yield {"annotations": cited}


def _event(chunk: dict[str, Any]) -> bytes:
    return b"data: %b\n\n" % json.dumps(chunk, ensure_ascii=False).encode()


# -- failing ----------------------------------------------------------------------------------------------------------


def failure(failed: Failure) -> tuple[int, Sequence[tuple[bytes, bytes]], dict[str, Any]]:
    status, kind, code = ERRORS[failed.kind]
    headers = [(b"x-request-id", b"req_123")]
    if failed.retry_after is not None:
        headers += [(b"retry-after", b"%d" % failed.retry_after), (b"x-ratelimit-remaining-requests", b"0")]
    return status, headers, {"error": {"message": failed.message, "type": kind, "param": None, "code": code}}


def failure_event(failed: Failure) -> bytes:
    return b"data: %b\n\n" % msgspec.json.encode(failure(failed)[2])


def refusal(refused: Refused) -> Failure:
    return Failure(refused.kind, refused.message)
