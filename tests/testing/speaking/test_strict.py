"""What the real providers refuse, each by the documentation of its own."""

import json
from typing import Any

import pytest

from outrider.testing.speaking import messages, seals
from outrider.testing.speaking.words import Call, Refused, Result, Text
from tests.testing.speaking.asking import KEYS, MESSAGES, hear, refused

FOUND = {"type": "search_result", "source": "s", "title": "t", "content": []}
FOREIGN = {"type": "thinking", "thinking": "x", "signature": "eA=="}
WRONG: list[tuple[str, tuple[Any, ...], Any, str]] = [
    ("chat", ("messages", 3, "tool_call_id"), "c2", "tool_calls"),
    ("chat", ("messages", 1, "reasoning_content"), "x", "reasoning_content"),
    ("chat", ("top_k",), 5, "top_k"),
    ("chat", ("temperature",), 2.5, "temperature"),
    ("chat", ("messages", 2, "tool_calls", 0, "function", "arguments"), "{", "JSON"),
    ("chat", ("tools", 0, "function", "name"), "a b", "name"),
    ("chat", ("stop",), ["1", "2", "3", "4", "5"], "stop"),
    ("chat", ("stream_options",), {"include_usage": True}, "stream"),
    ("responses", ("input", 2, "call_id"), "c2", "No tool call found"),
    ("responses", ("stop",), ["x"], "stop"),
    ("responses", ("max_output_tokens",), 5, "max_output_tokens"),
    ("responses", ("input", 1, "id"), "call_1", "id"),
    ("responses", ("input", 0), {"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}, "supported"),
    ("responses", ("input", 0), {"type": "reasoning", "summary": [], "encrypted_content": "bm8="}, "verified"),
    ("anthropic", ("messages", 2, "content", 0, "tool_use_id"), "c2", "tool_use_id"),
    ("anthropic", ("temperature",), 1.5, "temperature"),
    ("anthropic", ("max_tokens",), None, "max_tokens"),
    ("anthropic", ("messages", 0, "role"), "assistant", "first message"),
    ("anthropic", ("messages", 0, "content"), "", "non-empty"),
    ("anthropic", ("messages", 0, "content"), [{"type": "text", "text": ""}], "text"),
    ("anthropic", ("thinking",), {"type": "enabled", "budget_tokens": 2000}, "max_tokens"),
    (
        "anthropic",
        ("messages", 1, "content", 0),
        {"type": "thinking", "thinking": "x", "signature": "eA=="},
        "signature",
    ),
    ("anthropic", ("tool_choice",), {"type": "tool", "name": "other"}, "other"),
    ("anthropic", ("seed",), 1, "seed"),
    ("gemini", ("contents", 2, "parts", 0, "functionResponse", "name"), "other", "other"),
    ("gemini", ("contents", 0, "parts", 0), {}, "data"),
    ("gemini", ("generationConfig", "responseJsonSchema"), {"type": "object"}, "mime"),
    ("gemini", ("tools", 0, "functionDeclarations", 0), {"name": "a", "parameters": {"$ref": "#"}}, "ref"),
    ("gemini", ("contents", 1, "parts", 0, "thoughtSignature"), "eA==", "signature"),
    ("gemini", ("toolConfig",), {"functionCallingConfig": {"mode": "AUTO", "allowedFunctionNames": ["look"]}}, "mode"),
    ("bedrock", ("messages", 2, "content", 0, "toolResult", "toolUseId"), "c2", "toolResult"),
    ("bedrock", ("messages", 0, "content", 0, "text"), " ", "blank"),
    ("bedrock", ("messages", 1, "role"), "user", "alternate"),
    ("bedrock", ("inferenceConfig", "topK"), 3, "topK"),
    ("bedrock", ("toolConfig",), None, "toolConfig"),
    ("bedrock", ("messages", 1, "content", 0, "toolUse", "input"), "{}", "input"),
]


@pytest.mark.parametrize(("language", "path", "value", "word"), WRONG)
def test_it_is_refused(language: str, path: tuple[Any, ...], value: Any, word: str) -> None:
    assert word in refused(language, *path, value=value)


def test_the_good_one_is_not() -> None:
    assert {refused(language) for language in ("chat", "responses", "anthropic", "gemini", "bedrock")} == {""}


@pytest.mark.parametrize(
    ("language", "path", "value"),
    [
        ("anthropic", ("tools",), [{"type": "web_search_20250305", "name": "web_search", "max_uses": 2}]),
        ("anthropic", ("context_management",), {"edits": []}),
        (
            "anthropic",
            ("messages", 0, "content"),
            [FOUND],
        ),
        ("responses", ("tools",), [{"type": "custom", "name": "patch", "format": {"type": "text"}}]),
        ("responses", ("tools",), [{"type": "namespace", "name": "shell", "description": "", "tools": []}]),
        ("responses", ("tool_choice",), {"type": "allowed_tools", "mode": "auto", "tools": []}),
        ("responses", ("input", 0), {"type": "web_search_call", "id": "ws_1", "status": "completed"}),
        ("gemini", ("tools",), [{"googleSearch": {}}]),
    ],
)
def test_what_is_the_providers_own_is_taken(language: str, path: tuple[Any, ...], value: Any) -> None:
    assert refused(language, *path, value=value) == ""


def test_custom_tools_are_called_and_answered() -> None:
    call = {"type": "custom_tool_call", "call_id": "c9", "name": "patch", "input": "+a"}
    result = {"type": "custom_tool_call_output", "call_id": "c9", "output": "done"}
    user = {"role": "user", "content": "scene:x hi"}
    ask = hear("responses", "input", value=[user, call, result])
    assert [part for turn in ask.turns for part in turn.parts][2:] == [
        Call("c9", "patch", {"input": "+a"}),
        Result("c9", (Text("done"),)),
    ]
    assert "No tool call found" in refused("responses", "input", value=[user, result])


def test_what_stands_beside_an_assistants_message_is_noted() -> None:
    ask = hear("chat", "messages", 2, "provider_specific_fields", value={})
    assert ask.params["beside"] == ["messages[2].provider_specific_fields"]


def test_snake_case_is_understood_by_google() -> None:
    assert not refused("gemini", "generationConfig", value={"max_output_tokens": 5, "thinking_config": {}})


def test_thinking_must_come_back() -> None:
    """With thinking on, the assistant's turn before tools' results begins with its sealed thought."""
    thinking = {"type": "enabled", "budget_tokens": 1024}
    call = MESSAGES["messages"][1]["content"][0]
    turns = [MESSAGES["messages"][0], None, MESSAGES["messages"][2]]
    for content, word in (
        ([call], "Expected `thinking`"),
        ([{"type": "thinking", "thinking": "so", "signature": seals.seal("claude", "other")}, call], "signature"),
        ([{"type": "thinking", "thinking": "so", "signature": seals.seal("claude", "so")}, call], ""),
        ([{"type": "redacted_thinking", "data": seals.seal("claude", "so")}, call], ""),
    ):
        turns[1] = {"role": "assistant", "content": content}
        said = MESSAGES | {"thinking": thinking, "max_tokens": 4000, "temperature": 1}
        assert word in _whole(said | {"messages": turns}) if word else not _whole(said | {"messages": turns})


def _whole(body: dict[str, Any]) -> str:
    try:
        messages.hear("/v1/messages", KEYS, json.dumps(body).encode())
    except Refused as error:
        return error.message
    return ""


def test_seals_hold_what_they_seal() -> None:
    sealed = seals.seal("claude", "ü")
    assert seals.hidden("claude", sealed) == "ü"
    for language, other in (("gemini", sealed), ("claude", "A" + sealed[1:]), ("claude", "no!")):
        with pytest.raises(Refused):
            seals.hidden(language, other)
