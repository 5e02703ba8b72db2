"""A whole Outrider between real clients, each in a process of its own, and a provider that speaks every language."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from outrider.journal import run_query
from outrider.journal.rows import RunFilter, RunRow
from outrider.testing.running import Running, running
from outrider.testing.speaking import Heard, SpeakingProvider, speaking_thread
from tests.clients import conduct, installed, page
from tests.clients.asking import Program, Programs
from tests.clients.catalogue import EMBEDDING, MODELS, PROVIDERS, THINKER, Client


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--clients-page", action="store_true", help="write docs/reference/clients.md from this run")


class Outcomes:
    """Notes which cells passed, and writes the page at the end of the run."""

    def __init__(self) -> None:
        self._passed: dict[page.Cell, bool] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
        report: Any = yield
        cell = getattr(item, "callspec", None)
        if call.when == "call" and cell is not None and {"client", "provider", "feature"} <= cell.params.keys():
            key = cell.params["client"], cell.params["provider"], cell.params["feature"]
            self._passed[key] = report.passed
        return report

    def pytest_sessionfinish(self) -> None:
        page.PAGE.write_text(page.page(self._passed), "utf-8")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--clients-page"):
        config.pluginmanager.register(Outcomes())


REACHED: dict[str, dict[str, Any]] = {
    "chat": {"preset": "openai", "base_url": "{root}/v1", "models": ["gpt-4.1", EMBEDDING]},
    "responses": {"preset": "openai-responses", "base_url": "{root}/v1", "models": ["gpt-4.1", THINKER]},
    "anthropic": {"preset": "anthropic", "base_url": "{root}", "models": ["claude-sonnet-4-5"]},
    "gemini": {"preset": "google", "base_url": "{root}", "models": ["gemini-2.5-flash"]},
    "bedrock": {"dialect": "bedrock", "base_url": "{root}", "models": ["us.anthropic.claude-sonnet-4-5-20250929-v1:0"]},
}
"""Provider settings by the language that is spoken with it."""


def settings(root: str) -> str:
    """Every name that callers use is a route to the provider in its place."""
    providers = {
        name: {**how, "base_url": how["base_url"].format(root=root), "api_key": "${env:PROVIDER_KEY}"}
        for name, how in REACHED.items()
    }
    routes = {
        called: {"deployments": [f"{provider}/{REACHED[provider]['models'][0]}"], "retries": 0}
        for names in MODELS.values()
        for provider, called in zip(PROVIDERS, names, strict=True)
    }
    routes[THINKER] = {"deployments": [f"responses/{THINKER}"], "retries": 0}
    routes[EMBEDDING] = {"deployments": [f"chat/{EMBEDDING}"], "retries": 0}
    return json.dumps({"embedded": {"enabled": False}, "providers": providers, "routes": routes})


class World:
    """Outrider (`url`, `key`) and the provider behind it."""

    def __init__(self, outrider: Running, provider: SpeakingProvider, root: str) -> None:
        self.outrider, self.provider, self._root = outrider, provider, root
        self.url, self.key = outrider.url, outrider.key

    def forget(self) -> None:
        self.provider.forget()
        self.provider.heard.clear()
        self.provider.refused.clear()
        self.provider.scenes = conduct.scenes()

    @property
    def heard(self) -> list[Heard]:
        """What the provider was asked, by its own reading; it found nothing to refuse."""
        assert not [(language, refused.where, refused.message) for language, refused in self.provider.refused]
        return list(self.provider.heard)

    def last_run(self, **where: str) -> RunRow:
        """The newest record."""
        return run_query.list_runs(self.outrider.store(), RunFilter(**where), limit=1).rows[0]

    def settle(self) -> None:
        """Return when everything that the server had begun before is over: it answers in turn."""
        for _ in range(3):
            with urllib.request.urlopen(f"{self.url}/health", timeout=30) as answer:
                answer.read()

    def seen(self, **at_least: int) -> None:
        """The provider's counts reach these."""
        query = "&".join(f"{name}={number}" for name, number in at_least.items())
        with urllib.request.urlopen(f"{self._root}/scripted/seen?{query}", timeout=30) as answer:
            seen: dict[str, Any] = json.load(answer)
        missing = {name: number for name, number in at_least.items() if seen.get(name, 0) < number}
        assert not missing, f"the provider did not see {missing}, but {seen}"


@pytest.fixture(scope="session")
def one_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    provider = SpeakingProvider()
    with pytest.MonkeyPatch.context() as patch, speaking_thread(provider) as url:
        patch.setenv("PROVIDER_KEY", "sk-provider")
        root = url.removesuffix("/v1")
        with running(settings(root), tmp_path_factory.mktemp("home")) as outrider:
            yield World(outrider, provider, root)


@pytest.fixture
def world(one_world: World) -> World:
    """The shared world; its provider has forgotten what it heard."""
    one_world.forget()
    return one_world


@pytest.fixture(scope="session")
def programs() -> Iterator[Callable[[Client], Program]]:
    """Gives a client's program."""
    made = Programs()

    def program(client: Client) -> Program:
        if client.environment == "node" and not installed.has_node():
            pytest.skip("node and npm are not installed; the Node clients need them")
        return made.of(client)

    yield program
    made.stop()
