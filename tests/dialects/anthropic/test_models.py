"""What models take, by their names."""

import pytest

from outrider.dialects.anthropic.models import OTHER, model


@pytest.mark.parametrize(
    ("name", "adaptive", "budget", "silent"),
    [
        ("claude-3-7-sonnet-20250219", False, True, True),
        ("claude-sonnet-4-20250514", False, True, True),
        ("claude-haiku-4-5-20251001", False, True, True),
        ("claude-opus-4-6", True, True, True),
        ("claude-opus-4-7", True, False, True),
        ("claude-sonnet-5", True, False, True),
        ("anthropic.claude-fable-5-1", True, False, False),
        ("claude-next", True, False, True),
        ("glm-4.6", False, True, True),
    ],
)
def test_how_they_think(name: str, adaptive: bool, budget: bool, silent: bool) -> None:
    found = model(name)
    assert (found.adaptive, found.budget, found.silent) == (adaptive, budget, silent)


@pytest.mark.parametrize(
    ("name", "efforts"),
    [
        ("claude-sonnet-4-5", ()),
        ("claude-opus-4-5-20251101", ("low", "medium", "high")),
        ("claude-sonnet-4-6", ("low", "medium", "high", "max")),
        ("claude-opus-4-8", ("low", "medium", "high", "xhigh", "max")),
        ("claude-haiku-4-5", ()),
    ],
)
def test_efforts(name: str, efforts: tuple[str, ...]) -> None:
    assert model(name).efforts == efforts


@pytest.mark.parametrize(
    ("name", "yes"),
    [("claude-opus-4-7", False), ("claude-opus-4-8", True), ("claude-sonnet-5", False), ("claude-sonnet-5-5", True)],
)
def test_system_messages_between_turns(name: str, yes: bool) -> None:
    assert model(name).mid_system == yes


def test_sampling() -> None:
    assert model("claude-opus-4-6").sampling
    assert not model("claude-opus-4-7").sampling
    assert model("claude-opus-4-0").both
    assert not model("claude-opus-4-1").both
    assert model("kimi-k2") is OTHER
