"""OpenAI Responses, as its servers speak it: requests and whole answers. `responses_stream` has the events."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from outrider.testing.speaking import chat, seals
from outrider.testing.speaking import responses_fields as fields
from outrider.testing.speaking.strict import as_, need, opened
from outrider.testing.speaking.words import (
    Ask,
    Call,
    Failure,
    Given,
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
)

NAME = "responses"
TYPE = b"text/event-stream; charset=utf-8"
SEALS = "responses"
ENCRYPTED = "reasoning.encrypted_content"
_ITEM: Any = fields.Item


# -- hearing ----------------------------------------------------------------------------------------------------------


def hear(path: str, headers: Mapping[str, str], body: bytes) -> Ask:
    """The request. Raises Refused for what the real provider refuses."""
    need(headers.get("authorization", "").startswith("Bearer "), "You didn't provide an API key.")
    raw, new = opened(body)
    if isinstance(raw.get("input"), list):  # an easy message needs no type
        raw["input"] = [{"type": "message", **one} if "role" in one else one for one in raw["input"]]
    asked = as_(raw, fields.Request)
    ask = Ask([], model=asked.model, stream=bool(asked.stream), unknown=new)
    if asked.instructions:
        ask.turns.append(Turn("system", (Text(asked.instructions),)))
    _turns(asked.input, ask.turns, asked.store is False)
    ask.tools = [_tool(tool, at) for at, tool in enumerate(asked.tools or [])]
    match asked.tool_choice:
        case str() as choice:
            ask.choice = choice
        case fields.ChooseAllowed(mode=mode):
            ask.choice = mode
        case fields.ChooseFunction(name=name) | fields.ChooseCustom(name=name):
            ask.choice = f"={name}"
    _params(asked, ask.params)
    return ask


def _tool(said: dict[str, Any], at: int) -> Tool:
    kind = said.get("type")
    if kind in fields.OWN_TOOLS:
        return Tool(said.get("name", ""), said.get("description") or "", kind=str(kind))
    tool = as_(said, fields.FunctionTool, f"tools[{at}].")
    strict = True if tool.strict is None else tool.strict  # unlike chat's
    return Tool(tool.name, tool.description or "", tool.parameters or {}, strict)


def _turns(given: str | list[dict[str, Any]], turns: list[Turn], stateless: bool) -> None:
    raw = [{"type": "message", "role": "user", "content": given}] if isinstance(given, str) else given
    open_: list[str] = []
    for at, said in enumerate(raw):
        where = f"input[{at}]"
        if said.get("type") in fields.OWN_ITEMS:
            _add(turns, "user" if said["type"].endswith("_output") else "assistant", Given(said))
            continue
        item: fields.Item = as_(said, _ITEM, f"{where}.")
        match item:
            case fields.Message(role=role):
                _add(turns, role, *_said(item, where))
            case fields.Reasoning():
                _add(turns, "assistant", _thought(item, where, stateless))
            case fields.FunctionCall(call_id=id_, name=name, arguments=arguments):
                try:
                    _add(turns, "assistant", Call(id_, name, json.loads(arguments or "{}")))
                except ValueError:
                    raise Refused(f"Invalid '{where}.arguments': not JSON", where=where) from None
                open_.append(id_)
            case fields.CustomCall(call_id=id_, name=name, input=text):
                _add(turns, "assistant", Call(id_, name, {"input": text}))
                open_.append(id_)
            case fields.FunctionOutput(call_id=id_, output=output) | fields.CustomOutput(call_id=id_, output=output):
                need(id_ in open_, f"No tool call found for function call output with call_id {id_}.", where)
                open_.remove(id_)
                inner = [Text(output)] if isinstance(output, str) else [_shown(one, where) for one in output]
                _add(turns, "user", Result(id_, tuple(inner)))
            case _:
                raise Refused(f"Item with id '{item.id}' not found.", "missing", where)
    need(not open_, f"No tool output found for function call {', '.join(open_)}.")


def _add(turns: list[Turn], role: str, *parts: Part) -> None:
    """Items of the assistant that follow one another are one turn; so are tools' results."""
    joins = turns and turns[-1].role == role and (role == "assistant" or isinstance(parts[0], Result))
    if joins and (role == "assistant" or isinstance(turns[-1].parts[-1], Result)):
        turns[-1] = Turn(role, (*turns[-1].parts, *parts))
    else:
        turns.append(Turn(role, parts))


