"""Counts in chat's `usage`, as the record takes them."""

from typing import Any

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
