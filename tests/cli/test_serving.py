"""`outrider eval run` where no server runs: it says what to do, or starts one for the time."""

import json
import socket
from pathlib import Path

import pytest

from outrider.cli._serving import PATIENCE
from outrider.testing import ScriptedProvider, scripted_thread
from tests.cli.conftest import Run

CONFIG = """
server: {{port: {port}}}
embedded: {{enabled: false}}
casebook: {{enabled: false}}
providers:
  scripted: {{base_url: "{url}", models: [scripted-chat]}}
"""
SUITE = "dataset: cases.jsonl\nvariants: {now: %s}\nevaluators: [exact]\ngates: ['exact >= 0.5']\n"


def written(folder: Path, variant: str = "scripted/scripted-chat") -> str:
    lines = [{"id": f"c{n}", "input": f"scripted:text=answer {n}", "expected": f"answer {n}"} for n in range(12)]
    (folder / "cases.jsonl").write_text("\n".join(json.dumps(one) for one in lines))
    (folder / "suite.yaml").write_text(SUITE % variant)
    return str(folder / "suite.yaml")


def config(folder: Path, url: str) -> str:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    (folder / "outrider.yaml").write_text(CONFIG.format(port=port, url=url))
    return str(folder / "outrider.yaml")


def test_without_a_server_it_says_what_to_do_before_anything_is_asked(cli: Run, tmp_path: Path) -> None:
    ran = cli("--config", config(tmp_path, "http://127.0.0.1:9"), "eval", "run", written(tmp_path))
    assert ran.code != 0
    assert "outrider up" in ran.err
    assert "--serve" in ran.err
    assert json.loads(cli("eval", "list", "--json").out) == []
    other = cli("eval", "run", written(tmp_path), "--url", "http://127.0.0.1:9")
    assert "nobody answers at http://127.0.0.1:9" in other.err


def test_functions_need_no_server(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine_serving.py").write_text("def answer(case):\n    return case.expected\n")
    path = written(tmp_path, "{python: 'mine_serving:answer'}")
    assert cli("--config", config(tmp_path, "http://127.0.0.1:9"), "eval", "run", path).code == 0


def test_a_server_is_started_for_the_time(cli: Run, tmp_path: Path) -> None:
    assert PATIENCE > 10
    with scripted_thread(ScriptedProvider()) as url:
        where = config(tmp_path, url)
        ran = cli("--config", where, "eval", "run", written(tmp_path), "--serve")
        assert ran.code == 0, ran.err
        assert "for the time of this command" in ran.err
        again = cli("--config", where, "eval", "run", written(tmp_path), "--fresh")
        assert "no Outrider answers" in again.err, "it has ended"
