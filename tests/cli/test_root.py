"""The root: help, discovery, global options anywhere, exit codes, and what an import costs."""

import subprocess
import sys
from pathlib import Path

import pytest

from outrider.cli.root import command_names
from tests.cli.conftest import Run

HEAVY = {
    "rich",
    "numpy",
    "onnxruntime",
    "xllamacpp",
    "psycopg",
    "uvicorn",
    "starlette",
    "jinja2",
    "genai_prices",
    "yaml",
}


def test_help_names_every_command(cli: Run) -> None:
    said = cli("--help")
    assert said.code == 0
    assert all(f"  {name} " in said.out for name in command_names())
    assert {"up", "init", "doctor", "chat", "keys", "runs", "costs", "config", "journal"} <= set(command_names())


def test_every_command_has_help(cli: Run) -> None:
    for name in command_names():
        said = cli(name, "--help")
        assert (said.code, said.out.splitlines()[0].split()[:3]) == (0, ["Usage:", "outrider", name])


def test_version(cli: Run) -> None:
    assert cli("--version").out.startswith("outrider 0.")


def test_nothing_at_all_prints_help_and_is_wrong_usage(cli: Run) -> None:
    said = cli()
    assert said.code == 2
    assert "Commands:" in said.out + said.err


@pytest.mark.parametrize(
    ("args", "parts"),
    [
        (["dcotor"], ["No such command 'dcotor'", "did you mean 'doctor'?"]),
        (["runs", "lst"], ["No such command 'lst'"]),
        (["keys", "create", "--nmae", "x"], ["--nmae"]),
        (["up", "--port", "70000"], ["--port"]),
        (["runs", "list", "--since", "whenever"], ["--since", "2h, 7d"]),
        (["runs", "list", "--min-cost", "much"], ["--min-cost", "0.05"]),
        (["runs", "list", "--status", "fine"], ["--status", "cancelled"]),
        (["costs", "--by", "mood"], ["--by", "deployment"]),
        (["journal", "prune", "--max-size", "big"], ["--max-size", "20GB"]),
    ],
)
def test_wrong_usage_is_one_clear_message_and_2(cli: Run, args: list[str], parts: list[str]) -> None:
    said = cli(*args)
    assert said.code == 2
    assert said.out == ""
    assert all(part in said.err for part in parts), said.err


def test_global_options_stand_before_and_behind(cli: Run, tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text("server: {port: 1234}")
    for args in (["--config", str(config), "config", "show"], ["config", "show", f"--config={config}"]):
        assert "port: 1234" in cli(*args).out


def test_home_option_wins_over_the_environment(cli: Run, home: Path, tmp_path: Path) -> None:
    assert cli("keys", "create", "--home", str(tmp_path / "other")).code == 0
    assert (tmp_path / "other" / "outrider.sqlite3").is_file()
    assert not home.exists()


def test_a_bad_config_is_reported_by_every_command_that_needs_it(cli: Run) -> None:
    Path("outrider.yaml").write_text("server: {prt: 1}")
    for args in (["up"], ["chat"], ["keys", "create"], ["config", "show"]):
        said = cli(*args)
        assert said.code == 2
        assert "outrider.yaml:1: server.prt: unknown key, did you mean 'port'?" in said.err


def test_a_home_that_cannot_be_made_is_said(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = cli("keys", "list", "--home", str(tmp_path / "file" / "home"))
    assert said.code == 2
    assert "--home" in said.err


def test_an_unreachable_database_is_one_line(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTRIDER_DATABASE_URL", "mysql://x/y")
    said = cli("runs", "list")
    assert said.code == 2
    assert "postgresql://" in said.err


def test_importing_the_command_line_is_light() -> None:
    script = "import sys, outrider.app.main; print(' '.join(sys.modules))"
    modules = set(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not HEAVY & modules


def test_the_installed_program_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "outrider.app.main", "nonsense"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
