"""The guide from a bad answer to a proved fix: its files and its commands, in their order, with the embedded model."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import installed
from tests.crash.conftest import Process

pytestmark = [pytest.mark.slow, pytest.mark.model]
GUIDE = (installed.ROOT / "docs/guides/bad-answer.md").read_text("utf-8")
FILES = re.findall(r"`([\w.]+)`(?:, changed)?:\n\n```(?:json|yaml|text)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """What the reader types, in order: blocks of shell, and lines after a prompt."""
    blocks = re.findall(r"^```(sh|console)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    found = []
    for kind, block in blocks:
        found += [block] if kind == "sh" else re.findall(r"^\$ (.*)$", block, re.MULTILINE)
    return [one for one in found if not one.startswith(("outrider up", "export RUN"))]


class Reader:
    """Somebody with a terminal in an empty folder, where `outrider` is on the path."""

    def __init__(self, process: Process, folder: Path) -> None:
        self.process, self.folder, self.run = process, folder, ""

    def types(self, command: str) -> tuple[int, str]:
        """The exit code and what is printed."""
        env = {
            **self.process.env,
            "PATH": f"{self.folder.parent / 'bin'}:{os.environ['PATH']}",
            "OUTRIDER_KEY": self.process.key,
            "RUN": self.run,
        }
        line = command.replace("localhost:8720", f"localhost:{self.process.port}")
        done = subprocess.run(
            ["bash", "-c", line], cwd=self.folder, env=env, capture_output=True, text=True, timeout=300, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def writes(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, "utf-8")


@pytest.fixture
def reader(tmp_path: Path, chat_models: Path) -> Iterator[Reader]:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    folder, config = tmp_path / "folder", tmp_path / "outrider.yaml"
    folder.mkdir()
    config.write_text(f"server: {{port: {port}}}\n")
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OUTRIDER_", "OPENAI_", "OTEL_"))}
    process = Process(tmp_path / "home", config, port, env | {"OUTRIDER_MODELS": str(chat_models)})
    shim = tmp_path / "bin" / "outrider"
    shim.parent.mkdir()
    shim.write_text(
        f'#!/bin/sh\nexec {sys.executable} -m outrider.app.main --home {process.home} --config {config} "$@"\n'
    )
    shim.chmod(0o755)
    process.start()
    yield Reader(process, folder)
    process.terminate()


def test_the_guide_does_what_it_says(reader: Reader) -> None:
    ask, feedback, proposals, take, more, fails, replay, passes, diff = commands()
    faq, failing, prompt, proof = FILES
    assert [name for name, _ in FILES] == ["faq.jsonl", "suite.yaml", "prompt.txt", "suite.yaml"]
    for file in (faq, failing, prompt):
        reader.writes(*file)
    code, said = reader.types(ask)
    assert (code, "9 dollars" in said) == (0, False), said
    reader.run = re.findall(r"x-request-id: (\S+)", said)[0]
    assert '"edit":"An express parcel costs 9 dollars."' in reader.types(feedback)[1]
    assert reader.run in reader.types(proposals)[1]
    assert "version 1 with 1 case" in reader.types(take)[1]
    assert "version 2 with 12 cases" in reader.types(more)[1]
    code, said = reader.types(fails)
    assert (code, "failed: contains >= 0.5" in said) == (1, True), said
    code, said = reader.types(replay)
    assert (code, "+ An express parcel costs 9 dollars." in said) == (0, True), said
    reader.writes(*proof)
    code, said = reader.types(passes)
    assert (code, "passed: next: contains >= now" in said) == (0, True), said
    code, said = reader.types(diff)
    assert (code, f"better: run:{reader.run}" in said) == (0, True), said
