"""Whole answers, there and back."""

import json
from typing import Any

import pytest

from outrider.dialects.anthropic import answers
from tests.dialects.anthropic.fixtures import ANSWERS, whole


def chat(name: str) -> dict[str, Any]:
    return answers.to_chat(whole(name))


def test_a_plain_answer() -> None:
    made = chat("text")
    assert isinstance(made.pop("created"), int)
    assert made == {
        "id": "msg_01QC4g3HwBThD4BaNtBckFDJ",
        "object": "chat.completion",
        "model": "claude-sonnet-4-5-20250929",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hello! I'm doing well.", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
                "native_finish_reason": "end_turn",
            }
        ],
        "usage": {
            "prompt_tokens": 12,
            "completion_tokens": 30,
            "total_tokens": 42,
            "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        },
        "service_tier": "default",
    }


def test_thoughts_and_tools() -> None:
    made = chat("tools")
    (choice,) = made["choices"]
    message = choice["message"]
    assert message["content"] == "I'll check both."
    assert message["reasoning_content"] == "Two cities: both at once."
    assert [entry["type"] for entry in message["reasoning_details"]] == ["reasoning.text", "reasoning.encrypted"]
    assert {entry["format"] for entry in message["reasoning_details"]} == {"anthropic-claude-v1"}
    assert [call["function"]["name"] for call in message["tool_calls"]] == ["get_weather", "get_time"]
    assert [json.loads(call["function"]["arguments"]) for call in message["tool_calls"]] == [
        {"location": "Paris", "unit": "celsius"},
        {},
    ]
    assert choice["finish_reason"] == "tool_calls"
    assert made["usage"]["prompt_tokens"] == 472 + 2000 + 1500
    assert made["usage"]["completion_tokens_details"] == {"reasoning_tokens": 60}


def test_citations_have_the_range_of_their_text() -> None:
    message = chat("search")["choices"][0]["message"]
    web, place = message["annotations"]
    said = "April 30, 1916, in Petoskey, Michigan"
    for one in (web["url_citation"], place["citation"]):
        assert message["content"][one["start_index"] : one["end_index"]] == said
    assert web["url_citation"]["url"] == "https://en.wikipedia.org/wiki/Claude_Shannon"
    assert place["citation"]["type"] == "char_location"
    assert [item["type"] for item in message["provider_items"]] == ["server_tool_use", "web_search_tool_result"]


def test_a_refusal() -> None:
    (choice,) = chat("refusal")["choices"]
    assert choice["finish_reason"] == "content_filter"
    assert choice["message"]["refusal"] == "The request could enable cyber harm."
    assert choice["stop_details"]["category"] == "cyber"


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_survives_chat(name: str) -> None:
    """But for texts that are not cited: those beside one another become one."""
    before = whole(name)
    after = answers.from_chat(answers.to_chat(before), id=before["id"])
    assert after.pop("usage").items() <= {**before["usage"]}.items()
    assert _joined(after["content"]) == _joined(before["content"])
    for field in ("id", "model", "role", "type", "stop_reason", "stop_sequence"):
        assert after[field] == before[field]
    assert after.get("stop_details") == before["stop_details"]


def _joined(content: list[dict[str, Any]]) -> list[Any]:
    """Blocks in their order, but texts, which chat joins, at the end."""
    others = [{k: v for k, v in block.items() if k != "caller"} for block in content if block["type"] != "text"]
    text = "".join(block["text"] for block in content if block["type"] == "text")
    cited = [(block["text"], block["citations"]) for block in content if block.get("citations")]
    return [*others, text, cited]


def choice(message: dict[str, Any], finish: str, **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "message": message, "finish_reason": finish, **more}], "model": "m"}


@pytest.mark.parametrize(
    ("message", "finish", "more", "reason"),
    [
        ({"content": "a"}, "stop", {}, "end_turn"),
        ({"content": "a"}, "length", {}, "max_tokens"),
        ({"content": "a"}, "content_filter", {}, "refusal"),
        ({"content": "a"}, "stop", {"stop_sequence": "b"}, "stop_sequence"),
        ({"content": "a"}, "stop", {"native_finish_reason": "pause_turn"}, "pause_turn"),
        ({"content": "a"}, "length", {"native_finish_reason": "pause_turn"}, "max_tokens"),
        ({"content": None, "refusal": "no"}, "stop", {}, "refusal"),
        ({"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": ""}}]}, "stop", {}, "tool_use"),
    ],
)
def test_why_it_ended(message: dict[str, Any], finish: str, more: dict[str, Any], reason: str) -> None:
    made = answers.from_chat(choice(message, finish, **more), id="msg_1")
    assert made["stop_reason"] == reason
    assert made["stop_sequence"] == more.get("stop_sequence")


def test_an_answer_without_counts_or_choices() -> None:
    made = answers.from_chat({}, id="msg_1")
    assert made["content"] == []
    assert made["usage"]["input_tokens"] == made["usage"]["output_tokens"] == 0
