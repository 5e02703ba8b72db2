"""Amazon Bedrock's Converse and ConverseStream, as its servers speak them for a Claude model."""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import msgspec

from outrider.testing.speaking import converse_fields as fields
from outrider.testing.speaking import frames, seals
from outrider.testing.speaking.strict import checked, need
from outrider.testing.speaking.words import (
    Ask,
    Call,
    Cite,
    Counts,
    Failure,
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

NAME = "bedrock"
TYPE = b"application/vnd.amazon.eventstream"
SEALS = "claude"
_PATH = re.compile(r"/model/([^/]+)/(converse|converse-stream)$")
_STOPS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "filter": "content_filtered",
    "refusal": "guardrail_intervened",
}
_ERRORS = {
    "refused": (400, "ValidationException"),
    "key": (403, "UnrecognizedClientException"),
    "missing": (404, "ResourceNotFoundException"),
    "large": (413, "RequestEntityTooLargeException"),
    "limited": (429, "ThrottlingException"),
    "broken": (500, "InternalServerException"),
    "overloaded": (503, "ServiceUnavailableException"),
}
_TYPES = {"txt": "text/plain", "md": "text/markdown", "html": "text/html", "csv": "text/csv", "pdf": "application/pdf"}


# -- hearing ----------------------------------------------------------------------------------------------------------


def hear(path: str, headers: Mapping[str, str], body: bytes) -> Ask:
    """The request. Raises Refused for what the real provider refuses."""
    _check_credentials(headers)
    found = _PATH.search(path)
    need(found is not None, "no such operation")
    assert found is not None
    asked, new = checked(body, fields.Request)
    ask = Ask([], model=unquote(found[1]), stream=found[2] == "converse-stream", unknown=new)
    ask.marks = len(re.findall(rb'"cachePoint"\s*:', body))
    if asked.system:
        ask.turns.append(Turn("system", tuple(Text(block.text) for block in asked.system if block.text)))
    for at, message in enumerate(asked.messages):
        need(bool(message.content), "The content field in the Message object is empty.", f"messages.{at}")
        parts = tuple(part for block in message.content for part in _part(block, f"messages.{at}.content"))
        ask.turns.append(Turn(message.role, parts))
    _check_order([turn for turn in ask.turns if turn.role != "system"])
    _tools(asked, ask)
    _params(asked, ask.params)
    return ask


def _check_credentials(headers: Mapping[str, str]) -> None:
    given = headers.get("authorization", "")
    signed = given.startswith("AWS4-HMAC-SHA256 Credential=") and "x-amz-date" in headers
    if not signed and not given.startswith("Bearer "):
        raise Refused("Missing Authentication Token", "key")
    if signed:
        need("SignedHeaders=" in given and "host" in given and "Signature=" in given, "the signature is incomplete")


def _part(block: fields.Block, where: str) -> Iterator[Part]:
    given = [name for name in block.__struct_fields__ if getattr(block, name) is not None]
    need(len(given) == 1, f"a content block has one field, not {given}", where)
    if block.text is not None:
        need(bool(block.text.strip()), "The text field in the ContentBlock object is blank.", where)
        yield Text(block.text)
    elif block.tool_use is not None:
        call = block.tool_use
        need(isinstance(call.input, dict), "The format of the value at toolUse.input is invalid.", where)
        yield Call(call.tool_use_id, call.name, call.input)
    elif block.tool_result is not None:
        said = block.tool_result
        inner = tuple(_inner(one, where) for one in said.content)
        yield Result(said.tool_use_id, inner, said.status == "error")
    elif block.reasoning_content is not None:
        yield _thought(block.reasoning_content, where)
    elif block.citations_content is not None:
        yield from (Text(one.text or "") for one in block.citations_content.content or [])
    elif block.cache_point is None and block.guard_content is None:
        yield _media(block.image or block.document or block.video or block.audio)


def _thought(said: fields.Reasoning, where: str) -> Thought:
    need((said.reasoning_text is None) != (said.redacted_content is None), "reasoningContent has one field", where)
    if said.reasoning_text is not None:
        seals.check(SEALS, said.reasoning_text.text, said.reasoning_text.signature or "", where)
        return Thought(said.reasoning_text.text, said.reasoning_text.signature or "")
    seals.hidden(SEALS, said.redacted_content or "")
    return Thought("", said.redacted_content or "")


def _inner(said: fields.ResultContent, where: str) -> Text | Media:
    given = [name for name in said.__struct_fields__ if getattr(said, name) is not None]
    need(len(given) == 1, f"a tool result's block has one field, not {given}", where)
    if said.text is not None:
        return Text(said.text)
    if said.json is not None:
        need(isinstance(said.json, dict), "The format of the value at toolResult.content.json is invalid.", where)
        return Text(dumps(said.json))
    return _media(said.image or said.document or said.video)


