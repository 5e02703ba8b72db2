"""How hard to think, as OpenAI's chat says it."""

from typing import Any

import pytest

from outrider.dialects.plain import efforts


@pytest.mark.parametrize(
    ("model", "yes"),
    [("gpt-5", True), ("o3-mini", True), ("openai/gpt-5.1", True), ("gpt-5-chat-latest", False), ("gpt-4o", False)],
)
def test_which_models_think(model: str, yes: bool) -> None:
    assert efforts.thinks(model) == yes


@pytest.mark.parametrize(
    ("chat", "model", "effort"),
    [
        ({"reasoning_effort": "high"}, "gpt-5", "high"),
        ({"reasoning_effort": "max"}, "gpt-5", "high"),
        ({"reasoning_effort": "max"}, "gpt-5.2", "xhigh"),
        ({"reasoning_effort": "minimal"}, "o4-mini", "low"),
        ({"reasoning": {"max_tokens": 2000}}, "gpt-5", "low"),
        ({"reasoning": {"max_tokens": 31999}}, "gpt-5", "high"),
        ({"reasoning": {"enabled": True}}, "gpt-5", None),
        ({"reasoning": {"enabled": False}}, "gpt-5", "minimal"),
        ({"reasoning": {"enabled": False}}, "gpt-5.1", "none"),
        ({"reasoning_effort": "high"}, "gpt-4o", None),
        ({}, "gpt-5", None),
    ],
)
def test_effort(chat: dict[str, Any], model: str, effort: str | None) -> None:
    assert efforts.effort(chat, model, ()) == effort


def test_a_vendor_that_knows_the_field_gets_it_for_all_models() -> None:
    assert efforts.effort({"reasoning_effort": "high"}, "llama", {"reasoning_effort"}) == "high"


@pytest.mark.parametrize(
    ("model", "effort", "fixed"),
    [
        ("o3", None, True),
        ("gpt-5", None, True),
        ("gpt-5.1", None, False),
        ("gpt-5.1", "low", True),
        ("gpt-4o", "low", False),
    ],
)
def test_models_without_temperature(model: str, effort: str | None, fixed: bool) -> None:
    assert efforts.fixed(model, effort) == fixed
