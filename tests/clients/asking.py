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
        self.client = client
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
        line = self._answers.get(timeout=PATIENCE)
        assert line, f"the program ended:\n{''.join(self._printed)[-3000:]}"
        said = json.loads(line)
        assert "raised" not in said, said["raised"]
        return said["answer"]

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


def _command(client: Client) -> list[str]:
    if client.environment == "node":
        return ["node", str(installed.node() / client.program), *client.arguments]
    return [str(installed.python(client.environment)), str(PROGRAMS / client.program), *client.arguments]


def _environment() -> dict[str, str]:
    """As it is, without those."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(TOLD)}
    alone = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "AI_SDK_LOG_WARNINGS": "false", "DO_NOT_TRACK": "1"}
    return {**kept, **alone, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
