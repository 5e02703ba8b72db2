"""Counts in chat's `usage`, as the record takes them."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.usage import MOST_TOKENS, Usage
from outrider.dialects import usage

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)
NAMES = ("prompt_tokens", "completion_tokens", "prompt_tokens_details", "completion_tokens_details")
PARTS = ("cached_tokens", "cache_write_tokens", "cache_write_1h_tokens", "reasoning_tokens")


def test_all_counts() -> None:
    said = {
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 10, "audio_tokens": 1},
        "completion_tokens_details": {"reasoning_tokens": 12},
    }
    assert usage(said) == Usage(100, 20, cached=60, cache_write=10, reasoning=12)


def test_parts_are_never_more_than_the_whole() -> None:
    said = {"prompt_tokens": 5, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 9}}
    assert usage(said) == Usage(5, 1, cached=5)


@given(st.fixed_dictionaries(dict.fromkeys(NAMES, anything)) | anything)
def test_whatever_is_said(said: Any) -> None:
    found = usage(said)
    assert found is None or 0 <= found.input <= MOST_TOKENS


@pytest.mark.parametrize("name", NAMES)
def test_truth_is_no_count(name: str) -> None:
    """A record with it could never be read again, and all that came after it neither."""
    said: dict[str, Any] = {"prompt_tokens": 5, "completion_tokens": 1}
    said[name] = dict.fromkeys(PARTS, True) if name.endswith("_details") else True
    found = usage(said)
    assert found is None or msgspec.json.decode(msgspec.json.encode(found), type=Usage) == found
