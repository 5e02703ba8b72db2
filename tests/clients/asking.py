"""A client's program, asked one thing after another."""

import contextlib
import json
import os
import queue
import subprocess
import threading
from pathlib import Path
from typing import Any

from tests.clients import installed
from tests.clients.catalogue import Client

PROGRAMS = Path(__file__).with_name("programs")
TOLD = ("OPENAI_", "ANTHROPIC_", "GEMINI_", "GOOGLE_", "LITELLM_", "LANGSMITH_", "LANGCHAIN_", "PYTHON", "OUTRIDER_")
"""Beginnings of the variables that would tell a client of a key, an address or an import of ours."""
PATIENCE = 120.0  # seconds for one answer: the first one waits for the program's imports
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class Program:
    """It lives in an environment without Outrider, and knows only an address and a key."""

    def __init__(self, client: Client) -> None:
        self.client, self.over = client, False
        self._process = subprocess.Popen(
            _command(client),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=_environment(),
        )
        self._answers: queue.Queue[str] = queue.Queue()
        self._printed: list[str] = []
        self._threads = [threading.Thread(target=self._listen), threading.Thread(target=self._note)]
        for thread in self._threads:
            thread.start()

    def ask(self, feature: str, url: str, says: str, *, key: str, model: str, retries: int = 0) -> Any:
        """What the client makes of the answer. An exception that it should not have raised fails the test."""
        asked = {"feature": feature, "url": url, "key": key, "model": model, "says": says, "retries": retries}
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps({**asked, "image": PIXEL}) + "\n")
            self._process.stdin.flush()
        line = self._answer()
        said = json.loads(line)
        assert "raised" not in said, said["raised"]
        return said["answer"]

    def _answer(self) -> str:
        """The next line. A program that ends or keeps silent is over: a late answer would be taken for the next one."""
        try:
            line, why = self._answers.get(timeout=PATIENCE), "the program ended"
        except queue.Empty:
            line, why = "", f"no answer in {PATIENCE:g} s"
        if not line:
            self.over = True
            self._process.kill()
            self._threads[1].join(10)
            raise AssertionError(f"{why}:\n{''.join(self._printed)[-3000:]}")
        return line

    def stop(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        for thread in self._threads:
            thread.join(10)
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put("")

    def _note(self) -> None:
        assert self._process.stderr is not None
        self._printed.extend(self._process.stderr)


class Programs:
    """Gives a client's program. One at a time is alive, for they are large."""

    def __init__(self) -> None:
        self._alive: Program | None = None

    def of(self, client: Client) -> Program:
        """The one that runs, or a new one: for another client, or after one that is over."""
        if self._alive is None or self._alive.over or self._alive.client is not client:
            self.stop()
            self._alive = Program(client)
        return self._alive

    def stop(self) -> None:
        if self._alive is not None:
            self._alive.stop()
            self._alive = None


def _command(client: Client) -> list[str]:
    if client.environment == "node":
        return ["node", str(installed.node() / client.program), *client.arguments]
    return [str(installed.python(client.environment)), str(PROGRAMS / client.program), *client.arguments]


def _environment() -> dict[str, str]:
    """As it is, without those."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(TOLD)}
    alone = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "AI_SDK_LOG_WARNINGS": "false", "DO_NOT_TRACK": "1"}
    return {**kept, **alone, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
