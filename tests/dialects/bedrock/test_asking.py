"""Sampling and thinking, as each family of models is told about them."""

from typing import Any

import pytest

from outrider.dialects.bedrock.requests import from_chat
from tests.dialects.bedrock.aws import check

OLD, SONNET, OPUS = (
    "anthropic.claude-3-7-sonnet-20250219-v1:0",
    "us.anthropic.claude-sonnet-4-6",
    "anthropic.claude-opus-4-8",
)
NOVA, OSS, GPT = "amazon.nova-2-lite-v1:0", "openai.gpt-oss-120b-1:0", "global.openai.gpt-5.6-sol"
LLAMA, COHERE = "meta.llama4-scout-17b-instruct-v1:0", "cohere.command-r-plus-v1:0"
ARN = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc"
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


def told(model: str, **fields: Any) -> tuple[Any, Any, list[str]]:
    """Additional fields, sampling, and what was lost."""
    said = from_chat({"messages": [{"role": "user", "content": "hi"}], **fields}, model)
    check(said.fields)
    return said.fields.get("additionalModelRequestFields"), said.fields.get("inferenceConfig"), said.lost


@pytest.mark.parametrize(
    ("model", "fields", "extra", "lost"),
    [
        (OLD, {"reasoning_effort": "low"}, {"thinking": {"type": "enabled", "budget_tokens": 2048}}, []),
        (OLD, {"reasoning": {"max_tokens": 3000}}, {"thinking": {"type": "enabled", "budget_tokens": 3000}}, []),
        (OLD, {"reasoning_effort": "none"}, None, []),
        (
            SONNET,
            {"reasoning_effort": "max"},
            {"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}},
            [],
        ),
        (SONNET, {"reasoning": {"max_tokens": 3000}}, {"thinking": {"type": "enabled", "budget_tokens": 3000}}, []),
        (OPUS, {"reasoning": {"max_tokens": 3000}}, {"thinking": {"type": "adaptive"}}, ["reasoning.max_tokens"]),
        (
            ARN,
            {"reasoning_effort": "high"},
            {"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}},
            [],
        ),
        (
            NOVA,
            {"reasoning_effort": "xhigh"},
            {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "high"}},
            [],
        ),
        (NOVA, {"reasoning_effort": "none"}, None, []),
        (OSS, {"reasoning_effort": "minimal"}, {"reasoning_effort": "low"}, []),
        (OSS, {"reasoning_effort": "none"}, None, ["reasoning_effort (none)"]),
        (GPT, {"reasoning_effort": "xhigh"}, {"reasoning": {"effort": "xhigh"}}, []),
        (GPT, {"reasoning": {"enabled": False}}, {"reasoning": {"effort": "none"}}, []),
        (GPT, {"reasoning": {"max_tokens": 9}}, None, ["reasoning.max_tokens"]),
        (LLAMA, {"reasoning": {"effort": "low"}}, None, ["reasoning"]),
        (LLAMA, {"reasoning_effort": "none"}, None, []),
    ],
)
def test_thinking(model: str, fields: dict[str, Any], extra: Any, lost: list[str]) -> None:
    assert told(model, **fields) == (extra, None, lost)


def test_a_tool_that_must_be_called_leaves_no_time_to_think() -> None:
    extra, _, lost = told(SONNET, reasoning={"enabled": True}, tools=[TOOL], tool_choice="required")
    assert (extra, lost) == (None, ["reasoning (with a tool that must be called)"])


@pytest.mark.parametrize(
    ("model", "fields", "config", "extra", "lost"),
    [
        (SONNET, {"temperature": 0.2, "top_k": 5}, {"temperature": 0.2}, {"top_k": 5}, []),
        (SONNET, {"temperature": 0.2, "top_p": 0.5}, {"temperature": 0.2}, None, ["top_p"]),
        (SONNET, {"temperature": 1.5}, None, None, ["temperature"]),
        (OPUS, {"temperature": 0.2, "top_k": 5}, None, None, ["temperature", "top_k"]),
        (OLD, {"temperature": 0.2, "top_p": 0.5}, {"temperature": 0.2, "topP": 0.5}, None, []),
        (LLAMA, {"temperature": 0.2, "top_p": 0.5, "top_k": 5}, {"temperature": 0.2, "topP": 0.5}, None, ["top_k"]),
        (LLAMA, {"temperature": 1.2}, None, None, ["temperature"]),
        (NOVA, {"top_k": 5}, None, {"inferenceConfig": {"topK": 5}}, []),
        (
            COHERE,
            {"top_k": 5, "seed": 1, "presence_penalty": 0.1},
            None,
            {"k": 5, "seed": 1, "presence_penalty": 0.1},
            [],
        ),
        (LLAMA, {"presence_penalty": 0.1}, None, None, ["presence_penalty"]),
    ],
)
def test_sampling(model: str, fields: dict[str, Any], config: Any, extra: Any, lost: list[str]) -> None:
    assert told(model, **fields) == (extra, config, lost)


def test_thoughts_want_no_sampling() -> None:
    _, config, lost = told(SONNET, reasoning_effort="low", temperature=0.3, top_k=4)
    assert (config, lost) == (None, ["temperature (with thoughts)", "top_k"])


def test_one_tool_at_a_time() -> None:
    extra, _, _ = told(SONNET, tools=[TOOL], parallel_tool_calls=False)
    assert extra == {"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}}
    extra, _, _ = told(SONNET, tools=[TOOL], parallel_tool_calls=False, tool_choice="required")
    assert extra == {"tool_choice": {"disable_parallel_tool_use": True}}
    assert told(LLAMA, tools=[TOOL], parallel_tool_calls=False) == (None, None, [])
