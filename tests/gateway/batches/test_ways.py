"""By which way a model's lines go. What goes where in a whole server is in `test_forward.py`."""

from decimal import Decimal

import pytest

from outrider.base.budget import Subject
from outrider.base.ports import Deployment
from outrider.base.usage import Price
from outrider.gateway.batches.lines import Line
from outrider.gateway.batches.rows import About, Batch, Made
from outrider.gateway.batches.theirs_anthropic import AnthropicBatches
from outrider.gateway.batches.theirs_gemini import GeminiBatches
from outrider.gateway.batches.theirs_mistral import MistralBatches
from outrider.gateway.batches.theirs_openai import OpenAIBatches
from outrider.gateway.batches.ways import Way, api_of, subject_of
from outrider.gateway.table import Route
from outrider.limits.keys import Identity
from outrider.testing import ScriptedProvider

PATHS = {"chat": "/v1/chat", "embeddings": "/v1/embeddings", "models": "/v1/models"}


def deployment(dialect: str = "openai", preset: str = "openai", **more: object) -> Deployment:
    return Deployment("p/m", "p", "m", dialect, ScriptedProvider().transport(), PATHS, price_list=preset, **more)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("dialect", "preset", "endpoint", "kind"),
    [
        ("openai", "openai", "chat", OpenAIBatches),
        ("openai", "azure", "chat", OpenAIBatches),
        ("responses", "openai-responses", "chat", OpenAIBatches),
        ("openai", "mistral", "embeddings", MistralBatches),
        ("anthropic", "anthropic", "chat", AnthropicBatches),
        ("gemini", "google", "chat", GeminiBatches),
        ("anthropic", "anthropic", "embeddings", type(None)),
        ("bedrock", "bedrock", "chat", type(None)),
        ("openai", "openai", "rerank", type(None)),
    ],
)
def test_the_api_is_that_of_the_language_or_the_providers_own(
    dialect: str, preset: str, endpoint: str, kind: type
) -> None:
    assert type(api_of(deployment(dialect, preset), endpoint)) is kind


def test_a_line_names_the_deployment_that_is_for_batches() -> None:
    at = deployment(batch_models={"m": "m-batch"})
    api = api_of(at, "chat")
    assert api is not None
    way = Way(Route("m", (at,)), at, api, Decimal("0.5"), Decimal(1))
    body = b'{"model": "m", "max_tokens": 7, "n": 2, "messages": [{"role": "user", "content": "hi"}]}'
    said = way.wire(Line("r", "POST", "/v1/chat/completions", body), {})  # type: ignore[arg-type]  # a line as it is read
    assert said is not None
    assert b'"m-batch"' in said.wire.body
    assert (said.most, said.choices) == (7, 2)
    assert way.price(Price(10, 20, cached=4)) == Price(5, 10, cached=4, source=" × 0.5 for batches")


def test_its_lines_count_for_whom_they_will_be_asked_for() -> None:
    """Header values come byte by byte; a name is the same in a header and in a body."""
    named = {"x-outrider-user": "Jörg".encode().decode("latin-1"), "x-outrider-tags": "a, ,b"}
    batch = Batch(
        "batch_1", "p", "k", "openai", "in_progress", 0, 1, 0, 0, "f", 1, 0, 0, 0, 0, 0, 0, 0, "", 0, "",
        Made("/v1/chat/completions", "24h", headers=tuple(named.items())), About(),
    )  # fmt: skip
    route = Route("m", (deployment(),))
    found = subject_of(batch, Identity("p", "k", team="t"), route)
    assert found == Subject("p", "k", "Jörg", "t", "batch_1", ("a", "b", "batch_1"), "m")
