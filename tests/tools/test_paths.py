"""Paths into JSON values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.tools import paths
from outrider.tools.paths import GONE

VALUE = {"items": [{"id": 1, "text": "a"}, {"id": 2}], "meta": {"page": 1, "next": None}, "n": 3}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
PATHS = st.lists(st.sampled_from(["a", "b", "c", "[]"]), min_size=1, max_size=4).map(tuple)


def test_a_path_is_read() -> None:
    assert paths.parsed("items[].id") == ("items", "[]", "id")
    assert paths.parsed("a") == ("a",)
    assert paths.parsed("[].a") == ("[]", "a")
    assert paths.parsed("rows[][]") == ("rows", "[]", "[]")


@pytest.mark.parametrize("text", ["", "a..b", ".a", "a."])
def test_no_path(text: str) -> None:
    with pytest.raises(ValueError, match="no path"):
        paths.parsed(text)


def test_get_and_put() -> None:
    assert paths.get(VALUE, ("meta", "page")) == 1
    assert paths.get(VALUE, ("meta", "page", "x")) is GONE
    assert paths.put({"a": 1}, ("b", "c"), 2) == {"a": 1, "b": {"c": 2}}
    assert paths.put({"b": 5}, ("b", "c"), 2) == {"b": {"c": 2}}


def test_what_is_taken_away_and_what_stays() -> None:
    assert paths.without(VALUE, [("items", "[]", "text"), ("n",)]) == {
        "items": [{"id": 1}, {"id": 2}],
        "meta": {"page": 1, "next": None},
    }
    assert paths.only(VALUE, [("items", "[]", "id"), ("meta",)]) == {
        "items": [{"id": 1}, {"id": 2}],
        "meta": {"page": 1, "next": None},
    }
    assert paths.only("a text", [("items",)]) is GONE
    assert paths.only({"other": 1}, [("items",)]) is GONE


def scalars(value: Any, way: tuple[str, ...] = ()) -> set[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        return {one for key, part in value.items() for one in scalars(part, (*way, key))}
    if isinstance(value, list):
        return {one for part in value for one in scalars(part, (*way, "[]"))}
    return {(way, repr(value))}


@given(JSON, st.lists(PATHS, max_size=3))
def test_only_and_without_divide_a_value(value: Any, chosen: list[tuple[str, ...]]) -> None:
    def below(way: tuple[str, ...]) -> bool:
        return any(way[: len(path)] == path for path in chosen)

    everything = scalars(value)
    kept, left = paths.only(value, chosen), paths.without(value, chosen)
    assert (set() if kept is GONE else scalars(kept)) == {one for one in everything if below(one[0])}
    assert (set() if left is GONE else scalars(left)) == {one for one in everything if not below(one[0])}
