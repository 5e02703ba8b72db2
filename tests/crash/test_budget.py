"""A thousand callers against one small budget: plain and streamed, with clients that leave, faults, retries and kills.

What the provider would bill for what it delivered never exceeds the limit, the ledger equals the journal to the
nano-dollar, and what is refused would not have fitted.
"""

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from outrider.base import clock, money
from outrider.journal.events import RunRecorded
from outrider.journal.read import list_budgets
from outrider.journal.records import read_block
from outrider.limits import standing
from outrider.store import open_leases, open_store
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.plans import Plan
from tests.crash.conftest import Process

pytestmark = pytest.mark.slow

LIMIT = 150_000_000  # nano-dollars: $0.15
INPUT, OUTPUT = 1, 10  # dollars per million tokens, so 1,000 and 10,000 nano-dollars each
MOST = 60
CALLERS = 1000
FAULTS = ("status=500,fail-times=1", "status=429,retry-after=0.01,fail-times=1", "cut=5", "reset", "malformed")


def price(inputs: int, outputs: int) -> int:
    """Nano-dollars."""
    return 1_000 * INPUT * inputs + 1_000 * OUTPUT * outputs


class Provider(ScriptedProvider):
    """One that bills plain answers which it broke off or spoilt, too. Outrider does not pay for these: `unpaid`."""

    unpaid = 0

    def plan(self, method: str, path: str, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Plan:
        made = super().plan(method, path, headers, body)
        if (b"cut=" in body or b"malformed" in body) and not json.loads(body).get("stream"):
            self.unpaid += price(*made.billed)
        return made


class House:
    """Outrider with a budget, and the provider that knows what it did."""

    def __init__(self, process: Process, provider: Provider, url: str) -> None:
        self.process, self.provider, self.url = process, provider, url
        self.statuses: Counter[int] = Counter()
        self.left = 0
        self.answered = asyncio.Event()

    def billed(self) -> int:
        """Nano-dollars that the provider would ask for."""
        counts = self.provider.counts
        return price(counts["input_tokens"], counts["output_tokens"])

    async def ask(self, words: str, *, stream: bool = False, leave_after: float = 0.0) -> tuple[int, Any]:
        """Status (0: broken off) and the error object, if it is one."""
        text = {"role": "user", "content": f"scripted:{words}"}
        asked = {"model": "shop", "stream": stream, "max_tokens": MOST, "messages": [text]}
        body = json.dumps(asked).encode()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.process.port)
        except OSError:
            return 0, None
        try:
            writer.write(
                b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %b\r\nconnection: close\r\n"
                b"content-length: %d\r\n\r\n%b" % (self.process.key.encode(), len(body), body)
            )
            if leave_after:
                self.left += 1
                await asyncio.sleep(leave_after)
                return 0, None
            answer = await reader.read()
        except OSError:
            return 0, None
        finally:
            writer.close()
        head, _, rest = answer.partition(b"\r\n\r\n")
        status = int(head.split()[1]) if head else 0
        self.statuses[status] += 1
        if status == 200:
            self.answered.set()
        return status, json.loads(rest)["error"] if status >= 400 else None

    def used(self) -> tuple[int, int]:
        """What the ledger says: used, and reserved. All is reserved until it knows the budget."""
        store, leases = open_store(self.url), open_leases(self.url)
        try:
            rows = list_budgets(store)
            if not rows:  # the indexer steps back while others want the processor, and has brought nothing in yet
                return 0, LIMIT
            found = standing.standing(store, leases, rows[0], clock.now_ns())
            return found.used, found.reserved
        finally:
            store.close()
            leases.close()

    def journal(self) -> tuple[int, int]:
        """Sum of what the recorded runs cost, and of their charges; each run once."""
        store = open_store(self.url)
        try:
            blocks = store.query("SELECT seq, body FROM records ORDER BY seq")
        finally:
            store.close()
        events = [event for first, body in blocks for _, event in read_block(first, body)]
        runs = {event.id: event for event in events if isinstance(event, RunRecorded)}
        return sum(run.cost for run in runs.values()), sum(c.amount for run in runs.values() for c in run.charges)


