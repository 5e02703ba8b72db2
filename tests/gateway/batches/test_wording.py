"""Lines as providers hear them: the same words as one call's, or none where it must be executed here."""

import json
from typing import Any

import pytest

from outrider.base.ports import Deployment, Transport
from outrider.gateway.batches.wording import endpoint_of, worded
from outrider.gateway.table import Route
from outrider.testing import ScriptedProvider

PATHS = {"chat": "/v1/messages", "stream": "/s", "embeddings": "/e", "models": "/v1/models"}
CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def transport() -> Transport:
    return ScriptedProvider().transport()


def told(dialect: str, path: str, body: dict[str, Any], lossy: str = "", route: Route | None = None) -> Any:
    at = Deployment("p/there", "p", "there", dialect, transport(), PATHS)
    headers = {b"x-outrider-lossy": lossy.encode()} if lossy else {}
    said = worded(route or Route("m", (at,)), at, path, json.dumps(body).encode(), headers)
    return None if said is None else json.loads(said.wire.body)


def test_the_callers_language_is_kept_where_it_is_the_providers() -> None:
    body = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}], "new_field": 1}
    assert told("anthropic", "/v1/messages", body) == {**body, "model": "there"}
    said = {"model": "m", "input": "hi", "new_field": 1}
    assert told("responses", "/v1/responses", said)["new_field"] == 1


@pytest.mark.parametrize("dialect", ["openai", "responses", "anthropic", "gemini"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", CHAT),
        ("/v1/messages", {**CHAT, "max_tokens": 9}),
        ("/v1/responses", {"model": "m", "input": "hi"}),
    ],
)
def test_every_language_reaches_every_provider(dialect: str, path: str, body: dict[str, Any]) -> None:
    said = told(dialect, path, body)
    assert "hi" in json.dumps(said)
    assert said.get("model", "there") == "there"


def test_what_is_executed_here() -> None:
    unsayable = {**CHAT, "logit_bias": {"1": 5}}
    assert told("anthropic", "/v1/chat/completions", unsayable) is None
    assert "logit_bias" not in told("anthropic", "/v1/chat/completions", unsayable, lossy="allow")
    assert told("anthropic", "/v1/chat/completions", {"model": "m"}) is None
    assert told("anthropic", "/v1/embeddings", {"model": "m", "input": "x"}) is None
    assert told("responses", "/v1/responses", {"model": "m", "input": "x", "previous_response_id": "resp_1"}) is None


def test_what_a_batch_can_be_made_of() -> None:
    assert [endpoint_of(f"/v1/{path}") for path in ("messages", "embeddings", "rerank")] == ["chat", "embeddings", ""]
