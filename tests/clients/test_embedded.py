"""Every client with the embedded model behind it: no provider, no network, real weights."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from outrider.providers.embedded import CHAT_DEFAULT, weights
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
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    models = Path(os.environ.get("OUTRIDER_MODELS") or tmp_path_factory.mktemp("models"))
    weights.install(CHAT_DEFAULT, models)
    routes = {name: {"deployments": [f"embedded/{CHAT_DEFAULT}"]} for name in EMBEDDED.values()}
    settings = {"embedded": {"chat": CHAT_DEFAULT}, "providers": {}, "routes": routes}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OUTRIDER_MODELS", str(models))
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
