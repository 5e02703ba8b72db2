"""Schemas as strict output takes them."""

from typing import Any

import pytest

from outrider.dialects.anthropic import schemas

FIT: dict[str, Any] = {
    "type": "object",
    "properties": {"a": {"type": "array", "items": {"type": "string", "format": "date"}, "minItems": 1}},
    "required": ["a"],
    "additionalProperties": False,
    "$defs": {"b": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/b"}]}},
}


def test_what_fits_stays_the_same_object() -> None:
    assert schemas.fitted(FIT, []) is FIT
    assert schemas.fitted(True, []) is True


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"type": "integer", "minimum": 1}, {"type": "integer", "description": '{"minimum":1}'}),
        (
            {"type": "string", "description": "D", "pattern": "a", "maxLength": 3},
            {"type": "string", "description": 'D\n\n{"maxLength":3}', "pattern": "a"},
        ),
        ({"type": "string", "format": "byte"}, {"type": "string", "description": '{"format":"byte"}'}),
        ({"type": "array", "minItems": 2}, {"type": "array", "description": '{"minItems":2}'}),
        ({"oneOf": [{"type": "null"}]}, {"anyOf": [{"type": "null"}]}),
        ({"type": "object"}, {"type": "object", "additionalProperties": False}),
        ({"items": {"properties": {}}}, {"items": {"properties": {}, "additionalProperties": False}}),
        (
            {"properties": {"minimum": {"type": "object"}}, "additionalProperties": False},
            {
                "properties": {"minimum": {"type": "object", "additionalProperties": False}},
                "additionalProperties": False,
            },
        ),
    ],
)
def test_what_cannot_be_said_is_told(before: dict[str, Any], after: dict[str, Any]) -> None:
    loose: list[str] = []
    assert schemas.fitted(before, loose) == after
    assert loose == []


def test_open_objects_are_named() -> None:
    loose: list[str] = []
    schemas.fitted({"type": "object", "additionalProperties": {"type": "string"}}, loose)
    assert loose == ["additionalProperties"]
