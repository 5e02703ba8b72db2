"""Requests of other languages, as one vendor's chat."""

from typing import Any

import pytest

from outrider.dialects.plain import plain
from outrider.dialects.plain.asking import closed

ASK = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def made(fields: dict[str, Any], *knows: str, model: str = "llama") -> tuple[dict[str, Any], list[str]]:
    found = plain({**ASK, **fields}, model, set(knows))
    rest = {name: value for name, value in found.fields.items() if name not in ASK}
    return rest, found.lost


def test_what_openai_knows_goes_on() -> None:
    fields = {"temperature": 0.5, "seed": 3, "n": 2, "stop": ["x"], "max_tokens": 9, "parallel_tool_calls": False}
    tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    assert made({**fields, "tools": tools}) == ({**fields, "tools": tools}, [])


def test_additions_are_known_or_lost() -> None:
    assert made({"top_k": 4, "min_p": 0.1}) == ({}, ["top_k", "min_p"])
    assert made({"top_k": 4, "min_p": 0.1}, "top_k", "min_p") == ({"top_k": 4, "min_p": 0.1}, [])
    assert made({"provider_options": {"format": "x", "cachedContent": "c"}}) == ({}, ["provider_options.cachedContent"])


def test_hints_and_labels_are_left_out() -> None:
    hints = {"cache_control": {"type": "ephemeral"}, "prompt_cache_key": "k", "metadata": {"a": "b"}, "store": False}
    assert made(hints) == ({}, [])
    assert made(hints, "prompt_cache_key") == ({"prompt_cache_key": "k"}, [])


def test_a_label_that_is_too_long_is_left_out() -> None:
    assert made({"user": "u" * 64})[0] == {"user": "u" * 64}
    assert made({"user": "u" * 65}) == ({}, [])


def test_tiers() -> None:
    assert made({"service_tier": "auto"})[0] == {}
    assert made({"service_tier": "flex"})[0] == {"service_tier": "flex"}


def test_models_that_think_take_no_temperature() -> None:
    assert made({"temperature": 1, "top_p": 0.5}, model="gpt-5") == ({}, ["top_p"])


def test_reasoning_for_who_knows_it() -> None:
    said = {"reasoning": {"max_tokens": 5000, "display": "omitted"}, "reasoning_effort": "high"}
    assert made(said, "reasoning")[0] == {"reasoning": {"max_tokens": 5000}}
    assert made({"reasoning": {"enabled": True}, "reasoning_effort": "high"}, "reasoning")[0] == {
        "reasoning": {"enabled": True, "effort": "high"}
    }


def test_tools() -> None:
    tool = {
        "type": "function",
        "function": {"name": "f", "description": "d"},
        "cache_control": {},
        "defer_loading": True,
    }
    fields, lost = made({"tools": [{**tool, "input_examples": [{"a": 1}]}], "tool_choice": "any"})
    assert fields == {
        "tools": [
            {"type": "function", "function": {"name": "f", "description": 'd\n\nExamples of its input: [{"a":1}]'}}
        ],
        "tool_choice": "required",
    }
    assert lost == []


def test_tools_of_others_are_lost() -> None:
    tools = [{"type": "provider", "provider": {"format": "f", "type": "web_search_20250305"}}, {"type": "mcp"}]
    assert made({"tools": tools, "tool_choice": "auto", "parallel_tool_calls": False}) == (
        {},
        ["tools[0] (web_search_20250305)", "tools[1] (mcp)"],
    )


OPEN = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}
CLOSED = {**OPEN, "required": ["a"]}


@pytest.mark.parametrize(
    ("schema", "yes"),
    [
        (OPEN, False),
        (CLOSED, True),
        ({**CLOSED, "additionalProperties": True}, False),
        ({"type": "array", "items": OPEN}, False),
        ({"anyOf": [CLOSED, {"type": "null"}]}, True),
        ({"$ref": "#/$defs/a", "$defs": {"a": OPEN}}, False),
    ],
)
def test_closed_schemas(schema: dict[str, Any], yes: bool) -> None:
    assert closed(schema) == yes


def test_strict_stays_where_openai_takes_it() -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": OPEN, "strict": True}}
    fields, lost = made({"tools": [tool]})
    assert fields["tools"][0]["function"]["strict"] is False
    assert [one.partition(" ")[0] for one in lost] == ["tools[0].function.strict"]
    form = {"type": "json_schema", "json_schema": {"name": "a", "schema": OPEN, "strict": True}}
    fields, lost = made({"response_format": form})
    assert fields["response_format"]["json_schema"]["strict"] is False
    assert lost == []  # the gateway holds the answer to the schema