def _said(message: fields.Message, where: str) -> list[Part]:
    if isinstance(message.content, str):
        return [Text(message.content)]
    shown: list[Part] = []
    for at, part in enumerate(message.content):
        place = f"{where}.content[{at}]"
        answered = isinstance(part, fields.OutputText | fields.OutputRefusal)
        fits = answered == (message.role == "assistant")
        wanted = "'output_text' and 'refusal'" if message.role == "assistant" else "'input_text', 'input_image', ..."
        need(fits, f"Invalid value: supported values are: {wanted}.", place)
        shown.append(_shown(part, place))
    return shown


def _shown(part: fields.Said, where: str) -> Any:
    match part:
        case fields.InputText(text=text) | fields.OutputText(text=text):
            return Text(text)
        case fields.OutputRefusal(refusal=refusal):
            return Refusal(refusal)
        case fields.InputImage(image_url=url, file_id=file):
            need((url is None) != (file is None), "Provide one of 'image_url' and 'file_id'.", where)
            return chat.addressed("image", url or f"file:{file}")
    given = [one for one in (part.file_data, part.file_id, part.file_url) if one is not None]
    need(len(given) == 1, "Provide one of 'file_data', 'file_id' and 'file_url'.", where)
    need(part.file_data is None or part.filename is not None, "Missing required parameter: 'filename'.", where)
    return chat.addressed("file", given[0], part.filename or "")


def _thought(item: fields.Reasoning, where: str, stateless: bool) -> Thought:
    text = "\n\n".join(one.text for one in item.summary)
    if item.encrypted_content is None:
        need(
            not stateless, f"Item with id '{item.id}' not found. Items are not persisted when `store` is false.", where
        )
        raise Refused(f"Item with id '{item.id}' not found.", "missing", where)
    try:
        seals.hidden(SEALS, item.encrypted_content)
    except Refused:
        raise Refused(f"The encrypted content for item {item.id} could not be verified.", where=where) from None
    return Thought(text, item.encrypted_content)


def _params(asked: fields.Request, params: dict[str, Any]) -> None:
    text = asked.text or fields.TextConfig()
    reasoning = asked.reasoning or fields.ReasoningConfig()
    likely = "message.output_text.logprobs" in (asked.include or [])
    said = {
        "temperature": asked.temperature,
        "top_p": asked.top_p,
        "max_tokens": asked.max_output_tokens,
        "logprobs": (asked.top_logprobs or 0) if likely else None,
        "effort": reasoning.effort,
        "summary": reasoning.summary,
        "schema": text.format.schema if isinstance(text.format, fields.SchemaFormat) else None,
        "json": True if isinstance(text.format, fields.ObjectFormat) else None,
        "verbosity": text.verbosity,
        "tier": asked.service_tier,
        "cache_key": asked.prompt_cache_key,
        "user": asked.user or asked.safety_identifier,
        "metadata": asked.metadata,
        "parallel": asked.parallel_tool_calls,
        "encrypted": True if ENCRYPTED in (asked.include or []) else None,
        "store": asked.store,
    }
    params.update({name: value for name, value in said.items() if value is not None})


# -- saying -----------------------------------------------------------------------------------------------------------


