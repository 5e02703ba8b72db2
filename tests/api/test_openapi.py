"""The document is true: every operation is in it, and what the API answers is what it says."""

from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outrider import api
from outrider.base import ids
from tests.api.conftest import ApiWorld


def _document(world: ApiWorld) -> dict[str, Any]:
    found: dict[str, Any] = world.api("").get("/api/openapi.json").json()
    return found


def test_every_operation_is_in_the_document(world: ApiWorld) -> None:
    document = _document(world)
    assert document["openapi"] == "3.1.0"
    there = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert there == {(e.method, e.path) for e in api.endpoints()}
    names = [op["operationId"] for methods in document["paths"].values() for op in methods.values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("path", ["/api/runs", "/api/runs/{id}", "/api/runs/{id}/steps", "/api/costs", "/api/keys"])
def test_answers_have_the_shape_that_is_documented(world: ApiWorld, path: str) -> None:
    run, document = world.run(), _document(world)
    answer = world.api().get(path.replace("{id}", ids.text(run.id)))
    schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema_rs.validator_for({**schema, "components": document["components"]}).validate(answer.json())


@pytest.mark.parametrize("path", sorted({e.path for e in api.endpoints()}))
def test_no_question_gets_a_500(world: ApiWorld, path: str) -> None:
    """Every operation, with whatever its schema allows."""
    run, client = world.run(), world.api()
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", client.app)
    for method in _document(world)["paths"][path]:
        operation = schema[path][method.upper()]

        @settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(), st.booleans())
        def check(case: Any, known: bool) -> None:
            if known and "id" in (case.path_parameters or {}):
                case.path_parameters["id"] = ids.text(run.id)
            answer = case.call(headers={"Authorization": f"Bearer {world.key}"})
            assert answer.status_code < 500, answer.text
            if answer.status_code >= 400:
                assert answer.json()["error"]["message"]

        check()
