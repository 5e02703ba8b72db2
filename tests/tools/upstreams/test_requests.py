"""Arguments as requests: OpenAPI's styles, and no argument leaves its place."""

from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.tools.upstreams._operations import Argument, Operation
from outrider.tools.upstreams._requests import encoded


def operation(*arguments: Argument, path: str = "/x", media: str = "") -> Operation:
    return Operation("op", "GET", path, "", "", {}, arguments, media)


@pytest.mark.parametrize(
    ("style", "explode", "value", "query"),
    [
        ("form", True, ["a", "b"], [("q", "a"), ("q", "b")]),
        ("form", False, ["a", "b"], [("q", "a,b")]),
        ("spaceDelimited", False, ["a", "b"], [("q", "a b")]),
        ("pipeDelimited", False, ["a", "b"], [("q", "a|b")]),
        ("deepObject", True, {"a": 1, "b": True}, [("q[a]", "1"), ("q[b]", "true")]),
        ("form", True, {"a": 1}, [("a", "1")]),
        ("form", False, {"a": 1, "b": 2}, [("q", "a,1,b,2")]),
        ("form", True, None, [("q", "")]),
        ("form", True, 1.5, [("q", "1.5")]),
    ],
)
def test_styles_of_queries(style: str, explode: bool, value: Any, query: list[tuple[str, str]]) -> None:
    found = encoded(operation(Argument("q", "q", "query", style, explode)), {"q": value})
    assert found.query == query


def test_a_json_parameter_and_the_places() -> None:
    arguments = (
        Argument("filter", "filter", "query", json=True),
        Argument("x", "X-Id", "header"),
        Argument("c", "sid", "cookie"),
        Argument("n", "n", "path"),
    )
    found = encoded(operation(*arguments, path="/a/{n}/b"), {"filter": {"a": 1}, "x": [1, 2], "c": "a;b", "n": "ü/x"})
    assert found.query == [("filter", '{"a":1}')]
    assert found.headers == [("x-id", "1,2")]
    assert found.cookies == [("sid", "a%3Bb")]
    assert found.path == "/a/%C3%BC%2Fx/b"


def test_bodies() -> None:
    member, whole = Argument("a", "a", "body"), Argument("body", "body", "whole")
    assert encoded(operation(member, media="application/json"), {"a": 1}).body == b'{"a":1}'
    form = encoded(operation(member, media="application/x-www-form-urlencoded"), {"a": ["x", "y&z"]})
    assert form.body == b"a=x&a=y%26z"
    parts = encoded(operation(member, media="multipart/form-data"), {"a": 'x\r\n--"'})
    assert parts.body is not None
    boundary = parts.media.partition("boundary=")[2].encode()
    assert parts.body.count(boundary) == 2
    assert encoded(operation(whole, media="text/plain"), {"body": "hi"}).body == b"hi"
    assert encoded(operation(whole, media="application/json"), {"body": [1]}).body == b"[1]"
    assert encoded(operation(member, media="application/json"), {}).body is None


@given(st.text(max_size=30))
def test_a_path_argument_is_one_segment(text: str) -> None:
    one = operation(Argument("n", "n", "path"), path="/base/{n}/end")
    try:
        path = encoded(one, {"n": text}).path
    except (RequestError, UnicodeEncodeError):
        return
    parts = urlsplit(f"http://host{path}")
    assert (parts.netloc, parts.query, parts.fragment) == ("host", "", "")
    first, base, inner, end = parts.path.split("/")
    assert (first, base, end) == ("", "base", "end")
    assert unquote(inner) == text
    assert inner not in ("", ".", "..")


@given(st.text(max_size=30))
def test_a_header_is_one_line(text: str) -> None:
    try:
        found = encoded(operation(Argument("h", "H", "header")), {"h": text})
    except RequestError:
        return
    assert not any(ord(c) < 32 or ord(c) == 127 for _, value in found.headers for c in value)


def test_a_path_needs_its_arguments() -> None:
    with pytest.raises(RequestError, match="needs all arguments"):
        encoded(operation(Argument("n", "n", "path"), path="/{n}"), {})
