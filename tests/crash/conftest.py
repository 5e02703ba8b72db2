"""Whole processes as a user starts them, and clients that know exactly what they received."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from outrider.app import paths
from outrider.journal.append import Journal
from outrider.journal.index import Indexer
from outrider.limits.keys import new_key
from outrider.store import open_store
from outrider.testing import ScriptedProvider, scripted_thread


class Process:
    """`outrider up` on a home that outlives it."""

    def __init__(self, home: Path, config: Path, port: int, env: dict[str, str]) -> None:
        self.home, self.config, self.port, self.env = home, config, port, env
        self.key = ""
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    def line(self, *args: str) -> list[str]:
        place = ["--home", str(self.home), "--config", str(self.config)]
        return [sys.executable, "-m", "outrider.app.main", *place, *args]

    def command(self, *args: str) -> subprocess.CompletedProcess[str]:
        """One other command of the same installation."""
        line = self.line(*args)
        return subprocess.run(line, capture_output=True, text=True, env=self.env, timeout=300, check=False)

    def start(self, *args: str) -> None:
        log = self.home.parent / "up.log"
        line = self.line("up", *args)
        with log.open("ab") as out:
            self._child = subprocess.Popen(line, stdout=out, stderr=out, env=self.env, start_new_session=True)
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5):
                    break
            except OSError:
                assert self._child.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.02)
        if not self.key:  # as `outrider keys create` writes it, without the start of one more process
            self.key, event = new_key("default", "test")
            spool = paths.spool(self.home)
            url = self.env.get("OUTRIDER_DATABASE_URL") or f"sqlite:///{self.home / 'outrider.sqlite3'}"
            with closing(Journal(spool)) as journal, closing(open_store(url)) as store:
                journal.append_now(event, (), "default")
                Indexer(spool, store).drain()

    def kill(self, pid: int | None = None) -> None:
        """SIGKILL to one process, or to the whole group."""
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            return
        assert self._child is not None
        os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()

    def terminate(self) -> int:
        assert self._child is not None
        self._child.terminate()
        return self._child.wait(60)


class Client:
    """Sends requests on one connection after another; `complete` holds the ids of answers received to the last byte."""

    def __init__(self, port: int, key: str) -> None:
        self.port, self.key = port, key
        self.complete: list[str] = []
        self.statuses: list[int] = []

    async def keep_asking(self, stop: asyncio.Event, body: bytes) -> None:
        while not stop.is_set():
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                return
            try:
                while not stop.is_set():
                    await self.ask(reader, writer, body)
            except (OSError, asyncio.IncompleteReadError):
                return
            finally:
                writer.close()

    async def ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> None:
        writer.write(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %b\r\ncontent-length: %d\r\n\r\n%b"
            % (self.key.encode(), len(body), body)
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        if "content-length" in headers:
            await reader.readexactly(int(headers["content-length"]))
        else:
            while size := int(await reader.readuntil(b"\r\n"), 16):
                await reader.readexactly(size + 2)
            await reader.readexactly(2)
        self.statuses.append(int(head.split()[1]))
        self.complete.append(headers["x-request-id"])


@pytest.fixture
def provider_url() -> Iterator[str]:
    with scripted_thread(ScriptedProvider()) as url:
        yield url


@pytest.fixture
def process(tmp_path: Path, provider_url: str) -> Iterator[Process]:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    config = tmp_path / "outrider.yaml"
    config.write_text(
        f"server: {{port: {port}, drain_timeout: 10s}}\nembedded: {{enabled: false}}\n"
        f'providers: {{scripted: {{base_url: "{provider_url}", models: [scripted-chat]}}}}\n'
    )
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OUTRIDER_", "OPENAI_", "OTEL_"))}
    running = Process(tmp_path / "home", config, port, env)
    yield running
    if running._child is not None and running._child.poll() is None:
        running.kill()
