"""Files that the settings name and whose text is not on record: their digests are, so that it is seen that one changed.

Cedar rules are on record themselves (`config_record`). Of a Python tool only the file that is named counts, not what it
imports; documents and keys at an address are not asked for.
"""

import hashlib
from collections.abc import Iterator, Mapping
from importlib.machinery import PathFinder
from pathlib import Path

from outrider.app.config_structs import Settings

GONE = ""
"""The digest of what cannot be read."""


def digests(settings: Settings, folder: Path) -> dict[str, str]:
    """By the setting that names it, the SHA-256 of each file (hexadecimal), `GONE` if it cannot be read. Blocking."""
    return {name: _digest(path) for name, path in _named(settings, folder)}


def changed(then: Mapping[str, str], today: Mapping[str, str]) -> Iterator[str]:
    """In words, which files are not those of then. What is not named today is not looked at."""
    for name, was in then.items():
        now = today.get(name, was)
        if now != was:
            said = f"sha256 {was[:12]}" if was else "it could not be read"
            is_ = f"today {now[:12]}" if now else "today it cannot be read"
            yield f"{name}: the file is not the one of then ({said}; {is_}); today's is used"


def _named(settings: Settings, folder: Path) -> Iterator[tuple[str, Path]]:
    for name, server in settings.tools.servers.items():
        if server.openapi and "://" not in server.openapi:
            yield f"tools.servers.{name}.openapi", folder / server.openapi
        if server.python:
            yield f"tools.servers.{name}.python", _source(server.python, folder)
    identity = settings.policy.identity
    if identity is not None and identity.keys and "://" not in identity.keys:
        yield "policy.identity.keys", folder / identity.keys


def _source(where: str, folder: Path) -> Path:
    """The file of a Python tool; a module is looked for and not imported."""
    if where.endswith(".py"):
        return folder / where
    paths: list[str] | None = None
    for part in where.split("."):
        found = PathFinder.find_spec(part, paths)
        if found is None:
            return folder / where
        paths = list(found.submodule_search_locations or [])
        origin = found.origin
    return Path(origin) if origin else folder / where


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return GONE
