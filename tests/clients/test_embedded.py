"""Every client with the embedded model behind it: no provider, no network, real weights."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from outrider.providers.embedded import CHAT_DEFAULT
from outrider.testing.running import Running, running
from tests.clients.asking import Program
from tests.clients.catalogue import EMBEDDED, Client
from tests.clients.page import cells

pytestmark = [pytest.mark.slow, pytest.mark.model]

CELLS = [
    pytest.param(client, provider, feature, id=f"{client.id}-embedded-{feature}")
    for client, provider, feature in cells()
    if provider == "embedded"
]
SAYS = {"plain": "Say hello.", "streamed": "Say hello.", "structured": "I go to Rome for three days."}


@pytest.fixture(scope="module")
def offline(chat_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    routes = {name: {"deployments": [f"embedded/{CHAT_DEFAULT}"]} for name in EMBEDDED.values()}
    # Some clients allow 64,000 tokens, and a small model may well go on until the end of its context.
    short = {"output_tokens": 500, "window": "run", "fit": True}
    settings = {
        "embedded": {"chat": CHAT_DEFAULT}, "providers": {}, "routes": routes, "budgets": {"short": short},
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OUTRIDER_MODELS", str(chat_models))
        with running(json.dumps(settings), tmp_path_factory.mktemp("home")) as outrider:
            yield outrider


@pytest.mark.parametrize(("client", "provider", "feature"), CELLS)
def test_a_client_works_with_the_embedded_model(
    client: Client, provider: str, feature: str, offline: Running, programs: Callable[[Client], Program]
) -> None:
    program = programs(client)
    answer: Any = program.ask(feature, offline.url, SAYS[feature], key=offline.key, model=client.model(provider))
    if feature == "structured":
        assert isinstance(answer["city"], str)
        assert isinstance(answer["days"], int)
        return
    assert answer["text"]
    if "usage" in answer:
        assert min(answer["usage"]) > 0
