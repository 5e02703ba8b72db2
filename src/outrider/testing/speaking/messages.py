"""Anthropic Messages, as its servers speak it."""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from outrider.testing.speaking import messages_fields as fields
from outrider.testing.speaking import seals
from outrider.testing.speaking.strict import as_, checked, need
from outrider.testing.speaking.words import (
    STATUS,
    Ask,
    Call,
    Cite,
    Failure,
    Given,
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
)

NAME = "anthropic"
TYPE = b"text/event-stream; charset=utf-8"
SEALS = "claude"
_MARK = re.compile(rb'"cache_control"\s*:\s*\{')
_STOPS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "filter": "refusal"}
_ERRORS = {
    "refused": (400, "invalid_request_error"),
    "key": (401, "authentication_error"),
    "missing": (404, "not_found_error"),
    "large": (413, "request_too_large"),
    "limited": (429, "rate_limit_error"),
    "broken": (500, "api_error"),
    "overloaded": (529, "overloaded_error"),
}


# -- hearing ----------------------------------------------------------------------------------------------------------


def hear(path: str, headers: Mapping[str, str], body: bytes) -> Ask:
    """The request. Raises Refused for what the real provider refuses."""
    need("x-api-key" in headers or "authorization" in headers, "x-api-key header is required")
    need("anthropic-version" in headers, "anthropic-version: header is required")
    asked, new = checked(body, fields.Request)
    ask = Ask(_turns(asked), model=asked.model, stream=asked.stream, unknown=new, marks=len(_MARK.findall(body)))
    need(ask.marks <= 4, f"A maximum of 4 blocks with cache_control may be provided. Found {ask.marks}.")
    ask.tools = [_tool(tool, at) for at, tool in enumerate(asked.tools or [])]
    _choice(asked, ask)
    _params(asked, ask.params)
    _check_thinking(asked, ask)
    _check_order(asked)
    return ask


def _turns(asked: fields.Request) -> list[Turn]:
    turns = []
    if asked.system:
        system = asked.system
        texts = [Text(system)] if isinstance(system, str) else [_text(block) for block in system]
        turns.append(Turn("system", tuple(texts)))
    for at, message in enumerate(asked.messages):
        content = message.content
        if isinstance(content, str):
            need(content != "", "text content blocks must be non-empty", f"messages.{at}")
            turns.append(Turn(message.role, (Text(content),)))
        else:
            turns.append(Turn(message.role, tuple(_part(block, f"messages.{at}") for block in content)))
    return turns


def _text(block: fields.TextBlock) -> Text:
    return Text(block.text, mark=block.cache_control is not None)


def _part(block: fields.Block, where: str) -> Part:
    match block:
        case fields.TextBlock():
            return _text(block)
        case fields.ImageBlock() | fields.DocumentBlock():
            return _media(block)
        case fields.Thinking():
            seals.check(SEALS, block.thinking, block.signature, where)
            return Thought(block.thinking, block.signature)
        case fields.RedactedThinking():
            seals.hidden(SEALS, block.data)
            return Thought("", block.data)
        case fields.ToolUse():
            return Call(block.id, block.name, block.input)
        case fields.ToolResult():
            return _result(block)
    return Given(block)


def _result(block: fields.ToolResult) -> Result:
    said = block.content
    inner = [Text(said)] if isinstance(said, str) else [_inner(one) for one in said]
    return Result(block.tool_use_id, tuple(part for part in inner if part != Text("")), bool(block.is_error))


def _inner(block: fields.TextBlock | fields.ImageBlock | fields.DocumentBlock) -> Text | Media:
    return _text(block) if isinstance(block, fields.TextBlock) else _media(block)


def _media(block: fields.ImageBlock | fields.DocumentBlock) -> Media | Text:
    kind = "image" if isinstance(block, fields.ImageBlock) else "file"
    name = (block.title or "") if isinstance(block, fields.DocumentBlock) else ""
    cited = isinstance(block, fields.DocumentBlock) and bool(block.citations and block.citations.enabled)
    match block.source:
        case fields.Base64Source(media_type=mime, data=content):
            need((kind == "image") == mime.startswith("image/"), f"{mime} is not a {kind}")
            return Media(kind, mime, content, name=name, cited=cited)
        case fields.UrlSource(url=url):
            return Media(kind, "", "", url, name, cited)
        case fields.TextSource(data=content):
            return Media(kind, "text/plain", base64.b64encode(content.encode()).decode(), name=name, cited=cited)
    return Media(kind, "", "", f"file:{block.source.file_id}", name)


def _tool(said: dict[str, Any], at: int) -> Tool:
    if said.get("type") not in (None, "custom"):
        need(bool(fields.SERVER_TOOL.match(str(said["type"]))), f"tools.{at}: no tool type {said['type']!r}")
        return Tool(said.get("name", ""), kind=said["type"])
    tool = as_(said, fields.CustomTool, f"tools.{at}.")
    need(tool.input_schema.get("type") == "object", f"tools.{tool.name}.input_schema.type: Input should be 'object'")
    return Tool(tool.name, tool.description or "", tool.input_schema, tool.strict)


