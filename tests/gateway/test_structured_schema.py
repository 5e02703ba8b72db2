"""Schemas of callers: compiled once, bounded, refused by the path of their mistake."""

import json
from typing import Any

import pytest

from outrider.base.errors import RequestError
from outrider.gateway.structured.schema import (
    DEEPEST,
    LARGEST,
    MOST_LISTED,
    MOST_PATTERNS,
    WIDEST,
    Schema,
    parse,
    path_of,
    read,
)

PARAM = "response_format.json_schema.schema"
PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 5},
        "tags": {"type": "array", "items": {"type": "string"}},
        "kind": {"anyOf": [{"enum": ["a", "b"]}, {"type": "null"}]},
    },
    "required": ["name"],
    "additionalProperties": False,
}


def schema(source: Any) -> Schema:
    return read(json.dumps(source).encode(), PARAM)


def refusal(source: Any) -> RequestError:
    with pytest.raises(RequestError) as caught:
        schema(source)
    assert (caught.value.status, caught.value.code) == (400, "invalid_json_schema")
    assert caught.value.param is not None
    assert caught.value.param.startswith(PARAM)
    return caught.value


def test_what_fits_fits() -> None:
    person = schema(PERSON)
    for text in ('{"name": "Ann"}', '{"name": "Ann", "tags": ["x"], "kind": null}'):
        assert person.fits(parse(text), text)
        assert person.flaws(parse(text)) == []


def test_flaws_name_the_place_and_the_keyword_and_hide_the_value() -> None:
    value = {"name": "secret", "tags": ["x", 4711], "kind": "secret", "more": 1}
    flaws = schema(PERSON).flaws(value)
    assert {(flaw.path, flaw.keyword) for flaw in flaws} == {
        ("name", "maxLength"),
        ("tags[1]", "type"),
        ("kind", "anyOf"),
        ("", "additionalProperties"),
    }
    assert not any("secret" in flaw.message or "4711" in flaw.message for flaw in flaws)
    (nearest,) = (flaw.message for flaw in flaws if flaw.keyword == "anyOf")
    assert 'not one of "a" or "b"' in nearest


@pytest.mark.parametrize(
    ("source", "path", "word"),
    [
        ({"properties": {"a": {"type": "intger"}}}, ".properties.a.type", "intger"),
        ({"required": "a"}, ".required", "array"),
        ({"properties": {"a": {"pattern": "("}}}, ".properties.a.pattern", "regex"),
        ({"properties": {"a": {"pattern": "(a{1000}){1000}"}}}, ".properties.a.pattern", "regex"),
        ({"properties": [1]}, ".properties", "object"),
        ({"$ref": "#/$defs/x"}, "", "#/$defs/x"),
        ({"$ref": "http://127.0.0.1:9/x.json"}, "", "nothing is fetched"),
        ({"$ref": "file:///etc/passwd"}, "", "nothing is fetched"),
    ],
)
def test_a_wrong_schema_is_refused_by_its_path(source: Any, path: str, word: str) -> None:
    error = refusal(source)
    assert error.param == PARAM + path
    assert word in error.message


