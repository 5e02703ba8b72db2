"""The installation: where things are, and what the command line finds there."""

from pathlib import Path

import pytest

from outrider.app import paths
from outrider.app.main import Installation, main
from outrider.base.errors import ConfigError


def test_everything_is_under_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OUTRIDER_DATABASE_URL", "OUTRIDER_MODELS", "OUTRIDER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    here = Installation(tmp_path / "home", None)
    assert here.database_url == f"sqlite:///{tmp_path}/home/outrider.sqlite3"
    assert here.spool == tmp_path / "home" / "spool"
    assert here.models_dir == tmp_path / "home" / "models"
    assert here.config is None
    assert not here.home.exists()
    here.open_store().close()
    assert here.home.stat().st_mode & 0o077 == 0


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="--home"):
        Installation(tmp_path / "file" / "home").open_store()


def test_the_sign_in_link_reaches_this_server(tmp_path: Path) -> None:
    config = tmp_path / "outrider.yaml"
    config.write_text("server: {host: '::1', port: 9000}")
    link = Installation(tmp_path / "home", config).sign_in_link("default", "abc")
    assert link.startswith("http://[::1]:9000/login?token=")
    paths.address(tmp_path / "home").parent.mkdir(parents=True, exist_ok=True)
    paths.address(tmp_path / "home").write_text("http://127.0.0.1:9703")
    link = Installation(tmp_path / "home", config).sign_in_link("default", "abc")
    assert link.startswith("http://127.0.0.1:9703/login?token="), "the server that runs, wherever `up --port` put it"


def test_main_gives_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert main(["--nonsense"]) == 2
    assert "--nonsense" in capsys.readouterr().err
