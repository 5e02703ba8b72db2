"""The document is true: every operation is in it, and what the API answers is what it says."""

from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outrider import api
from outrider.base import ids
from outrider.testing import scripted_thread
from outrider.testing.running import Running, running
from tests.api.conftest import ApiWorld

CONFIG = """
embedded: {{enabled: false}}
providers: {{scripted: {{base_url: "{url}", models: [scripted-chat]}}}}
"""


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


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str, dict[str, Any]]]:
    """A whole Outrider, the id of a run that it has, and its document."""
    home = tmp_path_factory.mktemp("home")
    with scripted_thread() as url, running(CONFIG.format(url=url), home) as outrider:
        headers = {"authorization": f"Bearer {outrider.key}"}
        body = {"model": "scripted-chat", "messages": [{"role": "user", "content": "hi"}]}
        answer = httpx.post(f"{outrider.url}/v1/chat/completions", json=body, headers=headers)
        outrider.store()
        yield outrider, answer.headers["x-request-id"], httpx.get(f"{outrider.url}/api/openapi.json").json()


@pytest.mark.parametrize("questions", [6, pytest.param(40, marks=pytest.mark.slow)])
@pytest.mark.parametrize("path", sorted({e.path for e in api.endpoints()}))
def test_no_question_gets_a_500(whole: tuple[Running, str, dict[str, Any]], path: str, questions: int) -> None:
    """Every operation of a whole Outrider, with whatever its schema allows: a few questions, and many when there is
    time."""
    outrider, run, document = whole
    schema = schemathesis.openapi.from_dict(document)
    for method in document["paths"][path]:

        @settings(max_examples=questions, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(schema[path][method.upper()].as_strategy(), st.booleans())
        def check(case: Any, known: bool) -> None:
            if known and "id" in (case.path_parameters or {}):
                case.path_parameters["id"] = run
            headers = {"authorization": f"Bearer {outrider.key}"}
            answer = case.call(base_url=outrider.url, headers=headers, timeout=20)
            assert answer.status_code < 500, answer.text
            if answer.status_code >= 400:
                assert answer.json()["error"]["message"]

        check()
