"""Counts and endings."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.usage import Usage
from outrider.dialects import usage
from outrider.dialects.anthropic import counts

TOKENS = st.integers(0, 10**6)


@given(TOKENS, TOKENS, TOKENS, TOKENS, st.integers(0, 100))
def test_counts_survive_chat(fresh: int, read: int, short: int, output: int, long: int) -> None:
    before = {
        "input_tokens": fresh,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": short + long,
        "cache_creation": {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long},
        "output_tokens": output,
    }
    chat = counts.to_chat(before)
    if not short + long:
        del before["cache_creation"]
    assert counts.from_chat(chat) == before
    found = usage(chat)
    assert found is not None
    assert (found.input, found.output) == (fresh + read + short + long, output)
    assert (found.cached, found.cache_write) == (read, short + long)


def test_thoughts_and_searches_are_counted() -> None:
    said = {"input_tokens": 1, "output_tokens": 9, "output_tokens_details": {"thinking_tokens": 5}}
    said["server_tool_use"] = {"web_search_requests": 2, "web_fetch_requests": 0}
    chat = counts.to_chat(said)
    assert usage(chat) == Usage(1, 9, reasoning=5, searches=2)
    assert counts.from_chat(chat)["server_tool_use"] == said["server_tool_use"]
    assert counts.from_chat(chat)["output_tokens_details"] == {"thinking_tokens": 5}


def test_counts_that_cannot_be() -> None:
    for odd in (-4, 1e308, 2**63, True, "3", [3]):
        assert counts.to_chat({"input_tokens": odd, "output_tokens": 1}) is None
        assert counts.to_chat({"input_tokens": 1, "output_tokens": odd}) is None
        chat = counts.to_chat({"input_tokens": 1, "output_tokens": 1, "cache_read_input_tokens": odd})
        assert usage(chat) == Usage(1, 1)
    assert counts.from_chat({"prompt_tokens": 3, "prompt_tokens_details": {"cached_tokens": 9}})["input_tokens"] == 0
    assert counts.from_chat(None)["input_tokens"] == 0


@pytest.mark.parametrize("said", [None, {}, [], {"input_tokens": None}, {"output_tokens": 4}])
def test_nothing_counted_is_not_a_count_of_nothing(said: Any) -> None:
    """Zeros would be recorded and charged; without counts the gateway counts itself."""
    assert counts.to_chat(said) is None


def test_tiers() -> None:
    assert counts.tier({"service_tier": ["standard"]}) is None
    assert [counts.tier({"service_tier": one}) for one in ("standard", "priority", None)] == [
        "default",
        "priority",
        None,
    ]
    assert counts.from_chat({}, "default")["service_tier"] == "standard"
    assert "service_tier" not in counts.from_chat({}, "flex")


def test_endings() -> None:
    assert counts.ended(None) is None
    assert counts.ended("invented") == "stop"
    for native, finish in counts.ENDINGS.items():
        choice = {"finish_reason": finish, "native_finish_reason": native}
        assert counts.reason(choice, calls=False, refused=False) == native
    assert counts.reason({}, calls=False, refused=False) == "end_turn"
