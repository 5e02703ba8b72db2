"""SIGKILL at random moments: what a client received completely is in the journal, once, and the chain verifies."""

import asyncio
import json
import random
import subprocess
from collections import Counter

import pytest

from outrider.base import ids
from outrider.journal import read
from outrider.journal.events import RunRecorded
from outrider.journal.index import Indexer
from outrider.store import open_store
from tests.crash.conftest import Client, Process

ROUNDS = 30
PLAIN = json.dumps(
    {"model": "scripted-chat", "messages": [{"role": "user", "content": "scripted:text=hello"}]}
).encode()
STREAM = json.dumps(
    {"model": "scripted-chat", "stream": True, "messages": [{"role": "user", "content": "scripted:gap=0.002,chunks=8"}]}
).encode()


async def traffic_until_killed(process: Process, moment: float, victim: str) -> Client:
    client, stop = Client(process.port, process.key), asyncio.Event()
    tasks = [asyncio.create_task(client.keep_asking(stop, body)) for body in (PLAIN, STREAM) * 8]
    await asyncio.sleep(moment)
    if victim == "indexer":
        process.kill(child_of(process.pid))
        await asyncio.sleep(0.1)
    process.kill()
    stop.set()
    await asyncio.gather(*tasks)
    return client


def child_of(pid: int) -> int:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=True)
    return int(found.stdout.split()[0])


@pytest.mark.slow
def test_nothing_a_client_received_is_lost(process: Process) -> None:
    chance = random.Random(20261122)
    received: list[str] = []
    for turn in range(ROUNDS):
        process.start("--workers", "2") if turn % 3 == 2 else process.start()
        victim = "indexer" if turn % 3 == 1 else "all"
        client = asyncio.run(traffic_until_killed(process, chance.uniform(0.05, 0.7), victim))
        assert set(client.statuses) <= {200}
        received += client.complete
    assert len(received) > 50 * ROUNDS
    process.start()
    assert process.terminate() == 0

    store = open_store(f"sqlite:///{process.home / 'outrider.sqlite3'}")
    Indexer(process.home / "spool", store).drain()
    verified = process.command("journal", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    recorded: Counter[str] = Counter()
    after = 0
    while batch := read.export_records(store, after=after, limit=5000):
        after = batch[-1][0]
        recorded.update(ids.text(event.id) for _, event in batch if isinstance(event, RunRecorded))
    store.close()
    lost = [run for run in received if recorded[run] == 0]
    twice = [run for run, count in recorded.items() if count > 1]
    assert (lost, twice) == ([], [])
