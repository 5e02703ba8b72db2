"""Thoughts, items and citations of earlier turns, as they go back to Converse."""

from typing import Any

import pytest

from outrider.dialects.bedrock.content import Heard, spoken, tool_id
from outrider.dialects.bedrock.families import CLAUDE_FORMAT, OWN_FORMAT, family

CLAUDE = "anthropic.claude-opus-4-6-v1"
OSS = "openai.gpt-oss-120b-1:0"
GPT = "us.openai.gpt-5.6-sol"
ARN = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc"
SIGNED = {"type": "reasoning.text", "text": "hm", "signature": "c2ln", "format": CLAUDE_FORMAT, "index": 0}
SECRET = {"type": "reasoning.encrypted", "data": "AAAA", "format": CLAUDE_FORMAT, "index": 1}
PLAIN = {"type": "reasoning.text", "text": "hm", "format": OWN_FORMAT, "index": 0}
FOREIGN = {"type": "reasoning.text", "text": "hm", "signature": "Zw==", "format": "google-gemini-v1", "index": 0}
UNSIGNED = {"type": "reasoning.text", "text": "hm", "format": CLAUDE_FORMAT}
CLOSED = {"type": "reasoning.encrypted", "data": "BBBB", "format": OWN_FORMAT, "index": 0}
SUMMARY = {"type": "reasoning.summary", "summary": "hm", "format": "openai-responses-v1"}


def back(model: str, **message: Any) -> list[dict[str, Any]]:
    return spoken({"role": "assistant", **message}, "messages[1]", Heard(family(model)))


def reasoning(text: str, signature: str | None = None) -> dict[str, Any]:
    told = {"text": text} if signature is None else {"text": text, "signature": signature}
    return {"reasoningContent": {"reasoningText": told}}


@pytest.mark.parametrize(
    ("model", "detail", "block"),
    [
        (CLAUDE, SIGNED, reasoning("hm", "c2ln")),
        (CLAUDE, SECRET, {"reasoningContent": {"redactedContent": "AAAA"}}),
        (CLAUDE, PLAIN, None),
        (CLAUDE, UNSIGNED, None),
        (CLAUDE, FOREIGN, None),
        (CLAUDE, CLOSED, None),
        (ARN, SIGNED, reasoning("hm", "c2ln")),
        (ARN, SECRET, {"reasoningContent": {"redactedContent": "AAAA"}}),
        (ARN, PLAIN, reasoning("hm")),
        (OSS, SIGNED, reasoning("hm")),
        (OSS, PLAIN, reasoning("hm")),
        (OSS, FOREIGN, reasoning("hm")),
        (OSS, SECRET, None),
        (OSS, SUMMARY, None),
        (GPT, CLOSED, {"reasoningContent": {"redactedContent": "BBBB"}}),
        (GPT, SIGNED, None),
        ("us.deepseek.r1-v1:0", PLAIN, None),
    ],
)
def test_thoughts_go_back_to_who_takes_them(model: str, detail: dict[str, Any], block: Any) -> None:
    said = back(model, content="so", reasoning_details=[detail])
    assert sorted(said, key=str) == sorted([*([block] if block else []), {"text": "so"}], key=str)


def test_plain_thoughts_go_where_nobody_signs() -> None:
    assert back(OSS, content="so", reasoning_content="hm") == [reasoning("hm"), {"text": "so"}]
    assert back(CLAUDE, content="so", reasoning_content="hm") == [{"text": "so"}]


def test_pieces_of_a_thought_are_joined() -> None:
    pieces = [
        {"type": "reasoning.text", "text": "h", "format": CLAUDE_FORMAT, "index": 0},
        {"type": "reasoning.text", "text": "m", "format": CLAUDE_FORMAT, "index": 0},
        {"type": "reasoning.text", "text": "", "signature": "c2ln", "format": CLAUDE_FORMAT, "index": 0},
    ]
    assert back(CLAUDE, content="so", reasoning_details=pieces) == [reasoning("hm", "c2ln"), {"text": "so"}]


def test_every_block_returns_to_its_place() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    server = {"toolUse": {"toolUseId": "s", "name": "nova_grounding", "input": {}, "type": "server_tool_use"}}
    said = back(
        CLAUDE,
        content="so",
        reasoning_details=[SIGNED, {**SIGNED, "index": 3, "text": "again"}],
        provider_items=[{"format": OWN_FORMAT, "index": 2, "block": server}],
        tool_calls=[call],
    )
    assert said == [
        reasoning("hm", "c2ln"),
        {"text": "so"},
        server,
        reasoning("again", "c2ln"),
        {"toolUse": {"toolUseId": "c", "name": "f", "input": {}}},
    ]


def test_what_another_language_carried_is_named() -> None:
    heard = Heard(family(CLAUDE))
    item = {"format": "openai-responses-v1", "type": "web_search_call"}
    custom = {"id": "c", "type": "custom", "custom": {"name": "f", "input": "x"}}
    message = {"content": None, "provider_items": [item], "tool_calls": [custom], "audio": {"id": "a"}}
    assert spoken(message, "messages[1]", heard) == []
    assert heard.lost == ["messages[1].provider_items[0]", "messages[1].audio", "messages[1].tool_calls[0] (custom)"]


def test_ids_that_converse_does_not_take_are_made_anew_and_alike() -> None:
    assert tool_id("tooluse_a-B") == "tooluse_a-B"
    assert tool_id("a|b") == tool_id("a|b") != tool_id("a|c")
    assert len(tool_id("x" * 100)) <= 64


def test_results_of_a_search_that_anthropics_callers_bring() -> None:
    found = {
        "format": CLAUDE_FORMAT,
        "type": "search_result",
        "source": "https://a.example",
        "title": "A",
        "content": [{"type": "text", "text": "b"}],
        "citations": {"enabled": True},
    }
    part = {"type": "provider", "provider": found}
    assert back(CLAUDE, content=[part]) == [
        {
            "searchResult": {
                "source": "https://a.example",
                "title": "A",
                "content": [{"text": "b"}],
                "citations": {"enabled": True},
            }
        }
    ]
