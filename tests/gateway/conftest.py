"""A whole Outrider in front of a scripted provider, both on real sockets, shared by the tests of this folder."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from outrider.base import ids
from outrider.journal import read
from outrider.journal.events import RunRecorded
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running

CONFIG = """
embedded: {{enabled: false}}
providers:
  scripted:
    base_url: "{url}"
    models: [scripted-chat, scripted-embedding]
    prices: {{scripted-chat: {{input: 2.5, output: 10}}}}
  closed: {{base_url: "http://127.0.0.1:9/v1", models: [nobody]}}
routes:
  plain: {{deployments: [scripted/scripted-chat], retries: 2}}
  once: {{deployments: [scripted/scripted-chat], retries: 0}}
  spare: {{deployments: ["closed/nobody", scripted/scripted-chat], retries: 0}}
  hasty: {{deployments: [scripted/scripted-chat], retries: 0, try_timeout: 300ms, timeout: 1s}}
  cached: {{deployments: [scripted/scripted-chat], cache: {{ttl: 60s}}}}
"""


class House:
    """Outrider (`url`, `key`), the provider behind it, and a look into the journal."""

    def __init__(self, outrider: Running, provider: ScriptedProvider, provider_url: str) -> None:
        self.outrider, self.provider = outrider, provider
        self.url, self.key = outrider.url, outrider.key
        self._provider_root = provider_url.removesuffix("/v1")

    def run(self, run_id: str) -> RunRecorded:
        """The recorded run of an answer's `x-request-id`."""
        store = self.outrider.store()
        found = read.get_run(store, ids.parse(run_id))
        assert found is not None, f"no record of run {run_id}"
        found.steps = read.list_steps(store, found.id)
        return found

    def seen(self, **at_least: int) -> dict[str, Any]:
        """What the provider saw, once the counts named are reached."""
        query = "&".join(f"{name}={number}" for name, number in at_least.items())
        with urllib.request.urlopen(f"{self._provider_root}/scripted/seen?{query}", timeout=30) as answer:
            seen: dict[str, Any] = json.load(answer)
        missing = {name: number for name, number in at_least.items() if seen.get(name, 0) < number}
        assert not missing, f"the provider did not see {missing}, but {seen}"
        return seen


@pytest.fixture(scope="package")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    provider = ScriptedProvider()
    home: Path = tmp_path_factory.mktemp("home")
    with scripted_thread(provider) as url, running(CONFIG.format(url=url), home) as outrider:
        yield House(outrider, provider, url)


@pytest.fixture
def house(shared_house: House) -> House:
    """The shared house, the provider's counts at zero."""
    shared_house.provider.forget()
    return shared_house
