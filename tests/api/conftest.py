"""The API over a real SQLite store that a real journal and indexer filled, with two projects."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from outrider import api, console
from outrider.api.deps import Knowing
from outrider.app.knowledge import Knowledge
from outrider.app.settings import parse
from outrider.casebook.book import Casebook
from outrider.knowledge.ports import Model
from outrider.limits.keys import Identity
from tests.console.conftest import World


class ApiWorld(World):
    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.opened: list[Knowledge] = []

    def api(
        self,
        key: str | None = None,
        *,
        anonymous: str = "",
        base: str = "http://127.0.0.1:8720",
        casebook: Callable[[], Casebook] | None = None,
        knowledge: Knowing | None = None,
        writer: Callable[[Identity, str, str], Model] | None = None,
    ) -> TestClient:
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
            office=self.office,
            batches=self.kept.desk,
            casebook=casebook,
            knowledge=knowledge,
            writer=writer,
        )
        app = Starlette(routes=api.routes(deps), exception_handlers=dict(console.error_answers()))
        client = TestClient(app, base_url=base)
        key = self.key if key is None else key
        if key:
            client.headers["authorization"] = f"Bearer {key}"
        return client

    def knowledge(self, config: str = "embedded: {enabled: off}") -> Knowledge:
        """The way to an empty library."""
        folder = self.home / "knowing"
        made = Knowledge(parse(config, "test", {}), folder, f"sqlite:///{folder / 'outrider.sqlite3'}", self.journal)
        self.opened.append(made)
        return made


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ApiWorld]:
    world = ApiWorld(tmp_path)
    yield world
    for each in world.opened:
        each.close()
    world.journal.close()
    world.leases.close()
    world.store.close()
