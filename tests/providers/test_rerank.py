"""Rerankers' answers, as each of them has it in its documentation."""

import json
from typing import Any

import pytest

from outrider.base.errors import UpstreamError
from outrider.base.ports import Deployment
from outrider.base.usage import Usage
from outrider.providers import openai
from outrider.providers.rerank import asked, decode

SCORED = [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.2}]


def test_a_request_asks_for_every_score() -> None:
    said = {
        "model": "route", "query": "q", "documents": ["a", {"text": "b"}, {"text": "c", "id": 1}, {"image": "d"}],
        "top_n": 1, "return_documents": True, "user": "u", "max_tokens_per_doc": 9,
    }  # fmt: skip
    assert json.loads(asked(json.dumps(said).encode(), "rerank-2.5")) == {
        "model": "rerank-2.5",
        "query": "q",
        "documents": ["a", "b", {"text": "c", "id": 1}, {"image": "d"}],
        "max_tokens_per_doc": 9,
    }


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        ({"model": "j", "usage": {"total_tokens": 15}, "results": SCORED}, 15),  # Jina
        ({"id": "r", "model": "v", "usage": {"prompt_tokens": 9, "total_tokens": 9}, "results": SCORED}, 9),  # vLLM
        ({"object": "list", "data": SCORED, "model": "rerank-2", "usage": {"total_tokens": 26}}, 26),  # Voyage
        (
            {
                "id": "c",
                "results": SCORED,
                "meta": {"billed_units": {"search_units": 1}, "tokens": {"input_tokens": 8}},
            },
            8,
        ),
        ({"id": "c", "results": SCORED, "meta": {"billed_units": {"search_units": 1}}}, None),  # Cohere
    ],
)
def test_answers(body: dict[str, Any], tokens: int | None) -> None:
    answer = decode(json.dumps(body).encode())
    said = json.loads(answer.body)
    assert said["results"] == SCORED
    assert answer.usage == (None if tokens is None else Usage(tokens))
    assert said.get("usage", {}).get("total_tokens") == tokens
    assert "data" not in said
    assert said.get("meta") == body.get("meta")


def test_scores_by_another_name_and_documents() -> None:
    said = {"results": [{"index": 0, "score": 1, "document": {"text": "a"}, "new": 2}]}
    (one,) = json.loads(decode(json.dumps(said).encode()).body)["results"]
    assert one == {"index": 0, "relevance_score": 1, "document": {"text": "a"}, "new": 2}


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"results": [{}]}', b'{"results": [1]}', b'{"detail": "no such model"}', b'{"results": {}}'],
)
def test_what_is_no_answer(body: bytes) -> None:
    with pytest.raises(UpstreamError) as caught:
        decode(body)
    assert caught.value.code == "upstream_invalid_answer"


def test_through_the_dialect_of_openai_and_its_relatives() -> None:
    at = Deployment("v/m", "v", "m", "openai", None, {"rerank": "/v2/rerank"})  # type: ignore[arg-type]
    body = b'{"model":"x","query":"q","documents":["a"]}'
    wire = openai.encode(at, "rerank", body, "x", stream=False, wants_usage=False)
    assert (wire.path, json.loads(wire.body)["model"]) == ("/v2/rerank", "m")
    assert json.loads(openai.decode("rerank", 200, [], json.dumps({"results": SCORED}).encode()).body)["results"]
    with pytest.raises(UpstreamError, match="HTTP 404"):
        openai.decode("rerank", 404, [], b"")
