"""The API over a real SQLite store that a real journal and indexer filled, with two projects."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from outrider import api, console
from tests.console.conftest import World


class ApiWorld(World):
    def api(self, key: str | None = None, *, anonymous: str = "", base: str = "http://127.0.0.1:8720") -> TestClient:
        """A client with a bearer key: the default project's unless told otherwise, none for ""."""
        deps = api.ApiDeps(
            store=self.open,
            sessions=self.sign_ins,
            check_key=self.check_key,
            routes=lambda: ["support", "openai/gpt-4o-mini"],
            keys=self.keys,
            anonymous=anonymous,
            budgets=self.budgets,
            deployments=self.deployments,
        )
        app = Starlette(routes=api.routes(deps), exception_handlers=dict(console.error_answers()))
        client = TestClient(app, base_url=base)
        key = self.key if key is None else key
        if key:
            client.headers["authorization"] = f"Bearer {key}"
        return client


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ApiWorld]:
    world = ApiWorld(tmp_path)
    yield world
    world.journal.close()
    world.leases.close()
    world.store.close()
