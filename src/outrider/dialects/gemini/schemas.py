"""Gemini's `Schema` (OpenAPI 3.0 with upper-case types) as JSON Schema, which everybody else takes."""

from typing import Any

from outrider.dialects.gemini.names import camel

_NESTED = ("properties", "defs", "$defs")
_SAME = ("items", "additionalProperties", "not")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_NUMBERS = ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")
DEEPEST = 200


def json_schema(schema: Any, depth: int = 0) -> Any:
    """A new JSON Schema. What the API does not know passes as it is."""
    if not isinstance(schema, dict) or depth > DEEPEST:
        return schema
    out: dict[str, Any] = {}
    nullable = False
    for name, value in camel(dict(schema)).items():
        if name == "type" and isinstance(value, str):
            out["type"] = value.lower()
        elif name == "nullable":
            nullable = bool(value)
        elif name in _NESTED and isinstance(value, dict):
            kept = "$defs" if name == "defs" else name
            out[kept] = {key: json_schema(one, depth + 1) for key, one in value.items()}
        elif name in _SAME:
            out[name] = json_schema(value, depth + 1)
        elif name in _LISTS and isinstance(value, list):
            out[name] = [json_schema(one, depth + 1) for one in value]
        elif name in _NUMBERS and isinstance(value, str) and value.isdigit():
            out[name] = int(value)  # 64-bit numbers are strings in Google's JSON
        elif name == "example":
            out["examples"] = [value]
        elif name == "ref":
            out["$ref"] = value
        elif name != "propertyOrdering":
            out[name] = value
    return _or_null(out) if nullable else out


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema.get("type")
    if isinstance(kind, str):
        schema["type"] = [kind, "null"]
        if "enum" in schema and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
        return schema
    if isinstance(schema.get("anyOf"), list):
        schema["anyOf"] = [*schema["anyOf"], {"type": "null"}]
        return schema
    return {"anyOf": [schema, {"type": "null"}]} if schema else schema
