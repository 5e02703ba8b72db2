"""Answers in providers' own languages with calls taken out: what is left is as the language wants it."""

import json
from typing import Any

from outrider.base.sse import payload
from outrider.gateway.control.native import ending, whole
from outrider.gateway.control.rewriting import ITEMS, Gone


def gone(*numbers: int, left: bool) -> Gone:
    return Gone({0: frozenset(numbers)}, {0: "\n\nnot done"}, {0: left})


def events(*said: dict[str, Any]) -> list[bytes]:
    return [b"event: %b\ndata: %b\n\n" % (one["type"].encode(), json.dumps(one).encode()) for one in said]


def read(made: list[bytes]) -> list[dict[str, Any]]:
    return [json.loads(payload(one)) for one in made]


def block(index: int, name: str) -> list[dict[str, Any]]:
    return [
        {
            "type": "content_block_start",
            "index": index,
            "content_block": {"type": "tool_use", "id": name, "name": name},
        },
        {"type": "content_block_delta", "index": index, "delta": {"type": "input_json_delta", "partial_json": "{}"}},
        {"type": "content_block_stop", "index": index},
    ]


MESSAGE_END: list[dict[str, Any]] = [
    {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
    {"type": "message_stop"},
]


def test_blocks_of_messages_are_counted_anew() -> None:
    made = read(ending("anthropic", events(*block(1, "a"), *block(2, "b"), *MESSAGE_END), gone(0, left=True)))
    starts = [(one["index"], one["content_block"]["type"]) for one in made if one["type"] == "content_block_start"]
    assert starts == [(1, "tool_use"), (2, "text")]
    assert made[-2]["delta"]["stop_reason"] == "tool_use"
    alone = read(ending("anthropic", events(*block(1, "a"), *MESSAGE_END), gone(0, left=False)))
    assert [one["index"] for one in alone if one["type"] == "content_block_start"] == [1]
    assert alone[-2]["delta"]["stop_reason"] == "end_turn"


def test_a_whole_message() -> None:
    content = [{"type": "text", "text": "I do"}, {"type": "tool_use", "name": "a"}, {"type": "tool_use", "name": "b"}]
    body = json.dumps({"content": content, "stop_reason": "tool_use"}).encode()
    made = json.loads(whole("anthropic", body, gone(1, left=True)))
    assert [one.get("name") or one["text"] for one in made["content"]] == ["I do", "a", "\n\nnot done"]
    assert made["stop_reason"] == "tool_use"
    assert json.loads(whole("anthropic", body, gone(0, 1, left=False)))["stop_reason"] == "end_turn"


def item(at: int, kind: str, **more: Any) -> list[dict[str, Any]]:
    made = {"type": kind, "id": f"i{at}", **more}
    return [
        {"type": "response.output_item.added", "output_index": at, "item": made, "sequence_number": 9},
        {"type": "response.output_item.done", "output_index": at, "item": made, "sequence_number": 9},
    ]


def test_items_of_a_response() -> None:
    output = [
        {"type": "message", "id": "i0"},
        {"type": "function_call", "id": "i1", "name": "a", "call_id": "1"},
        {"type": "computer_call", "id": "i2", "call_id": "2"},
        {"type": "custom_tool_call", "id": "i3", "name": "c", "call_id": "3"},
        {"type": "web_search_call", "id": "i4"},
    ]
    said = [
        *item(1, "function_call", name="a", call_id="1"),
        *item(2, "computer_call", call_id="2"),
        *item(3, "custom_tool_call", name="c", call_id="3"),
        *item(4, "web_search_call"),
        {"type": "response.completed", "response": {"status": "completed", "output": output}, "sequence_number": 20},
    ]
    made = read(ending("responses", events(*said), gone(0, ITEMS, left=True)))
    assert [one["sequence_number"] for one in made] == list(range(9, 9 + len(made)))
    added = [(one["output_index"], one["item"]["type"]) for one in made if one["type"].endswith("item.added")]
    assert added == [(1, "custom_tool_call"), (2, "web_search_call"), (3, "message")]
    final = made[-1]["response"]["output"]
    assert [one["type"] for one in final] == ["message", "custom_tool_call", "web_search_call", "message"]
    assert final[-1] == made[-2]["item"]
    assert final[-1]["content"][0]["text"] == "\n\nnot done"
    body = json.dumps({"output": output}).encode()
    kept = json.loads(whole("responses", body, gone(0, 1, ITEMS, left=False)))["output"]
    assert [one["type"] for one in kept] == ["message", "web_search_call", "message"]


def test_parts_of_candidates() -> None:
    def chunk(*parts: dict[str, Any], finish: str = "") -> dict[str, Any]:
        made: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}}
        return {"candidates": [made | ({"finishReason": finish} if finish else {})]}

    call = {"functionCall": {"name": "a", "args": {}}}
    said = [chunk({"text": "I do"}, call), chunk(call, finish="STOP")]
    stream = [b"data: %b\r\n\r\n" % json.dumps(one).encode() for one in said]
    made = ending("gemini", stream, gone(1, left=True))
    assert all(one.endswith(b"\r\n\r\n") for one in made)
    parts = [part for one in read(made) for part in one["candidates"][0]["content"]["parts"]]
    assert parts == [{"text": "I do"}, call, {"text": "\n\nnot done"}]
    answer = json.dumps(chunk({"text": "I do"}, call, finish="STOP")).encode()
    kept = json.loads(whole("gemini", answer, gone(0, left=False)))["candidates"][0]
    assert kept["content"]["parts"] == [{"text": "I do"}, {"text": "\n\nnot done"}]