def test_references_inside_are_followed() -> None:
    for source in (
        {"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "string"}}},
        {"$ref": "#x", "$defs": {"x": {"$anchor": "x", "type": "string"}}},
        {"allOf": [{"$ref": "#/allOf/1"}, {"type": "string"}]},
    ):
        assert schema(source).fits("x", '"x"')
        assert not schema(source).fits(1, "1")
    assert schema({"$ref": "#/$defs/o", "$defs": {"o": {"type": "object"}}}).opens == "{"


@pytest.mark.parametrize(
    ("source", "opens"),
    [
        (PERSON, "{"),
        ({"type": ["array", "object"]}, "[{"),
        ({"type": ["object", "null"]}, ""),
        ({}, ""),
        ({"$ref": "#"}, ""),
    ],
)
def test_how_an_answer_begins(source: Any, opens: str) -> None:
    assert schema(source).opens == opens


def test_other_drafts_are_known_and_unknown_ones_taken_for_the_latest() -> None:
    old = {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 1, "exclusiveMinimum": True}
    assert not schema(old).fits(1, "1")
    assert schema({"$schema": "https://example.com/own", "minimum": 1}).fits(1, "1")


def test_patterns_with_lookaround_are_matched_in_few_steps() -> None:
    mail = schema({"pattern": r"^(?!\.)(?!.*\.\.)([a-z0-9.]*)[a-z0-9]@([a-z0-9]+\.)+[a-z]{2,}$"})
    assert mail.fits("ann.lee@example.com", "")
    assert not mail.fits("ann..lee@example.com", "")
    assert not schema({"pattern": r"(?=a)(a+)+$"}).fits("a" * 40 + "!", "")
    many = {f"p{i}": {"pattern": "(?=a)a"} for i in range(30)}
    assert refusal({"properties": many}).param == f"{PARAM}.properties.p0.pattern"


def doubling(levels: int) -> dict[str, Any]:
    both = {f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i + 1}"}] * 2} for i in range(levels)}
    return {"$ref": "#/$defs/d0", "$defs": {**both, f"d{levels}": {"type": "string"}}}


def test_hostile_schemas_are_bounded() -> None:
    assert (
        "128 deep"
        in refusal(
            {"$ref": "#/$defs/d0", "$defs": {f"d{i}": {"$ref": f"#/$defs/d{i + 1}"} for i in range(500)} | {"d500": {}}}
        ).message
    )
    assert str(WIDEST) in refusal(doubling(60)).message
    composed = {"enum": [{"a": i} for i in range(8000)]}
    assert str(WIDEST) in refusal({"allOf": [{"$ref": "#/$defs/e"}] * 3, "$defs": {"e": composed}}).message
    assert str(MOST_PATTERNS) in refusal({"properties": {f"p{i}": {"pattern": "a"} for i in range(300)}}).message
    assert str(LARGEST) in refusal({"description": "x" * LARGEST}).message
    deep: Any = {}
    for _ in range(DEEPEST):
        deep = {"items": deep}
    assert str(DEEPEST) in refusal(deep).message


def test_a_recursive_schema_is_checked_and_its_reasons_bounded() -> None:
    node = {
        "type": ["object", "string"],
        "properties": {"c": {"anyOf": [{"$ref": "#/$defs/n"}, {"$ref": "#/$defs/n"}]}},
    }
    tree = schema({"$ref": "#/$defs/n", "$defs": {"n": node}})
    good, bad, shallow = "leaf", 3, {"c": 3}
    value: Any = good
    for _ in range(40):
        value = {"c": value}
    assert tree.fits(value, json.dumps(value))
    value = bad
    for _ in range(40):
        value = {"c": value}
    assert not tree.fits(value, json.dumps(value))
    assert [flaw.path for flaw in tree.flaws(value)] == [""]  # 2^40 reasons are not listed
    assert tree.flaws(shallow)[0].path == "c"
    assert tree._work(value) > MOST_LISTED


def test_what_would_take_too_long_does_not_fit() -> None:
    branches = schema({"type": "array", "items": {"oneOf": [{"const": i} for i in range(3000)]}})
    short, long = [1, 2, 3], [1] * 5000
    assert branches.fits(short, json.dumps(short))
    assert not branches.fits(long, json.dumps(long))


def test_deep_answers_are_no_crash() -> None:
    with pytest.raises(ValueError, match="recursion"):
        parse("[" * 1000 + "]" * 1000)
    lists = schema({"type": ["array", "integer"], "items": {"$ref": "#"}})
    for deepest, fits in (("1", True), ("null", False)):
        text = "[" * 190 + deepest + "]" * 190
        assert lists.fits(parse(text), text) is fits
    assert lists.flaws(parse(text))[0].path.startswith("[0][0][0]")


def test_paths_read_like_code() -> None:
    assert path_of(["items", 2, "name"]) == "items[2].name"
    assert path_of([0, "a"]) == "[0].a"
    assert path_of([]) == ""
