"""Tools and their choice, and Gemini's own schemas."""

from typing import Any

import jsonschema_rs
import pytest

from outrider.dialects import Lost
from outrider.dialects.gemini.names import FORMAT
from outrider.dialects.gemini.schemas import json_schema
from outrider.dialects.gemini.tools import tools_from_chat, tools_to_chat

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


def to_chat(**fields: Any) -> dict[str, Any]:
    chat: dict[str, Any] = {}
    lost: Lost = []
    tools_to_chat(fields, chat, lost)
    assert lost == []
    return chat


def from_chat(**chat: Any) -> tuple[dict[str, Any], list[str]]:
    fields: dict[str, Any] = {}
    lost: Lost = []
    tools_from_chat(chat, fields, lost)
    return fields, lost


def function(**more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "f", "description": "does", "parameters": SCHEMA, **more}}


DECLARED = {"functionDeclarations": [{"name": "f", "description": "does", "parametersJsonSchema": SCHEMA}]}


def test_functions_there_and_back() -> None:
    assert to_chat(tools=[DECLARED]) == {"tools": [function()]}
    assert from_chat(tools=[function()]) == ({"tools": [DECLARED]}, [])


def test_gemini_s_own_tools_stay_its_own() -> None:
    said = [DECLARED, {"googleSearch": {}}, {"codeExecution": {}}]
    chat = to_chat(tools=[{**DECLARED, "googleSearch": {}}, {"codeExecution": {}}])
    assert chat["tools"][1] == {"type": "provider", "provider": {"format": FORMAT, "tool": {"googleSearch": {}}}}
    assert from_chat(**chat) == ({"tools": said}, [])


CHOICES: list[tuple[dict[str, Any], Any]] = [
    ({"mode": "ANY"}, "required"),
    ({"mode": "NONE"}, "none"),
    ({"mode": "ANY", "allowedFunctionNames": ["f"]}, {"type": "function", "function": {"name": "f"}}),
    (
        {"mode": "ANY", "allowedFunctionNames": ["f", "g"]},
        {
            "type": "allowed_tools",
            "allowed_tools": {
                "mode": "required",
                "tools": [
                    {"type": "function", "function": {"name": "f"}},
                    {"type": "function", "function": {"name": "g"}},
                ],
            },
        },
    ),
    (
        {"mode": "VALIDATED", "allowedFunctionNames": ["f"]},
        {
            "type": "allowed_tools",
            "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "f"}}]},
        },
    ),
]


@pytest.mark.parametrize(("calling", "choice"), CHOICES)
def test_choices_there_and_back(calling: dict[str, Any], choice: Any) -> None:
    chat = to_chat(tools=[DECLARED], toolConfig={"functionCallingConfig": calling})
    assert chat["tool_choice"] == choice
    fields, lost = from_chat(**chat)
    assert fields["toolConfig"] == {"functionCallingConfig": calling}
    assert lost == []


def test_auto_goes_without_saying() -> None:
    assert "tool_choice" not in to_chat(tools=[DECLARED], toolConfig={"functionCallingConfig": {"mode": "AUTO"}})
    assert "toolConfig" not in from_chat(tools=[function()], tool_choice="auto")[0]
    assert "toolConfig" not in from_chat(tool_choice="required")[0], "a choice needs something to choose"


def test_strict_is_validated() -> None:
    fields, lost = from_chat(tools=[function(strict=True)])
    assert fields["toolConfig"] == {"functionCallingConfig": {"mode": "VALIDATED"}}
    assert lost == []
    assert to_chat(**fields) == {"tools": [function(strict=True)]}


def test_one_call_at_a_time_cannot_be_asked_for_but_is_what_the_gateway_gives_on() -> None:
    assert from_chat(tools=[function()], parallel_tool_calls=False)[1] == []


def test_a_function_that_takes_nothing() -> None:
    bare = function(parameters={"type": "object", "properties": {}})
    assert from_chat(tools=[bare])[0]["tools"][0]["functionDeclarations"] == [{"name": "f", "description": "does"}]


def test_a_search_is_a_search() -> None:
    assert from_chat(web_search_options={})[0] == {"tools": [{"googleSearch": {}}]}


def test_where_to_search_is_carried() -> None:
    where = {"latLng": {"latitude": 1, "longitude": 2}}
    chat = to_chat(toolConfig={"retrievalConfig": where})
    assert chat["provider_options"] == {"format": FORMAT, "retrievalConfig": where}


def test_functions_that_do_not_wait_are_named() -> None:
    lost: Lost = []
    tools_to_chat({"tools": [{"functionDeclarations": [{"name": "f", "behavior": "NON_BLOCKING"}]}]}, {}, lost)
    assert lost == ["tools[0].functionDeclarations[0].behavior"]


def test_openapi_becomes_json_schema() -> None:
    said = {
        "type": "OBJECT",
        "title": "T",
        "properties": {
            "type": {"type": "STRING", "format": "enum", "enum": ["a", "b"], "nullable": True},
            "list": {"type": "ARRAY", "items": {"type": "INTEGER"}, "minItems": "1", "max_items": 3},
            "any": {"anyOf": [{"type": "NUMBER"}, {"type": "BOOLEAN"}], "nullable": True},
            "old": {"type": "STRING", "example": "x"},
        },
        "propertyOrdering": ["list", "type"],
        "required": ["type"],
    }
    schema = json_schema(said)
    assert schema == {
        "type": "object",
        "title": "T",
        "properties": {
            "type": {"type": ["string", "null"], "format": "enum", "enum": ["a", "b", None]},
            "list": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3},
            "any": {"anyOf": [{"type": "number"}, {"type": "boolean"}, {"type": "null"}]},
            "old": {"type": "string", "examples": ["x"]},
        },
        "required": ["type"],
    }
    assert said["type"] == "OBJECT", "the request is not changed"
    valid = jsonschema_rs.validator_for(schema).is_valid
    assert valid({"type": None, "list": [1]})
    assert not valid({"type": "c"})


def test_a_schema_without_a_type_may_be_null_too() -> None:
    assert json_schema({"nullable": True, "description": "d"}) == {"anyOf": [{"description": "d"}, {"type": "null"}]}
    assert json_schema(True) is True


def test_a_schema_that_has_no_end_is_left_alone() -> None:
    deep: dict[str, Any] = {"type": "STRING"}
    for _ in range(500):
        deep = {"items": deep}
    assert json_schema(deep)["items"]
