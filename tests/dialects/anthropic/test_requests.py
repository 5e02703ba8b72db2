"""Whole requests, into chat and out of it."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given

from outrider.dialects.anthropic import requests
from tests.dialects.anthropic import talks
from tests.dialects.anthropic.fixtures import HERE

CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
MODEL = "claude-sonnet-4-0"


def asked(fields: dict[str, Any], name: str = MODEL, most: int | None = None) -> tuple[dict[str, Any], list[str]]:
    """What chat with these fields becomes, but for what it always has."""
    made = requests.from_chat({**CHAT, **fields}, name=name, most=most)
    rest = {k: v for k, v in made.fields.items() if k not in ("model", "messages", "max_tokens")}
    return rest, made.lost


@given(talks.requests())
def test_a_request_survives_chat(before: dict[str, Any]) -> None:
    kept = copy.deepcopy(before)
    chat = requests.to_chat(before)
    assert before == kept
    assert chat.lost == []
    json.dumps(chat.fields)
    after = requests.from_chat(chat.fields, name=before["model"])
    assert after.lost == []
    assert _usual(after.fields) == _usual(before)


def _usual(fields: dict[str, Any]) -> dict[str, Any]:
    """Contents as lists of blocks: a text alone may be said in either way."""
    made = {**fields, "messages": [_message(message) for message in fields["messages"]]}
    if isinstance(system := fields.get("system"), str):
        made["system"] = [{"type": "text", "text": system}]
    return made


def _message(message: dict[str, Any]) -> dict[str, Any]:
    content = message["content"]
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return {**message, "content": [_block(block) for block in blocks]}


def _block(block: dict[str, Any]) -> dict[str, Any]:
    content = block.get("content")
    if block["type"] != "tool_result" or not isinstance(content, list):
        return block
    alone = len(content) == 1 and content[0].keys() == {"type", "text"}
    return {**block, "content": content[0]["text"] if alone else content}


def test_what_claude_code_sends() -> None:
    before = json.loads((HERE / "claude_code.json").read_bytes())
    chat = requests.to_chat(before)
    assert chat.lost == []
    assert "context_management" not in json.dumps(chat.fields)
    roles = [message["role"] for message in chat.fields["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "tool", "user"]
    assert chat.fields["stream_options"] == {"include_usage": True}
    assert chat.fields["reasoning"] == {"enabled": True, "max_tokens": 31999}
    after = requests.from_chat(chat.fields, name=before["model"])
    assert after.lost == []
    del before["context_management"], before["tools"][0]["eager_input_streaming"]
    assert after.fields == before


def test_settings_of_this_language_alone_travel_along() -> None:
    before = {"model": MODEL, "max_tokens": 5, "messages": [{"role": "user", "content": "a"}], "inference_geo": "eu"}
    chat = requests.to_chat({**before, "speed": "standard", "mcp_servers": []})
    assert chat.fields["provider_options"] == {"format": "anthropic-claude-v1", "inference_geo": "eu"}
    assert requests.from_chat(chat.fields, name=MODEL).fields == before


def test_settings_of_another_language_are_lost() -> None:
    assert asked({"provider_options": {"format": "google-gemini-v1", "cachedContent": "c"}}) == (
        {},
        ["provider_options.cachedContent"],
    )


def test_filling_a_cache_alone_is_something_only_this_language_can_ask_for() -> None:
    chat = requests.to_chat({"model": MODEL, "max_tokens": 0, "messages": [{"role": "user", "content": "a"}]})
    assert chat.fields["max_tokens"] == 1
    assert chat.lost == ["max_tokens (0: nothing but its cache is to be filled)"]


def test_an_output_format_of_the_beta() -> None:
    fields = {"model": MODEL, "max_tokens": 5, "messages": [], "output_format": {**talks.FORM}}
    form = requests.to_chat(fields).fields["response_format"]
    assert form["json_schema"] == {"name": "answer", "schema": talks.FORM["schema"], "strict": True}


def test_what_else_the_output_shall_be_is_named() -> None:
    fields = {"model": MODEL, "max_tokens": 5, "messages": [], "output_config": {"task_budget": {"total": 9}}}
    assert requests.to_chat(fields).lost == ["output_config.task_budget"]


# -- out of chat ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "most", "limit"),
    [
        ({"max_tokens": 5}, 99, 5),
        ({"max_completion_tokens": 7, "max_tokens": 5}, 99, 7),
        ({}, 64000, 64000),
        ({}, None, 8192),
    ],
)
def test_an_answer_has_a_limit(fields: dict[str, Any], most: int | None, limit: int) -> None:
    assert requests.from_chat({**CHAT, **fields}, name=MODEL, most=most).fields["max_tokens"] == limit


@pytest.mark.parametrize(
    "field",
    [
        *({"n": 2}, {"logprobs": True}, {"top_logprobs": 3}, {"seed": 1}, {"frequency_penalty": 0.5}),
        *({"presence_penalty": -1}, {"logit_bias": {"1": 2}}, {"min_p": 0.1}, {"audio": {"voice": "a"}}),
        *({"modalities": ["text", "audio"]}, {"store": True}, {"verbosity": "low"}, {"functions": [{}]}, {"new": 1}),
        {"safety_settings": [{}]},
    ],
)
def test_what_cannot_be_said_is_named(field: dict[str, Any]) -> None:
    assert asked(field) == ({}, list(field))


@pytest.mark.parametrize(
    "field",
    [
        *({"n": 1}, {"logprobs": False}, {"frequency_penalty": 0}, {"presence_penalty": 0.0}, {"logit_bias": {}}),
        *({"modalities": ["text"]}, {"store": False}, {"metadata": {"a": "b"}}, {"prompt_cache_key": "k"}),
        *({"prediction": {}}, {"seed": None}, {"stream_options": {"include_usage": True}}),
    ],
)
def test_what_changes_no_answer_is_left_out(field: dict[str, Any]) -> None:
    assert asked(field) == ({}, [])


@pytest.mark.parametrize(
    ("stop", "said", "lost"),
    [
        ("a", ["a"], []),
        (["a", "b"], ["a", "b"], []),
        (["a", "\n"], ["a"], ["stop (white space alone)"]),
        ("", None, []),
    ],
)
def test_stop_sequences(stop: Any, said: list[str] | None, lost: list[str]) -> None:
    assert asked({"stop": stop}) == ({"stop_sequences": said} if said else {}, lost)


@pytest.mark.parametrize(("user", "said"), [("u1", {"metadata": {"user_id": "u1"}}), ("a@b.org", {}), ("u" * 257, {})])
def test_the_name_of_a_user_unless_it_tells_who_that_is(user: str, said: dict[str, Any]) -> None:
    assert asked({"user": user}) == (said, [])


@pytest.mark.parametrize(
    ("tier", "said", "lost"),
    [
        ("auto", {"service_tier": "auto"}, []),
        ("priority", {"service_tier": "auto"}, []),
        ("default", {"service_tier": "standard_only"}, []),
        ("flex", {}, ["service_tier (flex)"]),
    ],
)
def test_tiers(tier: str, said: dict[str, Any], lost: list[str]) -> None:
    assert asked({"service_tier": tier}) == (said, lost)


@pytest.mark.parametrize(
    ("fields", "name", "said", "lost"),
    [
        ({"temperature": 0.3, "top_k": 4}, MODEL, {"temperature": 0.3, "top_k": 4}, []),
        ({"temperature": 1.5}, MODEL, {}, ["temperature"]),
        ({"temperature": 0.3, "top_p": 0.5}, MODEL, {"temperature": 0.3, "top_p": 0.5}, []),
        ({"temperature": 0.3, "top_p": 0.5}, "claude-sonnet-4-5", {"temperature": 0.3}, ["top_p"]),
        ({"temperature": 1, "top_p": 0.5}, "claude-sonnet-4-5", {"top_p": 0.5}, []),
        ({"temperature": 0, "top_p": 1}, "claude-sonnet-4-5", {"temperature": 0}, []),
        ({"temperature": 1, "top_p": 1}, "claude-opus-4-7", {}, []),
        ({"temperature": 0, "top_k": 3}, "claude-opus-4-7", {}, ["temperature", "top_k"]),
    ],
)
def test_sampling(fields: dict[str, Any], name: str, said: dict[str, Any], lost: list[str]) -> None:
    assert asked(fields, name) == (said, lost)


def test_models_that_think_are_not_told_how_to_choose() -> None:
    think = {"reasoning": {"max_tokens": 2000}, "max_tokens": 9000}
    made, lost = asked({**think, "temperature": 0.2, "top_p": 0.9, "top_k": 2})
    assert list(made) == ["thinking"]
    assert lost == ["temperature (with thoughts)", "top_p", "top_k"]
    made, lost = asked({**think, "top_p": 0.96, "temperature": 1})
    assert (made["top_p"], lost) == (0.96, [])


def test_forms() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}
    made, lost = asked({"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}}})
    assert made["output_config"]["format"]["schema"] == {
        "type": "object",
        "properties": {"n": {"type": "integer", "description": '{"minimum":1}'}},
        "required": ["n"],
        "additionalProperties": False,
    }
    assert lost == []
    assert asked({"response_format": {"type": "text"}}) == ({}, [])
    assert asked({"response_format": {"type": "json_object"}}) == ({}, ["response_format (json_object)"])
    open_ = {"type": "object", "additionalProperties": {"type": "string"}}
    form = {"type": "json_schema", "json_schema": {"name": "a", "schema": open_}}
    assert asked({"response_format": form})[1] == ["response_format.json_schema.schema (additionalProperties)"]
