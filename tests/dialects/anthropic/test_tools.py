"""Tools. Those that callers have are generated in the tests of requests."""

from typing import Any

import pytest

from outrider.dialects.anthropic import tools

TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
MADE = {"name": "f", "input_schema": {"type": "object"}}


def out(chat: dict[str, Any], *messages: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    fields: dict[str, Any] = {"messages": list(messages)}
    lost: list[str] = []
    tools.from_chat(chat, fields, lost)
    del fields["messages"]
    return fields, lost


@pytest.mark.parametrize(
    ("choice", "made"),
    [
        ("auto", {"type": "auto"}),
        ("required", {"type": "any"}),
        ("none", {"type": "none"}),
        ({"type": "function", "function": {"name": "f"}}, {"type": "tool", "name": "f"}),
    ],
)
def test_choices(choice: Any, made: dict[str, Any]) -> None:
    assert out({"tools": [TOOL], "tool_choice": choice}) == ({"tools": [MADE], "tool_choice": made}, [])


def test_choices_that_cannot_be_said() -> None:
    choice = {"type": "allowed_tools", "allowed_tools": {}}
    assert out({"tools": [TOOL], "tool_choice": choice}) == ({"tools": [MADE]}, ["tool_choice (allowed_tools)"])


def test_one_call_at_a_time() -> None:
    made, _ = out({"tools": [TOOL], "parallel_tool_calls": False})
    assert made["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}
    made, _ = out({"tools": [TOOL], "parallel_tool_calls": False, "tool_choice": "none"})
    assert made["tool_choice"] == {"type": "none"}
    assert out({"parallel_tool_calls": False}) == ({}, [])


def test_strict_tools() -> None:
    function = {"name": "f", "strict": True, "description": "d", "parameters": {"type": "object"}}
    made, lost = out({"tools": [{"type": "function", "function": function}]})
    assert made["tools"] == [
        {
            "name": "f",
            "description": "d",
            "strict": True,
            "input_schema": {"type": "object", "additionalProperties": False},
        }
    ]
    assert lost == []
    function["parameters"] = {"type": "object", "additionalProperties": True}
    assert out({"tools": [{"type": "function", "function": function}]})[1] == [
        "tools[0].function.parameters (additionalProperties)"
    ]


def test_schemas_are_objects() -> None:
    made, _ = out({"tools": [{"type": "function", "function": {"name": "f", "parameters": {"properties": {}}}}]})
    assert made["tools"][0]["input_schema"] == {"type": "object", "properties": {}}
    made, _ = out({"tools": [{"type": "function", "function": {"name": "f"}}]})
    assert made["tools"][0]["input_schema"] == {"type": "object", "properties": {}}


def test_tools_of_others_are_named() -> None:
    chat = {"tools": [{"type": "custom", "custom": {}}, {"type": "provider", "provider": {"format": "x", "type": "y"}}]}
    assert out(chat) == ({}, ["tools[0] (custom)", "tools[1] (y)"])


def test_searching_the_web() -> None:
    near = {"type": "approximate", "approximate": {"city": "Paris"}}
    made, lost = out({"web_search_options": {"user_location": near, "search_context_size": "high"}})
    assert made["tools"] == [
        {
            "type": "web_search_20250305",
            "name": "web_search",
            "user_location": {"type": "approximate", "city": "Paris"},
        }
    ]
    assert lost == ["web_search_options.search_context_size"]


def test_tools_that_were_called_are_described() -> None:
    """The API demands it; they cannot be called again."""
    call = {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "g", "input": {}}]}
    assert out({}, call, {"role": "assistant", "content": "x"}) == (
        {"tools": [{"name": "g", "input_schema": {"type": "object"}}], "tool_choice": {"type": "none"}},
        [],
    )
