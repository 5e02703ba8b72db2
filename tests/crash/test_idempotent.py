"""One execution for a key: over four processes, through restarts and kills, on both databases."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from outrider.testing import ScriptedProvider, scripted_thread
from tests.crash.conftest import Process

pytestmark = pytest.mark.slow
ASKING = 200


class Got(NamedTuple):
    status: int
    pieces: tuple[bytes, ...]
    replayed: bool
    whole: bool


class House:
    """A process with four workers, and the provider behind it."""

    def __init__(self, process: Process, provider: ScriptedProvider) -> None:
        self.process, self.provider = process, provider

    def start(self) -> None:
        self.process.start("--workers", "4")

    @property
    def executed(self) -> int:
        return self.provider.counts["chat"]

    async def ask(self, words: str, key: str = "k-1", *, stream: bool = False, leave: bool = False) -> Got:
        """One request on a connection of its own; who leaves does so when the provider works on it."""
        text = {"role": "user", "content": f"scripted:{words}"}
        body = json.dumps({"model": "scripted-chat", "stream": stream, "messages": [text]}).encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.process.port)
        try:
            writer.write(
                b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %b\r\nidempotency-key: %b\r\n"
                b"content-length: %d\r\n\r\n%b" % (self.process.key.encode(), key.encode(), len(body), body)
            )
            if leave:
                await self.until_executed(1)
                return Got(0, (), False, False)
            return await _answer(reader)
        finally:
            writer.close()

    async def until_executed(self, times: int) -> None:
        def look() -> None:
            deadline = time.monotonic() + 60
            while self.executed < times:
                assert time.monotonic() < deadline
                time.sleep(0.01)

        await asyncio.to_thread(look)

    async def ask_all(self, words: str, *, stream: bool = False, times: int = ASKING) -> list[Got]:
        return await asyncio.gather(*[self.ask(words, stream=stream) for _ in range(times)])

    def workers(self) -> list[int]:
        found = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=True
        )
        return [int(line.split()[0]) for line in found.stdout.splitlines() if "outrider.app.worker" in line]


async def _answer(reader: asyncio.StreamReader) -> Got:
    """The answer, its body in the pieces of its chunked coding."""
    pieces: list[bytes] = []
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status, replayed = int(head.split()[1]), "idempotency-replayed: true" in head
        if "content-length" in head:
            length = int(head.split("content-length: ")[1].split("\r\n")[0])
            pieces.append(await reader.readexactly(length))
        else:
            while size := int(await reader.readuntil(b"\r\n"), 16):
                pieces.append((await reader.readexactly(size + 2))[:-2])
            await reader.readexactly(2)
    except (asyncio.IncompleteReadError, ConnectionError):
        return Got(0, tuple(pieces), False, False)
    return Got(status, tuple(pieces), replayed, True)


@pytest.fixture
def house(tmp_path: Path, store_url: str) -> Iterator[House]:
    provider = ScriptedProvider()
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OUTRIDER_", "OPENAI_", "OTEL_"))}
    config = tmp_path / "outrider.yaml"
    with scripted_thread(provider) as url:
        config.write_text(
            f"server: {{port: {port}, drain_timeout: 10s}}\nembedded: {{enabled: false}}\n"
            f'providers: {{scripted: {{base_url: "{url}", models: [scripted-chat]}}}}\n'
        )
        process = Process(tmp_path / "home", config, port, env | {"OUTRIDER_DATABASE_URL": store_url})
        made = House(process, provider)
        made.start()
        yield made
        if process._child is not None and process._child.poll() is None:
            process.kill()


@pytest.mark.parametrize("stream", [False, True])
async def test_two_hundred_requests_are_one_execution(house: House, stream: bool) -> None:
    """All at once, then after a restart."""
    words = "delay=0.3,chunks=20,gap=0.005" if stream else "delay=0.5,words=50"
    answers = await house.ask_all(words, stream=stream)
    assert house.executed == 1
    assert [a.replayed for a in answers].count(False) == 1
    assert {(a.status, a.pieces) for a in answers} == {(200, answers[0].pieces)}
    assert len(answers[0].pieces) > 1 or not stream
    assert house.process.terminate() == 0
    house.start()
    again = await house.ask(words, stream=stream)
    assert (again.pieces, again.replayed) == (answers[0].pieces, True)
    assert house.executed == 1


async def test_a_kill_of_everything_leaves_one_answer(house: House) -> None:
    """In the middle of the call: the next one executes. After it: the answer is still there."""
    asking = [asyncio.create_task(house.ask("delay=1,words=5")) for _ in range(50)]
    await house.until_executed(1)
    house.process.kill()
    assert not any(got.whole for got in await asyncio.gather(*asking))
    house.start()
    answers = await house.ask_all("delay=1,words=5", times=50)
    assert house.executed == 2
    assert {(a.status, a.pieces) for a in answers} == {(200, answers[0].pieces)}
    house.process.kill()
    house.start()
    again = await house.ask("delay=1,words=5")
    assert (again.pieces, again.replayed) == (answers[0].pieces, True)
    assert house.executed == 2


async def test_kills_of_workers_cost_one_execution_each(house: House) -> None:
    """Whoever executes is killed; those who wait elsewhere, and those who ask again, get one and the same answer."""

    async def insist() -> Got:
        while True:
            try:
                got = await house.ask("delay=0.5,words=9")
            except OSError:
                continue
            if got.whole and got.status == 200:
                return got

    asking = [asyncio.create_task(insist()) for _ in range(60)]
    for _ in range(2):
        await asyncio.sleep(0.25)
        for pid in house.workers()[:2]:
            os.kill(pid, signal.SIGKILL)
    answers = await asyncio.wait_for(asyncio.gather(*asking), 60)
    assert len({a.pieces for a in answers}) == 1
    assert house.executed <= 5


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_leaves_finds_its_answer(house: House, stream: bool) -> None:
    words = "delay=0.2,chunks=10,gap=0.02"
    await house.ask(words, stream=stream, leave=True)
    got = await house.ask(words, stream=stream)
    assert (got.status, got.replayed, house.executed) == (200, True, 1)
    assert house.provider.counts["cancelled"] == 0


async def test_a_failure_is_shared_and_then_tried_again(house: House) -> None:
    failing = "delay=0.3,status=400,fail-times=1,key=x"
    answers = await house.ask_all(failing, times=40)
    assert {a.status for a in answers} == {400}
    assert house.executed == 1
    assert (await house.ask(failing)).status == 200
    assert house.executed == 2
