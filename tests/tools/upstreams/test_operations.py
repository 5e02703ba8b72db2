"""OpenAPI documents as operations: 3.0 and 3.1, references, circles, names, what cannot be read."""

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import ConfigError
from outrider.tools.upstreams._operations import Document


def document(paths: dict[str, Any], version: str = "3.1.0", **more: Any) -> Document:
    return Document({"openapi": version, "paths": paths, **more}, "doc")


def only(paths: dict[str, Any], **more: Any) -> Any:
    operations, faults = document(paths, **more).operations()
    assert faults == []
    (one,) = operations
    return one


PET = {"type": "object", "properties": {"name": {"type": "string"}, "owner": {"$ref": "#/components/schemas/Owner"}}}
OWNER = {"type": "object", "properties": {"pets": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}}}
SCHEMAS = {"schemas": {"Pet": PET, "Owner": OWNER}}


def test_references_go_in_circles_and_end() -> None:
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
    one = only({"/pets": {"post": {"operationId": "add", "requestBody": body}}}, components=SCHEMAS)
    assert set(one.schema["properties"]) == {"name", "owner"}
    assert set(one.schema["$defs"]) == {"Owner", "Pet"}
    check = jsonschema_rs.validator_for(dict(one.schema))
    assert check.is_valid({"name": "a", "owner": {"pets": [{"name": "b", "owner": {"pets": []}}]}})
    assert not check.is_valid({"owner": {"pets": [{"name": 3}]}})


def test_what_3_0_says_in_its_own_way() -> None:
    schema = {"type": "integer", "nullable": True, "minimum": 3, "exclusiveMinimum": True, "example": 4}
    parameter = {"name": "n", "in": "query", "schema": schema}
    one = only({"/x": {"get": {"parameters": [parameter]}}}, version="3.0.3")
    assert one.schema["properties"]["n"] == {"type": ["integer", "null"], "exclusiveMinimum": 3}
    named = {"type": "object", "properties": {"example": {"type": "string"}, "nullable": {"type": "boolean"}}}
    body = {"content": {"application/json": {"schema": named}}}
    kept = only({"/x": {"post": {"requestBody": body}}}, version="3.0.3")
    assert set(kept.schema["properties"]) == {"example", "nullable"}


def test_names() -> None:
    get = {"get": {"operationId": "a b/c"}, "put": {"operationId": "a_b_c"}, "delete": {}}
    operations, _ = document({"/x/{id}": get}).operations()
    assert [one.name for one in operations] == ["a_b_c", "a_b_c_2", "delete_x_id"]


def test_two_arguments_of_one_name() -> None:
    parameters = [{"name": "id", "in": where, "schema": {"type": "string"}} for where in ("path", "query")]
    one = only({"/x/{id}": {"parameters": parameters, "get": {}}})
    assert set(one.schema["properties"]) == {"id", "query_id"}
    assert one.schema["required"] == ["id"]
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {"id": {}}}}}}
    whole = only({"/x/{id}": {"parameters": parameters[:1], "post": {"requestBody": body}}})
    assert set(whole.schema["properties"]) == {"id", "body"}


def test_credentials_are_never_the_models() -> None:
    scheme = {"securitySchemes": {"k": {"type": "apiKey", "in": "query", "name": "key"}}}
    parameters = [
        {"name": n, "in": w} for n, w in (("key", "query"), ("Authorization", "header"), ("Cookie", "header"))
    ]
    assert only({"/x": {"get": {"parameters": parameters}}}, components=scheme).schema["properties"] == {}


def test_what_cannot_be_read_is_left_out_and_told() -> None:
    elsewhere = {"get": {"parameters": [{"$ref": "other.yaml#/x"}]}}
    nowhere = {"get": {"parameters": [{"$ref": "#/components/parameters/Nix"}]}}
    circle = {"get": {"parameters": [{"$ref": "#/components/parameters/A"}]}}
    parameters = {"A": {"$ref": "#/components/parameters/B"}, "B": {"$ref": "#/components/parameters/A"}}
    paths = {"/a": elsewhere, "/b": nowhere, "/c": circle, "/d": {"get": {"operationId": "good"}}}
    operations, faults = document(paths, components={"parameters": parameters}).operations()
    assert [one.name for one in operations] == ["good"]
    for fault, part in zip(faults, ("another document", "leads nowhere", "circle"), strict=True):
        assert part in fault


@pytest.mark.parametrize("raw", [None, [], {}, {"openapi": "2.0"}, {"openapi": 3.1}, "text"])
def test_what_is_no_document(raw: Any) -> None:
    if raw == {"openapi": 3.1}:
        assert Document(raw, "doc").operations() == ([], [])
        return
    with pytest.raises(ConfigError, match="not an OpenAPI 3"):
        Document(raw, "doc")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["object", "query", "path", "#/paths", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["get", "post", "parameters", "schema", "name", "in", "$ref", "content", "requestBody", "type"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["/a", "/b/{c}"]), st.dictionaries(st.sampled_from(["get", "post"]), _JSON)))
def test_any_document_is_read_or_refused(paths: dict[str, Any]) -> None:
    try:
        operations, _ = document(paths).operations()
    except (ConfigError, TypeError, AttributeError):  # the upstream tells both as a document that is none
        return
    for one in operations:
        json.dumps(one.schema)
