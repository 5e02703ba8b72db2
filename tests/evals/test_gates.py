"""Gates are read as they are written."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.evals.gates import parse


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("exact >= 0.9", ("exact", ">=", 0.9, "", 1.0, "")),
        ("exact >= 90 %", ("exact", ">=", 0.9, "", 1.0, "")),
        ("exact >= now - 0.02", ("exact", ">=", -0.02, "now", 1.0, "")),
        ("exact >= now - 2%", ("exact", ">=", -0.02, "now", 1.0, "")),
        ("dollars <= 1.1 * now", ("dollars", "<=", 0.0, "now", 1.1, "")),
        ("next: policy == 0", ("policy", "==", 0.0, "", 1.0, "next")),
    ],
)
def test_what_a_gate_says(text: str, parts: tuple[object, ...]) -> None:
    found = parse(text, ["exact", "dollars", "policy"], ["now", "next"])
    assert (found.score, found.sign, found.bound, found.other, found.times, found.variant) == parts


@pytest.mark.parametrize(
    "text", ["", "exact", "exact = 1", "exact >= ", "exact == 3", "exact == now", "exakt >= 1", "x: exact >= 1"]
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(RequestError):
        parse(text, ["exact"], ["now"])


@given(st.text(max_size=60))
def test_nothing_else_than_a_refusal_comes_of_any_text(text: str) -> None:
    with contextlib.suppress(RequestError):
        assert parse(text, ["exact"], ["now"]).score == "exact"
