"""Gemini's generateContent and streamGenerateContent, as Google's servers speak them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from outrider.testing.speaking import gemini_fields as fields
from outrider.testing.speaking import seals
from outrider.testing.speaking.strict import checked, need
from outrider.testing.speaking.words import (
    Ask,
    Call,
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
    pieces,
)

NAME = "gemini"
TYPE = b"text/event-stream"
SEALS = "gemini"
UNSEALED = ("skip_thought_signature_validator", "context_engineering_is_the_way_to_go")
"""What Google documents as the signature of a call that another model made."""
_PATH = re.compile(r"/models/([^/:]+):(generateContent|streamGenerateContent)(?:\?|$)")
_STOPS = {"stop": "STOP", "tool_calls": "STOP", "length": "MAX_TOKENS", "filter": "SAFETY"}
_ERRORS = {
    "refused": (400, "INVALID_ARGUMENT"),
    "key": (401, "UNAUTHENTICATED"),
    "missing": (404, "NOT_FOUND"),
    "large": (413, "INVALID_ARGUMENT"),
    "limited": (429, "RESOURCE_EXHAUSTED"),
    "broken": (500, "INTERNAL"),
    "overloaded": (503, "UNAVAILABLE"),
}
_SNAKE = re.compile(r"(?<=[a-z])_([a-z])")
_FREE = ("args", "response", "responseSchema", "responseJsonSchema", "parameters", "parametersJsonSchema", "labels")
_NOT_OPENAPI = ("$schema", "$ref", "$defs", "const", "additionalProperties", "oneOf", "allOf", "not")


# -- hearing ----------------------------------------------------------------------------------------------------------


def hear(path: str, headers: Mapping[str, str], body: bytes) -> Ask:
    """The request. Raises Refused for what the real provider refuses."""
    keyed = "x-goog-api-key" in headers or "key=" in path or "authorization" in headers
    need(keyed, "Method doesn't allow unregistered callers.")
    found = _PATH.search(path)
    need(found is not None, "no such method")
    assert found is not None
    streamed = found[2] == "streamGenerateContent"
    asked, new = checked(_camel(body), fields.Request)
    ask = Ask([], model=found[1], stream=streamed, unknown=new)
    if asked.system_instruction is not None:
        texts = asked.system_instruction.parts
        need(all(part.text is not None for part in texts), "system_instruction has text only")
        ask.turns.append(Turn("system", tuple(Text(part.text or "") for part in texts)))
    for at, content in enumerate(asked.contents):
        role = "assistant" if content.role == "model" else "user"
        parts = tuple(p for part in content.parts for p in _part(part, f"contents[{at}]"))
        ask.turns.append(Turn(role, parts))
    _check_order(ask.turns)
    _tools(asked, ask)
    _params(asked, ask.params)
    return ask


def _camel(body: bytes) -> bytes:
    """Google's JSON takes `snake_case` for every `camelCase` name of its own."""
    return msgspec.json.encode(_renamed(msgspec.json.decode(body))) if b"_" in body else body


def _renamed(value: Any) -> Any:
    if isinstance(value, list):
        return [_renamed(one) for one in value]
    if not isinstance(value, dict):
        return value
    names = {name: name if name[:2] == "x_" else _SNAKE.sub(lambda m: m[1].upper(), name) for name in value}
    return {new: value[name] if new in _FREE else _renamed(value[name]) for name, new in names.items()}


