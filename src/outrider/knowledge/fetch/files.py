"""Files and folders: what is read, what is passed over, and nothing outside the folder that was named."""

import fnmatch
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from outrider.knowledge.fetch.options import Options, missed, too_large
from outrider.knowledge.records import Fetched, Missed

IGNORED = (
    *("node_modules", "__pycache__", "__MACOSX", "Thumbs.db", "desktop.ini"),
    *("~$*", "*~", "*.tmp", "*.swp", "*.pyc", "*.lock"),
)
RULES = ".outriderignore"
DEEPEST = 60


def files(root: str, options: Options) -> Iterator[tuple[str, Path]]:
    """(source, path) of every file under a folder, in order of their names, and of the folders that cannot be looked
    into. Links that lead outside are passed over."""
    top = Path(root)
    real = top.resolve()
    rules = (*IGNORED, *options.ignore, *_rules(top))
    yield from _walk(root.rstrip("/") or "/", top, real, rules, options, {real})


def _walk(
    source: str, folder: Path, top: Path, rules: tuple[str, ...], options: Options, seen: set[Path]
) -> Iterator[tuple[str, Path]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda e: e.name)
    except FileNotFoundError:
        return
    except OSError:
        yield source, folder  # it is no file: who reads it tells why nothing of it came
        return
    for entry in entries:
        path = Path(entry.path)
        inner = f"{source.rstrip('/')}/{entry.name}"
        real = path.resolve()
        if is_ignored(inner[len(source) :], rules, options.hidden) or not real.is_relative_to(top):
            continue
        if entry.is_dir():
            if real not in seen and len(seen) < 100_000 and inner.count("/") - str(top).count("/") < DEEPEST:
                seen.add(real)
                yield from _walk(inner, path, top, rules, options, seen)
        elif entry.is_file():
            yield inner, path


def is_ignored(path: str, rules: tuple[str, ...], hidden: bool) -> bool:
    """Whether a file or folder is passed over: one of the patterns fits its name, or its whole path."""
    path = path.strip("/")
    names = path.split("/")
    if not hidden and any(name.startswith(".") for name in names):
        return True
    return any(fnmatch.fnmatch(name, rule.strip("/")) for rule in rules for name in (*names, path))


def _rules(top: Path) -> list[str]:
    try:
        rows = (top / RULES).read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [row.strip() for row in rows if row.strip() and not row.startswith("#")][:1_000]


def read(source: str, path: Path, options: Options) -> Fetched | Missed:
    """One file, its size looked at before it is read."""
    try:
        with open(path, "rb", opener=lambda p, flags: os.open(p, flags | getattr(os, "O_NONBLOCK", 0))) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                return missed(source, "It is not a file but a device, a pipe or a socket.")
            if found.st_size > options.largest:
                return missed(source, too_large(found.st_size, options.largest))
            body = file.read(options.largest + 1)
    except FileNotFoundError:
        return missed(source, "There is no such file. Look at its name.", gone=True)
    except IsADirectoryError:
        return missed(source, "The folder cannot be looked into. Give this process the right to.")
    except PermissionError:
        return missed(source, "It may not be read by this process. Give it the right to.")
    except (OSError, ValueError) as fault:
        return missed(source, f"It cannot be read: {getattr(fault, 'strerror', None) or fault}.")
    if len(body) > options.largest:
        return missed(source, too_large(0, options.largest))
    return Fetched(source, path.name, "", body, max(found.st_mtime_ns, 0))


def exists(source: str) -> str:
    """`file`, `folder`, or ""."""
    try:
        path = Path(source)
        return "folder" if path.is_dir() else "file" if path.exists() else ""
    except (OSError, ValueError):
        return ""
