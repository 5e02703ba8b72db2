"""A journal with an indexer on a store of each kind, and events to put into it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from outrider.base import ids
from outrider.base.usage import Usage
from outrider.journal.append import Journal, blob
from outrider.journal.events import Event, RunRecorded, Step
from outrider.journal.index import Indexer
from outrider.store import Store

AT = 1_790_000_000_000_000_000


class Bench:
    """A spool, a store and what moves records between them."""

    def __init__(self, root: Path, store: Store) -> None:
        self.spool, self.store = root, store
        self.journals: list[Journal] = []
        self.indexer = Indexer(root, store)

    def journal(self, **options: object) -> Journal:
        self.journals.append(Journal(self.spool, **options))  # type: ignore[arg-type]
        return self.journals[-1]

    def put(self, *events: Event) -> None:
        """Write events without bodies and index them."""
        if not self.journals:
            self.journal()
        for event in events:
            self.journals[0].append_now(event)
        self.indexer.drain()

    def put_bodies(self, event: RunRecorded, request: bytes, response: bytes) -> RunRecorded:
        """Write a run with its two bodies; not indexed yet."""
        if not self.journals:
            self.journal()
        event.request, event.response = blob(request), blob(response)
        self.journals[0].append_now(event, ((event.request, request), (event.response, response)))
        return event


@pytest.fixture
def bench(tmp_path: Path, store: Store) -> Iterator[Bench]:
    made = Bench(tmp_path / "spool", store)
    yield made
    for journal in made.journals:
        journal.close()


@pytest.fixture
def run() -> Callable[..., RunRecorded]:
    """Makes runs, each later by a second than the one before."""
    made = 0

    def make(**fields: object) -> RunRecorded:
        nonlocal made
        made += 1
        default: dict[str, object] = {
            "id": ids.new_id(),
            "project": "default",
            "at": AT + made * 1_000_000_000,
            "name": "chat",
            "duration": 2_000_000_000,
            "ttft": 500_000_000,
            "http_status": 200,
            "model": "small",
            "route": "small",
            "deployment": "openai/small",
            "provider": "openai",
            "key": "k1",
            "usage": Usage(100, 20),
            "cost": 1_000_000,
            "steps": [Step(1, "model", "openai/small", usage=Usage(100, 20), cost=1_000_000)],
            "preview": f"hello number{made}",
        }
        return RunRecorded(**(default | fields))  # type: ignore[arg-type]

    return make