def _part(part: fields.Part, where: str) -> Iterator[Part]:
    kinds = (part.text, part.inline_data, part.file_data, part.function_call, part.function_response)
    given = [kind for kind in kinds if kind is not None]
    only = len(given) == 1 or (not given and part.thought_signature is not None)
    need(only, "parts must have one initialized field: data", where)
    sealed = part.thought_signature or ""
    if sealed and sealed not in UNSEALED:
        seals.hidden(SEALS, sealed)
    if part.text is not None or not given:
        if part.thought:
            yield Thought(part.text or "", sealed)
            return
        if sealed:
            yield Thought("", sealed)
        if part.text:
            yield Text(part.text)
    elif part.inline_data is not None:
        kind = part.inline_data.mime_type.split("/")[0]
        kind = kind if kind in ("image", "audio", "video") else "file"
        yield Media(kind, part.inline_data.mime_type, part.inline_data.data, name=part.inline_data.display_name or "")
    elif part.file_data is not None:
        kind = (part.file_data.mime_type or "application").split("/")[0]
        kind = kind if kind in ("image", "audio", "video") else "file"
        yield Media(kind, part.file_data.mime_type or "", "", part.file_data.file_uri)
    elif part.function_call is not None:
        call = part.function_call
        yield Call(call.id or "", call.name, call.args, sealed)
    elif part.function_response is not None:
        yield _result(part.function_response)


def _result(said: fields.FunctionResponse) -> Result:
    response, error = said.response, "error" in said.response
    inner: list[Text | Media] = []
    spoken = response.get("error") if error else response.get("output", response.get("result", response))
    if spoken not in ("", {}, [], None):
        inner.append(Text(spoken if isinstance(spoken, str) else msgspec.json.encode(spoken).decode()))
    for part in said.parts or []:
        need(part.inline_data is not None, "a function response's part has inline_data")
        assert part.inline_data is not None
        kind = "image" if part.inline_data.mime_type.startswith("image/") else "file"
        inner.append(Media(kind, part.inline_data.mime_type, part.inline_data.data))
    return Result(said.id or "", tuple(inner), error, said.name)


def _check_order(turns: Sequence[Turn]) -> None:
    """Every turn of function calls is followed by as many responses, by name (and id)."""
    open_: list[tuple[str, str]] = []
    for turn in turns:
        results = [part for part in turn.parts if isinstance(part, Result)]
        need(
            len(results) == len(open_),
            "Please ensure that the number of function response parts is equal to the number of function call parts of "
            "the function call turn.",
        )
        for result in results:
            same = [one for one in open_ if one[0] == result.name and (not result.id or one[1] in ("", result.id))]
            need(bool(same), f"no function call for the response of {result.name}")
            open_.remove(same[0])
        calls = [part for part in turn.parts if isinstance(part, Call)]
        need(not calls or turn.role == "assistant", "Function call is only allowed in a model turn.")
        open_ = [(call.name, call.id) for call in calls]
    need(not open_, "Please ensure that function call turn comes immediately before a function response turn.")


def _tools(asked: fields.Request, ask: Ask) -> None:
    for tool in asked.tools or []:
        own = ("google_search", "code_execution", "url_context")
        ask.tools += [Tool(name, kind=name) for name in own if getattr(tool, name) is not None]
        for declared in tool.function_declarations or []:
            both = declared.parameters is not None and declared.parameters_json_schema is not None
            need(not both, "parameters and parameters_json_schema are mutually exclusive", "tools")
            if declared.parameters is not None:
                _openapi(declared.parameters)
            schema = declared.parameters_json_schema or declared.parameters or {}
            ask.tools.append(Tool(declared.name, declared.description or "", schema))
    calling = asked.tool_config.function_calling_config if asked.tool_config else None
    if calling is None or calling.mode is None:
        return
    names = calling.allowed_function_names or []
    need(not names or calling.mode in ("ANY", "VALIDATED"), "allowed_function_names needs mode ANY or VALIDATED")
    need(all(any(t.name == n for t in ask.tools) for n in names), "allowed_function_names has an undeclared name")
    ask.choice = {"AUTO": "auto", "NONE": "none", "ANY": "required", "VALIDATED": "auto"}[calling.mode]
    if calling.mode == "ANY" and len(names) == 1:
        ask.choice = f"={names[0]}"


