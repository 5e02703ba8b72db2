"""What `outrider doctor` looks at: each thing that can be wrong, and what to do about it."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run


def checks(cli: Run, *args: str) -> tuple[int, dict[str, dict[str, Any]]]:
    said = cli("doctor", "--json", *args)
    shown = json.loads(said.out)
    assert shown["ok"] == (said.code == 0)
    return said.code, {c["check"]: c for c in shown["checks"]}


@pytest.fixture(autouse=True)
def free_port(home: Path) -> int:
    """A configuration with a port that nobody uses, and no embedded model."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    Path("outrider.yaml").write_text(f"server: {{port: {port}}}\nembedded: {{enabled: false}}\n")
    return port


def add(text: str) -> None:
    path = Path("outrider.yaml")
    path.write_text(path.read_text() + text)


def test_a_fresh_machine_is_told_what_to_do(cli: Run) -> None:
    code, found = checks(cli)
    assert code == 1
    assert found["providers"]["mark"] == "bad"
    assert "outrider init" in found["providers"]["todo"]
    assert "outrider up" in found["store"]["todo"]
    assert found["port"]["mark"] == "good"


def test_a_provider_that_is_away(cli: Run) -> None:
    add("providers: {mine: {base_url: 'http://127.0.0.1:9/v1'}}")
    code, found = checks(cli)
    assert code == 1
    assert "cannot connect to http://127.0.0.1:9/v1/models" in found["provider mine"]["text"]


def test_a_wrong_config_is_listed(cli: Run) -> None:
    add("sever: {}\n")
    said = cli("doctor")
    assert said.code == 1
    assert "✗ config: outrider.yaml:3: sever: unknown key, did you mean 'server'?" in said.out


def test_a_taken_port(cli: Run, free_port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port))
        _, found = checks(cli)
    assert found["port"]["mark"] == "bad"
    assert "server.port" in found["port"]["todo"]


def test_a_home_that_is_a_file(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, found = checks(cli, "--home", str(tmp_path / "file"))
    assert code == 1
    assert found["home"]["mark"] == "bad"


def test_a_database_that_is_away(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTRIDER_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    code, found = checks(cli)
    assert code == 1
    assert found["store"]["mark"] == "bad"


def test_weights_that_are_not_there(cli: Run) -> None:
    Path("outrider.yaml").write_text("embedded: {enabled: true}")
    said = cli("doctor")
    assert "outrider models install smollm2-135m" in said.out


def test_a_collector_that_is_away(cli: Run) -> None:
    add("otlp: {endpoint: 'http://127.0.0.1:9'}")
    _, found = checks(cli)
    assert found["otlp"]["mark"] == "bad"