@pytest.fixture(params=[1, 4])
def workers(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def house(tmp_path: Path, store_url: str, workers: int) -> Iterator[House]:
    provider = Provider(keep=1)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OUTRIDER_", "OPENAI_", "OTEL_"))}
    config = tmp_path / "outrider.yaml"
    with scripted_thread(provider) as url:
        config.write_text(f"""\
server: {{port: {port}, drain_timeout: 10s, shed_lag: 0s}}
embedded: {{enabled: false}}
providers:
  scripted:
    base_url: "{url}"
    models: [scripted-chat]
    breaker: {{on: false}}
    prices: {{scripted-chat: {{input: {INPUT}, output: {OUTPUT}}}}}
routes: {{shop: {{deployments: [scripted/scripted-chat]}}}}
budgets: {{small: {{usd: {LIMIT / 1e9}, window: lifetime}}}}
""")
        process = Process(tmp_path / "home", config, port, env | {"OUTRIDER_DATABASE_URL": store_url})
        made = House(process, provider, store_url)
        process.start("--workers", str(workers))
        yield made
        if process._child is not None and process._child.poll() is None:
            process.kill()


async def caller(house: House, chance: random.Random, stop: asyncio.Event) -> None:
    """Asks until it was refused for want of money several times."""
    refused = 0
    while refused < 2 and not stop.is_set():
        words = f"chunks={chance.randint(5, MOST - 5)},gap={chance.choice(['0', '0.002', '0.01'])}"
        if chance.random() < 0.15:
            words = f"{chance.choice(FAULTS)},key=k{chance.random()},{words}"
        leave = chance.uniform(0.01, 0.5) if chance.random() < 0.1 else 0.0
        status, _ = await house.ask(words, stream=chance.random() < 0.5, leave_after=leave)
        refused += status == 429
        await asyncio.sleep(chance.uniform(0, 0.2))


def children(process: Process) -> list[int]:
    """The workers; with one, the process itself."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(process.pid)], capture_output=True, text=True, check=True
    )
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if "outrider.app.worker" in line]


async def kill_now_and_then(house: House, chance: random.Random, workers: int, stop: asyncio.Event) -> None:
    await house.answered.wait()  # a budget that only the dead have taken proves little
    for _ in range(4):
        await asyncio.sleep(chance.uniform(0.5, 1.5))
        if stop.is_set():
            return
        if workers == 1:
            await asyncio.to_thread(house.process.kill)
            await asyncio.to_thread(house.process.start, "--workers", "1")
        elif found := children(house.process):
            os.kill(chance.choice(found), signal.SIGKILL)


async def test_nobody_spends_more_than_there_is(house: House, workers: int) -> None:
    chance = random.Random(workers)
    stop = asyncio.Event()
    killing = asyncio.create_task(kill_now_and_then(house, chance, workers, stop))
    callers = [asyncio.create_task(caller(house, random.Random(n), stop)) for n in range(CALLERS)]
    await asyncio.wait(callers, timeout=90)
    stop.set()
    await asyncio.gather(*callers, killing)
    assert house.statuses[500] == 0
    await settled(house)
    refusal = await until_refused(house)
    await settled(house)
    assert house.statuses[200] > 0
    assert house.process.terminate() == 0
    drained = house.process.command("journal", "verify")
    assert drained.returncode == 0, drained.stdout + drained.stderr
    used, reserved = house.used()
    spent, charged = house.journal()
    assert used == spent == charged
    assert used <= LIMIT
    assert house.billed() <= LIMIT + bound(house)
    print(f"billed {house.billed()} used {used} left {house.left} {dict(house.statuses)}")
    assert reserved == 0
    assert LIMIT - used < money.nano(refusal["needed"]), "it was refused although there was room"


async def settled(house: House) -> None:
    """Wait until what the dead held is recovered and the living have given back what they do not use."""
    for _ in range(240):
        if not (await asyncio.to_thread(house.used))[1]:
            return
        await asyncio.sleep(0.25)
    raise AssertionError(f"still reserved: {house.used()}")


def bound(house: House) -> int:
    """What a provider sent of streams whose readers had left (one read of a socket each, and never more than a call),
    and what it bills of plain answers that it did not deliver."""
    return house.left * price(0, 4) + house.provider.unpaid


async def until_refused(house: House) -> Any:
    """Small calls, one after another, until there is no room even for the next one."""
    for _ in range(2000):
        status, error = await house.ask("chunks=1")
        if status == 429:
            return error
    raise AssertionError("it never ended")