def _openapi(schema: Any) -> None:
    """`parameters` is a part of OpenAPI's schema, which refuses some words of JSON Schema."""
    if isinstance(schema, dict):
        for name, value in schema.items():
            need(name not in _NOT_OPENAPI, f'Invalid JSON payload received. Unknown name "{name}"')
            for inner in value.values() if name == "properties" else [value]:
                _openapi(inner)
    elif isinstance(schema, list):
        for one in schema:
            _openapi(one)


def _params(asked: fields.Request, params: dict[str, Any]) -> None:
    config = asked.generation_config or fields.GenerationConfig()
    thinking = config.thinking_config or fields.ThinkingConfig()
    both = thinking.thinking_budget is not None and thinking.thinking_level is not None
    need(not both, "You can only set only one of thinking budget and thinking level.")
    schema = config.response_json_schema or config.response_schema
    formed = config.response_mime_type == "application/json"
    need(schema is None or formed, "response_mime_type must be application/json with a response schema")
    need(config.response_schema is None or config.response_json_schema is None, "only one response schema")
    need(config.logprobs is None or bool(config.response_logprobs), "logprobs needs response_logprobs")
    said = {
        "temperature": config.temperature,
        "top_p": config.top_p,
        "top_k": config.top_k,
        "max_tokens": config.max_output_tokens,
        "stop": config.stop_sequences,
        "seed": config.seed,
        "presence_penalty": config.presence_penalty,
        "frequency_penalty": config.frequency_penalty,
        "n": config.candidate_count,
        "logprobs": (config.logprobs or 0) if config.response_logprobs else None,
        "effort": thinking.thinking_level.lower() if thinking.thinking_level else None,
        "budget": thinking.thinking_budget,
        "schema": schema,
        "json": True if formed and schema is None else None,
        "tier": asked.service_tier,
        "safety": [f"{one.category}={one.threshold}" for one in asked.safety_settings or []] or None,
        "metadata": asked.labels,
    }
    params.update({name: value for name, value in said.items() if value is not None})


# -- saying -----------------------------------------------------------------------------------------------------------


def whole(reply: Reply, ask: Ask, number: int) -> dict[str, Any]:
    body = _head(ask, number) | {"usageMetadata": _usage(reply.counts)} | reply.unknown
    if reply.finish == "refusal":
        body["usageMetadata"] = {"promptTokenCount": reply.counts.input, "totalTokenCount": reply.counts.input}
        return body | {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}
    choices = []
    for index, parts in enumerate((reply.parts, *reply.more)):
        content = {"parts": list(_said(parts)), "role": "model"}
        choices.append({"content": content, **_ending(reply, parts), "index": index})
    return {"candidates": choices} | body


def _head(ask: Ask, number: int) -> dict[str, Any]:
    return {"modelVersion": ask.model, "responseId": f"r{number:021d}"}


def _ending(reply: Reply, parts: tuple[Part, ...]) -> dict[str, Any]:
    ended: dict[str, Any] = {"finishReason": _STOPS[reply.finish]}
    if reply.finish == "filter":
        rating = {"category": "HARM_CATEGORY_HARASSMENT", "probability": "HIGH", "blocked": True}
        ended["safetyRatings"] = [rating]
    if reply.likely:
        ended["avgLogprobs"] = sum(one.logprob for one in reply.likely) / len(reply.likely)
        ended["logprobsResult"] = _likely(reply.likely)
    if grounds := _grounds(parts):
        ended["groundingMetadata"] = grounds
    return ended


def _likely(tokens: Sequence[Likely]) -> dict[str, Any]:
    def shown(number: int, token: str, logprob: float) -> dict[str, Any]:
        return {"token": token, "tokenId": number, "logProbability": logprob}

    return {
        "chosenCandidates": [shown(i, one.token, one.logprob) for i, one in enumerate(tokens)],
        "topCandidates": [{"candidates": [shown(i, *other) for i, other in enumerate(one.others)]} for one in tokens],
    }