def _media(block: fields.Image | fields.Document | fields.Video | fields.Audio | None) -> Media:
    assert block is not None
    kind = {fields.Image: "image", fields.Document: "file", fields.Video: "video"}.get(type(block), "audio")
    mime = f"{kind}/{block.format}" if kind != "file" else _TYPES.get(block.format or "", f"application/{block.format}")
    name = block.name if isinstance(block, fields.Document) else ""
    cited = isinstance(block, fields.Document) and bool(block.citations and block.citations.enabled)
    source = block.source
    if source.s3_location is not None:
        return Media(kind, mime, "", source.s3_location.uri, name)
    if source.text is not None:
        return Media(kind, "text/plain", base64.b64encode(source.text.encode()).decode(), name=name, cited=cited)
    need(bool(source.bytes), "the source is empty")
    return Media(kind, mime, source.bytes or "", name=name, cited=cited)


def _check_order(turns: Sequence[Turn]) -> None:
    need(turns[0].role == "user", "A conversation must start with a user message.")
    open_: list[str] = []
    for before, turn in zip([None, *turns], turns, strict=False):
        need(
            before is None or before.role != turn.role,
            "A conversation must alternate between user and assistant roles.",
        )
        results = [part.id for part in turn.parts if isinstance(part, Result)]
        need(
            sorted(results) == sorted(open_),
            f"Expected toolResult blocks for the following Ids: {open_}, but found: {results}",
        )
        open_ = [part.id for part in turn.parts if isinstance(part, Call)]
        documents = any(isinstance(part, Media) and part.kind == "file" for part in turn.parts)
        texts = any(isinstance(part, Text) for part in turn.parts)
        need(texts or not documents, "A document must come with a text block.")
    need(not open_, f"Expected toolResult blocks for the following Ids: {open_}")


def _tools(asked: fields.Request, ask: Ask) -> None:
    used = any(isinstance(part, Call | Result) for turn in ask.turns for part in turn.parts)
    need(
        not used or asked.tool_config is not None,
        "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
    )
    if asked.tool_config is None:
        return
    for tool in asked.tool_config.tools:
        if tool.tool_spec is not None:
            spec = tool.tool_spec
            need(spec.input_schema.json.get("type") == "object", "The schema's type must be object.")
            ask.tools.append(Tool(spec.name, spec.description or "", spec.input_schema.json, spec.strict))
    choice = asked.tool_config.tool_choice
    if choice is not None:
        given = [name for name in choice.__struct_fields__ if getattr(choice, name) is not None]
        need(len(given) == 1, "toolChoice has one field")
        ask.choice = {"auto": "auto", "any": "required"}.get(given[0], f"={choice.tool.name if choice.tool else ''}")


def _params(asked: fields.Request, params: dict[str, Any]) -> None:
    config = asked.inference_config or fields.Inference()
    more = asked.additional_model_request_fields or fields.ModelFields()
    out = asked.output_config or fields.OutputConfig()
    effort = more.output_config.effort if more.output_config else None
    said = {
        "temperature": config.temperature,
        "top_p": config.top_p,
        "top_k": more.top_k,
        "max_tokens": config.max_tokens,
        "stop": config.stop_sequences,
        "budget": more.thinking.budget_tokens if more.thinking else None,
        "effort": out.effort or effort,
        "adaptive": True if more.thinking and more.thinking.type == "adaptive" else None,
        "schema": json.loads(out.text_format.structure.json_schema.schema) if out.text_format else None,
        "tier": asked.service_tier.type if asked.service_tier else None,
        "metadata": asked.request_metadata,
    }
    params.update({name: value for name, value in said.items() if value is not None})
    if more.tool_choice and "disable_parallel_tool_use" in more.tool_choice:
        params["parallel"] = not more.tool_choice["disable_parallel_tool_use"]


# -- saying -----------------------------------------------------------------------------------------------------------


def whole(reply: Reply, ask: Ask, number: int) -> dict[str, Any]:
    message = {"role": "assistant", "content": [_block(part) for part in reply.parts]}
    body: dict[str, Any] = {"output": {"message": message}, "stopReason": _stop(reply), "usage": _usage(reply.counts)}
    body["metrics"] = {"latencyMs": 1047}
    if reply.stopped:
        body["additionalModelResponseFields"] = {"stop_sequence": reply.stopped}
    if reply.tier:
        body["serviceTier"] = {"type": reply.tier}
    return body | reply.unknown


