"""The lease store of each kind, and workers of one machine that share it with a journal."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from outrider.base import clock, ids
from outrider.cache.claims import Claims, Kept, Key, Place
from outrider.cache.idempotent import Claim, Once
from outrider.cache.orphans import Orphans
from outrider.journal.append import Journal, blob
from outrider.journal.events import RunRecorded
from outrider.journal.index import Indexer
from outrider.limits import holds
from outrider.store import Store, open_leases, open_store

KEY = Key("p", "k-1")
DIGEST = b"d" * 32
SECOND = 1_000_000_000


def kept(run: bytes, text: bytes = b"hello", **fields: object) -> Kept:
    return Kept(200, b"content-type: x\r\n", (text,), False, run, **fields)  # type: ignore[arg-type]  # fields by name


class Worker:
    """What one process has: a life, a journal's slot, and its `Once`."""

    def __init__(self, machine: "Machine") -> None:
        self.machine = machine
        self.journal = Journal(machine.spool)
        self.life = holds.HoldFile(machine.folder / "holds", self.journal.slot, cells=1)
        self.claims = Claims(lambda: machine.leases, largest=1000)
        self.orphans = Orphans(machine.spool, lambda: machine.store, partial(holds.alive, machine.folder / "holds"))
        place = Place(self.life.holder, self.journal.slot)
        self.place = self.orphans.here(place)
        self.once = Once(self.claims, self.orphans, place)

    def record(self, run: bytes, body: bytes = b"hello", **fields: object) -> None:
        what = {"http_status": 200, "response": blob(body)} | fields
        event = RunRecorded(run, "p", 1, "chat", **what)  # type: ignore[arg-type]  # fields by name
        self.journal.append_now(event, ((blob(body), body),))

    def die(self) -> None:
        """As by `kill -9`: the kernel drops the locks, files stay."""
        self.life.close()
        self.journal._slot_lock.close()

    def end(self) -> None:
        self.life.close()
        self.journal.close()


class Machine:
    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.spool = folder, folder / "spool"
        self.store: Store = open_store(url)
        self.leases: Store = open_leases(url)
        self.indexer = Indexer(self.spool, self.store)
        self.workers: list[Worker] = []

    def worker(self) -> Worker:
        self.workers.append(Worker(self))
        return self.workers[-1]

    def rows(self) -> int:
        return int(self.leases.query("SELECT count(*) FROM idempotency")[0][0])

    def close(self) -> None:
        for worker in self.workers:
            worker.end()
        self.store.close()
        self.leases.close()


@pytest.fixture
def machines(tmp_path: Path, store_url: str) -> Iterator[Callable[[], Machine]]:
    """Makes machines that share one database."""
    made: list[Machine] = []

    def make() -> Machine:
        made.append(Machine(tmp_path / f"machine{len(made)}", store_url))
        return made[-1]

    yield make
    for machine in made:
        machine.close()


@pytest.fixture
def machine(machines: Callable[[], Machine]) -> Machine:
    return machines()


async def claimed(worker: Worker, key: Key = KEY, digest: bytes = DIGEST) -> Claim:
    """The claim of a new run."""
    found = await worker.once.enter(
        key, digest, ids.new_id(), deadline=clock.mono_ns() + 20 * SECOND, longest=20 * SECOND
    )
    assert isinstance(found, Claim)
    return found
