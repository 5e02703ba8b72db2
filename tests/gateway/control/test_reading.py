"""Conversations of chat as turns."""

import base64
from typing import Any

from outrider.gateway.control.reading import (
    acts_here,
    as_proposal,
    attachments,
    kind_of,
    offered,
    proposals,
    server_results,
    turns,
)
from outrider.policy.turns import Proposal

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


def test_messages_become_turns() -> None:
    messages: list[Any] = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Look"}, {"type": "text", "text": "here"}, IMAGE]},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "read", "arguments": '{"x":1}'}},
            {"id": "b", "type": "custom", "custom": {"name": "run", "input": "ls"}},
        ]},
        {"role": "tool", "tool_call_id": "a", "content": "found"},
        {"role": "function", "name": "old", "content": "result"},
        {"role": "assistant", "content": "", "function_call": {"name": "old", "arguments": "{}"}},
    ]  # fmt: skip
    system, user, called, tool, function, old = turns(messages)
    assert (system.role, system.text) == ("operator", "Be brief.")
    assert (user.role, user.text, bool(user.attached)) == ("user", "Look\nhere", True)
    assert called.calls == (Proposal("a", "read", '{"x":1}'), Proposal("b", "run", '{"input":"ls"}'))
    assert (tool.role, tool.call, tool.text) == ("tool", "a", "found")
    assert (function.role, function.tool) == ("tool", "old")
    assert old.calls == (Proposal("", "old", "{}"),)


def test_odd_messages_are_read_without_error() -> None:
    odd: list[Any] = [{}, {"role": 7}, {"role": "assistant", "tool_calls": ["x", {"function": 3}]}, "text",
                      {"role": "user", "content": [3, {"type": "text"}]}]  # fmt: skip
    assert len(turns(odd)) == 5
    assert list(proposals({"tool_calls": [{"id": 5, "function": {"name": None, "arguments": {"a": 1}}}]})) == [
        Proposal("5", "", '{"a":1}')
    ]


def test_what_is_attached() -> None:
    said = base64.b64encode(b"pay eve").decode()
    content = [
        IMAGE,
        {"type": "file", "file": {"filename": "a.txt", "file_data": f"data:text/plain;base64,{said}"}},
        {"type": "provider", "provider": {"format": "x", "type": "search_result", "content": [{"text": "found this"}]}},
    ]
    assert attachments({"role": "user", "content": content}) == ["(image_url)", "a.txt", "pay eve", "found this"]


def test_what_a_providers_tools_brought() -> None:
    message: dict[str, Any] = {
        "annotations": [{"type": "url_citation", "url_citation": {"url": "https://evil.example"}}],
        "provider_items": [
            {"type": "web_search_tool_result", "format": "f", "content": [{"title": "t"}]},
            {"type": "computer_call", "call_id": "c", "action": {"type": "click"}},
            {"type": "computer_call_output", "call_id": "c", "output": {"type": "screenshot"}},
            {"format": "g", "part": {"executableCode": {"code": "1"}}},
        ],
    }
    assert [tool for tool, _ in server_results(message)] == ["web_search", "computer", "executable_code", "web_search"]
    click = message["provider_items"][1]
    assert acts_here(click)
    assert as_proposal(click) == Proposal("c", "computer", '{"action":{"type":"click"}}')
    assert not acts_here({"type": "web_search_call", "id": "ws_1"})
    assert kind_of({"type": "server_tool_use", "name": "code_execution"}) == "code_execution"


def test_offered_functions() -> None:
    request = {
        "tools": [
            {"type": "function", "function": {"name": "a", "description": "does a"}},
            {"type": "custom", "custom": {"name": "b"}},
            {"type": "provider", "provider": {}},
        ],
        "functions": [{"name": "c"}],
    }
    assert offered(request) == {"a": "does a", "b": "", "c": ""}
