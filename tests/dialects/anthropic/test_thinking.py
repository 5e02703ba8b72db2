"""How much to think."""

from typing import Any

import pytest

from outrider.dialects.anthropic import thinking
from outrider.dialects.anthropic.models import model

USER = [{"role": "user", "content": "hi"}]
NEW, OLD, BETWEEN = "claude-opus-4-8", "claude-sonnet-4-5", "claude-opus-4-6"


def asked(chat: dict[str, Any], name: str, limit: int = 64000, **more: Any) -> tuple[dict[str, Any], list[str]]:
    fields = {"max_tokens": limit, "messages": USER, **more}
    lost: list[str] = []
    thinking.from_chat(chat, fields, model(name), lost)
    return {name: fields[name] for name in ("thinking", "output_config") if name in fields}, lost


def budget(tokens: int, **more: str) -> dict[str, Any]:
    return {"thinking": {"type": "enabled", "budget_tokens": tokens, **more}}


ADAPTIVE = {"thinking": {"type": "adaptive"}}


@pytest.mark.parametrize(
    ("chat", "name", "said"),
    [
        ({}, NEW, {}),
        ({"reasoning_effort": "high"}, NEW, {**ADAPTIVE, "output_config": {"effort": "high"}}),
        ({"reasoning_effort": "minimal"}, NEW, {**ADAPTIVE, "output_config": {"effort": "low"}}),
        ({"reasoning_effort": "xhigh"}, BETWEEN, {**ADAPTIVE, "output_config": {"effort": "high"}}),
        ({"reasoning_effort": "medium"}, OLD, budget(8192)),
        ({"reasoning": {"effort": "low"}}, OLD, budget(2048)),
        ({"reasoning": {"max_tokens": 5000}}, OLD, budget(5000)),
        ({"reasoning": {"max_tokens": 5000}}, BETWEEN, budget(5000)),
        ({"reasoning": {"max_tokens": 10}}, OLD, budget(1024)),
        (
            {"reasoning": {"enabled": True, "display": "omitted"}},
            NEW,
            {"thinking": {"type": "adaptive", "display": "omitted"}},
        ),
        ({"reasoning_effort": "low", "reasoning": {"summary": "auto"}}, OLD, budget(2048, display="summarized")),
        ({"reasoning_effort": "none"}, NEW, {"thinking": {"type": "disabled"}}),
        ({"reasoning": {"enabled": False}}, OLD, {"thinking": {"type": "disabled"}}),
        ({"reasoning_effort": "medium"}, "claude-opus-4-5", {**budget(8192), "output_config": {"effort": "medium"}}),
    ],
)
def test_out_of_chat(chat: dict[str, Any], name: str, said: dict[str, Any]) -> None:
    assert asked(chat, name) == (said, [])


@pytest.mark.parametrize(("limit", "tokens"), [(4000, 2999), (1025, 1024), (100_000, 16384)])
def test_a_budget_leaves_room_for_the_answer(limit: int, tokens: int) -> None:
    assert asked({"reasoning_effort": "high"}, OLD, limit) == (budget(tokens), [])


def test_a_budget_is_less_than_the_limit() -> None:
    assert asked({"reasoning": {"max_tokens": 9000}}, OLD, 2000) == (budget(1999), [])
    assert asked({"reasoning_effort": "high"}, OLD, 1024)[1] == [
        "reasoning_effort (with max_tokens of 1024: at least 1025 are needed)"
    ]


def test_what_a_model_cannot_be_told() -> None:
    assert asked({"reasoning": {"max_tokens": 9000}}, NEW) == (ADAPTIVE, ["reasoning.max_tokens"])
    assert asked({"reasoning_effort": "none"}, "claude-fable-5")[1] == ["reasoning_effort (none)"]
    assert asked({"reasoning": {"enabled": False}}, "claude-fable-5")[1] == ["reasoning.enabled (false)"]
    forced = asked({"reasoning_effort": "low"}, OLD, tool_choice={"type": "any"})
    assert forced == ({}, ["reasoning_effort (with a tool that must be called)"])


def test_a_turn_whose_thoughts_are_gone_is_gone_on_with_without() -> None:
    """The API refuses a model that thinks by budget, and now would have to show what it thought before."""
    call = {"type": "tool_use", "id": "a", "name": "f", "input": {}}
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a"}]}
    gone = [*USER, {"role": "assistant", "content": [call]}, result]
    assert asked({"reasoning_effort": "low"}, OLD, messages=gone) == ({}, [])
    thought = {"type": "thinking", "thinking": "", "signature": "s"}
    there = [*USER, {"role": "assistant", "content": [thought, call]}, result]
    assert asked({"reasoning_effort": "low"}, OLD, messages=there) == (budget(2048), [])
    plain = [*USER, {"role": "assistant", "content": "a"}, *USER]
    assert asked({"reasoning_effort": "low"}, OLD, messages=plain) == (budget(2048), [])


@pytest.mark.parametrize(
    ("fields", "chat", "lost"),
    [
        (
            {"thinking": {"type": "enabled", "budget_tokens": 2000}},
            {"reasoning": {"enabled": True, "max_tokens": 2000}},
            [],
        ),
        (
            {"thinking": {"type": "adaptive", "display": "omitted"}},
            {"reasoning": {"enabled": True, "display": "omitted"}},
            [],
        ),
        ({"thinking": {"type": "disabled"}}, {"reasoning": {"enabled": False}}, []),
        ({"thinking": {"type": "between_tools"}}, {"reasoning": {"enabled": True}}, ["thinking (between_tools)"]),
        ({"output_config": {"effort": "max"}}, {"reasoning_effort": "max"}, []),
        ({}, {}, []),
    ],
)
def test_into_chat(fields: dict[str, Any], chat: dict[str, Any], lost: list[str]) -> None:
    made: dict[str, Any] = {}
    named: list[str] = []
    thinking.to_chat(fields, made, named)
    assert (made, named) == (chat, lost)
