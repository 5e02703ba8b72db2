"""A whole Outrider with a scripted provider behind it, and stores of datasets and experiments."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.evals.datasets import Datasets
from outrider.evals.experiments import Experiments
from outrider.evals.subjects import Opens
from outrider.evals.subjects.route import RouteSubject
from outrider.store import Store, open_evals
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running

CONFIG = """
embedded: {{enabled: false}}
providers:
  scripted: {{base_url: "{url}", models: [scripted-chat], prices: {{scripted-chat: {{input: 1, output: 2}}}}}}
"""


class House:
    """Outrider as a suite sees it."""

    def __init__(self, outrider: Running, provider: ScriptedProvider) -> None:
        self.outrider, self.provider = outrider, provider

    def opens(self, tags: tuple[str, ...] = ()) -> Opens:
        """Variants that ask its routes."""
        key = {"authorization": f"Bearer {self.outrider.key}"}
        return lambda variant: RouteSubject(self.outrider.url, lambda: key, tags)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    provider = ScriptedProvider()
    with scripted_thread(provider) as url, running(CONFIG.format(url=url), tmp_path / "home") as outrider:
        yield House(outrider, provider)


@pytest.fixture
def evals_store(store_url: str) -> Iterator[Store]:
    store = open_evals(store_url)
    yield store
    store.close()


@pytest.fixture
def datasets(evals_store: Store) -> Datasets:
    return Datasets(lambda: evals_store)


@pytest.fixture
def experiments(evals_store: Store) -> Experiments:
    return Experiments(lambda: evals_store)
