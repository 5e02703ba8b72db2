"""A caller that speaks Anthropic Messages."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from outrider.testing.conformance.got import Got, Trouble, Wire, must
from outrider.testing.speaking.words import Ask, Call, Cite, Counts, Given, Media, Part, Refusal, Result, Text, Thought

NAME = "messages"
CANNOT = frozenset(
    {
        "n",
        "safety",
        "seed",
        "penalties",
        "logprobs",
        "audio",
        "verbosity",
        "cache_key",
        "json",
        "developer",
        "metadata",
        "tier",
        "hot",
    }
)
_PLAIN = {"temperature": "temperature", "top_p": "top_p", "top_k": "top_k", "stop": "stop_sequences"}
_FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "refusal": "refusal",
}


def write(ask: Ask) -> Wire:
    params = ask.params
    body: dict[str, Any] = {"model": ask.model, "max_tokens": params.get("max_tokens", 4096)}
    body |= {_PLAIN[name]: value for name, value in params.items() if name in _PLAIN}
    system = [_block(part) for turn in ask.turns if turn.role == "system" for part in turn.parts]
    if system:
        plain = len(system) == 1 and system[0].keys() == {"type", "text"}
        body["system"] = system[0]["text"] if plain else system
    body["messages"] = [_message(turn) for turn in ask.turns if turn.role != "system"]
    if ask.tools:
        body["tools"] = [_tool(tool) for tool in ask.tools]
    choice = {"auto": {"type": "auto"}, "none": {"type": "none"}, "required": {"type": "any"}}
    if ask.choice or "parallel" in params:
        chosen: dict[str, Any] = choice.get(ask.choice or "auto", {"type": "tool", "name": ask.choice[1:]})
        if "parallel" in params:
            chosen = chosen | {"disable_parallel_tool_use": not params["parallel"]}
        body["tool_choice"] = chosen
    if "budget" in params:
        body["thinking"] = {"type": "enabled", "budget_tokens": params["budget"]}
    if "user" in params:
        body["metadata"] = {"user_id": params["user"]}
    out: dict[str, Any] = {"effort": params["effort"]} if "effort" in params else {}
    if "schema" in params:
        out["format"] = {"type": "json_schema", "schema": params["schema"]}
    if out:
        body["output_config"] = out
    if ask.stream:
        body["stream"] = True
    return Wire("/v1/messages", body | ask.unknown, {"anthropic-version": "2023-06-01"})


def _tool(tool: Any) -> dict[str, Any]:
    if tool.kind:
        return {"type": f"{tool.kind}_20250305", "name": tool.kind}
    said = {"name": tool.name, "description": tool.description, "input_schema": tool.schema}
    return said | ({"strict": tool.strict} if tool.strict is not None else {})


def _message(turn: Any) -> dict[str, Any]:
    blocks: list[Any] = []
    for part in turn.parts:
        blocks += part.wire["content"] if isinstance(part, Given) else [_block(part)]
    plain = len(blocks) == 1 and blocks[0].keys() == {"type", "text"} and turn.role == "user"
    return {"role": turn.role, "content": blocks[0]["text"] if plain else blocks}


def _block(part: Part) -> dict[str, Any]:
    match part:
        case Text(text=text, mark=mark):
            return {"type": "text", "text": text} | ({"cache_control": {"type": "ephemeral"}} if mark else {})
        case Media(kind=kind, name=name, cited=cited):
            said: dict[str, Any] = {"type": "image" if kind == "image" else "document", "source": _source(part)}
            named = {"title": name} if kind == "file" and name else {}
            return said | named | ({"citations": {"enabled": True}} if cited else {})
        case Call(id=id_, name=name, arguments=arguments):
            return {"type": "tool_use", "id": id_, "name": name, "input": arguments}
        case Result(id=id_, parts=parts, error=error):
            inner = [_block(one) for one in parts]
            plain = len(inner) == 1 and inner[0]["type"] == "text"
            said = {"type": "tool_result", "tool_use_id": id_, "content": inner[0]["text"] if plain else inner}
            return said | ({"is_error": True} if error else {})
        case Refusal(text=text):
            return {"type": "text", "text": text}
    raise TypeError(part)


def _source(part: Media) -> dict[str, Any]:
    if part.url:
        return {"type": "url", "url": part.url}
    if part.mime == "text/plain":
        return {"type": "text", "media_type": part.mime, "data": base64.b64decode(part.content).decode()}
    return {"type": "base64", "media_type": part.mime, "data": part.content}


def gather(events: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """The events as one message. Raises Wrong for one out of order, Trouble for an error among them."""
    body: dict[str, Any] = {}
    open_, stopped = -1, False
    for kind, said in events:
        must(kind == said["type"], f"event {kind!r} says {said['type']!r}")
        must(not stopped, f"{kind} after message_stop")
        must(bool(body) or kind in ("message_start", "error", "ping"), f"{kind} before message_start")
        match kind:
            case "message_start":
                must(not body, "a second message_start")
                body = dict(said["message"])
                must(body["content"] == [] and body["stop_reason"] is None, "message_start is not empty")
            case "content_block_start":
                must(open_ < 0, "a block starts within a block")
                must(said["index"] == len(body["content"]), f"block {said['index']} out of order")
                open_ = said["index"]
                body["content"].append({**said["content_block"], "_json": ""})
            case "content_block_delta":
                must(said["index"] == open_, f"a delta of block {said['index']} while {open_} is open")
                _join(body["content"][open_], said["delta"])
            case "content_block_stop":
                must(said["index"] == open_, f"block {said['index']} stops while {open_} is open")
                _close(body["content"][open_])
                open_ = -1
            case "message_delta":
                must(open_ < 0, "message_delta within a block")
                body |= said["delta"]
                body["usage"] = {**body["usage"], **{k: v for k, v in said["usage"].items() if v is not None}}
            case "message_stop":
                must(body["stop_reason"] is not None, "message_stop without a stop_reason")
                stopped = True
            case "error":
                raise Trouble(200, said["error"]["type"], said["error"]["message"], begun=bool(body))
    must(stopped, "no message_stop")
    return body


_PIECES = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "signature_delta": ("signature", "signature"),
    "input_json_delta": ("_json", "partial_json"),
}
_FITS = {
    "text": ("text_delta", "citations_delta"),
    "thinking": ("thinking_delta", "signature_delta"),
    "tool_use": ("input_json_delta",),
}


def _join(block: dict[str, Any], delta: Mapping[str, Any]) -> None:
    kind = delta["type"]
    must(kind in _FITS.get(block["type"], ()), f"{kind} in a block of type {block['type']}")
    if kind == "citations_delta":
        block["citations"] = [*(block.get("citations") or []), delta["citation"]]
        return
    into, name = _PIECES[kind]
    block[into] = (block.get(into) or "") + delta[name]


def _close(block: dict[str, Any]) -> None:
    said = block.pop("_json")
    if block["type"] == "tool_use":
        must(block["input"] == {}, "a tool's input begins filled")
        block["input"] = json.loads(said) if said else {}


def history(body: Mapping[str, Any]) -> list[Any]:
    """The answer as it is given back."""
    return [{"role": "assistant", "content": body["content"]}]


def read(body: Mapping[str, Any]) -> Got:
    must(body["type"] == "message" and body["role"] == "assistant", "not an assistant's message")
    must(bool(body["id"] and body["model"]), "no id or model")
    must({"stop_reason", "stop_sequence", "usage"} <= body.keys(), "no stop_reason, stop_sequence or usage")
    must(body["stop_reason"] in _FINISH, f"stop_reason {body['stop_reason']!r}")
    usage = body["usage"]
    read_, written = usage.get("cache_read_input_tokens") or 0, usage.get("cache_creation_input_tokens") or 0
    thinking = (usage.get("output_tokens_details") or {}).get("thinking_tokens") or 0
    parts = [_part(block) for block in body["content"]]
    return Got(
        parts,
        _FINISH[body["stop_reason"]],
        body["stop_sequence"] or "",
        Counts(usage["input_tokens"] + read_ + written, usage["output_tokens"], read_, written, thinking),
        tier=usage.get("service_tier") or "",
        unknown={name: value for name, value in body.items() if name.startswith("x_")},
    )


def _part(block: Mapping[str, Any]) -> Part:
    match block["type"]:
        case "text":
            return Text(block["text"], tuple(_cite(one) for one in block.get("citations") or []))
        case "thinking":
            must("signature" in block, "a thinking block without a signature")
            return Thought(block["thinking"], block["signature"])
        case "redacted_thinking":
            return Thought("", block["data"])
        case "tool_use":
            must(isinstance(block["input"], dict), "a tool's input is no object")
            return Call(block["id"], block["name"], block["input"])
    raise TypeError(block)


def _cite(said: Mapping[str, Any]) -> Cite:
    if said["type"] == "char_location":
        place = {"start": said["start_char_index"], "end": said["end_char_index"]}
        return Cite(title=said["document_title"] or "", document=said["document_index"], **place)
    must(said["type"] == "web_search_result_location", f"citation {said['type']}")
    must({"cited_text", "encrypted_index", "title", "url"} <= said.keys(), "a citation is not whole")
    return Cite(said["url"], said["title"] or "")


def error(status: int, headers: Mapping[str, str], body: Any) -> Trouble:
    must(body["type"] == "error", "the error's type is not `error`")
    said = body["error"]
    return Trouble(status, said["type"], said["message"], headers.get("retry-after", ""))
