"""JSON schemas as grammars for the runtime (LLGuidance, in Lark form). Pure.

The output is compact JSON: with free white space small models wander off into blank lines.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from outrider.base.errors import RequestError

_OPTIONS = {"whitespace_flexible": False, "coerce_one_of": True}
MAX_DEPTH = 100  # the grammar compiler recurses, in native code
_TYPES = {"string", "number", "integer", "boolean", "object", "array", "null"}
_NESTED = {"properties", "$defs", "definitions", "patternProperties"}
_SCHEMAS = {
    "items",
    "additionalProperties",
    "anyOf",
    "oneOf",
    "allOf",
    "prefixItems",
    "not",
    "if",
    "then",
    "else",
    "contains",
}

Schema = dict[str, Any]
JSON_OBJECT: Schema = {"type": "object"}


def of(schema: Schema, *, strict: bool) -> str:
    """The grammar of a schema. Not `strict`: what cannot be enforced (`not`, `uniqueItems`, …) is left out."""
    options = {**_OPTIONS, "lenient": not strict}
    return "%llguidance {}\nstart: %json " + msgspec.json.encode({**schema, "x-guidance": options}).decode()


def checked(schema: object, param: str) -> Schema:
    """`schema` as a schema object whose types are known and whose references resolve. Raises RequestError (400)."""
    if schema is True or schema is None:
        return {}
    if not isinstance(schema, dict):
        raise RequestError(f"{param!r} must be a JSON schema object", code="invalid_json_schema", param=param)
    if _depth(schema) > MAX_DEPTH:
        raise RequestError(f"{param!r} is nested more than {MAX_DEPTH} deep", code="invalid_json_schema", param=param)
    _walk(schema, schema, param)
    return schema


def _depth(schema: Schema) -> int:
    """How many objects and lists lie inside each other. Without recursion, since it guards what recurses."""
    depth = 0
    level: list[Any] = [schema]
    while level:
        depth += 1
        below = [list(n.values()) if isinstance(n, dict) else n for n in level]
        level = [v for values in below for v in values if isinstance(v, dict | list)]
    return depth


def _walk(node: object, root: Schema, param: str) -> None:
    if isinstance(node, list):
        for entry in node:
            _walk(entry, root, param)
    if not isinstance(node, dict):
        return
    kinds = node.get("type", [])
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind not in _TYPES:
            raise RequestError(f"{param!r} has the unknown type {kind!r}", code="invalid_json_schema", param=param)
    reference = node.get("$ref")
    if reference is not None and not _resolves(reference, root):
        raise RequestError(
            f"{param!r} refers to {reference!r}, which is not in it; only references inside the schema work",
            code="invalid_json_schema",
            param=param,
        )
    for key, value in node.items():
        if key in _NESTED and isinstance(value, dict):
            for entry in value.values():
                _walk(entry, root, param)
        elif key in _SCHEMAS:
            _walk(value, root, param)


def _resolves(reference: object, root: Schema) -> bool:
    if not isinstance(reference, str) or not reference.startswith("#"):
        return False
    node: Any = root
    for part in reference[1:].split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and name in node:
            node = node[name]
        elif isinstance(node, list) and name.isdigit() and int(name) < len(node):
            node = node[int(name)]
        else:
            return False
    return True


def moved(node: Any, base: str) -> Any:
    """The schema with its references set for a place below `base` of another one."""
    if isinstance(node, list):
        return [moved(entry, base) for entry in node]
    if not isinstance(node, dict):
        return node
    return {k: base + v[1:] if k == "$ref" and isinstance(v, str) else moved(v, base) for k, v in node.items()}


def one_of_calls(calls: Mapping[str, Schema]) -> Schema:
    """Schema of `{"name": …, "arguments": …}` for any of the named argument schemas."""
    defs = {f"call{i}": moved(schema, f"#/$defs/call{i}") for i, schema in enumerate(calls.values())}
    branches = [
        {
            "type": "object",
            "properties": {"name": {"const": name}, "arguments": {"$ref": f"#/$defs/call{i}"}},
            "required": ["name", "arguments"],
            "additionalProperties": False,
        }
        for i, name in enumerate(calls)
    ]
    return {"anyOf": branches, "$defs": defs}
