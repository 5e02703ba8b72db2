"""A caller that speaks OpenAI's chat completions, with the additions that are in public use."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from outrider.testing.conformance.got import Got, Trouble, Wire, must
from outrider.testing.speaking.words import (
    Ask,
    Call,
    Cite,
    Counts,
    Given,
    Likely,
    Media,
    Part,
    Refusal,
    Result,
    Text,
    Thought,
    dumps,
)

NAME = "chat"
CANNOT = frozenset({"server_tool"})
_PLAIN = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "max_tokens": "max_completion_tokens",
    "stop": "stop",
    "seed": "seed",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
    "n": "n",
    "effort": "reasoning_effort",
    "tier": "service_tier",
    "cache_key": "prompt_cache_key",
    "user": "user",
    "metadata": "metadata",
    "parallel": "parallel_tool_calls",
    "verbosity": "verbosity",
}


def write(ask: Ask) -> Wire:
    params = ask.params
    body: dict[str, Any] = {"model": ask.model, "messages": [m for turn in ask.turns for m in _messages(turn)]}
    body |= {_PLAIN[name]: value for name, value in params.items() if name in _PLAIN}
    if "logprobs" in params:
        body |= {"logprobs": True, "top_logprobs": params["logprobs"]}
    if "budget" in params:
        body["reasoning"] = {"max_tokens": params["budget"]}
    if "safety" in params:
        given = (one.split("=") for one in params["safety"])
        body["safety_settings"] = [{"category": category, "threshold": threshold} for category, threshold in given]
    if "schema" in params:
        form = {"name": "answer", "schema": params["schema"], "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    elif params.get("json"):
        body["response_format"] = {"type": "json_object"}
    if ask.tools:
        body["tools"] = [_tool(tool) for tool in ask.tools]
    if ask.choice:
        named = {"type": "function", "function": {"name": ask.choice[1:]}}
        body["tool_choice"] = named if ask.choice[0] == "=" else ask.choice
    if ask.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return Wire("/v1/chat/completions", body | ask.unknown)


def _tool(tool: Any) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.schema}
    if tool.strict is not None:
        function["strict"] = tool.strict
    return {"type": "function", "function": function}


def _messages(turn: Any) -> list[dict[str, Any]]:
    """A turn is one message, and every tool's result one of its own."""
    said: list[dict[str, Any]] = []
    rest: list[Part] = []
    for part in turn.parts:
        if isinstance(part, Given):
            said.append(part.wire)
        elif isinstance(part, Result):
            inner = [_content(one) for one in part.parts]
            plain = len(inner) == 1 and inner[0]["type"] == "text"
            result = {"role": "tool", "tool_call_id": part.id, "content": inner[0]["text"] if plain else inner}
            said.append(result | ({"is_error": True} if part.error else {}))
        else:
            rest.append(part)
    if rest:
        said.append(_message(turn.role, rest))
    return said


