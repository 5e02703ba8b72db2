"""Environments in which the clients live, apart from Outrider's: made on first use, kept between test runs.

Python's are a dependency group of pyproject.toml each, Node's is tests/clients/node. A change of either makes new ones.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
NODE = Path(__file__).with_name("node")
MCP = Path(__file__).with_name("mcp")
PATIENCE = 900  # seconds for an installation, on a slow network
_failed: dict[Path, str] = {}
"""What could not be made in this run, and why. It is not tried again for each of a thousand trials."""


def group(name: str) -> list[str]:
    """A dependency group's requirements."""
    found: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"][name]
    return found


def pinned(environment: str, package: str) -> str:
    """The version of a package that the environment has."""
    if environment == "node":
        versions: dict[str, str] = json.loads((NODE / "package.json").read_text("utf-8"))["dependencies"]
        return versions[package]
    requirements = (one.partition("==") for one in group(environment))
    return next(version for name, _, version in requirements if name.partition("[")[0] == package)


def python(name: str) -> Path:
    """The Python of an environment with this dependency group."""
    wanted = sorted(group(name))
    place = _place(name, sys.version, *wanted)
    with _one_at_a_time(place):
        if not (place / "done").is_file():
            shutil.rmtree(place, ignore_errors=True)
            venv.create(place, with_pip=True)
            _run(place / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted)
            (place / "done").touch()
    return place / "bin" / "python"


def node() -> Path:
    """A folder with the Node clients and the programs that use them."""
    files = sorted(path for path in NODE.iterdir() if path.suffix in (".json", ".mjs"))
    place = _place("node", *(path.read_text("utf-8") for path in files if path.suffix == ".json"))
    with _one_at_a_time(place):
        place.mkdir(parents=True, exist_ok=True)
        for path in files:
            _copy(path, place / path.name)
        if not (place / "done").is_file():
            _run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", cwd=place)
            (place / "done").touch()
    return place


def conformance() -> Path:
    """A folder with MCP's public conformance suite, and a Node that is new enough for it."""
    files = [MCP / name for name in ("package.json", "package-lock.json")]
    place = _place("mcp", *(path.read_text("utf-8") for path in files))
    with _one_at_a_time(place):
        place.mkdir(parents=True, exist_ok=True)
        for path in files:
            _copy(path, place / path.name)
        if not (place / "done").is_file():
            _run("npm", "ci", "--no-audit", "--no-fund", cwd=place)
            (place / "done").touch()
    return place


def has_node() -> bool:
    return shutil.which("node") is not None and shutil.which("npm") is not None


def _copy(path: Path, to: Path) -> None:
    """At once and only if it differs: another run may be reading it."""
    if not to.is_file() or to.read_bytes() != path.read_bytes():
        new = to.with_suffix(".new")
        shutil.copy(path, new)
        new.replace(to)


def _place(name: str, *depends_on: str) -> Path:
    mark = hashlib.blake2b("\n".join(depends_on).encode(), digest_size=6).hexdigest()
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return kept / "outrider-tests" / f"{name}-{mark}"


@contextlib.contextmanager
def _one_at_a_time(place: Path) -> Iterator[None]:
    if place in _failed:
        raise RuntimeError(_failed[place])
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        except RuntimeError as error:
            _failed[place] = str(error)
            raise


def _run(*command: str | Path, cwd: Path | None = None) -> None:
    said = " ".join(map(str, command))
    try:
        done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"{said} gave up after {PATIENCE:g} s") from None
    if done.returncode:
        raise RuntimeError(f"{said} failed:\n{done.stderr[-3000:]}")
