"""A caller that speaks OpenAI Responses, without asking for anything to be stored."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from outrider.testing.conformance.callers.chat import address
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

NAME = "responses"
CANNOT = frozenset(
    {"n", "seed", "penalties", "stop", "top_k", "audio", "marks", "tool_error", "safety", "cited", "budget", "stopped"}
)
_PLAIN = {
    "temperature": "temperature",
    "top_p": "top_p",
    "max_tokens": "max_output_tokens",
    "tier": "service_tier",
    "cache_key": "prompt_cache_key",
    "user": "user",
    "metadata": "metadata",
    "parallel": "parallel_tool_calls",
}
ENCRYPTED = "reasoning.encrypted_content"


def write(ask: Ask) -> Wire:
    params = ask.params
    body: dict[str, Any] = {"model": ask.model, "store": False, "include": [ENCRYPTED]}
    body |= {_PLAIN[name]: value for name, value in params.items() if name in _PLAIN}
    body["input"] = [item for turn in ask.turns for item in _items(turn)]
    if len(ask.turns) == 1 and isinstance(body["input"][0].get("content"), str) and ask.turns[0].role == "user":
        body["input"] = body["input"][0]["content"]
    if "logprobs" in params:
        body["include"] += ["message.output_text.logprobs"]
        body["top_logprobs"] = params["logprobs"]
    if "effort" in params:
        body["reasoning"] = {"effort": params["effort"], "summary": "auto"}
    text: dict[str, Any] = {"verbosity": params["verbosity"]} if "verbosity" in params else {}
    if "schema" in params:
        text["format"] = {"type": "json_schema", "name": "answer", "schema": params["schema"], "strict": True}
    elif params.get("json"):
        text["format"] = {"type": "json_object"}
    if text:
        body["text"] = text
    if ask.tools:
        body["tools"] = [_tool(tool) for tool in ask.tools]
    if ask.choice:
        body["tool_choice"] = {"type": "function", "name": ask.choice[1:]} if ask.choice[0] == "=" else ask.choice
    if ask.stream:
        body["stream"] = True
    return Wire("/v1/responses", body | ask.unknown)


def _tool(tool: Any) -> dict[str, Any]:
    if tool.kind:
        return {"type": tool.kind}
    said = {"type": "function", "name": tool.name, "description": tool.description, "parameters": tool.schema}
    return said | ({"strict": tool.strict} if tool.strict is not None else {})


def _items(turn: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    shown: list[dict[str, Any]] = []
    for part in turn.parts:
        match part:
            case Given(wire=wire):
                items += wire
            case Result(id=id_, parts=parts):
                inner = [_content(one, "user") for one in parts]
                plain = len(inner) == 1 and inner[0]["type"] == "input_text"
                output = inner[0]["text"] if plain else inner
                items.append({"type": "function_call_output", "call_id": id_, "output": output})
            case Call(id=id_, name=name, arguments=arguments):
                said = {"call_id": id_, "name": name, "arguments": dumps(arguments)}
                items.append({"type": "function_call", **said})
            case _:
                if not shown:
                    items.append({"type": "message", "role": turn.role, "content": shown})
                shown.append(_content(part, turn.role))
    for item in items:
        if item.get("content") is shown and len(shown) == 1 and shown[0]["type"] == "input_text":
            item["content"] = shown[0]["text"]
    return items


def _content(part: Part, role: str) -> dict[str, Any]:
    match part:
        case Text(text=text) if role == "assistant":
            return {"type": "output_text", "text": text, "annotations": []}
        case Text(text=text):
            return {"type": "input_text", "text": text}
        case Refusal(text=text):
            return {"type": "refusal", "refusal": text}
        case Media(kind="image"):
            return {"type": "input_image", "image_url": address(part), "detail": "auto"}
        case Media(url=url) if url:
            return {"type": "input_file", "file_url": url}
        case Media(name=name):
            return {"type": "input_file", "filename": name, "file_data": address(part)}
    raise TypeError(part)


def gather(events: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """The last event's response, held against all that was streamed. Raises Wrong, or Trouble for an error."""
    built: list[dict[str, Any]] = []
    body: dict[str, Any] = {}
    open_ = False
    for at, (kind, said) in enumerate(events):
        must(kind == said["type"], f"event {kind!r} says {said['type']!r}")
        if kind == "error":
            raise Trouble(200, said.get("code") or "", said["message"], begun=at > 0)
        must(said["sequence_number"] == at, f"sequence_number {said['sequence_number']} at {at}")
        must(not body, f"{kind} after the end")
        must(at != 0 or kind == "response.created", f"the stream begins with {kind}")
        must(at != 1 or kind == "response.in_progress", f"{kind} before response.in_progress")
        if kind == "response.failed":
            error = said["response"]["error"]
            raise Trouble(200, error["code"], error["message"], begun=True)
        if kind in ("response.completed", "response.incomplete"):
            must(not open_, f"{kind} within an item")
            body = said["response"]
            must(f"response.{body['status']}" == kind, f"{kind} says {body['status']}")
        elif kind == "response.output_item.added":
            must(not open_ and said["output_index"] == len(built), f"item {said['output_index']} out of order")
            built.append(json.loads(dumps(said["item"])))
            open_ = True
        elif kind == "response.output_item.done":
            _same_item(built[said["output_index"]], said["item"])
            built[said["output_index"]] = said["item"]
            open_ = False
        elif "item_id" in said:
            must(open_ and said["output_index"] == len(built) - 1, f"{kind} outside its item")
            must(said["item_id"] == built[-1]["id"], f"{kind} has the id of another item")
            _join(built[-1], kind.removeprefix("response."), said)
    must(bool(body), "no response.completed")
    must(body["output"] == built, "the response's output is not what was streamed")
    return body


