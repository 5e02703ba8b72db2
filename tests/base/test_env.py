"""Where state and settings are looked for."""

from pathlib import Path

import pytest

from outrider.base import env


def test_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OUTRIDER_HOME", str(tmp_path / "h"))
    assert env.home() == tmp_path / "h"
    assert not env.home().exists()
    monkeypatch.delenv("OUTRIDER_HOME")
    assert env.home().name == "outrider"


def test_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OUTRIDER_DATABASE_URL", raising=False)
    assert env.database_url(tmp_path) == f"sqlite:///{tmp_path}/outrider.sqlite3"
    monkeypatch.setenv("OUTRIDER_DATABASE_URL", "postgresql://x")
    assert env.database_url(tmp_path) == "postgresql://x"


def test_config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OUTRIDER_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    assert env.config_path() is None
    (tmp_path / "outrider.yaml").touch()
    assert env.config_path() == Path("outrider.yaml")
    monkeypatch.setenv("OUTRIDER_CONFIG", "/elsewhere.yaml")
    assert env.config_path() == Path("/elsewhere.yaml")


def test_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OUTRIDER_MODELS", raising=False)
    assert env.models_dir(tmp_path) == tmp_path / "models"
    monkeypatch.setenv("OUTRIDER_MODELS", "~/m")
    assert env.models_dir(tmp_path) == Path.home() / "m"


def test_set_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTRIDER_TEST_SET", "mine")
    env.set_default("OUTRIDER_TEST_SET", "other")
    assert env.get("OUTRIDER_TEST_SET") == env.all_()["OUTRIDER_TEST_SET"] == "mine"
    assert env.get("OUTRIDER_TEST_UNSET", "x") == "x"
