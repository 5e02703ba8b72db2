"""Counts in chat's `usage`, as the record takes them."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.base.usage import MOST_TOKENS, Usage
from outrider.dialects import Translated, sound, understood, usage

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


@pytest.mark.parametrize("odd", [1e308, -1, 2**63, True, "5", [5], {}])
@pytest.mark.parametrize("name", ["prompt_tokens", "completion_tokens"])
def test_counts_that_cannot_be_reach_nobody(name: str, odd: Any) -> None:
    said = {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6, name: odd}
    assert sound({"choices": [], "usage": said}) == {"choices": []}


@pytest.mark.parametrize("odd", [1e308, -1, 2**63, True, "5", [5], {}, None])
def test_a_part_that_cannot_be_goes_alone(odd: Any) -> None:
    parts = {"cached_tokens": 2, "audio_tokens": odd}
    said = {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": odd, "prompt_tokens_details": parts, "cost": 1}
    expected = {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6, "cost": 1}
    assert sound({"usage": said}) == {"usage": {**expected, "prompt_tokens_details": {"cached_tokens": 2}}}
    assert said["total_tokens"] is odd, "what was said is not changed"
    assert sound({"usage": {**said, "prompt_tokens_details": [odd]}}) == {"usage": expected}


def test_names_that_are_no_text() -> None:
    assert sound({"id": 5, "model": ["m"], "service_tier": {}}) == {"id": "", "model": ""}
    good = {"id": "a", "model": "m", "service_tier": "flex", "usage": None, "choices": []}
    assert sound(dict(good)) == good
    assert sound({"choices": []}) == {"choices": []}


def picky(said: dict[str, Any]) -> Translated:
    said["seen"] = True
    names = [one["name"].lower() for one in said.get("items", [])]
    return Translated({"names": names, "size": said.get("size", 0) + 1})


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"size": "3", "items": []}, "size"),
        ({"a": 1, "items": [{"name": "a"}, {"name": 5}, {"name": "b"}]}, "items[1]"),
        ({"items": [5]}, "items[0]"),
        ({"items": [5, 6]}, "items"),
        ({"items": [5], "size": []}, None),
        ({"size": [], "long": "x" * 70_000}, None),
    ],
)
def test_the_odd_field_is_named(fields: dict[str, Any], where: str | None) -> None:
    with pytest.raises(RequestError) as raised:
        understood(picky, fields)
    assert (raised.value.param, raised.value.code) == (where, "invalid_value")
    assert (f"'{where}'" if where else "a field of the request") in raised.value.message
    assert "Error" not in raised.value.message


def test_what_is_understood_is_translated_once() -> None:
    assert understood(picky, {"items": [{"name": "A"}]}).fields == {"names": ["a"], "size": 1}
