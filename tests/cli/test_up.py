"""`outrider up`, as a process: it greets, answers `outrider chat`, records, and ends on SIGTERM."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from outrider.testing import scripted_thread
from tests.cli.conftest import Run


def test_up_chat_runs_and_down(cli: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_thread() as upstream:
        Path("outrider.yaml").write_text(
            f"providers: {{mine: {{base_url: '{upstream}'}}}}\nembedded: {{enabled: false}}\n"
            "routes: {support: {deployments: [mine/scripted-chat]}}\n"
        )
        command = [sys.executable, "-m", "outrider.app.main", "up", "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as server:
            assert server.stdout is not None
            greeting = ""
            while not (re.search(r"sk-or-\S+", greeting) and re.search(r"up at http\S+", greeting)):
                line = server.stdout.readline()
                assert line, f"it ended: {greeting}"
                greeting += line
            url, key = re.search(r"http://\S+", greeting), re.search(r"sk-or-\S+", greeting)
            assert url is not None
            assert key is not None
            try:
                monkeypatch.setenv("OUTRIDER_KEY", key.group())
                said = cli("chat", "support", "--url", url.group(), "--once", "scripted:text=it works", "--json")
                assert said.code == 0, said.err
                assert json.loads(said.out)["text"] == "it works"
                run = json.loads(said.out)["run"]
                shown = json.loads(cli("runs", "show", run, "--json").out)
                assert (shown["status"], shown["route"]) == ("ok", "support")
            finally:
                server.send_signal(signal.SIGTERM)
                server.stdout.read()
            assert server.wait(30) == 0


def test_up_refuses_an_open_door(cli: Run) -> None:
    Path("outrider.yaml").write_text("auth: off")
    said = cli("up", "--host", "0.0.0.0")
    assert said.code == 2
    assert "refused" in said.err