def _grounds(parts: tuple[Part, ...]) -> dict[str, Any]:
    chunks: list[dict[str, Any]] = []
    supports, at = [], 0
    for part in parts:
        if not isinstance(part, Text):
            continue
        end = at + len(part.text.encode())
        for cite in (one for one in part.cites if one.document < 0):
            segment = {"startIndex": at, "endIndex": end, "text": part.text}
            supports.append({"segment": segment, "groundingChunkIndices": [len(chunks)]})
            chunks.append({"web": {"uri": cite.url, "title": cite.title}})
        at = end
    return {"webSearchQueries": ["a query"], "groundingChunks": chunks, "groundingSupports": supports} if chunks else {}


def _said(parts: tuple[Part, ...]) -> Iterator[dict[str, Any]]:
    """A thought's signature stands on the part after it."""
    sealed = ""
    for part in parts:
        match part:
            case Thought(text=text, seal=seal):
                sealed = seal
                if text:
                    yield {"text": text, "thought": True}
                continue
            case Text(text=text) | Refusal(text=text):
                said: dict[str, Any] = {"text": text}
            case Call(id=id_, name=name, arguments=arguments, seal=seal):
                said = {"functionCall": {"name": name, "args": arguments, "id": id_}}
                sealed = seal or sealed
            case _:
                raise TypeError(part)
        if sealed:
            said["thoughtSignature"], sealed = sealed, ""
        yield said


def _usage(counts: Counts) -> dict[str, Any]:
    used = {
        "promptTokenCount": counts.input,
        "candidatesTokenCount": counts.output - counts.reasoning,
        "totalTokenCount": counts.input + counts.output,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": counts.input}],
    }
    if counts.cached:
        used["cachedContentTokenCount"] = counts.cached
        used["cacheTokensDetails"] = [{"modality": "TEXT", "tokenCount": counts.cached}]
    if counts.reasoning:
        used["thoughtsTokenCount"] = counts.reasoning
    return used


def stream(reply: Reply, ask: Ask, number: int) -> Iterator[bytes]:
    """Every event is a whole answer with a piece of the content; the last one says why it ended."""
    head = _head(ask, number) | {"usageMetadata": _usage(reply.counts)} | reply.unknown
    if reply.finish == "refusal":
        yield _event(whole(reply, ask, number))
        return
    for index, parts in enumerate((reply.parts, *reply.more)):
        said = [piece for part in _said(parts) for piece in _cut(part, reply.piece)]
        for one in said[:-1]:
            yield _event({"candidates": [{"content": {"parts": [one], "role": "model"}, "index": index}], **head})
        last = {"content": {"parts": said[-1:] or [{"text": ""}], "role": "model"}, **_ending(reply, parts)}
        yield _event({"candidates": [{**last, "index": index}], **head})


def _cut(part: dict[str, Any], size: int) -> list[dict[str, Any]]:
    """Text comes in pieces, the signature with the last; a call comes whole."""
    if not part.get("text"):
        return [part]
    cut: list[dict[str, Any]] = [{"text": piece} for piece in pieces(part["text"], size)]
    for one in cut if part.get("thought") else ():
        one["thought"] = True
    if "thoughtSignature" in part:
        cut[-1]["thoughtSignature"] = part["thoughtSignature"]
    return cut


def _event(answer: dict[str, Any]) -> bytes:
    return b"data: %b\r\n\r\n" % msgspec.json.encode(answer)


# -- failing ----------------------------------------------------------------------------------------------------------


def failure(failed: Failure) -> tuple[int, Sequence[tuple[bytes, bytes]], dict[str, Any]]:
    status, kind = _ERRORS[failed.kind]
    error: dict[str, Any] = {"code": status, "message": failed.message, "status": kind}
    if failed.retry_after is not None:
        retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{failed.retry_after}s"}
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []}, retry]
    return status, (), {"error": error}


def failure_event(failed: Failure) -> bytes:
    return _event(failure(failed)[2])


def refusal(refused: Refused) -> Failure:
    return Failure(refused.kind, f"{refused.message} ({refused.where})" if refused.where else refused.message)