def _message(role: str, parts: Sequence[Part]) -> dict[str, Any]:
    calls = [part for part in parts if isinstance(part, Call)]
    shown = [_content(part) for part in parts if isinstance(part, Text | Media | Refusal)]
    plain = len(shown) == 1 and shown[0].keys() == {"type", "text"}
    message: dict[str, Any] = {"role": role, "content": (shown[0]["text"] if plain else shown) if shown else None}
    if calls:
        message["tool_calls"] = [
            {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": dumps(c.arguments)}}
            for c in calls
        ]
    return message


def _content(part: Part) -> dict[str, Any]:
    match part:
        case Text(text=text, mark=mark):
            return {"type": "text", "text": text} | ({"cache_control": {"type": "ephemeral"}} if mark else {})
        case Refusal(text=text):
            return {"type": "refusal", "refusal": text}
        case Media(kind="image"):
            return {"type": "image_url", "image_url": {"url": address(part)}}
        case Media(kind="audio", mime=mime, content=content):
            return {"type": "input_audio", "input_audio": {"data": content, "format": mime.split("/")[1]}}
        case Media(url=url, name=name) if url:
            return {"type": "file", "file": {"file_url": url, "filename": name}}
        case Media(name=name, cited=cited):
            said = {"type": "file", "file": {"file_data": address(part), "filename": name}}
            return said | ({"citations": {"enabled": True}} if cited else {})
    raise TypeError(part)


def address(part: Media) -> str:
    return part.url or f"data:{part.mime};base64,{part.content}"


def gather(events: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """The chunks as one answer. Raises Wrong for a chunk out of order, Trouble for an error among them."""
    body: dict[str, Any] = {}
    choices: dict[int, dict[str, Any]] = {}
    done = False
    for _, chunk in events:
        must(not done, "an event after [DONE]")
        if chunk == "[DONE]":
            done = True
            continue
        if "error" in chunk:
            raise Trouble(200, chunk["error"].get("type") or "", chunk["error"].get("message") or "", begun=True)
        must(chunk.get("object") == "chat.completion.chunk", f"object is {chunk.get('object')!r}")
        must(body.get("id", chunk["id"]) == chunk["id"], "the id changes within the stream")
        must("usage" not in body or not body["usage"], "a chunk after the usage")
        body |= {k: v for k, v in chunk.items() if k not in ("choices", "object")}
        for said in chunk["choices"]:
            choice = choices.setdefault(said["index"], {"index": said["index"], "message": {}, "finish_reason": None})
            must(choice["finish_reason"] is None, "a delta after the finish reason")
            _join(choice, said)
    must(done, "no [DONE]")
    must(all(choice["finish_reason"] for choice in choices.values()), "no finish_reason")
    return body | {"object": "chat.completion", "choices": [choices[i] for i in sorted(choices)]}


def _join(choice: dict[str, Any], said: Mapping[str, Any]) -> None:
    message, delta = choice["message"], said["delta"]
    must(bool(message) != (delta.get("role") == "assistant"), "the role is not in the first delta alone")
    for name in ("content", "refusal", "reasoning_content"):
        if delta.get(name):
            message[name] = (message.get(name) or "") + delta[name]
        elif name in delta:
            message.setdefault(name, None)
    message["role"] = "assistant"
    for call in delta.get("tool_calls") or []:
        _join_call(message.setdefault("tool_calls", []), call)
    for detail in delta.get("reasoning_details") or []:
        _join_detail(message.setdefault("reasoning_details", []), detail)
    for name in ("annotations", "provider_items"):
        if delta.get(name):
            message.setdefault(name, []).extend(delta[name])
    if said.get("logprobs"):
        choice.setdefault("logprobs", {"content": []})["content"] += said["logprobs"]["content"] or []
    choice |= {k: v for k, v in said.items() if k not in ("delta", "logprobs") and v is not None}


def _join_call(calls: list[dict[str, Any]], call: Mapping[str, Any]) -> None:
    at = call["index"]
    if at == len(calls):
        must(bool(call.get("id") and call["function"].get("name")), "a call begins without id or name")
        calls.append({k: v for k, v in call.items() if k != "index"} | {"function": dict(call["function"])})
        calls[at]["function"].setdefault("arguments", "")
    else:
        must(not call.get("id"), f"call {at} begins twice")
        must(at == len(calls) - 1, f"a piece of call {at} while call {len(calls) - 1} is open")
        calls[at]["function"]["arguments"] += call.get("function", {}).get("arguments") or ""
        calls[at] |= {k: v for k, v in call.items() if k not in ("index", "function", "id", "type")}


def _join_detail(details: list[dict[str, Any]], detail: Mapping[str, Any]) -> None:
    if details and detail.get("index") == details[-1].get("index") and detail["type"] == details[-1]["type"]:
        for name, value in detail.items():
            joins = name in ("text", "summary", "data") and name in details[-1]
            details[-1][name] = details[-1][name] + value if joins and value else value or details[-1].get(name)
    else:
        details.append(dict(detail))


def history(body: Mapping[str, Any]) -> list[Any]:
    """The answer as it is given back."""
    return [body["choices"][0]["message"]]


def read(body: Mapping[str, Any]) -> Got:
    must(body.get("object") == "chat.completion", f"object is {body.get('object')!r}")
    must(bool(body.get("id") and body.get("model") and body.get("created")), "no id, model or created")
    first = body["choices"][0]
    said = [_parts(choice["message"]) for choice in body["choices"]]
    must([choice["index"] for choice in body["choices"]] == list(range(len(said))), "the choices' indexes")
    likely = [
        Likely(one["token"], one["logprob"], tuple((o["token"], o["logprob"]) for o in one["top_logprobs"]))
        for one in (first.get("logprobs") or {}).get("content") or []
    ]
    finish = {"content_filter": "filter"}.get(first["finish_reason"], first["finish_reason"])
    if any(isinstance(part, Refusal) for part in said[0]):
        finish = "refusal"
    return Got(
        said[0],
        finish,
        first.get("stop_sequence") or "",
        _counts(body.get("usage")),
        likely,
        said[1:],
        body.get("service_tier") or "",
        {name: value for name, value in body.items() if name.startswith("x_")},
    )


def _parts(message: Mapping[str, Any]) -> list[Part]:
    must(message.get("role") == "assistant", "the message is not the assistant's")
    parts: list[Part] = []
    if message.get("reasoning_details"):
        for one in message["reasoning_details"]:
            text = one.get("text") or one.get("summary") or ""
            parts.append(Thought(text, one.get("signature") or one.get("data") or ""))
    elif message.get("reasoning_content"):
        parts.append(Thought(message["reasoning_content"]))
    if message.get("content"):
        cites = tuple(cite for one in message.get("annotations") or [] if (cite := _cite(one)))
        parts.append(Text(message["content"], cites))
    if message.get("refusal"):
        parts.append(Refusal(message["refusal"]))
    for call in message.get("tool_calls") or []:
        parts.append(Call(call["id"], call["function"]["name"], json.loads(call["function"]["arguments"])))
    return parts


def _cite(said: Mapping[str, Any]) -> Cite | None:
    if said["type"] == "url_citation":
        return Cite(said["url_citation"]["url"], said["url_citation"].get("title") or "")
    inner = said.get("citation") or {}
    found = inner.get("document_index", (inner.get("location") or {}).get("documentChar", {}).get("documentIndex"))
    return (
        None if found is None else Cite(title=inner.get("document_title") or inner.get("title") or "", document=found)
    )


def _counts(usage: Mapping[str, Any] | None) -> Counts | None:
    if not usage:
        return None
    must(usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"], "total_tokens is not the sum")
    read, written = usage.get("prompt_tokens_details") or {}, usage.get("completion_tokens_details") or {}
    return Counts(
        usage["prompt_tokens"],
        usage["completion_tokens"],
        read.get("cached_tokens") or 0,
        read.get("cache_write_tokens") or 0,
        written.get("reasoning_tokens") or 0,
    )


def error(status: int, headers: Mapping[str, str], body: Any) -> Trouble:
    said = body["error"]
    must(isinstance(said["message"], str) and isinstance(said["type"], str), "the error has no message or type")
    must("param" in said and "code" in said, "the error has no param or code")
    return Trouble(status, said["type"], said["message"], headers.get("retry-after", ""))
