"""A red team under SIGKILL: it goes on where it was, tries what it would have tried, and no call is paid twice."""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from outrider.evals.experiments import Experiments
from outrider.store import open_evals
from outrider.testing import ScriptedProvider, scripted_thread
from tests.crash.conftest import Process

pytestmark = pytest.mark.slow
ATTEMPTS, KILLS = 120, 3
PRICES = {"scripted-chat": {"input": 1, "output": 2}}
WORDS = ("--family", "leakage", "--family", "multiturn", "--attempts", str(ATTEMPTS), "--seed", "4", "--json")


def begun(process: Process, *args: str) -> "subprocess.Popen[bytes]":
    with (process.home.parent / "team.log").open("ab") as out:
        return subprocess.Popen(process.line("redteam", *args), stdout=out, stderr=out, env=process.env)


def tried(process: Process) -> list[list[str]]:
    """What each red team tried, the newest first."""
    store = open_evals(f"sqlite:///{process.home / 'outrider.sqlite3'}")
    experiments = Experiments(lambda: store)
    found = [[one.item.case_id for one in experiments.done(each.id)] for each in experiments.newest("default")]
    store.close()
    return found


def resumed(process: Process, log: Path) -> "subprocess.Popen[bytes]":
    """By another process, as soon as nobody is heard of the killed one."""
    until = time.monotonic() + 60
    while True:
        size = log.stat().st_size
        child = begun(process, "--resume", "redteam scripted/scripted-chat", "--json")
        while child.poll() is None and b"/" not in log.read_bytes()[size:]:
            time.sleep(0.01)
        if child.poll() is None or b"another process" not in log.read_bytes()[size:]:
            return child
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.5)


def test_kills_change_nothing_and_cost_no_call(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OUTRIDER_", "OPENAI_", "OTEL_"))}
    provider, log = ScriptedProvider(), tmp_path / "team.log"
    with scripted_thread(provider) as url:
        config = {
            "server": {"port": port}, "embedded": {"enabled": False},
            "providers": {"scripted": {"base_url": url, "models": ["scripted-chat"], "prices": PRICES}},
        }  # fmt: skip
        (tmp_path / "outrider.yaml").write_text(yaml.safe_dump(config))
        process = Process(tmp_path / "home", tmp_path / "outrider.yaml", port, env)
        process.start()
        try:
            child = begun(process, "scripted/scripted-chat", *WORDS)
            for kill in range(KILLS):
                until = provider.counts["chat"] + 25 + 10 * kill
                while provider.counts["chat"] < until:
                    assert child.poll() is None, log.read_text()
                    time.sleep(0.001)
                child.send_signal(signal.SIGKILL)
                child.wait()
                child = resumed(process, log)
            assert child.wait(300) == 0, log.read_text()
            broken = provider.counts["chat"]
            assert process.command("redteam", "scripted/scripted-chat", *WORDS).returncode == 0
            whole = provider.counts["chat"] - broken
        finally:
            process.kill()
    unbroken, cut = tried(process)
    assert len(cut) == ATTEMPTS
    assert cut == unbroken
    assert broken == whole, "each call was made once"
    assert json.loads(log.read_text()[log.read_text().rindex('{\n  "experiment"') :])["attempts"] == ATTEMPTS