def _stop(reply: Reply) -> str:
    return "stop_sequence" if reply.stopped else _STOPS[reply.finish]


def _usage(counts: Counts) -> dict[str, Any]:
    return {
        "inputTokens": counts.input - counts.cached - counts.written,
        "outputTokens": counts.output,
        "totalTokens": counts.input + counts.output,
        "cacheReadInputTokens": counts.cached,
        "cacheWriteInputTokens": counts.written,
    }


def _block(part: Part) -> dict[str, Any]:
    match part:
        case Text(text=text, cites=()) | Refusal(text=text):
            return {"text": text}
        case Text(text=text, cites=cites):
            return {"citationsContent": {"content": [{"text": text}], "citations": [_cite(one) for one in cites]}}
        case Thought(text="", seal=seal):
            return {"reasoningContent": {"redactedContent": seal}}
        case Thought(text=text, seal=seal):
            return {"reasoningContent": {"reasoningText": {"text": text, "signature": seal}}}
        case Call(id=id_, name=name, arguments=arguments):
            return {"toolUse": {"toolUseId": id_, "name": name, "input": arguments}}
    raise TypeError(part)


def _cite(cite: Cite) -> dict[str, Any]:
    if cite.document < 0:
        place: dict[str, Any] = {"web": {"url": cite.url, "domain": cite.url.split("/")[2]}}
    else:
        place = {"documentChar": {"documentIndex": cite.document, "start": cite.start, "end": cite.end}}
    return {"title": cite.title, "sourceContent": [{"text": cite.quote}], "location": place}


def stream(reply: Reply, ask: Ask, number: int) -> Iterator[bytes]:
    """The frames of a stream. Text and thoughts have no start frame of their own."""
    yield _event("messageStart", {"role": "assistant"} | reply.unknown)
    for index, part in enumerate(reply.parts):
        if isinstance(part, Call):
            start = {"toolUse": {"toolUseId": part.id, "name": part.name}}
            yield _event("contentBlockStart", {"contentBlockIndex": index, "start": start})
        for delta in _deltas(part, reply.piece):
            yield _event("contentBlockDelta", {"contentBlockIndex": index, "delta": delta})
        yield _event("contentBlockStop", {"contentBlockIndex": index})
    ended: dict[str, Any] = {"stopReason": _stop(reply)}
    if reply.stopped:
        ended["additionalModelResponseFields"] = {"stop_sequence": reply.stopped}
    yield _event("messageStop", ended)
    tier = {"serviceTier": {"type": reply.tier}} if reply.tier else {}
    yield _event("metadata", {"usage": _usage(reply.counts), "metrics": {"latencyMs": 1047}, **tier})


def _deltas(part: Part, size: int) -> Iterator[dict[str, Any]]:
    match part:
        case Text(text=text, cites=cites):
            yield from ({"text": piece} for piece in pieces(text, size))
            yield from ({"citation": _cite(one)} for one in cites)
        case Refusal(text=text):
            yield from ({"text": piece} for piece in pieces(text, size))
        case Thought(text="", seal=seal):
            yield {"reasoningContent": {"redactedContent": seal}}
        case Thought(text=text, seal=seal):
            yield from ({"reasoningContent": {"text": piece}} for piece in pieces(text, size))
            yield {"reasoningContent": {"signature": seal}}
        case Call(arguments=arguments):
            yield from ({"toolUse": {"input": piece}} for piece in ["", *pieces(dumps(arguments), size)])


def _event(kind: str, said: dict[str, Any]) -> bytes:
    """`p` is the padding that hides the text's length."""
    return frames.event(kind, msgspec.json.encode({**said, "p": "abcdefghijkl"[: len(kind) % 12]}))


# -- failing ----------------------------------------------------------------------------------------------------------


def failure(failed: Failure) -> tuple[int, Sequence[tuple[bytes, bytes]], dict[str, Any]]:
    status, kind = _ERRORS[failed.kind]
    headers = [(b"x-amzn-errortype", f"{kind}:http://internal.amazon.com/coral/".encode())]
    if failed.retry_after is not None:
        headers.append((b"retry-after", b"%d" % failed.retry_after))
    return status, headers, {"message": failed.message}


def failure_event(failed: Failure) -> bytes:
    kind = _ERRORS[failed.kind][1]
    return frames.exception(kind[0].lower() + kind[1:], msgspec.json.encode({"message": failed.message, "p": "abc"}))


def refusal(refused: Refused) -> Failure:
    return Failure(refused.kind, f"{refused.message} ({refused.where})" if refused.where else refused.message)
