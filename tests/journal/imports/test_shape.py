"""Ids and times in the words of other tools."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.journal.imports import shape
from outrider.journal.imports.shape import Skip

AT = 1_700_000_000


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("2023-11-14T22:13:20Z", AT),
        ("2023-11-14T22:13:20.000", AT),
        ("2023-11-14 22:13:20.000000", AT),
        ("2023-11-14 22:13:20 UTC", AT),
        ("2023-11-15T00:13:20+02:00", AT),
        (AT, AT),
        (AT * 1000, AT),
        (AT * 10**6, AT),
        (AT * 10**9, AT),
        ("yesterday", 0),
        (None, 0),
        (True, 0),
        (-5, 0),
        (float("nan"), 0),
        ([], 0),
    ],
)
def test_moments(said: object, seconds: int) -> None:
    assert shape.moment(said) == seconds * 10**9


def test_a_moment_keeps_its_microseconds() -> None:
    assert shape.moment("2023-11-14T22:13:20.123456789Z") == AT * 10**9 + 123_456_000


def test_ids() -> None:
    assert shape.trace_id("0123456789abcdef0123456789ABCDEF").hex() == "0123456789abcdef0123456789abcdef"
    assert shape.trace_id("01234567-89ab-cdef-0123-456789abcdef").hex() == "0123456789abcdef0123456789abcdef"
    assert shape.span_id("0x0123456789abcdef").hex() == "0123456789abcdef"
    assert len(shape.span_id("my-span")) == 8
    assert any(shape.trace_id("0" * 32))
    for none in (None, "", " ", 5, "x" * 2000):
        with pytest.raises(Skip):
            shape.trace_id(none)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=40).filter(str.strip))
def test_the_same_name_is_the_same_id(name: str) -> None:
    assert shape.trace_id(name) == shape.trace_id(name)
    assert any(shape.span_id(name))


def test_a_span_leaves_out_what_is_empty_and_refuses_times_that_cannot_be() -> None:
    made = shape.span(
        b"t" * 16, b"s" * 8, b"s" * 8, None, 2, 1, {"model": "", "input": 0, "tools": []}, {"x": {"a": 1}}
    )
    assert (made.parent_span_id, made.end_time_unix_nano) == (b"", 2)
    assert {kv.key: kv.value.string_value for kv in made.attributes if kv.key == "x"} == {"x": '{"a":1}'}
    with pytest.raises(Skip, match="time"):
        shape.span(b"t" * 16, b"s" * 8, b"", "n", 1 << 63, 0, {}, {})


def test_values() -> None:
    assert shape.count("12") == 12
    assert shape.count(-3) == shape.count("x") == shape.count(float("inf")) == 0
    assert shape.parsed('{"a": 1}') == {"a": 1}
    assert shape.parsed("{not") == "{not"
    assert shape.object_of("[1]") == {}