def _join(item: dict[str, Any], kind: str, said: Mapping[str, Any]) -> None:
    parts = item.get("summary" if "summary_index" in said else "content")
    match kind:
        case "content_part.added":
            must(said["content_index"] == len(item.setdefault("content", [])), "a content part out of order")
            item["content"].append(dict(said["part"]))
        case "reasoning_summary_part.added":
            must(said["summary_index"] == len(item["summary"]), "a summary part out of order")
            item["summary"].append(dict(said["part"]))
        case "output_text.delta" | "reasoning_summary_text.delta" | "refusal.delta" | "reasoning_text.delta":
            assert parts is not None
            at = said["summary_index"] if "summary_index" in said else said["content_index"]
            must(at == len(parts) - 1, f"{kind} of part {at}")
            parts[at]["refusal" if kind == "refusal.delta" else "text"] += said["delta"]
        case "output_text.done" | "reasoning_summary_text.done" | "refusal.done" | "reasoning_text.done":
            name = "refusal" if kind == "refusal.done" else "text"
            assert parts is not None
            must(parts[-1][name] == said[name], f"{kind} is not what was streamed")
        case "output_text.annotation.added":
            item["content"][-1]["annotations"] += [said["annotation"]]
        case "function_call_arguments.delta":
            item["arguments"] += said["delta"]
        case "function_call_arguments.done":
            must(item["arguments"] == said["arguments"], f"{kind} is not what was streamed")


def _same_item(built: Mapping[str, Any], done: Mapping[str, Any]) -> None:
    """What was streamed of an item is what its end says; ids, status and log-probabilities aside."""
    must(built["id"] == done["id"] and built["type"] == done["type"], "an item ends as another")
    for name in ("arguments", "summary"):
        must(built.get(name) == done.get(name), f"the item's {name} is not what was streamed")
    texts = [[p.get("text") or p.get("refusal") or "" for p in one.get("content") or []] for one in (built, done)]
    must(texts[0] == texts[1], "the message's text is not what was streamed")


def history(body: Mapping[str, Any]) -> list[Any]:
    """The answer as it is given back: its items."""
    return [body["output"]]


def read(body: Mapping[str, Any]) -> Got:
    must(body["object"] == "response" and str(body["id"]).startswith("resp_"), "not a response")
    must(body["status"] in ("completed", "incomplete"), f"status {body['status']}")
    parts: list[Part] = []
    likely: list[Likely] = []
    for item in body["output"]:
        match item["type"]:
            case "reasoning":
                shown = item["summary"] or item.get("content") or []
                text = "\n\n".join(one["text"] for one in shown)
                parts.append(Thought(text, item.get("encrypted_content") or ""))
            case "function_call":
                must(bool(item["call_id"]), "a call without call_id")
                parts.append(Call(item["call_id"], item["name"], json.loads(item["arguments"])))
            case "message":
                for one in item["content"]:
                    parts.append(_part(one))
                    likely += [_likely(token) for token in one.get("logprobs") or []]
    reason = (body.get("incomplete_details") or {}).get("reason")
    finish = {"max_output_tokens": "length", "content_filter": "filter"}.get(reason or "", "stop")
    if finish == "stop" and any(isinstance(part, Call) for part in parts):
        finish = "tool_calls"
    if any(isinstance(part, Refusal) for part in parts):
        finish = "refusal"
    unknown = {name: value for name, value in body.items() if name.startswith("x_")}
    return Got(parts, finish, "", _counts(body["usage"]), likely, tier=body.get("service_tier") or "", unknown=unknown)


def _part(said: Mapping[str, Any]) -> Part:
    if said["type"] == "refusal":
        return Refusal(said["refusal"])
    must(said["type"] == "output_text" and "annotations" in said, f"content {said['type']}")
    cites = [Cite(one["url"], one["title"]) for one in said["annotations"] if one["type"] == "url_citation"]
    return Text(said["text"], tuple(cites))


def _likely(one: Mapping[str, Any]) -> Likely:
    return Likely(one["token"], one["logprob"], tuple((o["token"], o["logprob"]) for o in one["top_logprobs"]))


def _counts(usage: Mapping[str, Any]) -> Counts:
    must(usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"], "total_tokens is not the sum")
    read_, written = usage["input_tokens_details"], usage["output_tokens_details"]
    return Counts(
        usage["input_tokens"],
        usage["output_tokens"],
        read_["cached_tokens"],
        read_.get("cache_write_tokens") or 0,
        written["reasoning_tokens"],
    )


def error(status: int, headers: Mapping[str, str], body: Any) -> Trouble:
    said = body["error"]
    must(isinstance(said["message"], str) and isinstance(said["type"], str), "the error has no message or type")
    return Trouble(status, said["type"], said["message"], headers.get("retry-after", ""))
