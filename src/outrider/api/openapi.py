"""The OpenAPI 3.1 document, made from the endpoints and their msgspec shapes. It is public: it holds no record."""

import functools
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import msgspec

from outrider.api.edge import Endpoint, Param
from outrider.api.shapes import Failure

FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}},
    "additionalProperties": {"type": "string"},
}
REFUSALS = {"400": "A parameter or the body is wrong", "401": "No valid key", "503": "The store is away"}


def document(endpoints: Sequence[Endpoint]) -> bytes:
    """The document as JSON."""
    shapes = [t for e in endpoints for t in (e.answer, e.takes) if t is not None]
    _, components = msgspec.json.schema_components([*shapes, Failure], ref_template="#/components/schemas/{name}")
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Outrider",
                "version": _version(),
                "description": "Runs, costs and keys of the project that the key belongs to.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "security": [{"key": []}],
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "bearerFormat": "sk-or-…"}},
            },
        }
    )


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": endpoint.summary,
        "operationId": _name(endpoint),
        "parameters": [
            *(_param(p, "path") for p in endpoint.params),
            *(_param(p, "query") for p in endpoint.query),
        ],
        "responses": {str(endpoint.status): _answer(endpoint), **{s: _refusal(text) for s, text in REFUSALS.items()}},
    }
    if endpoint.params:
        operation["responses"]["404"] = _refusal("Nothing of this name in the project")
    if endpoint.method != "GET":
        operation["responses"]["403"] = _refusal("The console's session came without its CSRF token")
    if endpoint.signed:
        operation["security"] = []
        operation["parameters"].append(_param(endpoint.signed, "header") | {"required": True})
    if endpoint.files:
        operation["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": FORM}}}
        operation["responses"]["413"] = _refusal("The files are too large")
        operation["responses"]["415"] = _refusal("The body is not a form")
    if endpoint.takes is not None:
        operation["requestBody"] = {"required": True, "content": _json(endpoint.takes)}
        operation["responses"]["413"] = _refusal("The body is too large")
        operation["responses"]["415"] = _refusal("The body is not declared as JSON")
    return operation


def _answer(endpoint: Endpoint) -> dict[str, Any]:
    if endpoint.answer is not None:
        events: dict[str, Any] = {"text/event-stream": {}} if endpoint.streams else {}
        return {"description": "As asked", "content": _json(endpoint.answer) | events}
    kinds = ("application/json", "text/event-stream", "application/octet-stream")
    return {"description": "The bytes as recorded", "content": {kind: {} for kind in kinds}}


def _refusal(text: str) -> dict[str, Any]:
    return {"description": text, "content": _json(Failure)}


def _json(shape: type) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape.__name__}"}}}


def _param(param: Param, place: str) -> dict[str, Any]:
    return {
        "name": param.name,
        "in": place,
        "required": place == "path",
        "description": param.text,
        "schema": dict(param.schema),
    }


def _name(endpoint: Endpoint) -> str:
    words = [w for w in endpoint.path.removeprefix("/api/").split("/") if not w.startswith("{")]
    one = "_one" if endpoint.path.endswith("}") else ""
    return f"{endpoint.method.lower()}_{'_'.join(words)}{one}"


@functools.cache
def _version() -> str:
    return version("outrider")
