"""Documents ranked by the embedded embedder: what is refused, and the order on the real weights."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from outrider.base.errors import RequestError
from outrider.base.ports import WireRequest
from outrider.providers.embedded import EmbeddedTransport
from outrider.providers.embedded.ranking import METHOD, MOST, Ranking


@pytest.mark.parametrize(
    "said",
    [
        {"documents": ["a"]},
        {"query": "q", "documents": []},
        {"query": "q", "documents": ["a"] * (MOST + 1)},
        {"query": "q", "documents": [{"image": "x"}]},
    ],
)
def test_what_cannot_be_ranked(said: dict[str, Any]) -> None:
    with pytest.raises(RequestError):
        Ranking(json.dumps(said).encode())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def transport(embed_models: Path) -> AsyncIterator[EmbeddedTransport]:
    made = EmbeddedTransport(embed_models)
    yield made
    await made.close()


@pytest.mark.model
@pytest.mark.asyncio(loop_scope="module")
async def test_the_nearest_comes_first_and_the_answer_says_how(transport: EmbeddedTransport) -> None:
    asked = {
        "query": "What do cats eat?",
        "documents": ["Stocks fell on Monday.", {"text": "Cats like fish."}, "word " * 900],
    }
    answer = await transport.send(WireRequest("POST", "/v1/rerank", (), json.dumps(asked).encode()))
    said = json.loads(await answer.read(1 << 20))
    assert (answer.status, said["method"], said["results"][0]["index"]) == (200, METHOD, 1)
    assert [one["relevance_score"] for one in said["results"]] == sorted(
        (one["relevance_score"] for one in said["results"]), reverse=True
    )
    assert said["usage"]["prompt_tokens"] > 500