def _choice(asked: fields.Request, ask: Ask) -> None:
    choice = asked.tool_choice
    if choice is None:
        return
    need(bool(asked.tools), "tool_choice may only be specified while providing tools", "tool_choice")
    match choice:
        case fields.NoTool():
            ask.choice = "none"
            return
        case fields.OneTool(name=name):
            need(any(tool.name == name for tool in ask.tools), f"Tool '{name}' not found in provided tools")
            ask.choice = f"={name}"
        case fields.AnyTool():
            ask.choice = "required"
        case _:
            ask.choice = "auto"
    if choice.disable_parallel_tool_use is not None:
        ask.params["parallel"] = not choice.disable_parallel_tool_use


def _params(asked: fields.Request, params: dict[str, Any]) -> None:
    params["max_tokens"] = asked.max_tokens
    out = asked.output_config or fields.OutputConfig()
    said = {
        "temperature": asked.temperature,
        "top_p": asked.top_p,
        "top_k": asked.top_k,
        "stop": asked.stop_sequences,
        "tier": asked.service_tier,
        "user": asked.metadata.user_id if asked.metadata else None,
        "effort": out.effort,
        "schema": out.format.schema if out.format else None,
        "budget": asked.thinking.budget_tokens if isinstance(asked.thinking, fields.Enabled) else None,
        "adaptive": True if isinstance(asked.thinking, fields.Adaptive) else None,
    }
    params.update({name: value for name, value in said.items() if value is not None})


def _check_thinking(asked: fields.Request, ask: Ask) -> None:
    if not isinstance(asked.thinking, fields.Enabled | fields.Adaptive):
        return
    if isinstance(asked.thinking, fields.Enabled):
        need(
            asked.thinking.budget_tokens < asked.max_tokens,
            "`max_tokens` must be greater than `thinking.budget_tokens`",
        )
    need(asked.temperature in (None, 1), "`temperature` may only be set to 1 when thinking is enabled", "temperature")
    need(asked.top_k is None, "`top_k` must be unset when thinking is enabled", "top_k")
    forced = isinstance(asked.tool_choice, fields.AnyTool | fields.OneTool)
    need(not forced, "Thinking may not be enabled when tool_choice forces tool use.", "tool_choice")
    after = [turn for turn in ask.turns if turn.role != "system"]
    if len(after) > 1 and after[-1].role == "user" and any(isinstance(p, Result) for p in after[-1].parts):
        first = after[-2].parts[0]
        need(
            isinstance(first, Thought),
            "Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final "
            "`assistant` message must start with a thinking block.",
            f"messages.{len(asked.messages) - 2}.content.0",
        )


def _check_order(asked: fields.Request) -> None:
    """Roles begin with a user; every call is answered in the message after it, and first thing there."""
    turns: list[tuple[str, list[Any]]] = []
    for message in asked.messages:
        blocks = [message.content] if isinstance(message.content, str) else list(message.content)
        need(bool(blocks), "all messages must have non-empty content")
        if turns and turns[-1][0] == message.role:
            turns[-1][1].extend(blocks)
        elif message.role != "system":
            turns.append((message.role, blocks))
    need(bool(turns) and turns[0][0] == "user", "messages: first message must use the user role")
    open_: list[str] = []
    seen: set[str] = set()
    for at, (role, blocks) in enumerate(turns):
        results = [block.tool_use_id for block in blocks if isinstance(block, fields.ToolResult)]
        for one in results:
            need(one in open_, f"unexpected `tool_use_id` found in `tool_result` blocks: {one}", f"messages.{at}")
        missing = [one for one in open_ if one not in results]
        need(not missing, f"`tool_use` ids were found without `tool_result` blocks immediately after: {missing}")
        lead = [isinstance(block, fields.ToolResult) for block in blocks[: len(results)]]
        need(all(lead), "`tool_result` blocks must come first in the message", f"messages.{at}")
        calls = [block.id for block in blocks if isinstance(block, fields.ToolUse)]
        need(not calls or role == "assistant", "`tool_use` blocks can only be in `assistant` messages")
        need(not results or role == "user", "`tool_result` blocks can only be in `user` messages")
        need(len(set(calls)) == len(calls) and not seen & set(calls), "`tool_use` ids must be unique")
        seen |= set(calls)
        open_ = calls
    need(not open_, "`tool_use` ids were found without `tool_result` blocks immediately after")


# -- saying -----------------------------------------------------------------------------------------------------------


def whole(reply: Reply, ask: Ask, number: int) -> dict[str, Any]:
    body = _message(reply, ask, number)
    body["content"] = [_block(part) for part in reply.parts]
    body["usage"] = _usage(reply) | {"output_tokens": reply.counts.output}
    return body | _ending(reply) | reply.unknown


def _message(reply: Reply, ask: Ask, number: int) -> dict[str, Any]:
    return {
        "id": f"msg_01{number:022d}",
        "type": "message",
        "role": "assistant",
        "model": ask.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "container": None,
    }


