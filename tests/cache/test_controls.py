from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.cache.controls import NONE, Controls, controls


@pytest.mark.parametrize(
    ("header", "field", "meant"),
    [
        ("", None, NONE),
        ("", {}, NONE),
        ("no-store", None, Controls(no_store=True)),
        ("No-Cache, max-age=5", None, Controls(no_cache=True, max_age=5)),
        ("only-if-cached", None, Controls(only_if_cached=True)),
        ("max-age=x, public, max-age", None, NONE),
        ('max-age="7"', {"s-maxage": 3}, Controls(max_age=3)),
        ("", {"no-store": True, "ttl": 1.5, "namespace": "n"}, Controls(no_store=True, ttl=1.5, namespace="n")),
        ("no-cache", {"no-cache": False}, Controls(no_cache=True)),
        ("TTL=60, Namespace=Ada", None, Controls(ttl=60, namespace="Ada")),
        ("ttl=-1, ttl, namespace", None, NONE),
        ("ttl=60, namespace=a", {"ttl": 5, "namespace": "b"}, Controls(ttl=5, namespace="a\nb")),
    ],
)
def test_what_is_meant(header: str, field: dict[str, Any] | None, meant: Controls) -> None:
    assert controls(header, field) == meant


@pytest.mark.parametrize(
    ("field", "param"),
    [
        ({"ttl": -1}, "cache.ttl"),
        ({"ttl": True}, "cache.ttl"),
        ({"ttl": "5"}, "cache.ttl"),
        ({"ttl": float("inf")}, "cache.ttl"),
        ({"no-store": 1}, "cache.no-store"),
        ({"namespace": 1}, "cache.namespace"),
        ({"tll": 1}, "cache.tll"),
    ],
)
def test_a_mistake_in_the_field_is_named(field: dict[str, Any], param: str) -> None:
    with pytest.raises(RequestError) as caught:
        controls("", field)
    assert (caught.value.status, caught.value.param) == (400, param)


@given(st.text(max_size=60))
def test_any_header_is_taken(header: str) -> None:
    controls(header, None)


def test_reads_and_misses() -> None:
    assert NONE.reads
    assert not Controls(no_store=True).reads
    NONE.refuse_miss()
    with pytest.raises(RequestError, match="only-if-cached") as caught:
        Controls(only_if_cached=True).refuse_miss()
    assert caught.value.status == 504