def response(reply: Reply, ask: Ask, number: int, status: str = "in_progress") -> dict[str, Any]:
    """The response object without its output."""
    params = ask.params
    return {
        "id": f"resp_{number:048x}",
        "object": "response",
        "created_at": chat.CREATED,
        "status": status,
        "background": False,
        "completed_at": chat.CREATED + 1 if status == "completed" else None,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": params.get("max_tokens"),
        "max_tool_calls": None,
        "model": ask.model,
        "output": [],
        "parallel_tool_calls": params.get("parallel", True),
        "previous_response_id": None,
        "prompt_cache_key": params.get("cache_key"),
        "reasoning": {"effort": params.get("effort"), "summary": params.get("summary")},
        "safety_identifier": None,
        "service_tier": reply.tier or "default",
        "store": params.get("store", True),
        "temperature": params.get("temperature", 1.0),
        "text": {"format": {"type": "text"}, "verbosity": params.get("verbosity", "medium")},
        "tool_choice": ask.choice if ask.choice and ask.choice[0] != "=" else "auto",
        "tools": [],
        "top_logprobs": params.get("logprobs", 0),
        "top_p": params.get("top_p", 1.0),
        "truncation": "disabled",
        "usage": None,
        "user": None,
        "metadata": params.get("metadata", {}),
        **reply.unknown,
    }


def whole(reply: Reply, ask: Ask, number: int) -> dict[str, Any]:
    return response(reply, ask, number) | ended(reply, items(reply, ask, number))


def ended(reply: Reply, output: list[dict[str, Any]]) -> dict[str, Any]:
    """What a response has only at its end."""
    counts = reply.counts
    reason = {"length": "max_output_tokens", "filter": "content_filter"}.get(reply.finish)
    return {
        "status": "incomplete" if reason else "completed",
        "completed_at": None if reason else chat.CREATED + 1,
        "incomplete_details": {"reason": reason} if reason else None,
        "output": output,
        "usage": {
            "input_tokens": counts.input,
            "input_tokens_details": {"cached_tokens": counts.cached, "cache_write_tokens": counts.written},
            "output_tokens": counts.output,
            "output_tokens_details": {"reasoning_tokens": counts.reasoning},
            "total_tokens": counts.input + counts.output,
        },
    }


def items(reply: Reply, ask: Ask, number: int) -> list[dict[str, Any]]:
    """The output: texts that follow one another are one message."""
    found: list[dict[str, Any]] = []
    status = "incomplete" if reply.finish in ("length", "filter") else "completed"
    for at, part in enumerate(reply.parts):
        id_ = f"{number:044x}{at:04x}"
        match part:
            case Text() | Refusal():
                if not found or found[-1]["type"] != "message":
                    message = {"id": f"msg_{id_}", "type": "message", "status": status, "role": "assistant"}
                    found.append({**message, "content": []})
                found[-1]["content"].append(_content(part, reply))
            case Thought(text=text, seal=seal):
                summary = [{"type": "summary_text", "text": text}] if text else []
                found.append({"id": f"rs_{id_}", "type": "reasoning", "summary": summary})
                if ask.params.get("encrypted"):
                    found[-1]["encrypted_content"] = seal
            case Call(id=call, name=name, arguments=arguments):
                said = {"call_id": call, "name": name, "arguments": dumps(arguments), "status": "completed"}
                found.append({"id": f"fc_{id_}", "type": "function_call", **said})
    return found


def _content(part: Text | Refusal, reply: Reply) -> dict[str, Any]:
    if isinstance(part, Refusal):
        return {"type": "refusal", "refusal": part.text}
    cited = [
        {"type": "url_citation", "url": c.url, "title": c.title, "start_index": 0, "end_index": len(part.text)}
        for c in part.cites
    ]
    return {
        "type": "output_text",
        "annotations": cited,
        "logprobs": [chat.likely(one) for one in reply.likely],
        "text": part.text,
    }


# -- failing ----------------------------------------------------------------------------------------------------------


def failure(failed: Failure) -> tuple[int, Sequence[tuple[bytes, bytes]], dict[str, Any]]:
    return chat.failure(failed)


def failure_event(failed: Failure) -> bytes:
    error = chat.failure(failed)[2]["error"]
    said = {"type": "error", "code": error["code"] or error["type"], "message": failed.message, "param": None}
    return b"event: error\ndata: %b\n\n" % msgspec.json.encode({**said, "sequence_number": 99})


def refusal(refused: Refused) -> Failure:
    return Failure(refused.kind, f"{refused.message} ({refused.where})" if refused.where else refused.message)