def _ending(reply: Reply) -> dict[str, Any]:
    if reply.stopped:
        return {"stop_reason": "stop_sequence", "stop_sequence": reply.stopped}
    if reply.finish in ("refusal", "filter"):
        details = {"type": "refusal", "category": None, "explanation": None}
        return {"stop_reason": "refusal", "stop_sequence": None, "stop_details": details}
    return {"stop_reason": _STOPS[reply.finish], "stop_sequence": None}


def _usage(reply: Reply) -> dict[str, Any]:
    counts = reply.counts
    return {
        "input_tokens": counts.input - counts.cached - counts.written,
        "cache_creation_input_tokens": counts.written,
        "cache_read_input_tokens": counts.cached,
        "cache_creation": {"ephemeral_5m_input_tokens": counts.written, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 1,
        "output_tokens_details": {"thinking_tokens": counts.reasoning},
        "server_tool_use": None,
        "service_tier": "priority" if reply.tier == "priority" else "standard",
        "inference_geo": "not_available",
    }


def _block(part: Part) -> dict[str, Any]:
    match part:
        case Text(text=text, cites=cites):
            return {"type": "text", "text": text, "citations": [_cite(one) for one in cites] or None}
        case Refusal(text=text):
            return {"type": "text", "text": text, "citations": None}
        case Thought(text="", seal=seal):
            return {"type": "redacted_thinking", "data": seal}
        case Thought(text=text, seal=seal):
            return {"type": "thinking", "thinking": text, "signature": seal}
        case Call(id=id_, name=name, arguments=arguments):
            return {"type": "tool_use", "id": id_, "name": name, "input": arguments, "caller": {"type": "direct"}}
    raise TypeError(part)


def _cite(cite: Cite) -> dict[str, Any]:
    if cite.document < 0:
        return {
            "type": "web_search_result_location",
            "url": cite.url,
            "title": cite.title,
            "encrypted_index": "Eo8BCioIAhgB",
            "cited_text": cite.quote,
        }
    return {
        "type": "char_location",
        "cited_text": cite.quote,
        "document_index": cite.document,
        "document_title": cite.title or None,
        "file_id": None,
        "start_char_index": cite.start,
        "end_char_index": cite.end,
    }


def stream(reply: Reply, ask: Ask, number: int) -> Iterator[bytes]:
    """The events of a stream, each with its blank line."""
    start = _message(reply, ask, number) | {"usage": _usage(reply)} | reply.unknown
    yield _event("message_start", message=start)
    for index, part in enumerate(reply.parts):
        block = _block(part)
        deltas = list(_deltas(part, block, reply.piece))
        yield _event("content_block_start", index=index, content_block=block)
        if not index:
            yield _event("ping")
        for delta in deltas:
            yield _event("content_block_delta", index=index, delta=delta)
        yield _event("content_block_stop", index=index)
    usage = {k: v for k, v in _usage(reply).items() if k not in ("service_tier", "inference_geo", "cache_creation")}
    usage["output_tokens"] = reply.counts.output
    yield _event("message_delta", delta={"stop_details": None} | _ending(reply), usage=usage)
    yield _event("message_stop")


def _deltas(part: Part, block: dict[str, Any], size: int) -> Iterator[dict[str, Any]]:
    """What fills the block, which is left as it is at its start."""
    if isinstance(part, Text | Refusal):
        block["text"] = ""
        cites = block.pop("citations") or []
        if cites:
            block["citations"] = []
        for piece in pieces(part.text, size):
            yield {"type": "text_delta", "text": piece}
        for cite in cites:
            yield {"type": "citations_delta", "citation": cite}
    elif isinstance(part, Thought) and part.text:
        block["thinking"] = block["signature"] = ""
        for piece in pieces(part.text, size):
            yield {"type": "thinking_delta", "thinking": piece}
        yield {"type": "signature_delta", "signature": part.seal}
    elif isinstance(part, Call):
        block["input"] = {}
        yield {"type": "input_json_delta", "partial_json": ""}
        for piece in pieces(dumps(part.arguments), size):
            yield {"type": "input_json_delta", "partial_json": piece}


def _event(kind: str, **fields: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields}, ensure_ascii=False)}\n\n".encode()


# -- failing ----------------------------------------------------------------------------------------------------------


def failure(failed: Failure) -> tuple[int, Sequence[tuple[bytes, bytes]], dict[str, Any]]:
    status, kind = _ERRORS[failed.kind]
    headers = [(b"request-id", b"req_011CSHoEeqs5C35K2UUqR7Fy")]
    if failed.retry_after is not None:
        headers.append((b"retry-after", b"%d" % failed.retry_after))
    return status, headers, _error(kind, failed.message)


def failure_event(failed: Failure) -> bytes:
    return _event("error", **{k: v for k, v in _error(_ERRORS[failed.kind][1], failed.message).items() if k != "type"})


def _error(kind: str, message: str) -> dict[str, Any]:
    error = {"type": kind, "message": message}
    return {"type": "error", "error": error, "request_id": "req_011CSHoEeqs5C35K2UUqR7Fy"}


def refusal(refused: Refused) -> Failure:
    return Failure(refused.kind, f"{refused.where}: {refused.message}" if refused.where else refused.message)


assert _ERRORS.keys() == STATUS.keys()
