"""JSON schemas as far as strict output takes them: what cannot be said in the grammar is said in words.

The gateway holds the answer to the caller's own schema, so a looser one here costs at most another try.
"""

from typing import Any

import msgspec

from outrider.dialects.pivot import Fields

_FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"})
_UNKNOWN = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "maxItems"}
    | {"uniqueItems", "minProperties", "maxProperties", "contains", "minContains", "maxContains", "not", "if", "then"}
    | {"else", "patternProperties", "propertyNames", "dependentRequired", "dependentSchemas", "unevaluatedProperties"}
)
_MAPS = ("properties", "$defs", "definitions")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")


def fitted(schema: Any, loose: list[str]) -> Any:
    """The schema as strict output takes it; the same object if it does already. `loose` gets what an answer can no
    longer have: properties of any name."""
    if not isinstance(schema, dict):
        return schema
    changed: Fields = {}
    for name in _MAPS:
        if isinstance(inner := schema.get(name), dict):
            made = {key: fitted(value, loose) for key, value in inner.items()}
            if any(made[key] is not inner[key] for key in made):
                changed[name] = made
    for name in _LISTS:
        if isinstance(inner := schema.get(name), list):
            listed = [fitted(value, loose) for value in inner]
            if name == "oneOf":
                changed["anyOf"] = listed
            elif any(new is not old for new, old in zip(listed, inner, strict=True)):
                changed[name] = listed
    if isinstance(inner := schema.get("items"), dict) and (item := fitted(inner, loose)) is not inner:
        changed["items"] = item
    if _is_object(schema) and schema.get("additionalProperties") is not False:
        changed["additionalProperties"] = False
        if schema.get("additionalProperties"):
            loose.append("additionalProperties")
    told = {name: value for name, value in schema.items() if _only_told(name, value)}
    if not changed and not told:
        return schema
    kept = {name: value for name, value in schema.items() if name not in told and name != "oneOf"}
    if told:
        words = msgspec.json.encode(told).decode()
        kept["description"] = f"{schema['description']}\n\n{words}" if schema.get("description") else words
    return {**kept, **changed}


def _is_object(schema: Fields) -> bool:
    kind = schema.get("type")
    return kind == "object" or "properties" in schema or (isinstance(kind, list) and "object" in kind)


def _only_told(name: str, value: Any) -> bool:
    if name == "minItems":
        return value not in (0, 1)
    return name in _UNKNOWN or (name == "format" and value not in _FORMATS)
