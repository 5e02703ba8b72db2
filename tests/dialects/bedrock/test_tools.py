"""Tools and the choice of them."""

from typing import Any

import pytest

from outrider.dialects.bedrock.families import OWN_FORMAT
from outrider.dialects.bedrock.requests import from_chat
from tests.dialects.bedrock.aws import check

TOOL: dict[str, Any] = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
SPEC = {"toolSpec": {"name": "f", "inputSchema": {"json": {"type": "object"}}}}
CALLED = [
    {"role": "user", "content": "x"},
    {
        "role": "assistant",
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": "g", "arguments": "{}"}}],
    },
    {"role": "tool", "tool_call_id": "c", "content": "y"},
]


def told(model: str = "anthropic.claude-opus-4-8", **fields: Any) -> tuple[Any, list[str]]:
    said = from_chat({"messages": [{"role": "user", "content": "hi"}], **fields}, model)
    check(said.fields)
    return said.fields.get("toolConfig"), said.lost


@pytest.mark.parametrize(
    ("choice", "config", "lost"),
    [
        (None, {"tools": [SPEC]}, []),
        ("auto", {"tools": [SPEC]}, []),
        ("required", {"tools": [SPEC], "toolChoice": {"any": {}}}, []),
        ({"type": "function", "function": {"name": "f"}}, {"tools": [SPEC], "toolChoice": {"tool": {"name": "f"}}}, []),
        ({"type": "allowed_tools", "allowed_tools": {}}, {"tools": [SPEC]}, ["tool_choice (allowed_tools)"]),
        ("none", None, []),
    ],
)
def test_choices(choice: Any, config: Any, lost: list[str]) -> None:
    assert told(tools=[TOOL], tool_choice=choice) == (config, lost)


def test_earlier_calls_need_their_tools() -> None:
    remembered = {"toolSpec": {"name": "g", "inputSchema": {"json": {"type": "object", "properties": {}}}}}
    assert told(messages=CALLED) == ({"tools": [remembered]}, [])
    assert told(messages=CALLED, tools=[TOOL], tool_choice="none") == ({"tools": [SPEC]}, ["tool_choice (none)"])


def test_what_a_tool_says_of_itself() -> None:
    said = {
        "type": "function",
        "function": {
            "name": "f",
            "description": "d",
            "strict": True,
            "parameters": {"properties": {"a": {"minimum": 1}}},
        },
        "defer_loading": True,
    }
    (tool,), lost = told(tools=[said])[0]["tools"], told(tools=[said])[1]
    assert tool["toolSpec"]["strict"] is True
    assert tool["toolSpec"]["inputSchema"]["json"]["type"] == "object"
    assert tool["toolSpec"]["inputSchema"]["json"]["additionalProperties"] is False
    assert lost == ["tools[0].defer_loading"]


def test_tools_that_providers_run() -> None:
    own = {"type": "provider", "provider": {"format": OWN_FORMAT, "systemTool": {"name": "nova_grounding"}}}
    other = {"type": "provider", "provider": {"format": "anthropic-claude-v1", "type": "web_search_20250305"}}
    assert told(tools=[own, other]) == (
        {"tools": [{"systemTool": {"name": "nova_grounding"}}]},
        ["tools[1] (web_search_20250305)"],
    )


def test_marks_only_where_tools_may_be_cached() -> None:
    marked = {**TOOL, "cache_control": {"type": "ephemeral"}}
    assert told(tools=[marked])[0]["tools"] == [SPEC, {"cachePoint": {"type": "default"}}]
    assert told("amazon.nova-pro-v1:0", tools=[marked])[0]["tools"] == [SPEC]
