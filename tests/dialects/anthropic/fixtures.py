"""What Anthropic's API sends, written from its documentation."""

import json
from pathlib import Path
from typing import Any

from outrider.base.sse import SSESplitter, kind, payload

HERE = Path(__file__).parents[2] / "fixtures" / "anthropic"
ANSWERS = ("text", "tools", "search", "refusal")
"""Each as a whole (`.json`) and as a stream (`.sse`)."""


def whole(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / f"{name}.json").read_bytes())
    return found


def stream(name: str) -> bytes:
    return (HERE / f"{name}.sse").read_bytes()


def said(stream: bytes) -> list[tuple[str, dict[str, Any]]]:
    """What the events of a stream say: their names and their data."""
    return [(kind(event), json.loads(payload(event))) for event in SSESplitter().feed(stream)]


def message(stream: bytes) -> dict[str, Any]:
    """The message that a stream makes, put together as the official client does."""
    made: dict[str, Any] = {}
    inputs: dict[int, str] = {}
    for name, event in said(stream):
        assert name == event["type"]
        if name == "message_start":
            made = event["message"]
        elif name == "content_block_start":
            assert event["index"] == len(made["content"])
            made["content"].append(event["content_block"])
        elif name == "content_block_delta":
            _grow(made["content"][event["index"]], event["delta"], inputs, event["index"])
        elif name == "content_block_stop" and event["index"] in inputs:
            made["content"][event["index"]]["input"] = json.loads(inputs[event["index"]] or "{}")
        elif name == "message_delta":
            made |= event["delta"]
            made["usage"] |= event["usage"]
    assert name == "message_stop"
    return made


def _grow(block: dict[str, Any], delta: dict[str, Any], inputs: dict[int, str], index: int) -> None:
    kind = delta["type"]
    if kind == "input_json_delta":
        inputs[index] = inputs.get(index, "") + delta["partial_json"]
    elif kind == "citations_delta":
        block["citations"] = [*(block.get("citations") or []), delta["citation"]]
    elif kind == "signature_delta":
        block["signature"] = delta["signature"]
    else:
        name = {"text_delta": "text", "thinking_delta": "thinking"}[kind]
        block[name] += delta[name]


def complete(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """The chat completion that chunks make, put together as chat's clients do."""
    head = {name: value for name, value in chunks[0].items() if name not in ("choices", "usage")}
    message: dict[str, Any] = {"role": "assistant", "content": "", "refusal": None}
    choice: dict[str, Any] = {"index": 0, "message": message, "logprobs": None}
    for chunk in chunks:
        for one in chunk["choices"]:
            _add(message, one["delta"])
            choice |= {name: value for name, value in one.items() if name not in ("delta",) and value is not None}
        if chunk.get("usage"):
            head["usage"] = chunk["usage"]
    return {**head, "object": "chat.completion", "choices": [choice]}


def _add(message: dict[str, Any], delta: dict[str, Any]) -> None:
    for name, value in delta.items():
        if name in ("content", "reasoning_content", "refusal"):
            message[name] = (message.get(name) or "") + value
        elif name == "tool_calls":
            for call in value:
                _call(message.setdefault(name, []), call)
        elif name == "reasoning_details":
            for entry in value:
                _detail(message.setdefault(name, []), entry)
        elif name != "role":
            message.setdefault(name, []).extend(value)


def _call(calls: list[dict[str, Any]], piece: dict[str, Any]) -> None:
    if piece["index"] == len(calls):
        calls.append({name: value for name, value in piece.items() if name != "index"})
    else:
        calls[piece["index"]]["function"]["arguments"] += piece["function"]["arguments"]


def _detail(details: list[dict[str, Any]], piece: dict[str, Any]) -> None:
    found = [one for one in details if one["index"] == piece["index"]]
    if not found:
        return details.append(dict(piece))
    for name in ("text", "signature"):
        if name in piece:
            found[0][name] = found[0].get(name, "") + piece[name]
    return None
